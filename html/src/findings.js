// SPDX-License-Identifier: MIT
// Everything the report found, as one list ranked by bytes. The sentences are those of the text report.
import { report } from "./data.js";
import { bytes, count, percent, plural, text } from "./format.js";
import { estimateSign, leakBelow, leakBlocks, leakBytes, leakedForCertain, nativeName } from "./native.js";
import { link } from "./router.js";
import { savingTitle } from "./savings.js";

// Names of kinds as the text report's headings have them, and what each is coloured.
export const KINDS = {
    cycle: "leaked cycle",
    held: "leaked reference",
    native: "native leak",
    grows: "growth suspect",
    equal: "interning",
    saving: "saving",
    retained: "retained",
    test: "test that leaks",
};

export function pathText(path, back = true) {
    const steps = path.map((step) => `${step.type}${step.edge ? ` ${step.edge}` : ""}`);
    return text(steps.join(" → ") + (back && path.length ? " → back" : ""), 300);
}

function fromCycles(r) {
    return r.cycles.groups.map((g, index) => [g, index]).filter(([g]) => !g.pending).map(([g, index]) => ({
        kind: "cycle",
        bytes: g.bytes,
        title: pathText(g.path),
        facts: `${plural(g.count, "cycle")}, ${plural(g.objects, "object")} · ${g.verdict}`,
        hint: g.hint ?? g.break?.reason ?? "",
        site: g.sites[0]?.site,
        href: link("cycles", { group: `c${index}` }),
    }));
}

function fromHeld(r) {
    return r.cycles.held.groups.map((g, index) => ({
        kind: "held",
        bytes: g.bytes,
        title: `${count(g.count)} ${text(g.type)} ${g.count === 1 ? "object" : "objects"} with ${plural(g.references, "unknown reference")}`,
        facts: "alive only because of references that nothing known owns",
        hint: g.hint ?? "",
        site: g.site,
        href: link("cycles", { group: `h${index}` }),
    }));
}

export function growthTitle(g) {
    const type = g.type ?? "objects of a type that is not known";
    if (g.released) return text(`more and more ${type}, let go at the end`);
    return text(g.container ? `${g.container.name} ${g.container.spread ? "leads to more and more" : "gathers"} ${type}` : `more and more ${type}`);
}

function fromGrowth(r) {
    return r.leaks.groups.map((g, index) => ({
        kind: "grows",
        bytes: g.bytes,
        title: growthTitle(g),
        facts: `${count(g.growth[0]?.count)} to ${count(g.growth.at(-1)?.count)} alive · ${bytes(g.rate.bytes_per_second)}/s`,
        hint: g.hint ?? "",
        site: g.sites[0]?.site,
        href: link("leaks", { group: index }),
    }));
}

const NATIVE = { malloc: "blocks of malloc", mapping: "mapped memory", file: "mapped files" };

export const nativeGrowthTitle = (s) => text(`${s.asker}: more and more ${NATIVE[s.kind]}${s.released ? ", let go at the end" : ""}`);

function fromNativeGrowth(r) {
    return r.leaks.native.map((s, index) => ({
        kind: "grows",
        bytes: s.alive_bytes,
        title: nativeGrowthTitle(s),
        facts: `${bytes(s.growth[0].bytes)} to ${bytes(s.growth.at(-1).bytes)} alive · ${bytes(s.rate.bytes_per_second)}/s`,
        hint: "",
        site: s.site,
        href: link("leaks", { native: index }),
    }));
}

// Without their stacks they are told by size alone, and one finding. What a register may hold is none.
function fromNativeLeaks(r) {
    const { sample, leaks, unreached } = r.native;
    if (!leakedForCertain()) return [];
    if (!sample) {
        return [{
            kind: "native",
            bytes: unreached.bytes,
            title: `${plural(unreached.count, "block")} of malloc that nothing leads to`,
            facts: "no variable, stack, object or other memory has an address within them",
            hint: "for their lines record with ouro run --native --native-sample 1",
            href: link("native", { leak: 0 }),
        }];
    }
    return leaks.map((leak, index) => [leak, index]).filter(([leak]) => !leak.possible).map(([leak, index]) => ({
        kind: "native",
        about: estimateSign(),
        bytes: leakBytes(leak),
        title: `${nativeName(leak)}: ${leakBlocks(leak)} that nothing leads to`,
        facts: leakBelow(leak) && `${leakBelow(leak)} below`,
        hint: "",
        site: leak.site,
        href: link("native", { leak: index }),
    }));
}

function fromSavings(r) {
    return r.savings.entries.map((s, index) => ({
        kind: s.kind === "equal" ? "equal" : "saving",
        bytes: s.added_bytes,
        title: savingTitle(s),
        facts: s.added_bytes < s.bytes ? `${bytes(s.bytes)} by this alone` : "",
        hint: s.fix,
        site: s.site,
        href: link("savings", { row: index }),
    }));
}

function article(type) {
    return /^[aeiou]/i.test(type) ? "an" : "a";
}

// What holds a tenth of the heap alone, as in the text report.
function fromRetained(r) {
    const large = (e) => e.bytes_retained >= r.heap.bytes / 10;
    const objects = r.retained.entries.filter(large).map((e) => ({
        kind: "retained",
        bytes: e.bytes_retained,
        title: `${text(e.name)}, ${article(e.type ?? "?")} ${text(e.type)}, keeps ${bytes(e.bytes_retained)} alive`,
        facts: `${percent(e.bytes_retained, r.heap.bytes)} of the heap`,
        hint: "",
        href: link("treemap", { object: e.object }),
    }));
    const types = r.retained_types.filter((e) => large(e) && e.of_program && e.objects > 1).map((e) => ({
        kind: "retained",
        bytes: e.bytes_retained,
        title: `${count(e.objects)} instances of ${text(e.type)} together keep ${bytes(e.bytes_retained)} alive`,
        facts: `${percent(e.bytes_retained, r.heap.bytes)} of the heap, ${bytes(e.bytes_retained / e.objects)} each`,
        hint: "",
        href: link("types", { type: e.type }),
    }));
    return [...objects, ...types];
}

function fromTests(r) {
    return r.tests.units.map((t, index) => [t, index]).filter(([t]) => t.verdict === "leaks").map(([t, index]) => ({
        kind: "test",
        bytes: t.leaked_bytes,
        title: text(t.name, 300),
        facts: `leaks ${plural(t.leaked, "object")}`,
        hint: "",
        frame: t.remains[0],
        href: link("tests", { test: index }),
    }));
}

let all = null;
export function findings() {
    const r = report();
    all ??= [fromCycles, fromHeld, fromNativeLeaks, fromGrowth, fromNativeGrowth, fromSavings, fromRetained, fromTests]
        .flatMap((from) => from(r))
        .sort((a, b) => b.bytes - a.bytes);
    return all;
}

// SPDX-License-Identifier: MIT
// Native memory and native leaks in the words of the text report (analyzer/report/text_native_leaks.c).
import { report } from "./data.js";
import { bytes, count, plural, text } from "./format.js";

export const fileBase = (path) => text(path.split("/").pop() || "no file");

// Of a row of a table: the innermost native frame that has a name, and where it is.
export function nativeName(site) {
    const frame = site.native_stack.find((f) => f.file) ?? site.native_stack.find((f) => f.function) ?? site.native_stack[0];
    if (!frame) return "(native stack not known)";
    const where = frame.file ? `${fileBase(frame.file)}:${frame.line}` : fileBase(frame.module);
    return `${frame.function ? text(frame.function, 160) : "?"} · ${where}`;
}

const UNKNOWN = {
    "not looked for": "not looked for: the blocks of malloc are not known (another allocator, or an older trace)",
    "too long": "not known: the search took too long",
    unreadable: "not known: not all of the process's memory could be read",
};

// Why native leaks are not known; null: they are.
export function leaksUnknown() {
    const { heap, native, run } = report();
    if (!heap.snapshots.some((s) => s.reported)) return "not known: there is no snapshot";
    if (run.stacks === "sampled" && native.unreached.status === "not looked for") return "not looked for: with --sample the runtime's own blocks are not all known";
    return UNKNOWN[native.unreached.status] ?? null;
}

// Of a sample all figures of blocks of malloc are estimates, but for what the search for leaks counts.
export const estimateSign = () => (report().native.sample > 1 ? "~" : "");

export const leakBytes = (leak) => leak.bytes + leak.below_bytes;

export function leakBlocks(leak) {
    const about = estimateSign();
    if (leak.cycle) return `${about}${plural(leak.count, "cycle")} of ${count(leak.cycle)} blocks`;
    const each = !leak.native_stack.length && leak.count > 1 ? ` of ${count(leak.bytes / leak.count)} bytes` : "";
    return `${about}${plural(leak.count, "block")}${each}`;
}

export const leakBelow = (leak) => (leak.below_blocks ? `${estimateSign()}${bytes(leak.below_bytes)} in ${estimateSign()}${plural(leak.below_blocks, "block")}` : "");

// Whether any are leaked for certain: no more of them than there are other threads may be in registers.
export function leakedForCertain() {
    const { unreached } = report().native;
    return !leaksUnknown() && unreached.count > unreached.threads;
}

// SPDX-License-Identifier: MIT
// Memory of C code: by stack, what of it nothing leads to, and where all resident memory is.
import { ownFrame, placeName, report } from "../data.js";
import { bytes, count, percent, plural } from "../format.js";
import { estimateSign, leakBelow, leakBlocks, leakBytes, leaksUnknown, nativeName } from "../native.js";
import { Facts } from "../parts/facts.jsx";
import { NativeStack } from "../parts/nativestack.jsx";
import { Place } from "../parts/place.jsx";
import { Table } from "../parts/table.jsx";
import { link } from "../router.js";

const KINDS = { malloc: "blocks of malloc", mapping: "mappings of memory", file: "mapped files", arena: "mappings of the runtime" };

const RESIDENT = {
    blocks: "objects and memory of Python, small blocks",
    room: "free blocks in pools that are in use",
    empty: "arenas' empty pools",
    frames: "stacks of Python frames",
    malloc: "malloc, in use",
    malloc_free: "malloc, free but kept",
    malloc_mapped: "malloc, large blocks mapped alone",
    malloc_heap: "malloc, in use or free",
    mapped: "other anonymous mappings",
    stacks: "stacks of threads",
    files: "code and data of files, as in the file",
    data: "variables of program and libraries",
    shared: "memory shared with other processes",
    recorder: "the recorder itself",
    kernel: "mapped by the kernel",
    unnamed: "kinds that this version does not know",
};

function Tiles({ native, about }) {
    const shown = native.kinds.filter((kind) => kind.count || kind.kind === "malloc");
    return (
        <div class="tiles">
            {shown.map((kind) => (
                <div class="tile">
                    <span class="label">{KINDS[kind.kind]}</span>
                    <span class="value">{kind.kind === "malloc" ? about : ""}{bytes(kind.alive_bytes)}</span>
                    <span class="more">{kind.kind === "malloc" ? about : ""}{count(kind.alive)} alive of {kind.kind === "malloc" ? about : ""}{count(kind.count)}{kind.kind === "arena" ? "; not counted" : ""}</span>
                </div>
            ))}
        </div>
    );
}

const PLACES = [
    { label: "native code", value: nativeName, show: (s) => <code title={nativeName(s)}>{nativeName(s)}</code> },
    { label: "Python", value: (s) => placeName(ownFrame(s.site)), show: (s) => <Place frame={ownFrame(s.site)} /> },
];

const Possible = () => <span class="verdict" title="unless a thread's register holds it">possible</span>;

const LEAK_COLUMNS = [
    { label: "bytes", number: true, width: "110px", value: leakBytes, show: (l) => `${estimateSign()}${bytes(leakBytes(l))}` },
    { label: "leaked", width: "170px", value: leakBlocks, show: (l) => <>{leakBlocks(l)}{l.possible ? <> <Possible /></> : null}</> },
];

function Leak({ leak }) {
    return (
        <>
            <h3>{estimateSign()}{bytes(leakBytes(leak))} that nothing leads to</h3>
            <Facts rows={[
                ["leaked", `${estimateSign()}${bytes(leak.bytes)} in ${leakBlocks(leak)}`],
                ["below", leakBelow(leak) && `${leakBelow(leak)}, which only these lead to`],
                ["possible", leak.possible && "unless a register of another thread holds it: the kernel has those"],
            ]} />
            {leak.native_stack.length || leak.site ? <NativeStack site={leak} /> : null}
        </>
    );
}

// Blocks of malloc that nothing leads to.
function Leaks({ query }) {
    const { native, run, lists_most: most } = report();
    const { unreached, leaks } = native, unknown = leaksUnknown();
    const said = (text) => <section><h3>Native leaks</h3><p class="lead">{text}</p></section>;
    if (unknown) return said(unknown);
    if (!unreached.count) return said(`none: something leads to each of ${plural(unreached.searched, "block")} of malloc`);
    return (
        <section>
            <h3>Native leaks <small>{bytes(unreached.bytes)} in {plural(unreached.count, "block")} of malloc, of {count(unreached.searched)} searched</small></h3>
            <p class="lead">
                Nothing leads to them: no variable, stack, object or other memory has an address within them, so nothing can free them.
                {unreached.threads ? ` ${plural(unreached.threads, "other thread")} ran; what only registers of theirs held would be among these.` : ""}
                {unreached.listed < unreached.count ? ` Only the first ${count(unreached.listed)} of them are looked at below.` : ""}
                {run.stacks === "sampled" ? " With --sample lost blocks of Python above 512 bytes are not told from others." : ""}
                {native.sample > 1 ? <> By stack these are estimates from the sample; exact with <code>--native-sample 1</code>.</> : null}
                {native.sample ? "" : <> For their lines record with <code>ouro run --native --native-sample 1</code>.</>}
            </p>
            {leaks.length ? (
                <Table label="Native leaks" rows={leaks} columns={native.sample ? [...LEAK_COLUMNS, ...PLACES] : LEAK_COLUMNS} sort={{ column: 0, down: true }} height={260}
                    chosen={leaks[query.leak ?? 0] ?? leaks[0]} details={(leak) => <Leak leak={leak} />}
                    more={leaks.length === most ? `at most ${count(most)} are listed` : null} />
            ) : null}
        </section>
    );
}

// Of mappings nothing is sampled.
const sign = (site) => (site.kind === "malloc" ? estimateSign() : "");

const COLUMNS = [
    { label: "alive", number: true, width: "110px", value: (s) => s.alive_bytes, show: (s) => `${sign(s)}${bytes(s.alive_bytes)}` },
    { label: "blocks", number: true, width: "90px", value: (s) => s.alive, show: (s) => `${sign(s)}${count(s.alive)}` },
    { label: "allocated", minor: true, number: true, width: "110px", value: (s) => s.bytes, show: (s) => `${sign(s)}${bytes(s.bytes)}` },
    { label: "kind", width: "80px", value: (s) => s.kind, show: (s) => s.kind },
    ...PLACES,
];

function Recorded({ query }) {
    const { native, lists_most: most } = report(), about = estimateSign();
    return (
        <>
            <p class="lead">
                {about}{bytes(native.alive_bytes)} in {about}{plural(native.alive, "block")} alive at the end that C code has from malloc or mapped, of {about}{bytes(native.bytes)} allocated.
                Blocks of Python objects are not among them.{about ? ` Figures of malloc are estimates from a sample of one block every ${bytes(native.sample)}.` : ""}
            </p>
            <Tiles native={native} about={about} />
            {native.sites.length ? (
                <>
                    <p><a class="plain" href={link("flame", { measure: "native" })}>as a flame graph, Python and native frames</a></p>
                    <Table label="Native memory by stack" rows={native.sites} columns={COLUMNS} sort={{ column: 0, down: true }} height={340}
                        chosen={native.sites[query.site ?? 0] ?? native.sites[0]} details={(site) => <NativeStack site={site} />}
                        more={native.sites.length === most ? `at most ${count(most)} are listed` : null} />
                </>
            ) : <p class="empty">none was recorded</p>}
        </>
    );
}

function Resident() {
    const { native } = report();
    if (!native.rss.length) return null;
    const largest = Math.max(...native.rss.map((line) => line.bytes));
    return (
        <section>
            <h3>Where the resident memory is <small>{bytes(native.rss_bytes)}, {percent(native.rss_explained, 1)} explained</small></h3>
            <ul class="bars">
                {native.rss.map((line) => (
                    <li>
                        <span>{RESIDENT[line.what] ?? line.what}</span>
                        <i style={{ width: `${(100 * line.bytes) / largest}%` }} />
                        <b>{bytes(line.bytes)}</b>
                        <small>{percent(line.bytes, native.rss_bytes)}</small>
                    </li>
                ))}
            </ul>
        </section>
    );
}

export function Native({ query }) {
    return (
        <>
            <h2>Native memory</h2>
            {report().native.sample
                ? <Recorded query={query} />
                : <p class="lead">Which lines have it from malloc or mapped was not recorded: record with <code>ouro run --native</code>.</p>}
            <Leaks query={query} />
            <Resident />
        </>
    );
}

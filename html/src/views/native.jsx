// SPDX-License-Identifier: MIT
// Memory of C code: by stack, and where all resident memory is.
import { ownFrame, report } from "../data.js";
import { bytes, count, percent, plural, text } from "../format.js";
import { NativeStack, nativeName } from "../parts/nativestack.jsx";
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
                    <span class="more">{count(kind.alive)} alive of {count(kind.count)}{kind.kind === "arena" ? "; not counted" : ""}</span>
                </div>
            ))}
        </div>
    );
}

export function Native({ query }) {
    const { native, lists_most: most } = report();
    const about = native.sample > 1 ? "~" : "";
    const sign = (site) => (site.kind === "malloc" ? about : "");
    const columns = [
        { label: "alive", number: true, width: "110px", value: (s) => s.alive_bytes, show: (s) => `${sign(s)}${bytes(s.alive_bytes)}` },
        { label: "blocks", number: true, width: "90px", value: (s) => s.alive, show: (s) => `${sign(s)}${count(s.alive)}` },
        { label: "allocated", minor: true, number: true, width: "110px", value: (s) => s.bytes, show: (s) => `${sign(s)}${bytes(s.bytes)}` },
        { label: "kind", width: "80px", value: (s) => s.kind, show: (s) => s.kind },
        { label: "native code", value: nativeName, show: (s) => <code title={nativeName(s)}>{nativeName(s)}</code> },
        { label: "Python", value: (s) => text(ownFrame(s.site)?.file ?? ""), show: (s) => <Place frame={ownFrame(s.site)} /> },
    ];
    return (
        <>
            <h2>Native memory</h2>
            <p class="lead">
                {about}{bytes(native.alive_bytes)} in {about}{plural(native.alive, "block")} alive at the end that C code has from malloc or mapped, of {about}{bytes(native.bytes)} allocated.
                Blocks of Python objects are not among them.{about ? ` Figures of malloc are estimates from a sample of one block every ${bytes(native.sample)}.` : ""}
            </p>
            <Tiles native={native} about={about} />
            {native.sites.length ? (
                <>
                    <p><a class="plain" href={link("flame", { measure: "native" })}>as a flame graph, Python and native frames</a></p>
                    <Table label="Native memory by stack" rows={native.sites} columns={columns} sort={{ column: 0, down: true }} height={340}
                        chosen={native.sites[query.site ?? 0] ?? native.sites[0]} details={(site) => <NativeStack site={site} />}
                        more={native.sites.length === most ? `at most ${count(most)} are listed` : null} />
                </>
            ) : <p class="empty">none was recorded</p>}
            {native.rss.length ? (
                <section>
                    <h3>Where the resident memory is <small>{bytes(native.rss_bytes)}, {percent(native.rss_explained, 1)} explained</small></h3>
                    <ul class="bars">
                        {native.rss.map((line) => (
                            <li>
                                <span>{RESIDENT[line.what] ?? line.what}</span>
                                <i style={{ width: `${(100 * line.bytes) / Math.max(...native.rss.map((l) => l.bytes))}%` }} />
                                <b>{bytes(line.bytes)}</b>
                                <small>{percent(line.bytes, native.rss_bytes)}</small>
                            </li>
                        ))}
                    </ul>
                </section>
            ) : null}
        </>
    );
}

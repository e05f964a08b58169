// SPDX-License-Identifier: MIT
// Where something was allocated: a place, its stack, the lines of source around it.
import { useState } from "preact/hooks";
import { excerpt, fileName, isImporting, ownFrame, placeName, stack } from "../data.js";
import { text } from "../format.js";

export function Place({ frame }) {
    if (!frame || (!frame.file && !frame.line)) return <span class="place none">(no Python frame)</span>;
    return (
        <span class="place" title={`${text(frame.file, 2000)}${frame.line ? `:${frame.line}` : ""}`}>
            <span class="at">{placeName(frame)}</span>
            {isImporting(frame) ? null : <> <span class="function">{text(frame.name ?? frame.function, 120)}</span></>}
        </span>
    );
}

export function Source({ frame }) {
    const lines = excerpt(frame);
    if (!lines) return null;
    if (lines === "changed") return <p class="foot">{fileName(frame.file)} was changed after the run began: its lines are not shown.</p>;
    const least = Math.min(...lines.map(([, line]) => (line.trim() ? /^ */.exec(line)[0].length : 99)));
    return (
        <figure class="source">
            <figcaption>{placeName(frame)}</figcaption>
            <pre tabIndex={0} aria-label={`Source of ${placeName(frame)}`}>
                {lines.map(([number, line]) => (
                    <span class={number === frame.line ? "line here" : "line"}>
                        <span class="gutter">{number}</span>
                        {text(line.slice(least), 300)}
                        {"\n"}
                    </span>
                ))}
            </pre>
        </figure>
    );
}

const FRAMES = 8;

export function Stack({ site }) {
    const [all, setAll] = useState(false);
    const frames = stack(site).filter((frame) => !isImporting(frame));
    if (!frames.length) return <p class="place none">(no Python frame)</p>;
    const shown = all ? frames : frames.slice(0, FRAMES);
    return (
        <>
            <ol class="stack" aria-label="Stack, innermost frame first">
                {shown.map((frame) => <li class={frame.library ? "library" : ""}><Place frame={frame} /></li>)}
            </ol>
            {frames.length > shown.length ? <button class="plain" onClick={() => setAll(true)}>{frames.length - shown.length} more callers</button> : null}
        </>
    );
}

// The places of a group with their shares; the first one with its source.
export function Sites({ sites, most = 4 }) {
    const [open, setOpen] = useState(0);
    const [all, setAll] = useState(false);
    if (!sites?.length) return null;
    const shown = all ? sites : sites.slice(0, most);
    return (
        <div class="sites">
            {shown.map((s, index) => {
                const frame = ownFrame(s.site);
                return (
                    <details open={index === open} onToggle={(event) => event.currentTarget.open && setOpen(index)}>
                        <summary>
                            {s.share !== undefined && sites.length > 1 ? <span class="share">{(100 * s.share).toFixed(0)} %</span> : null}
                            <Place frame={frame} />
                        </summary>
                        {index === open ? <><Source frame={frame} /><Stack site={s.site} /></> : null}
                    </details>
                );
            })}
            {sites.length > shown.length ? <button class="plain" onClick={() => setAll(true)}>{sites.length - shown.length} more places</button> : null}
        </div>
    );
}

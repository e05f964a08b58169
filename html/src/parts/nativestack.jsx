// SPDX-License-Identifier: MIT
// A mixed stack: native frames out to the evaluation loop, then those of Python.
import { fileName, ownFrame } from "../data.js";
import { text } from "../format.js";
import { Source, Stack } from "./place.jsx";

const base = (path) => text(path.split("/").pop() || "no file");

function NativeFrame({ frame }) {
    const name = frame.function ? text(frame.function, 160) : "?";
    return (
        <span class="place" title={`${text(frame.module, 2000)}${frame.inlined ? ", inlined" : ""}`}>
            <span class="at">{frame.file ? `${fileName(frame.file)}:${frame.line}` : base(frame.module)}</span> <span class="function">{name}{frame.inlined ? " (inlined)" : ""}</span>
        </span>
    );
}

// Of a row of a table: the innermost native frame that has a name, and where it is.
export function nativeName(site) {
    const frame = site.native_stack.find((f) => f.file) ?? site.native_stack.find((f) => f.function) ?? site.native_stack[0];
    if (!frame) return "(native stack not known)";
    const where = frame.file ? `${base(frame.file)}:${frame.line}` : base(frame.module);
    return `${frame.function ? text(frame.function, 160) : "?"} · ${where}`;
}

export function NativeStack({ site }) {
    return (
        <>
            <h4>Native frames, the innermost first</h4>
            {site.native_stack.length
                ? <ol class="stack" aria-label="Native frames">{site.native_stack.map((frame) => <li><NativeFrame frame={frame} /></li>)}</ol>
                : <p class="place none">(native stack not known)</p>}
            <h4>Python</h4>
            <Source frame={ownFrame(site.site)} />
            <Stack site={site.site} />
        </>
    );
}

// SPDX-License-Identifier: MIT
// A mixed stack: native frames out to the evaluation loop, then those of Python.
import { fileName, ownFrame } from "../data.js";
import { text } from "../format.js";
import { fileBase } from "../native.js";
import { Source, Stack } from "./place.jsx";

function NativeFrame({ frame }) {
    const name = frame.function ? text(frame.function, 160) : "?";
    return (
        <span class="place" title={`${text(frame.module, 2000)}${frame.inlined ? ", inlined" : ""}`}>
            <span class="at">{frame.file ? `${fileName(frame.file)}:${frame.line}` : fileBase(frame.module)}</span> <span class="function">{name}{frame.inlined ? " (inlined)" : ""}</span>
        </span>
    );
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

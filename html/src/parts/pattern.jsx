// SPDX-License-Identifier: MIT
import { block } from "../data.js";
import { text } from "../format.js";

function Program({ title, lines }) {
    return lines ? (
        <figure class="source">
            <figcaption>{title}</figcaption>
            <pre tabIndex={0} aria-label={`A program that ${title}`}>{lines.trimEnd().split("\n").map((line) => <span class="line">{"  "}{line}{"\n"}</span>)}</pre>
        </figure>
    ) : null;
}

// A known way to leak, as `ouro explain` tells it: folded up until it is wanted.
export function Pattern({ id }) {
    const pattern = block("patterns")?.find((p) => p.id === id);
    if (!pattern) return <code>ouro explain {id}</code>;
    return (
        <details class="pattern">
            <summary><code>{id}</code> {pattern.title}</summary>
            {pattern.explanation ? <p>{text(pattern.explanation, 4000)}</p> : null}
            <div class="programs">
                <Program title="leaks" lines={pattern.before} />
                <Program title="does not" lines={pattern.after} />
            </div>
            {pattern.link ? <p class="foot">see {pattern.link}</p> : null}
        </details>
    );
}

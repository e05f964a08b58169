// SPDX-License-Identifier: MIT
import { useMemo, useState } from "preact/hooks";
import { buildTree } from "../calltree.js";
import { calls, isDiff } from "../data.js";
import { bytes, count, percent, text } from "../format.js";
import { FlameGraph, layoutTree } from "../parts/flamegraph.jsx";
import { Place, Source } from "../parts/place.jsx";

const MEASURES = {
    live: ["live", "objects alive in the snapshot"],
    peak: ["peak", "what was alive when most was, free lists and plain memory of the runtime included"],
    allocated: ["allocated", "everything over the whole run, plain memory of the runtime included"],
    churned: ["churned", "objects that died soon after their birth"],
    native: ["native", "native memory alive at the end (ouro run --native): Python frames, then those of native code"],
    leaked: ["leaked", "objects in leaked cycles, and what hangs below them"],
};

function Details({ node, total, differential }) {
    const stack = [];
    for (let up = node; up; up = up.parent) stack.push(up);
    const frame = stack.find((n) => n.data.frame)?.data.frame;
    if (!node.parent) return null;
    return (
        <section class="card details" aria-label="The chosen call">
            <h3>{text(node.data.name, 200)}</h3>
            <p>
                {differential
                    ? <>{bytes(node.data.before)} before, {bytes(node.data.after)} after: {node.data.after >= node.data.before ? "+" : ""}{bytes(node.data.after - node.data.before)}</>
                    : <>{bytes(node.value)} in {count(node.data.blocks)} blocks, {percent(node.value, total)} of all</>}
            </p>
            {frame ? <Source frame={frame} /> : null}
            <ol class="stack" aria-label="The way to it">
                {stack.filter((n) => n.data.kind !== "root").map((n) => (
                    <li class={n.data.kind}>
                        {n.data.frame ? <Place frame={n.data.frame} /> : <code>{text(n.data.name, 200)}</code>}
                    </li>
                ))}
            </ol>
        </section>
    );
}

function Toggle({ on, set, children, title }) {
    return <button aria-pressed={on} title={title} onClick={() => set(!on)}>{children}</button>;
}

export function Flame({ query }) {
    const tree = calls();
    const differential = isDiff();
    const totals = Object.fromEntries(tree.measures.map((m, i) => [m, [tree.totals[i][1], tree.totals[i + tree.measures.length]?.[1] ?? 0]]));
    const known = tree.measures.filter((m) => totals[m][0] || totals[m][1]);
    const [measure, setMeasure] = useState(known.includes(query.measure) ? query.measure : known[0] ?? "live");
    const [word, setWord] = useState("");
    const [invert, setInvert] = useState(false);
    const [flame, setFlame] = useState(false);
    const [byLine, setByLine] = useState(false);
    const [types, setTypes] = useState(true);
    const [importing, setImporting] = useState(false);
    const [width, setWidth] = useState("larger");
    const [selected, setSelected] = useState(null);
    const top = useMemo(() => layoutTree(buildTree({ measure, invert, byLine, types, importing, width })), [measure, invert, byLine, types, importing, width]);
    if (!known.length) return <><h2>Flame graph</h2><p class="empty">nothing was recorded</p></>;
    return (
        <>
            <h2>Flame graph</h2>
            <div class="tools">
                <div class="chips" role="group" aria-label="Measure">
                    {known.map((m) => (
                        <button aria-pressed={m === measure} title={MEASURES[m][1]} onClick={() => { setMeasure(m); setSelected(null); }}>
                            {MEASURES[m][0]} <small>{differential ? `${bytes(totals[m][0])} → ${bytes(totals[m][1])}` : bytes(totals[m][0])}</small>
                        </button>
                    ))}
                </div>
                <input type="search" placeholder="Search functions, files, types" aria-label="Search the flame graph" value={word} onInput={(event) => setWord(event.currentTarget.value)} />
            </div>
            <div class="tools second">
                <div class="chips" role="group" aria-label="How to draw">
                    <Toggle on={invert} set={setInvert} title="types and innermost calls first, their callers below">invert</Toggle>
                    <Toggle on={flame} set={setFlame} title="grow upwards instead of downwards">upwards</Toggle>
                    {differential ? null : <Toggle on={byLine} set={setByLine} title="each line of a function apart">by line</Toggle>}
                    <Toggle on={types} set={setTypes} title="types of objects as the innermost boxes">types</Toggle>
                    <Toggle on={importing} set={setImporting} title="the machinery of importing, which is left out otherwise">importing</Toggle>
                </div>
                {differential ? (
                    <label>width <select value={width} onChange={(event) => setWidth(event.currentTarget.value)}>
                        <option value="larger">larger of both</option><option value="before">before</option><option value="after">after</option>
                    </select></label>
                ) : null}
                <span class="legend" aria-hidden="true">
                    {differential
                        ? <><i class="k-less" /> less <i class="k-same" /> same <i class="k-more" /> more</>
                        : <><i class="f-own1" /> program <i class="f-library1" /> library <i class="f-type1" /> type</>}
                </span>
            </div>
            <p class="foot">{MEASURES[measure][1]}{tree.more ? `. ${count(tree.more)} small places are summed up as (smaller)` : ""}</p>
            <FlameGraph top={top} word={word} flame={flame} differential={differential} selected={selected} onSelect={setSelected} />
            {selected ? <Details node={selected} total={top.value} differential={differential} /> : <p class="foot">A click, or Enter, zooms in and shows the stack.</p>}
        </>
    );
}


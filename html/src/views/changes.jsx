// SPDX-License-Identifier: MIT
import { useState } from "preact/hooks";
import { block } from "../data.js";
import { bytes, count, plural, text } from "../format.js";
import { Facts } from "../parts/facts.jsx";
import { Table } from "../parts/table.jsx";

// Headings and nouns of the text report (analyzer/report/change_words.c).
const TITLES = {
    cycles: ["Leaked cycles", "cycles"],
    references: ["Leaked references", "objects"],
    suspects: ["Growth suspects", "objects"],
    tests: ["Tests that leak", "objects"],
    alive: ["Alive at the end, by line", "objects"],
    allocations: ["Allocations, by line", "allocations"],
    types: ["Alive at the end, by type", "objects"],
    holders: ["Alive at the end, by holder", "objects"],
    retained: ["Kept alive by one object", ""],
    duplicates: ["Equal values, by holder", "needless copies"],
    collected: ["Freed by the collector, by type", "objects"],
};

const range = (pair, show) => (!pair ? show(0) : pair[0] === pair[1] ? show(pair[0]) : `${show(pair[0])} to ${show(pair[1])}`);
const middle = (pair) => (pair ? (pair[0] + pair[1]) / 2 : 0);
const delta = (c, what) => middle(c.after?.[what]) - middle(c.before?.[what]);
const signed = (n, show) => (n > 0 ? `+${show(n)}` : n < 0 ? `−${show(-n)}` : show(0));
const share = (c, what) => {
    const before = middle(c.before?.[what]), after = middle(c.after?.[what]);
    return before && after ? `${after >= before ? "+" : "−"}${Math.abs((100 * (after - before)) / before).toFixed(1)} %` : "";
};

function place(c) {
    if (c.file === null) return "";
    if (!c.file) return "(no Python frame)";
    return c.file === "<importing>" ? "(importing modules)" : `${text(c.file)}:${c.line} ${text(c.function)}`;
}

const columns = (subject) => [
    { label: "change", width: "84px", value: (c) => c.change, show: (c) => <span class={`change c-${c.change}`}>{c.change}</span> },
    { label: "bytes", number: true, width: "110px", value: (c) => delta(c, "bytes"), show: (c) => <b class={delta(c, "bytes") > 0 ? "more" : "less"}>{signed(delta(c, "bytes"), bytes)}</b> },
    { label: "share", minor: true, number: true, width: "84px", value: (c) => delta(c, "bytes") / (middle(c.before?.bytes) || 1), show: (c) => share(c, "bytes"), search: false },
    { label: TITLES[subject][1] || "objects", number: true, width: "110px", value: (c) => delta(c, "count"), show: (c) => signed(delta(c, "count"), count) },
    { label: subject === "cycles" ? "cycle" : "what", value: (c) => text(c.key), show: (c) => <code title={text(c.key, 2000)}>{text(subject === "cycles" || subject === "suspects" ? c.detail ?? c.key : c.key)}</code> },
    { label: "where", value: place, show: (c) => <span class="place" title={place(c)}>{place(c)}</span> },
];

function Change({ change: c }) {
    return (
        <>
            <h4>{text(c.key)}</h4>
            <Facts rows={[
                ["where", place(c)],
                ["count", `${range(c.before?.count, count)} → ${range(c.after?.count, count)}`],
                ["bytes", `${range(c.before?.bytes, bytes)} → ${range(c.after?.bytes, bytes)}`],
                ["moved", c.moved_from ? `from line ${c.moved_from}` : null],
                ["detail", c.detail && <code>{text(c.detail, 1000)}</code>],
                ["resembles", c.resembles && text(c.resembles)],
                ["hint", c.hint && text(c.hint, 600)],
            ]} />
        </>
    );
}

const TOTALS = { alive: "alive", peak: "highest", allocations: "allocations", collections: "collections", processes: "processes" };

function Total({ change: c }) {
    const sized = c.key !== "collections" && c.key !== "processes";
    const counted = c.key !== "alive" && c.key !== "peak";
    const d = sized ? delta(c, "bytes") : delta(c, "count");
    return (
        <div class={`tile ${d > 0 ? "bad" : "good"}`}>
            <span class="label">{TOTALS[c.key] ?? text(c.key)}</span>
            <span class="value">{sized ? signed(d, bytes) : signed(d, count)}</span>
            <span class="more">
                {sized ? `${range(c.before?.bytes, bytes)} → ${range(c.after?.bytes, bytes)}` : ""}
                {sized && counted ? ", " : ""}
                {counted ? `${range(c.before?.count, count)} → ${range(c.after?.count, count)}` : ""}
            </span>
        </div>
    );
}

export function Changes() {
    const d = block("diff");
    const totals = d.changes.filter((c) => c.subject === "totals");
    const subjects = Object.keys(TITLES).filter((s) => d.changes.some((c) => c.subject === s));
    const [only, setOnly] = useState("");
    return (
        <>
            <h2>Changes <small>beyond noise</small></h2>
            {totals.length ? <div class="tiles">{totals.map((c) => <Total change={c} />)}</div> : null}
            {d.changes.length ? null : <p class="empty">no difference beyond noise</p>}
            {d.moved_lines ? <p class="foot">{plural(d.moved_lines, "line")} only moved and {d.moved_lines === 1 ? "is" : "are"} no change.</p> : null}
            <div class="chips" role="group" aria-label="Direction">
                {[["", "all"], ["more", "new and grown"], ["less", "gone and shrunk"]].map(([id, name]) => <button aria-pressed={only === id} onClick={() => setOnly(id)}>{name}</button>)}
            </div>
            {subjects.map((subject) => {
                const rows = d.changes.filter((c) => c.subject === subject && (!only || (only === "more") === (c.change === "new" || c.change === "grown")));
                return rows.length ? (
                    <section key={`${subject}${only}`}>
                        <h3>{TITLES[subject][0]} <small>{count(rows.length)}</small></h3>
                        <Table label={TITLES[subject][0]} rows={rows} columns={columns(subject)} height={320} details={(c) => <Change change={c} />} />
                    </section>
                ) : null;
            })}
            {block("calls") ? null : <p class="foot">There is no flame graph: a baseline has no call stacks.</p>}
        </>
    );
}

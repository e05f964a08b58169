// SPDX-License-Identifier: MIT
import { useState } from "preact/hooks";
import { block, ownFrame, report } from "../data.js";
import { KINDS, findings } from "../findings.js";
import { bytes, count, duration, percent, plural, text } from "../format.js";
import { leakedForCertain, leaksUnknown } from "../native.js";
import { Place } from "../parts/place.jsx";
import { Sparkline } from "../parts/sparkline.jsx";
import { Table } from "../parts/table.jsx";

const SHOWN = 30;

const PROCESSES = [
    { label: "process", number: true, width: "100px", value: (p) => p.pid },
    { label: "parent", number: true, width: "100px", value: (p) => p.parent_pid },
    { label: "began by", width: "90px", value: (p) => p.origin },
    { label: "exit status", number: true, width: "100px", value: (p) => p.exit_status, show: (p) => (p.exit_status === null ? "?" : p.exit_status) },
    { label: "snapshots", number: true, width: "100px", value: (p) => p.snapshots },
    { label: "command", value: (p) => text(p.argv.join(" ")), show: (p) => <code title={text(p.argv.join(" "), 2000)}>{text(p.argv.join(" "))}</code> },
];

function Tile({ href, label, value, more, tone }) {
    return (
        <a class={`tile ${tone ?? ""}`} href={href}>
            <span class="label">{label}</span>
            <span class="value">{value}</span>
            <span class="more">{more}</span>
        </a>
    );
}

function NativeLeaks() {
    const { unreached } = report().native;
    if (leaksUnknown()) return <Tile href="#native" label="native leaks" value="?" more="not known" />;
    const blocks = plural(unreached.count, "block");
    if (!leakedForCertain()) return <Tile href="#native" label="native leaks" tone="good" value="none" more={unreached.count ? `${blocks} may be in registers` : ""} />;
    return <Tile href="#native" label="native leaks" tone="bad" value={bytes(unreached.bytes)} more={blocks} />;
}

function Tiles() {
    const r = report();
    const leaking = r.cycles.groups.filter((g) => !g.pending);
    const leaked = leaking.reduce((sum, g) => sum + (g.verdict === "EXTERNALLY_HELD" ? 0 : g.bytes), 0);
    const cycles = leaking.reduce((sum, g) => sum + g.count, 0);
    const peak = r.heap.peak;
    const snapshot = r.heap.snapshots.some((s) => s.reported);
    const died = r.churn.allocations ? percent(r.churn.short_lived, r.churn.allocations) : "0 %";
    return (
        <div class="tiles all">
            <Tile href="#types" label="alive" value={snapshot ? bytes(r.heap.bytes) : "no snapshot"} more={snapshot ? plural(r.heap.objects, "object") : ""} />
            <Tile href="#cycles" label="leaked cycles" tone={cycles ? "bad" : "good"} value={cycles ? bytes(leaked) : "none"}
                more={cycles ? `${plural(cycles, "cycle")} of ${plural(leaking.length, "kind")}` : r.cycles.pending_count ? `${count(r.cycles.pending_count)} wait for the collector` : ""} />
            <NativeLeaks />
            <Tile href="#leaks" label="grows" tone={r.leaks.groups.length ? "bad" : r.leaks.points ? "good" : ""}
                value={r.leaks.groups.length ? count(r.leaks.groups.length) : r.leaks.points ? "nothing" : "?"}
                more={r.leaks.groups.length ? (r.leaks.groups.length === 1 ? "growth suspect" : "growth suspects") : r.leaks.points ? `${r.leaks.points} stretches compared` : "the run is too short to tell"} />
            <Tile href="#savings" label="could be saved" value={bytes(r.savings.bytes)} more={plural(r.savings.entries.length, "place")} />
            <Tile href="#timeline" label="highest" value={peak ? bytes(peak.bytes) : "?"} more={peak ? `after ${duration(peak.time)}` : ""} />
            <Tile href="#allocations" label="allocated" value={bytes(r.churn.bytes)} more={`${count(r.churn.allocations)} objects, ${died} died young`} />
            <Tile href="#collector" label="collector" value={r.gc.pause_total === null ? "?" : duration(r.gc.pause_total)}
                more={`${plural(r.gc.runs ?? 0, "run")}${r.gc.enabled === false ? ", switched off" : ""}`} />
        </div>
    );
}

function Finding({ finding, rank, most }) {
    const frame = finding.frame ?? (finding.site === undefined ? null : ownFrame(finding.site));
    return (
        <li>
            <a class="finding" href={finding.href}>
                <span class="rank">{rank}</span>
                <span class={`kind k-${finding.kind}`}>{KINDS[finding.kind]}</span>
                <span class="size">
                    {finding.about}{bytes(finding.bytes)}
                    <span class="bar" aria-hidden="true"><span class={`fill k-${finding.kind}`} style={{ width: `${Math.max(1, (100 * finding.bytes) / most)}%` }} /></span>
                </span>
                <span class="body">
                    <span class="title">{finding.title}</span>
                    <span class="facts">
                        {finding.facts}
                        {frame ? <>{finding.facts ? " · " : ""}<Place frame={frame} /></> : null}
                    </span>
                    {finding.hint ? <span class="hint">{finding.hint}</span> : null}
                </span>
            </a>
        </li>
    );
}

// Of a run of several processes, which one this is of.
function Processes() {
    const { run } = report();
    if (run.processes.length < 2) return null;
    return (
        <section>
            <h3>Processes</h3>
            <p class="lead">This page is of process {run.pid}. Another one: <code>ouro report --html FILE --process PID RUN</code>; all as one: <code>ouro processes RUN</code></p>
            <Table label="Processes" rows={run.processes} columns={PROCESSES} height={240} />
        </section>
    );
}

export function Overview() {
    const list = findings();
    const [all, setAll] = useState(false);
    const kinds = Object.keys(KINDS).filter((kind) => list.some((f) => f.kind === kind));
    const [kind, setKind] = useState("");
    const chosen = kind ? list.filter((f) => f.kind === kind) : list;
    const shown = all ? chosen.slice(0, 2000) : chosen.slice(0, SHOWN);
    const timeline = report().heap.timeline;
    return (
        <>
            <Tiles />
            {timeline.bytes.length > 2 ? (
                <a class="spark card" href="#timeline" aria-label="Live memory over time">
                    <Sparkline values={timeline.bytes} times={timeline.time} />
                </a>
            ) : null}
            <section>
                <h2>Findings <small>most bytes first</small></h2>
                {kinds.length > 1 ? (
                    <div class="chips" role="group" aria-label="Kinds of findings">
                        <button aria-pressed={!kind} onClick={() => setKind("")}>all {count(list.length)}</button>
                        {kinds.map((k) => (
                            <button aria-pressed={kind === k} onClick={() => setKind(kind === k ? "" : k)}>
                                <span class={`dot k-${k}`} aria-hidden="true" />{KINDS[k]} {count(list.filter((f) => f.kind === k).length)}
                            </button>
                        ))}
                    </div>
                ) : null}
                {shown.length ? (
                    <ol class="findings">{shown.map((f, i) => <Finding finding={f} rank={i + 1} most={chosen[0].bytes || 1} />)}</ol>
                ) : (
                    <p class="empty">Nothing: no leaked cycles or references, nothing that grows, nothing worth saving.</p>
                )}
                {chosen.length > shown.length ? <button class="plain" onClick={() => setAll(true)}>Show all {count(chosen.length)}</button> : null}
            </section>
            <Processes />
            {block("source") ? null : <p class="foot">Source lines are not in this file.</p>}
        </>
    );
}

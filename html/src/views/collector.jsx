// SPDX-License-Identifier: MIT
import { block, ownFrame, placeName, report } from "../data.js";
import { bytes, count, duration, percent, plural, text } from "../format.js";
import { pathText } from "../findings.js";
import { CycleGraph } from "../parts/cyclegraph.jsx";
import { Sites } from "../parts/place.jsx";
import { Table } from "../parts/table.jsx";

const seconds = (n) => (n === null ? "?" : duration(n));

const GENERATIONS = [
    { label: "generation", width: "100px", value: (g) => g.generation },
    { label: "runs", number: true, value: (g) => g.runs, show: (g) => count(g.runs) },
    { label: "time", number: true, value: (g) => g.pause_total, show: (g) => seconds(g.pause_total) },
    { label: "longest", number: true, value: (g) => g.pause_max, show: (g) => seconds(g.pause_max) },
    { label: "collected", number: true, value: (g) => g.collected, show: (g) => count(g.collected) },
    { label: "freed", number: true, value: (g) => g.freed_bytes, show: (g) => bytes(g.freed_bytes) },
];

const TYPES = [
    { label: "objects", number: true, width: "110px", value: (t) => t.objects, show: (t) => count(t.objects) },
    { label: "bytes", number: true, width: "110px", value: (t) => t.bytes, show: (t) => bytes(t.bytes) },
    { label: "type", value: (t) => text(t.type), show: (t) => <code>{text(t.type)}</code> },
];

const LINES = [...TYPES, { label: "made", value: (l) => placeName(ownFrame(l.site)), show: (l) => <span class="place">{placeName(ownFrame(l.site))}</span> }];

const RUNS = [
    { label: "after", number: true, width: "110px", value: (c) => c[0], show: (c) => duration(c[0]) },
    { label: "pause", number: true, width: "110px", value: (c) => c[1], show: (c) => (c[1] ? duration(c[1]) : "?") },
    { label: "generation", number: true, width: "110px", value: (c) => c[2] },
    { label: "collected", number: true, value: (c) => c[3], show: (c) => count(c[3]) },
    { label: "freed", number: true, value: (c) => c[4], show: (c) => bytes(c[4]) },
];

const SHAPES = [
    { label: "cycles", number: true, width: "100px", value: (g) => g.cycles, show: (g) => `~${count(g.cycles)}` },
    { label: "per hour", number: true, width: "110px", value: (g) => g.per_hour, show: (g) => (g.per_hour === null ? "?" : `~${count(g.per_hour)}`) },
    { label: "path", value: (g) => pathText(g.path), show: (g) => <code>{pathText(g.path)}</code> },
];

export function Collector() {
    const { gc } = report();
    const events = block("events");
    return (
        <>
            <h2>Collector</h2>
            <p class="lead">
                {gc.pause_total === null
                    ? `${plural(gc.runs ?? 0, "run")}; how long they took is not known`
                    : `${plural(gc.runs, "run")}, at most ${duration(gc.pause_total)} in all (${(100 * (gc.pause_share ?? 0)).toFixed(2)} % of the time)`}
                {gc.freed_objects === null ? "" : `; freed ${count(gc.freed_objects)} objects, ${bytes(gc.freed_bytes)}`}.{" "}
                The collector is {gc.enabled ? "on" : "off"}, thresholds {gc.thresholds.join(" ")}, counts {gc.counts.join(" ")}, {count(gc.frozen)} frozen.
            </p>
            <Table label="Generations" rows={gc.collections} columns={GENERATIONS} />
            {gc.shapes?.groups.length ? (
                <section>
                    <h3>Cycles the collector frees</h3>
                    <p>{count(gc.shapes.looks)} collections looked at ({percent(gc.shapes.share, 1)} of the time); figures are estimates of the whole run</p>
                    <Table label="Cycles the collector frees" rows={gc.shapes.groups} columns={SHAPES} height={260} details={(g) => <><CycleGraph group={g} /><p>{text(g.hint ?? "")}</p><Sites sites={g.sites} /></>} />
                </section>
            ) : null}
            {gc.by_line.length ? <section><h3>Freed, by the line that made it</h3><Table label="Freed objects by line" rows={gc.by_line} columns={LINES} sort={{ column: 1, down: true }} height={300} details={(l) => <Sites sites={[l]} />} /></section> : null}
            {gc.by_type.length ? <section><h3>Freed, by type</h3><Table label="Freed objects by type" rows={gc.by_type} columns={TYPES} sort={{ column: 1, down: true }} height={240} /></section> : null}
            {events?.collections.length ? (
                <section>
                    <h3>Runs</h3>
                    <Table label="Runs of the collector" rows={events.collections} columns={RUNS} height={300}
                        more={events.collections_more ? `the longest ${count(events.collections.length)}; ${count(events.collections_more)} shorter ones are not listed` : null} />
                </section>
            ) : null}
        </>
    );
}

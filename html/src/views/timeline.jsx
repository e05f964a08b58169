// SPDX-License-Identifier: MIT
import { useState } from "preact/hooks";
import { block, innermost, isImporting, placeName, report } from "../data.js";
import { bytes, count, duration, percent, text } from "../format.js";
import { Chart } from "../parts/chart.jsx";
import { Place, Sites } from "../parts/place.jsx";
import { Table } from "../parts/table.jsx";

function seriesName(s) {
    if (s.file === undefined) return text(s.type, 60);
    const place = isImporting(s) || !s.file ? placeName(s) : `${placeName(s)} ${text(s.function, 60)}`;
    return isImporting(s) ? place : `${text(s.type, 40)} ${place}`;
}

const EPOCHS = [
    { label: "after", number: true, value: (p) => p.time, show: (p) => duration(p.time) },
    { label: "allocated", number: true, value: (p) => p.clock, show: (p) => bytes(p.clock) },
    { label: "blocks", number: true, value: (p) => p.blocks, show: (p) => count(p.blocks) },
    { label: "bytes", number: true, value: (p) => p.bytes, show: (p) => bytes(p.bytes) },
];

const PEAK_SITES = [
    { label: "bytes", number: true, width: "100px", value: (s) => s.bytes, show: (s) => bytes(s.bytes) },
    { label: "share", minor: true, number: true, width: "80px", value: (s) => s.bytes, show: (s) => percent(s.bytes, report().heap.peak.bytes), search: false },
    { label: "blocks", number: true, width: "90px", value: (s) => s.blocks, show: (s) => count(s.blocks) },
    { label: "type", width: "minmax(90px, 0.6fr)", value: (s) => text(s.type), show: (s) => <code>{text(s.type)}</code> },
    { label: "place", value: (s) => `${placeName(innermost(s.site))} ${text(innermost(s.site)?.name ?? "")}`, show: (s) => <Place frame={innermost(s.site)} /> },
];

const LAYERS = { pauses: "collector pauses", snapshots: "snapshots", marks: "marks", tests: "tests", children: "processes started" };

export function Timeline() {
    const r = report();
    const { timeline: t, peak } = r.heap;
    const events = block("events");
    const tests = r.tests.marks ? r.tests.units.filter((u) => u.start !== null) : [];
    const there = {
        pauses: events?.collections.some((c) => c[1] > 0),
        snapshots: r.heap.snapshots.length > 0,
        marks: events?.marks.length > 0,
        tests: tests.length > 0,
        children: events?.children.length > 0,
    };
    const [by, setBy] = useState("types");
    const [layers, setLayers] = useState({ pauses: true, snapshots: true, marks: tests.length === 0, tests: true, children: true });
    const [over, setOver] = useState("time");
    if (!t.bytes.length) return <><h2>Live memory over time</h2><p class="empty">no epoch was recorded</p></>;
    const series = by === "total" ? [] : t[by].map((s) => ({ name: seriesName(s), bytes: s.bytes }));
    const points = t.time.map((time, i) => ({ time, clock: t.clock[i], blocks: t.blocks[i], bytes: t.bytes[i] }));
    return (
        <>
            <h2>Live memory over time</h2>
            <p class="lead">
                {peak ? `highest after ${duration(peak.time)}: ${count(peak.blocks)} blocks alive, ${bytes(peak.bytes)}; at the end ${bytes(t.bytes.at(-1))}` : ""}
                {t.estimated ? " (estimates from a sample)" : ""}
            </p>
            <div class="tools">
                <div class="chips" role="group" aria-label="Split by">
                    {[["types", "by type"], ["sites", "by line"], ["total", "total"]].map(([id, name]) => <button aria-pressed={by === id} onClick={() => setBy(id)}>{name}</button>)}
                </div>
                <div class="chips" role="group" aria-label="Horizontal axis">
                    {[["time", "seconds"], ["clock", "bytes allocated"]].map(([id, name]) => <button aria-pressed={over === id} onClick={() => setOver(id)}>{name}</button>)}
                </div>
                <div class="chips" role="group" aria-label="Events">
                    {Object.keys(LAYERS).filter((l) => there[l]).map((l) => (
                        <button aria-pressed={layers[l]} onClick={() => setLayers({ ...layers, [l]: !layers[l] })}><span class={`dot e-${l}`} aria-hidden="true" />{LAYERS[l]}</button>
                    ))}
                </div>
            </div>
            <Chart x={over === "time" ? t.time : t.clock} over={over} total={t.bytes} series={series} peak={peak ? { x: over === "time" ? peak.time : peak.clock, bytes: peak.bytes } : null}
                events={{
                    pauses: layers.pauses && there.pauses ? events.collections.filter((c) => c[1] > 0) : [],
                    snapshots: layers.snapshots ? r.heap.snapshots : [],
                    marks: layers.marks ? events?.marks ?? [] : [],
                    tests: layers.tests ? tests : [],
                    children: layers.children ? events?.children ?? [] : [],
                }} times={t.time} clocks={t.clock} />
            {peak ? (
                <section>
                    <h3>What the highest point was made of</h3>
                    <Table label="The highest point by place and type" rows={peak.sites} columns={PEAK_SITES} sort={{ column: 0, down: true }} height={340} details={(s) => <Sites sites={[s]} />}
                        more={`the ${count(peak.sites.length)} places with most bytes${peak.resting_bytes ? `; beside them ${bytes(peak.resting_bytes)} rest in free lists of the runtime` : ""}`} />
                </section>
            ) : null}
            <section>
                <h3>Snapshots</h3>
                <Table label="Snapshots" rows={r.heap.snapshots} height={200} columns={[
                    { label: "number", width: "80px", value: (s) => s.number, show: (s) => `${s.number}${s.reported ? " (this report)" : ""}`, number: true },
                    { label: "why", value: (s) => s.reason },
                    { label: "after", number: true, value: (s) => s.time, show: (s) => duration(s.time) },
                    { label: "pause", number: true, value: (s) => s.pause, show: (s) => duration(s.pause) },
                    { label: "objects", number: true, value: (s) => s.objects, show: (s) => count(s.objects) },
                    { label: "bytes", number: true, value: (s) => s.bytes, show: (s) => bytes(s.bytes) },
                ]} />
            </section>
            <section>
                <h3>Epochs</h3>
                <Table label="Epochs" rows={points} columns={EPOCHS} height={260} filter={false} />
            </section>
        </>
    );
}

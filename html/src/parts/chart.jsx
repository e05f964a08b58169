// SPDX-License-Identifier: MIT
// Live bytes over time, stacked by what they are, and above them what happened when. Drawn by uPlot;
// events are drawn into its canvas.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { bytes, duration, text } from "../format.js";

const HEIGHT = 340, COLOURS = 8;
// Steps of axes of bytes: round in the units they are written in.
const BINARY = [];
for (let unit = 1; unit < 2 ** 62; unit *= 1024) for (const step of [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]) BINARY.push(step * unit);

const variable = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Fewer digits than duration() would tick twice at the same text.
const seconds = (v) => (!v ? "0" : v < 1 || v >= 60 ? duration(v) : `${Number(v.toFixed(3))} s`);

// Series on top of each other, the rest of the total last.
function stackUp(total, series) {
    const sums = total.map(() => 0), layers = [];
    for (const s of series) {
        s.bytes.forEach((value, i) => { sums[i] = Math.min(sums[i] + value, Math.max(total[i], sums[i])); });
        layers.push({ name: s.name, top: sums.slice(), own: s.bytes });
    }
    layers.push({ name: series.length ? "all else" : "all", top: total.slice(), own: total.map((value, i) => Math.max(0, value - sums[i])) });
    return layers;
}

// Where a time lies on an axis of bytes allocated: between the epochs around it.
function toClock(time, times, clocks) {
    let i = times.findIndex((t) => t >= time);
    if (i < 0) return clocks.at(-1);
    const t0 = i ? times[i - 1] : 0, c0 = i ? clocks[i - 1] : 0;
    return times[i] > t0 ? c0 + ((clocks[i] - c0) * (time - t0)) / (times[i] - t0) : clocks[i];
}

function drawEvents(plot, events, peak, place) {
    const { ctx, bbox } = plot, scale = devicePixelRatio, bottom = bbox.top + bbox.height;
    const at = (time) => plot.valToPos(place(time), "x", true);
    const inside = (x) => x >= bbox.left - 1 && x <= bbox.left + bbox.width + 1;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, 0, bbox.width, bottom);
    ctx.clip();
    ctx.font = `${11 * scale}px system-ui, sans-serif`;
    ctx.textAlign = "left";
    ctx.textBaseline = "alphabetic";
    events.tests.forEach((test, i) => {
        const x0 = at(test.start), x1 = at(test.start + test.duration);
        ctx.fillStyle = variable(i % 2 ? "--band-a" : "--band-b");
        ctx.fillRect(x0, bbox.top, Math.max(scale, x1 - x0), bbox.height);
    });
    const longest = Math.max(...events.pauses.map((c) => c[1]), 1e-9);
    ctx.fillStyle = variable("--event-pause");
    for (const c of events.pauses) {
        const x = at(c[0]);
        if (inside(x)) ctx.fillRect(x, bottom - Math.max(3, 60 * (c[1] / longest)) * scale, Math.max(scale, at(c[0] + c[1]) - x), Math.max(3, 60 * (c[1] / longest)) * scale);
    }
    const lines = [["--event-snapshot", events.snapshots.map((s) => [s.time, `snapshot ${s.number}`])],
        ["--event-mark", events.marks.map(([time, name]) => [time, text(name, 30)])],
        ["--event-child", events.children.map(([time, pid]) => [time, `process ${pid}`])]];
    for (const [colour, list] of lines) {
        let free = -Infinity;
        ctx.strokeStyle = ctx.fillStyle = variable(colour);
        ctx.lineWidth = scale;
        ctx.setLineDash([4 * scale, 3 * scale]);
        for (const [time, name] of list) {
            const x = at(time);
            if (!inside(x)) continue;
            ctx.beginPath();
            ctx.moveTo(x, bbox.top - 4 * scale);
            ctx.lineTo(x, bottom);
            ctx.stroke();
            const room = ctx.measureText(name).width;
            const from = x + room + 5 * scale > bbox.left + bbox.width ? x - room - 4 * scale : x + 4 * scale;
            if (from < free) continue;
            ctx.fillText(name, from, bbox.top - 7 * scale);
            free = from + room + 8 * scale;
        }
    }
    ctx.setLineDash([]);
    if (peak) {
        const x = plot.valToPos(peak.x, "x", true), y = plot.valToPos(peak.bytes, "y", true), label = `highest ${bytes(peak.bytes)}`;
        ctx.fillStyle = variable("--text");
        ctx.beginPath();
        ctx.arc(x, y, 4 * scale, 0, 7);
        ctx.fill();
        const room = ctx.measureText(label).width;
        ctx.fillText(label, Math.min(Math.max(x - room / 2, bbox.left + 4 * scale), bbox.left + bbox.width - room - 4 * scale), y - 9 * scale);
    }
    ctx.restore();
}

export function Chart({ x, over, total, series, peak, events, times, clocks }) {
    const box = useRef(null);
    const [theme, setTheme] = useState(0);
    const [at, setAt] = useState(null);
    const layers = stackUp(total, series);
    useEffect(() => {
        const changed = () => setTheme((n) => n + 1);
        addEventListener("themechange", changed);
        return () => removeEventListener("themechange", changed);
    }, []);
    useLayoutEffect(() => {
        const place = (time) => (over === "time" ? time : toClock(time, times, clocks));
        const data = [[0, ...x], ...layers.slice().reverse().map((l) => [0, ...l.top])]; // nothing was alive at first
        const axis = { stroke: variable("--muted"), grid: { stroke: variable("--line"), width: 1 }, ticks: { stroke: variable("--line"), width: 1 }, font: "11px system-ui, sans-serif" };
        const plot = new uPlot({
            width: box.current.clientWidth, height: HEIGHT, legend: { show: false }, padding: [22, 12, 0, 0],
            scales: { x: { time: false, range: (u, min, max) => [0, max || 1] }, y: { range: (u, min, max) => [0, (max || 1) * 1.08] } },
            cursor: { y: false, points: { show: false } },
            axes: [
                { ...axis, ...(over === "time" ? {} : { incrs: BINARY }), values: (u, ticks) => ticks.map((v) => (over === "time" ? seconds(v) : bytes(v).replace(".0 ", " "))) },
                { ...axis, size: 74, incrs: BINARY, values: (u, ticks) => ticks.map((v) => bytes(v).replace(".0 ", " ")) },
            ],
            series: [{}, ...layers.slice().reverse().map((l, i) => {
                const number = layers.length - 1 - i, rest = number === layers.length - 1;
                const colour = variable(rest ? (series.length ? "--series-rest" : "--series-0") : `--series-${number % COLOURS}`);
                return { stroke: colour, fill: colour, width: 1, points: { show: false } };
            })],
            hooks: {
                draw: [(u) => drawEvents(u, events, peak, place)],
                setCursor: [(u) => setAt(u.cursor.idx ? u.cursor.idx - 1 : null)],
            },
        }, data, box.current);
        const observer = new ResizeObserver(() => plot.setSize({ width: box.current.clientWidth, height: HEIGHT }));
        observer.observe(box.current);
        return () => {
            observer.disconnect();
            plot.destroy();
        };
    }, [x, series.map((s) => s.name).join(), theme, JSON.stringify(Object.values(events).map((e) => e.length))]);
    const index = at ?? total.indexOf(Math.max(...total));
    return (
        <figure class="chart">
            <div ref={box} role="img" aria-label={`Live bytes over time, highest ${peak ? bytes(peak.bytes) : "?"}; the table of epochs below has the figures`} />
            <figcaption>
                <span class="when">after {duration(times[index])}: {bytes(total[index])}</span>
                {layers.map((l, i) => (
                    <span class="key"><i class={i === layers.length - 1 && series.length ? "s-rest" : `s-${i % COLOURS}`} />{l.name} <b>{bytes(l.own[index])}</b></span>
                ))}
            </figcaption>
        </figure>
    );
}

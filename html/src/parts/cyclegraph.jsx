// SPDX-License-Identifier: MIT
// A cycle drawn: its objects by type, the references between them, the one to cut, and what hangs below.
import { Graph, layout } from "@dagrejs/dagre";
import { useId, useMemo } from "preact/hooks";
import { bytes, count, text } from "../format.js";

const CHARACTER = 7.3, HEIGHT = 34, LABEL = 6.6;
const short = (name, most) => (name.length > most ? `${name.slice(0, Math.ceil(most / 2) - 1)}…${name.slice(-Math.floor(most / 2))}` : name);

function build(group) {
    const graph = new Graph({ multigraph: true });
    graph.setGraph({ rankdir: "LR", nodesep: 34, ranksep: 46, edgesep: 18, marginx: 14, marginy: 18 });
    graph.setDefaultEdgeLabel(() => ({}));
    const steps = group.path, open = group.path_length > steps.length;
    const cut = (step) => group.break && step.type === group.break.type && step.edge === group.break.edge;
    const also = (step) => group.break?.others?.some((o) => o.type === step.type && o.edge === step.edge);
    steps.forEach((step, i) => {
        const name = short(text(step.type), 34);
        graph.setNode(`n${i}`, { label: name, full: text(step.type, 2000), width: Math.max(60, name.length * CHARACTER + 26), height: HEIGHT, kind: "member" });
    });
    steps.forEach((step, i) => {
        const name = short(text(step.edge), 26);
        const last = i + 1 === steps.length;
        graph.setEdge(`n${i}`, `n${last ? 0 : i + 1}`, {
            name, full: text(step.edge, 2000), width: Math.max(16, name.length * LABEL + 14), height: 18, labelpos: "c",
            cut: cut(step), also: !cut(step) && also(step), open: last && open,
        }, `e${i}`);
    });
    const holds = (group.holds ?? []).slice(0, 3);
    if (holds.length) {
        const total = group.holds.reduce((sum, h) => sum + h.bytes, 0);
        const name = `below: ${short(holds.map((h) => `${count(h.count)} ${text(h.type)}`).join(", "), 44)}${group.holds.length > 3 ? ", …" : ""}`;
        graph.setNode("below", { label: name, full: name, more: bytes(total), width: name.length * LABEL + 24, height: HEIGHT + 8, kind: "below" });
        graph.setEdge("n0", "below", { name: "", width: 0, height: 0, below: true }, "below");
    }
    layout(graph);
    return graph;
}

// A smooth line through the points of the layout (Catmull and Rom's, as Bézier curves).
function curve(points) {
    let d = `M${points[0].x},${points[0].y}`;
    for (let i = 0; i + 1 < points.length; i++) {
        const [before, from, to, after] = [points[i - 1] ?? points[i], points[i], points[i + 1], points[i + 2] ?? points[i + 1]];
        d += ` C${from.x + (to.x - before.x) / 6},${from.y + (to.y - before.y) / 6} ${to.x - (after.x - from.x) / 6},${to.y - (after.y - from.y) / 6} ${to.x},${to.y}`;
    }
    return d;
}

function describe(group) {
    const steps = group.path.map((s) => `${s.type} ${s.edge}`).join(", then ");
    const cut = group.break ? `; the reference to cut is ${group.break.type} ${group.break.edge}` : "";
    return text(`A cycle: ${steps}, back to ${group.path[0]?.type}${cut}`, 2000);
}

export function CycleGraph({ group }) {
    const id = useId().replace(/[^a-z0-9]/gi, "");
    const graph = useMemo(() => build(group), [group]);
    if (!group.path.length) return null;
    const { width, height } = graph.graph();
    return (
        <div class="cyclegraph" tabIndex={0} aria-label="Graph of the cycle">
            <svg viewBox={`0 0 ${width} ${height}`} style={{ width: `${width}px`, maxWidth: width < 1400 ? "100%" : "none" }} role="img" aria-label={describe(group)}>
                <defs>
                    {["plain", "cut"].map((kind) => (
                        <marker id={`${id}${kind}`} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse">
                            <path d="M0,0.5 L8,4 L0,7.5 z" class={`arrow ${kind}`} />
                        </marker>
                    ))}
                </defs>
                {graph.edges().map((e) => {
                    const edge = graph.edge(e);
                    const kind = edge.cut ? "cut" : edge.also ? "also" : edge.below ? "belowline" : edge.open ? "open" : "";
                    return (
                        <g class={`edge ${kind}`}>
                            <path d={curve(edge.points)} marker-end={`url(#${id}${edge.cut ? "cut" : "plain"})`} />
                            {edge.name || edge.cut ? (
                                <g transform={`translate(${edge.x},${edge.y})`}>
                                    <title>{edge.full}</title>
                                    <rect x={-edge.width / 2} y={-10} width={edge.width} height={20} rx={5} />
                                    <text text-anchor="middle" dy="4">{edge.name || "reference"}</text>
                                    {edge.cut ? <text class="scissors" text-anchor="middle" dy="-14">✂ cut here</text> : null}
                                </g>
                            ) : null}
                        </g>
                    );
                })}
                {graph.nodes().map((n) => {
                    const node = graph.node(n);
                    return (
                        <g class={`node ${node.kind}`} transform={`translate(${node.x},${node.y})`}>
                            <title>{node.full}</title>
                            <rect x={-node.width / 2} y={-node.height / 2} width={node.width} height={node.height} rx={9} />
                            <text text-anchor="middle" dy={node.more ? -2 : 4}>{node.label}</text>
                            {node.more ? <text class="more" text-anchor="middle" dy="13">{node.more}</text> : null}
                        </g>
                    );
                })}
            </svg>
        </div>
    );
}

// SPDX-License-Identifier: MIT
// Rectangles as large as what objects keep alive, two levels at a time; a click goes down the
// dominator tree, the path above goes back up.
import { hierarchy, treemap, treemapSquarify } from "d3-hierarchy";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { bytes, percent, text } from "../format.js";

const HEAD = 18, SMALLEST = 6, LEVELS = 3;
const CELLS = [0, 24, 48, 90], TYPES = 16; // cells below one object by level; the smaller ones are one cell for each type

function hue(name) {
    let h = 0;
    for (let i = 0; i < name.length && i < 200; i++) h = (h * 33 + name.charCodeAt(i)) | 0;
    return Math.abs(h) % 8;
}

// What is drawn below an object: its table of attributes is no level of its own.
function below(node) {
    return node.children.flatMap((child) => (child.label === ".__dict__" && child.children.length ? child.children : [child])).filter((child) => child.bytes > 0);
}

// What is too small for cells of its own, a group for each type and one for all other types.
function byType(nodes, up) {
    const groups = new Map();
    const group = (type) => {
        if (!groups.has(type)) groups.set(type, { label: "", type, bytes: 0, objects: 0, object: -1, children: [], up, smaller: true });
        return groups.get(type);
    };
    const into = (to, node) => {
        to.bytes += node.bytes;
        to.objects += node.objects;
        to.children.push(node);
    };
    for (const node of nodes) into(group(node.type), node);
    const sorted = [...groups.values()].sort((a, b) => b.bytes - a.bytes);
    if (sorted.length <= TYPES) return sorted;
    const rest = { label: "", type: "smaller", bytes: 0, objects: 0, object: -1, children: [], up, smaller: true };
    for (const other of sorted.slice(TYPES)) other.children.forEach((node) => into(rest, node));
    return [...sorted.slice(0, TYPES), rest];
}

// The levels below an object that are drawn; what it keeps itself is a cell of its own.
function cut(node, levels) {
    const result = { node, children: null, value: node.bytes };
    const all = levels ? below(node) : [];
    if (!all.length) return result;
    all.sort((a, b) => b.bytes - a.bytes);
    const children = all.slice(0, CELLS[levels]).map((child) => cut(child, levels - 1));
    const small = all.slice(CELLS[levels]);
    for (const group of byType(small, node)) children.push({ node: group, children: null, value: group.bytes });
    const own = node.bytes - children.reduce((sum, child) => sum + child.value, 0);
    if (own > 0) children.push({ node: { ...node, own: true, children: [], up: node }, children: null, value: own });
    result.children = children;
    return result;
}

export function nodeLabel(node) {
    if (node.own) return "(itself)";
    if (node.objects > 1) return `${node.objects.toLocaleString("en")} × ${text(node.type, 80)}`;
    return text(node.label || node.type, 120);
}

export function Treemap({ node, total, height, onZoom, onHover, chosen }) {
    const box = useRef(null);
    const [width, setWidth] = useState(0);
    useLayoutEffect(() => {
        const observer = new ResizeObserver(() => setWidth(box.current.clientWidth));
        observer.observe(box.current);
        setWidth(box.current.clientWidth);
        return () => observer.disconnect();
    }, []);
    const cells = useMemo(() => {
        if (!width) return [];
        const top = hierarchy(cut(node, LEVELS), (n) => n.children).each((n) => { n.value = n.data.value; });
        top.sort((a, b) => b.value - a.value);
        treemap().tile(treemapSquarify).size([width, height]).paddingTop((n) => (n.depth && n.children ? HEAD : 0)).paddingInner(1)
            .paddingLeft((n) => (n.depth ? 2 : 0)).paddingRight((n) => (n.depth ? 2 : 0)).paddingBottom((n) => (n.depth ? 2 : 0)).round(true)(top);
        return top.descendants().filter((n) => n.depth && n.x1 - n.x0 >= SMALLEST && n.y1 - n.y0 >= SMALLEST);
    }, [node, width, height]);
    const key = (event) => {
        const at = cells.findIndex((c) => c.data.node === chosen);
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (step) {
            event.preventDefault();
            const next = cells[(at + step + cells.length) % cells.length];
            if (next) onHover(next.data.node);
        } else if ((event.key === "Enter" || event.key === " ") && chosen) {
            event.preventDefault();
            onZoom(chosen);
        } else if ((event.key === "Escape" || event.key === "Backspace") && node.up) {
            event.preventDefault();
            onZoom(node.up);
        }
    };
    return (
        <div class="treemap" ref={box} style={{ height: `${height}px` }} tabIndex={0} role="group" onKeyDown={key} onMouseLeave={() => onHover(null)}
            aria-label="What objects keep alive: arrow keys walk, Enter goes down, Escape goes up">
            {cells.map((cell) => {
                const data = cell.data.node, w = cell.x1 - cell.x0, h = cell.y1 - cell.y0;
                return (
                    <div role="button" aria-label={`${nodeLabel(data)}, ${bytes(cell.value)}, ${percent(cell.value, total)}`}
                        class={`cell d${Math.min(cell.depth, 3)} h${hue(data.type || data.label)}${data.own ? " own" : ""}${data === chosen ? " active" : ""}${data.objects > 1 ? " several" : ""}${data.smaller ? " smaller" : ""}`}
                        style={{ left: `${cell.x0}px`, top: `${cell.y0}px`, width: `${w}px`, height: `${h}px` }}
                        onMouseEnter={() => onHover(data)} onClick={() => onZoom(data.own ? data.up : data)}>
                        {w > 34 && h > 14 ? <span>{nodeLabel(data)}{w > 120 ? <small> {bytes(cell.value)}</small> : null}</span> : null}
                    </div>
                );
            })}
        </div>
    );
}

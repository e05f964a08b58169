// SPDX-License-Identifier: MIT
// Boxes as wide as their bytes, callees below (icicle) or above (flame) their callers. Click or Enter
// zooms, arrow keys walk, Escape goes back up. Only boxes that can be seen exist.
import { hierarchy, partition } from "d3-hierarchy";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { fileName } from "../data.js";
import { bytes, count, percent, text } from "../format.js";

const ROW = 20, NARROWEST = 0.9;

export function layoutTree(root) {
    const top = hierarchy(root, (node) => node.children);
    top.each((node) => { node.value = node.data.value; });
    // partition() places by value: what a node has beyond its children stays empty behind them.
    return partition().size([1, top.height + 1])(top);
}

function hash(name) {
    let h = 0;
    for (let i = 0; i < name.length && i < 200; i++) h = (h * 31 + name.charCodeAt(i)) | 0;
    return Math.abs(h);
}

const SHADES = { own: 6, library: 4, type: 6, rest: 1, root: 1 };

function shade(data) {
    const by = data.kind === "type" ? data.name : data.frame ? data.frame.file : "";
    return `f-${data.kind}${hash(by) % SHADES[data.kind]}`;
}

// How much more or less it has become, −1 … 1.
const change = (data) => (data.after - data.before) / Math.max(data.after, data.before, 1);

function colours(data, differential) {
    if (!differential) return { class: shade(data) };
    const delta = change(data);
    const strength = Math.abs(delta) < 0.005 ? 0 : 12 + 88 * Math.sqrt(Math.abs(delta));
    const variable = delta > 0 ? "--grown" : "--shrunk";
    return { class: strength > 60 ? "f-delta strong" : "f-delta", style: { background: strength ? `color-mix(in srgb, var(${variable}) ${strength.toFixed(0)}%, var(--same))` : "var(--same)" } };
}

export function describe(data, total, differential) {
    const more = data.lines?.size > 1 ? ` and ${data.lines.size - 1} more ${data.lines.size === 2 ? "line" : "lines"}` : "";
    const where = data.frame?.file ? ` · ${fileName(data.frame.file)}${data.frame.line ? `:${data.frame.line}` : ""}${more}` : "";
    const figures = differential
        ? `${bytes(data.before)} → ${bytes(data.after)} (${data.after >= data.before ? "+" : ""}${bytes(data.after - data.before)})`
        : `${bytes(data.value)}, ${percent(data.value, total)}, ${count(data.blocks)} blocks`;
    return `${text(data.name, 200)}${where} — ${figures}`;
}

// The boxes that can be seen when `focus` takes the whole width, each with its place.
function visible(focus, width) {
    const result = [];
    for (let up = focus.parent; up; up = up.parent) result.push({ node: up, left: 0, width: 1, above: true });
    const span = focus.x1 - focus.x0 || 1, open = [focus];
    while (open.length) {
        const node = open.pop();
        const share = (node.x1 - node.x0) / span;
        if (share * width < NARROWEST && node !== focus) continue;
        result.push({ node, left: (node.x0 - focus.x0) / span, width: share });
        if (node.children) open.push(...node.children);
    }
    return result;
}

function matcher(word) {
    const wanted = word.trim().toLowerCase();
    if (!wanted) return null;
    return (data) => data.name.toLowerCase().includes(wanted) || (data.frame && `${data.frame.file}:${data.frame.line}`.toLowerCase().includes(wanted));
}

// Bytes of the topmost boxes that match: nothing is counted twice.
function matched(top, matches) {
    let sum = 0;
    const open = [top];
    while (open.length) {
        const node = open.pop();
        if (matches(node.data)) sum += node.value;
        else if (node.children) open.push(...node.children);
    }
    return sum;
}

export function FlameGraph({ top, word, flame, differential, onSelect, selected }) {
    const [focus, setFocus] = useState(top);
    const [active, setActive] = useState(top);
    const [hover, setHover] = useState(null);
    const [width, setWidth] = useState(1000);
    const box = useRef(null);
    useEffect(() => { setFocus(top); setActive(top); }, [top]);
    useLayoutEffect(() => {
        const observer = new ResizeObserver(() => setWidth(box.current.clientWidth));
        observer.observe(box.current);
        setWidth(box.current.clientWidth);
        return () => observer.disconnect();
    }, []);
    const boxes = useMemo(() => visible(focus, width), [focus, width]);
    const matches = useMemo(() => matcher(word), [word]);
    const found = useMemo(() => (matches ? matched(top, matches) : 0), [top, matches]);
    const depth = boxes.reduce((most, b) => Math.max(most, b.node.depth), 0);
    const height = (depth + 1) * ROW;
    const total = top.value;
    const go = (node) => {
        setActive(node);
        onSelect?.(node);
    };
    const zoom = (node) => {
        setFocus(node);
        go(node);
    };
    useEffect(() => {
        const element = box.current?.querySelector(".active");
        if (element && document.activeElement === box.current) element.scrollIntoView({ block: "nearest" });
    }, [active]);
    const key = (event) => {
        const siblings = active.parent?.children ?? [];
        const at = siblings.indexOf(active);
        const below = () => active.children?.[0], above = () => active.parent;
        const to = {
            ArrowDown: flame ? above : below,
            ArrowUp: flame ? below : above,
            ArrowRight: () => siblings[at + 1],
            ArrowLeft: () => siblings[at - 1],
            Home: () => top,
        }[event.key];
        if (to) {
            const next = to();
            event.preventDefault();
            if (!next) return;
            if (!boxes.some((b) => b.node === next)) setFocus(next.parent ?? next);
            go(next);
        } else if (event.key === "Enter" || event.key === " ") {
            event.preventDefault();
            zoom(active);
        } else if (event.key === "Escape" || event.key === "Backspace") {
            event.preventDefault();
            zoom(focus.parent ?? top);
        }
    };
    const shown = hover ?? active;
    const id = (node) => `box-${boxes.findIndex((b) => b.node === node)}`;
    return (
        <div class={`flame${flame ? " upward" : ""}`}>
            <p class="status" role="status">
                {describe(shown.data, total, differential)}
                {matches ? <b> · found {bytes(found)}, {percent(found, total)}</b> : null}
            </p>
            <div class="boxes" ref={box} tabIndex={0} role="tree" aria-label="Calls by bytes: arrow keys walk, Enter zooms, Escape goes back"
                aria-activedescendant={id(active)} onKeyDown={key} onMouseLeave={() => setHover(null)} style={{ height: `${height}px` }}>
                {boxes.map(({ node, left, width: share, above }, index) => {
                    const colour = colours(node.data, differential);
                    const dim = matches && !matches(node.data);
                    const row = flame ? depth - node.depth : node.depth;
                    return (
                        <div id={`box-${index}`} role="treeitem" aria-level={node.depth + 1} aria-selected={node === active}
                            aria-label={describe(node.data, total, differential)}
                            class={`box ${share * width > 26 ? "named " : ""}${colour.class}${above ? " above" : ""}${dim ? " dim" : ""}${matches && !dim ? " hit" : ""}${node === active ? " active" : ""}${node === selected ? " selected" : ""}`}
                            style={{ ...colour.style, left: `${100 * left}%`, width: `calc(${100 * share}% - ${share * width > 4 ? 1 : 0}px)`, top: `${row * ROW}px` }}
                            onMouseEnter={() => setHover(node)} onClick={() => zoom(node)}>
                            {share * width > 26 ? text(node.data.name, 160) : null}
                        </div>
                    );
                })}
            </div>
        </div>
    );
}

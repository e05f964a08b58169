// SPDX-License-Identifier: MIT
import { useEffect, useMemo, useState } from "preact/hooks";
import { block, report } from "../data.js";
import { pathText } from "../findings.js";
import { bytes, count, percent, plural, text } from "../format.js";
import { Facts } from "../parts/facts.jsx";
import { Table } from "../parts/table.jsx";
import { Treemap, nodeLabel } from "../parts/treemap.jsx";

// The dominator tree from its table: {label, type, bytes, own, object, objects, children, up}.
function build() {
    const raw = block("tree");
    if (!raw) return null;
    const nodes = raw.nodes.map(([, type, size, shallow, object, name]) => ({
        label: name, type: type < 0 ? "" : raw.types[type] || "?", bytes: size, shallow, object, objects: 1, children: [], up: null,
    }));
    nodes[0].label = "all objects";
    nodes[1].label = "(unreachable)";
    raw.nodes.forEach(([up], index) => {
        if (up < 0) return;
        nodes[index].up = nodes[up];
        nodes[up].children.push(nodes[index]);
    });
    for (const [up, type, size, objects] of raw.rest) {
        nodes[up].children.push({ label: type < 0 ? "smaller objects" : "", type: type < 0 ? "others" : raw.types[type] || "?", bytes: size, shallow: 0, object: -1, objects, children: [], up: nodes[up] });
    }
    return nodes;
}

function way(node) {
    const result = [];
    for (let up = node; up; up = up.up) result.unshift(up);
    return result;
}

// The middle of a long way is left out: a linked list is as deep as it is long.
const shorten = (nodes) => (nodes.length > 14 ? [...nodes.slice(0, 5), null, ...nodes.slice(-8)] : nodes);

const ENTRIES = [
    { label: "keeps alive", number: true, width: "110px", value: (e) => e.bytes_retained, show: (e) => bytes(e.bytes_retained) },
    { label: "share", minor: true, number: true, width: "80px", value: (e) => e.bytes_retained, show: (e) => percent(e.bytes_retained, report().heap.bytes), search: false },
    { label: "itself", number: true, width: "100px", value: (e) => e.bytes_shallow, show: (e) => bytes(e.bytes_shallow) },
    { label: "type", width: "minmax(90px, 0.5fr)", value: (e) => text(e.type), show: (e) => <code>{text(e.type)}</code> },
    { label: "object", value: (e) => text(e.name), show: (e) => <code>{text(e.name)}</code> },
];

export function Retained({ query }) {
    const nodes = useMemo(build, []);
    const { heap, retained } = report();
    const wanted = nodes && query.object !== undefined ? nodes.find((n) => n.object === Number(query.object)) : null;
    const [node, setNode] = useState(wanted ?? nodes?.[0]);
    const [hover, setHover] = useState(null);
    useEffect(() => { if (wanted) setNode(wanted); }, [query.object]);
    if (!nodes) return <><h2>Retained sizes</h2><p class="empty">there is no snapshot</p></>;
    const shown = hover ?? node;
    const zoom = (to) => {
        setHover(null);
        setNode(to.children.length || !to.up ? to : to.up);
        if (!to.children.length) setHover(to);
    };
    const path = way(shown);
    return (
        <>
            <h2>Retained sizes</h2>
            <p class="lead">Each rectangle is what would die with an object: the dominator tree from its roots down. {bytes(heap.bytes)} in all.</p>
            <nav class="crumbs" aria-label="Way down the dominator tree">
                {shorten(way(node)).map((n, index, all) => (n === null ? <span> › … </span> :
                    <>
                        {index ? <span aria-hidden="true">›</span> : null}
                        <button aria-current={n === node ? "location" : undefined} disabled={index === all.length - 1} onClick={() => zoom(n)}>{nodeLabel(n)}</button>
                    </>
                ))}
            </nav>
            <Treemap node={node} total={heap.bytes} height={460} onZoom={zoom} onHover={setHover} chosen={shown} />
            <div class="card details" role="status">
                <Facts rows={[
                    ["object", <code>{shorten(path.slice(1)).map((n) => (n ? nodeLabel(n) : "…")).join(" ") || "all objects"}</code>],
                    ["type", shown.type ? <code>{text(shown.type)}</code> : null],
                    ["keeps", `${bytes(shown.bytes)} alive, ${percent(shown.bytes, heap.bytes)} of the heap${shown.objects === 1 && shown.object >= 0 ? `; ${bytes(shown.shallow)} itself` : ""}`],
                    ["more", shown.object >= 0 && shown.objects === 1 ? <code>ouro path RUN '#{shown.object}'</code> : null],
                ]} />
            </div>
            <section>
                <h3>What keeps most alive</h3>
                <Table label="Objects that keep most alive" rows={retained.entries} columns={ENTRIES} height={380} more={retained.more ? `${plural(retained.more, "more object")} not listed` : null}
                    details={(e) => <>
                        <h4>{text(e.name)}</h4>
                        <Facts rows={[["path", <code>{pathText(e.path, false)}</code>], ["more", e.object === undefined ? null : <code>ouro refs RUN '#{e.object}'</code>]]} />
                        {nodes.some((n) => n.object === e.object) ? <button class="plain" onClick={() => { zoom(nodes.find((n) => n.object === e.object)); scrollTo({ top: 0 }); }}>Show it in the treemap</button> : null}
                    </>} />
            </section>
            <p class="foot">{count(nodes.length - 2)} objects with most bytes are drawn one by one, all others by type.</p>
        </>
    );
}

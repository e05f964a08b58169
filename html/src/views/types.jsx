// SPDX-License-Identifier: MIT
import { report } from "../data.js";
import { bytes, count, percent, text } from "../format.js";
import { Table } from "../parts/table.jsx";

export function Types({ query }) {
    const { heap, retained_types: kept } = report();
    const of = new Map(kept.map((t) => [t.type, t]));
    const columns = [
        { label: "objects", number: true, width: "110px", value: (t) => t.count, show: (t) => count(t.count) },
        { label: "tracked", minor: true, number: true, width: "100px", value: (t) => t.tracked, show: (t) => count(t.tracked), help: "known to the cyclic collector" },
        { label: "bytes", number: true, width: "110px", value: (t) => t.bytes, show: (t) => bytes(t.bytes) },
        { label: "share", number: true, width: "80px", value: (t) => t.bytes, show: (t) => percent(t.bytes, heap.bytes), search: false },
        { label: "keep together", number: true, width: "120px", value: (t) => of.get(t.type)?.bytes_retained ?? -1, show: (t) => (of.has(t.type) ? bytes(of.get(t.type).bytes_retained) : ""), help: "bytes that would die with all objects of the type", search: false },
        { label: "type", value: (t) => text(t.type), show: (t) => <code>{text(t.type)}</code> },
    ];
    return (
        <>
            <h2>Types</h2>
            <p class="lead">{count(heap.objects)} objects, {bytes(heap.bytes)}, of {count(heap.types.length)} types in the snapshot. Holders are known for {(100 * (heap.coverage ?? 0)).toFixed(2)} % of all bytes.</p>
            <Table label="Types" rows={heap.types} columns={columns} sort={{ column: 2, down: true }} height={620} chosen={heap.types.find((t) => t.type === query.type)} />
        </>
    );
}

// SPDX-License-Identifier: MIT
import { ownFrame, placeName, report } from "../data.js";
import { bytes, count, percent, plural, text } from "../format.js";
import { Facts } from "../parts/facts.jsx";
import { Sites } from "../parts/place.jsx";
import { savingKind, savingTitle } from "../savings.js";
import { Table } from "../parts/table.jsx";

const COLUMNS = [
    { label: "bytes", number: true, width: "95px", value: (s) => s.bytes, show: (s) => bytes(s.bytes), help: "saved by this alone" },
    { label: "added", minor: true, number: true, width: "95px", value: (s) => s.added_bytes, show: (s) => bytes(s.added_bytes), help: "saved on top of those above: these add up" },
    { label: "objects", number: true, width: "85px", value: (s) => s.objects, show: (s) => count(s.objects) },
    { label: "kind", width: "90px", value: (s) => s.kind },
    { label: "what", value: (s) => `${text(s.type)} ${text(s.what)}`, show: (s) => <code>{text(s.type)} {text(s.what)}</code> },
    { label: "made", value: (s) => placeName(ownFrame(s.site)), show: (s) => <span class="place">{placeName(ownFrame(s.site))}</span> },
];

export function Savings({ query }) {
    const { savings: s, heap } = report();
    const kinds = s.kinds.filter((k) => k.bytes);
    return (
        <>
            <h2>Savings</h2>
            <p class="lead">
                {s.entries.length ? `${bytes(s.bytes)} of ${bytes(heap.bytes)} (${percent(s.bytes, heap.bytes)}) could be saved, nothing counted twice` : "nothing worth the trouble"}
            </p>
            {kinds.length ? (
                <ul class="bars" aria-label="Savings by kind">
                    {kinds.sort((a, b) => b.bytes - a.bytes).map((k) => (
                        <li><span>{savingKind(k.kind)}</span><i style={{ width: `${(100 * k.bytes) / kinds[0].bytes}%` }} /><b>{bytes(k.bytes)}</b><small>{plural(k.objects, "object")}</small></li>
                    ))}
                </ul>
            ) : null}
            {s.entries.length ? (
                <Table label="Savings" rows={s.entries} columns={COLUMNS} chosen={s.entries[query.row ?? 0]} height={360} more={s.more ? `${count(s.more)} more are not listed` : null}
                    details={(e) => <>
                        <h3>{bytes(e.bytes)} by {savingTitle(e)}</h3>
                        <Facts rows={[["in sum", e.added_bytes < e.bytes ? `${bytes(e.added_bytes)}, the rest is saved by those with more already` : null], ["fix", text(e.fix, 600)]]} />
                        <Sites sites={[e]} />
                    </>} />
            ) : null}
            {s.small_bytes || s.foreign_bytes ? <p class="foot">{s.entries.length ? "Beside these" : "Not listed"}: {bytes(s.small_bytes)} in places too small to list, {bytes(s.foreign_bytes)} in code of the runtime and of libraries.</p> : null}
        </>
    );
}

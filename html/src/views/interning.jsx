// SPDX-License-Identifier: MIT
import { useState } from "preact/hooks";
import { ownFrame, placeName, report } from "../data.js";
import { bytes, count, percent, plural, text } from "../format.js";
import { Facts } from "../parts/facts.jsx";
import { Place, Sites, Source } from "../parts/place.jsx";
import { Table } from "../parts/table.jsx";

const ADVICE = { intern: "yes", maybe: "maybe", no: "no" };

const COLUMNS = [
    { label: "saves", number: true, width: "95px", value: (g) => g.net_bytes, show: (g) => bytes(g.net_bytes), help: "bytes saved by one copy of each value, tables deducted" },
    { label: "gross", minor: true, number: true, width: "95px", value: (g) => g.gross_bytes, show: (g) => bytes(g.gross_bytes) },
    { label: "copies", number: true, width: "80px", value: (g) => g.copies, show: (g) => count(g.copies) },
    { label: "distinct", minor: true, number: true, width: "80px", value: (g) => g.distinct, show: (g) => count(g.distinct) },
    { label: "worth it", width: "76px", value: (g) => ADVICE[g.advice], show: (g) => <span class={`advice a-${g.advice}`}>{ADVICE[g.advice]}</span> },
    { label: "values in holder", value: (g) => `${text(g.type)} in ${text(g.holder)}`, show: (g) => <code title={text(g.holder)}>{text(g.type)} in {text(g.holder)}</code> },
    { label: "made", value: (g) => placeName(ownFrame(g.sites[0]?.site)), show: (g) => <span class="place">{placeName(ownFrame(g.sites[0]?.site))}</span> },
];

const value = (type, e) => (e.value === null ? "?" : type === "str" || type === "bytes" ? `'${text(e.value, 90)}'` : text(e.value, 90));

const samePlace = (a, b) => a.file === b?.file && a.line === b?.line;

function Group({ group }) {
    return (
        <>
            <h3>{bytes(group.net_bytes)} by one copy of each {text(group.type)} in {text(group.holder)}</h3>
            <Facts rows={[
                ["copies", `${count(group.copies)}, ${count(group.distinct)} distinct${group.unique ? `; ${count(group.unique)} more are unique` : ""}; worth interning: ${ADVICE[group.advice]}`],
                ["bytes", `${bytes(group.gross_bytes)} gross; ${count(group.net_objects)} objects go${group.table_bytes ? `, ${bytes(group.table_bytes)} of it for the table` : ""}`],
                ["fix", text(group.fix, 600)],
                ["at", group.fix_at && <Place frame={group.fix_at} />],
                ["held", group.holders.length > 1 ? group.holders.map((h) => `${text(h.holder)} (${count(h.copies)})`).join(", ") : null],
                ["values", group.examples.length ? group.examples.map((e) => `${value(group.type, e)} (${count(e.copies)})`).join(", ") : null],
            ]} />
            {group.fix_at && !samePlace(group.fix_at, ownFrame(group.sites[0]?.site)) ? <Source frame={group.fix_at} /> : null}
            <h4>Made</h4>
            <Sites sites={group.sites} />
        </>
    );
}

const REMADE = [
    { label: "bytes", number: true, width: "100px", value: (p) => p.bytes, show: (p) => bytes(p.bytes) },
    { label: "objects", number: true, width: "100px", value: (p) => p.objects, show: (p) => `~${count(p.objects)}` },
    { label: "again", number: true, width: "80px", value: (p) => p.again / p.samples, show: (p) => percent(p.again, p.samples), help: "share of the samples there whose value had been made before" },
    { label: "values", value: (p) => p.values.map((v) => v.value).join(" "), show: (p) => p.values.slice(0, 3).map((v) => value("str", v)).join(", ") },
    { label: "made", value: (p) => placeName(ownFrame(p.site)), show: (p) => <span class="place">{placeName(ownFrame(p.site))}</span> },
];

export function Interning() {
    const { interning: n, heap } = report();
    const [all, setAll] = useState(!n.groups.some((g) => g.advice !== "no"));
    const rows = all ? n.groups : n.groups.filter((g) => g.advice !== "no");
    const no = n.groups.filter((g) => g.advice === "no").length;
    return (
        <>
            <h2>Interning savings</h2>
            <p class="lead">
                {n.groups.length
                    ? `${count(n.copies)} objects have one of ${count(n.distinct)} values; one object for each would save ${bytes(n.net_bytes)} (${percent(n.net_bytes, heap.bytes)} of the heap), the tables of them already deducted${n.advised_bytes ? `; those that are worth it ${bytes(n.advised_bytes)} together` : ""}`
                    : "none: no two objects have equal values"}
            </p>
            {no && no < n.groups.length ? (
                <div class="chips">
                    <button aria-pressed={all} onClick={() => setAll(!all)}>with those not worth the trouble ({count(no)})</button>
                </div>
            ) : no ? <p class="foot">none of these groups is worth the trouble</p> : null}
            {rows.length ? (
                <Table key={all} label="Equal values" rows={rows} columns={COLUMNS} sort={{ column: 0, down: true }} chosen={rows[0]} height={380}
                    details={(g) => <Group group={g} />} more={n.more ? `${plural(n.more, "more group")} not listed` : null} />
            ) : null}
            {n.remade.places.length ? (
                <section>
                    <h2>Made again and again, and dropped</h2>
                    <p class="lead">estimates from {count(n.remade.samples)} samples, one in {bytes(n.remade.every)} of allocation; no snapshot has these strings</p>
                    <Table label="Values made again and again" rows={n.remade.places} columns={REMADE} sort={{ column: 0, down: true }} height={260}
                        details={(p) => <>
                            <Facts rows={[["fix", "look it up instead of making it: by the bytes or the key it is made from, with a dict or functools.lru_cache"],
                                ["values", p.values.map((v) => `${value("str", v)} (${count(v.samples)})`).join(", ")]]} />
                            <Sites sites={[p]} />
                        </>} />
                </section>
            ) : null}
        </>
    );
}

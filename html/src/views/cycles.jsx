// SPDX-License-Identifier: MIT
import { useEffect, useRef, useState } from "preact/hooks";
import { report } from "../data.js";
import { pathText } from "../findings.js";
import { bytes, count, duration, percent, plural, text } from "../format.js";
import { CycleGraph } from "../parts/cyclegraph.jsx";
import { Facts } from "../parts/facts.jsx";
import { Pattern } from "../parts/pattern.jsx";
import { Sites } from "../parts/place.jsx";
import { Table } from "../parts/table.jsx";

const types = (list) => list.map((t) => `${count(t.count)} ${text(t.type)} ${bytes(t.bytes)}`).join(", ");

function cutText(group) {
    if (!group.break) return null;
    const others = group.break.others?.length ? ` (and ${group.break.others.map((o) => `${o.type} ${o.edge}`).join(", ")})` : "";
    return text(`${group.break.type} ${group.break.edge}${others}: ${group.break.reason}`, 600);
}

function Group({ group, rank, open, id }) {
    const self = useRef(null);
    const [shown, setShown] = useState(open);
    useEffect(() => {
        if (open) {
            setShown(true);
            self.current.scrollIntoView({ block: "start" });
        }
    }, [open]);
    return (
        <details class="group card" id={id} ref={self} open={shown} onToggle={(event) => setShown(event.currentTarget.open)}>
            <summary>
                <span class="rank">#{rank}</span>
                <span class="headline">
                    <b>{plural(group.count, "cycle")}, {plural(group.objects, "object")}, {bytes(group.bytes)}</b>
                    <span class={`verdict v-${group.verdict.toLowerCase()}`}>{group.verdict}</span>
                    {group.new ? <span class="verdict v-new">NEW since the baseline</span> : null}
                    <code class="path">{pathText(group.path)}</code>
                </span>
            </summary>
            {shown ? (
                <>
                    <CycleGraph group={group} />
                    {group.path_length > group.path.length ? <p class="foot">{group.path_length} steps; shown are the first {group.path.length}.</p> : null}
                    <Facts rows={[
                        ["why", text(group.reason, 600)],
                        ["cut", cutText(group)],
                        ["hint", group.hint && text(group.hint, 600)],
                        ["pattern", group.pattern && <Pattern id={group.pattern} />],
                        ["members", types(group.members)],
                        ["below", group.holds.length ? types(group.holds) : null],
                        ["each", group.count > 1 ? `${bytes(group.bytes_each)} on average${group.age === null ? "" : `, the oldest about ${duration(group.age)} old`}` : null],
                        ["age", group.count === 1 && group.age !== null ? `about ${duration(group.age)}` : null],
                        ["signature", <code>{group.signature}</code>],
                        ["examples", group.examples.length ? <code>ouro refs RUN {group.examples[0].address}</code> : null],
                    ]} />
                    <h3>Made</h3>
                    <Sites sites={group.sites} />
                </>
            ) : null}
        </details>
    );
}

function Held({ group, rank, open, id }) {
    return (
        <details class="group card" id={id} open={open}>
            <summary>
                <span class="rank">#{rank}</span>
                <span class="headline">
                    <b>{count(group.count)} {text(group.type)} {group.count === 1 ? "object" : "objects"} with {plural(group.references, "unknown reference")}, {bytes(group.bytes)} kept alive</b>
                </span>
            </summary>
            <Facts rows={[
                ["why", text(group.reason, 600)],
                ["but", group.reachable ? `${count(group.reachable)} of them are also kept by something known` : null],
                ["hint", text(group.hint, 600)],
                ["pattern", group.pattern && <Pattern id={group.pattern} />],
            ]} />
            <h3>Made</h3>
            <Sites sites={[group]} />
        </details>
    );
}

const PENDING = [
    { label: "bytes", number: true, width: "90px", value: (g) => g.bytes, show: (g) => bytes(g.bytes) },
    { label: "cycles", number: true, width: "80px", value: (g) => g.count, show: (g) => count(g.count) },
    { label: "path", value: (g) => pathText(g.path), show: (g) => <code>{pathText(g.path)}</code> },
];

const SHOWN = 20;

export function Cycles({ query }) {
    const { cycles, heap, cycle_kinds: kinds, cycle_groups: groups, pending_groups: waiting } = report();
    const [all, setAll] = useState(false);
    const leaking = cycles.groups.map((g, i) => [g, i]).filter(([g]) => !g.pending);
    const pending = cycles.groups.filter((g) => g.pending);
    const wanted = query.group;
    const shown = all ? leaking : leaking.filter(([, i], rank) => rank < SHOWN || `c${i}` === wanted);
    return (
        <>
            <h2>Leaked cycles</h2>
            <p class="lead">
                {cycles.count
                    ? `${count(cycles.objects)} unreachable objects and what hangs below them, ${bytes(cycles.bytes)} (${percent(cycles.bytes, heap.bytes)} of the heap), in ${plural(cycles.count, "cycle")} of ${plural(kinds, "kind")}`
                    : "none: every object is reachable from something alive"}
            </p>
            {cycles.shared_bytes || cycles.loose_bytes ? (
                <p class="foot">of these bytes, {bytes(cycles.shared_bytes)} hang below cycles of several kinds{cycles.loose_bytes ? `, or were dying: ${bytes(cycles.loose_bytes)}` : ""} and are in no figure below</p>
            ) : null}
            {shown.map(([group, index], rank) => (
                <Group key={index} id={`c${index}`} group={group} rank={rank + 1} open={wanted ? wanted === `c${index}` : rank === 0} />
            ))}
            {leaking.length > shown.length ? <button class="plain" onClick={() => setAll(true)}>Show all {count(leaking.length)} kinds</button> : null}
            {groups > cycles.groups.length ? <p class="foot">{count(cycles.groups.length)} of {count(groups)} kinds are in this page.</p> : null}
            {pending.length ? (
                <section>
                    <h3>Waiting for the collector</h3>
                    <p>{plural(cycles.pending_count, "cycle")} of {plural(waiting, "kind")}, {bytes(cycles.pending_bytes)}, only wait for the collector, which is on and will free them:</p>
                    <Table label="Cycles that wait for the collector" rows={pending} columns={PENDING} sort={{ column: 0, down: true }} height={300}
                        details={(g) => <><CycleGraph group={g} /><Sites sites={g.sites} /></>} />
                </section>
            ) : null}
            {cycles.held.groups.length ? (
                <section>
                    <h2>Leaked references</h2>
                    <p class="lead">{count(cycles.held.objects)} objects, {bytes(cycles.held.bytes)}, are alive only because of references that nothing known owns</p>
                    {cycles.held.groups.map((group, index) => <Held id={`h${index}`} group={group} rank={index + 1} open={wanted === `h${index}` || index === 0} />)}
                </section>
            ) : null}
        </>
    );
}

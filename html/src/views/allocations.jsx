// SPDX-License-Identifier: MIT
import { innermost, ownFrame, placeName, report } from "../data.js";
import { bytes, count, percent, text } from "../format.js";
import { Facts } from "../parts/facts.jsx";
import { Histogram } from "../parts/histogram.jsx";
import { Place, Sites } from "../parts/place.jsx";
import { Table } from "../parts/table.jsx";

const place = (s) => placeName(innermost(s.site));
const about = () => (report().churn.estimated ? "~" : "");

const COLUMNS = [
    { label: "objects", number: true, width: "100px", value: (s) => s.allocations, show: (s) => about() + count(s.allocations) },
    { label: "bytes", number: true, width: "95px", value: (s) => s.bytes, show: (s) => about() + bytes(s.bytes) },
    { label: "left", minor: true, number: true, width: "85px", value: (s) => s.alive + s.deaths.shutdown, show: (s) => count(s.alive + s.deaths.shutdown), help: "alive when the runtime began to shut down" },
    { label: "died young", number: true, width: "95px", value: (s) => s.short_bytes, show: (s) => bytes(s.short_bytes), help: "bytes of objects that died soon after their birth" },
    { label: "by collector", minor: true, number: true, width: "100px", value: (s) => s.deaths.collector, show: (s) => count(s.deaths.collector) },
    { label: "type", width: "minmax(90px, 0.7fr)", value: (s) => text(s.type), show: (s) => <code>{text(s.type)}</code> },
    { label: "place", value: (s) => `${place(s)} ${text(innermost(s.site)?.name ?? "")}`, show: (s) => <Place frame={innermost(s.site)} /> },
];

export function Allocations() {
    const { churn: c, churn_most: most } = report();
    return (
        <>
            <h2>Allocations</h2>
            <p class="lead">
                {count(c.allocations)} objects, {bytes(c.bytes)} since the start; {percent(c.short_lived, c.allocations)} died within {bytes(c.within)} of allocation
                {c.estimated ? " (estimates from a sample)" : ""}. Beside them {count(c.plain_allocations)} blocks of plain memory, {bytes(c.plain_bytes)}.
            </p>
            <Table label="Allocations by place and type" rows={c.sites} columns={COLUMNS} sort={{ column: 1, down: true }}
                more={c.sites.length === most ? `the ${count(most)} places with most bytes` : null}
                details={(s) => <>
                    <h3>{count(s.allocations)} {text(s.type)}, {bytes(s.bytes)}</h3>
                    <Facts rows={[
                        ["deaths", `${count(s.deaths.refcount)} by reference count, ${count(s.deaths.collector)} by the collector, ${count(s.deaths.shutdown)} at shutdown`],
                        ["lifetime", s.lifetime.p50 ? `half died before the program had allocated another ${bytes(s.lifetime.p50)}, 99 in 100 before ${bytes(s.lifetime.p99)}` : null],
                        ["advice", s.advice && text(s.advice, 600)],
                    ]} />
                    <Histogram buckets={s.lifetime.histogram} />
                    <Sites sites={[s]} />
                    {ownFrame(s.site) ? null : <p class="foot">no Python frame was there, or the block is older than the recording</p>}
                </>} />
        </>
    );
}

// SPDX-License-Identifier: MIT
import { fileName, placeName, report } from "../data.js";
import { bytes, count, duration, plural, text } from "../format.js";
import { Facts } from "../parts/facts.jsx";
import { Source } from "../parts/place.jsx";
import { Table } from "../parts/table.jsx";

// Files of tests are named from the working directory, as others are.
const testName = (t) => {
    const [file, ...rest] = t.name.split("::");
    return rest.length ? `${fileName(file)}::${text(rest.join("::"), 300)}` : text(t.name);
};

const ORDER = ["clean", "warm-up", "kept", "cycles", "leaks"];

const COLUMNS = [
    { label: "verdict", width: "90px", value: (t) => ORDER.indexOf(t.verdict), text: (t) => t.verdict, number: false, show: (t) => <span class={`verdict t-${t.verdict}`}>{t.verdict}</span> },
    { label: "leaked", number: true, width: "90px", value: (t) => t.leaked_bytes, show: (t) => bytes(t.leaked_bytes) },
    { label: "alive", minor: true, number: true, width: "90px", value: (t) => t.alive_bytes, show: (t) => bytes(t.alive_bytes) },
    { label: "cycles", minor: true, number: true, width: "80px", value: (t) => t.cycles, show: (t) => count(t.cycles) },
    { label: "collected", minor: true, number: true, width: "90px", value: (t) => t.collected, show: (t) => count(t.collected), help: "objects of its garbage that the collector freed" },
    { label: "allocated", number: true, width: "100px", value: (t) => t.bytes_allocated, show: (t) => bytes(t.bytes_allocated) },
    { label: "time", number: true, width: "90px", value: (t) => t.duration, show: (t) => duration(t.duration) },
    { label: "test", width: "minmax(200px, 2.5fr)", value: testName, show: (t) => <code title={text(t.name, 2000)}>{testName(t)}</code> },
];

const REMAINS = [
    { label: "verdict", width: "90px", value: (r) => r.verdict },
    { label: "objects", number: true, width: "90px", value: (r) => r.objects, show: (r) => count(r.objects) },
    { label: "bytes", number: true, width: "90px", value: (r) => r.bytes, show: (r) => bytes(r.bytes) },
    { label: "type", value: (r) => text(r.type), show: (r) => <code>{text(r.type)}</code> },
    { label: "holder", value: (r) => text(r.holder ?? ""), show: (r) => <code>{text(r.holder ?? "")}</code> },
    { label: "made", value: (r) => placeName(r), show: (r) => <span class="place">{placeName(r)}</span> },
];

export function Tests({ query }) {
    const { tests } = report();
    return (
        <>
            <h2>Tests</h2>
            <p class="lead">{plural(tests.count, "test")}: {ORDER.slice().reverse().map((v) => `${count(tests[v.replace("-", "_")])} ${v}`).join(", ")}</p>
            <Table label="Tests" rows={tests.units} columns={COLUMNS} sort={{ column: 0, down: true }} height={420} chosen={tests.units[query.test] ?? tests.units.find((t) => t.verdict === "leaks")}
                details={(t) => <>
                    <h3>{testName(t)}</h3>
                    <Facts rows={[
                        ["left", `${plural(t.alive, "object")}, ${bytes(t.alive_bytes)}${t.cycles ? `; ${plural(t.cycles, "cycle")}, ${bytes(t.cycle_bytes)}` : ""}${t.collected ? `; the collector freed ${count(t.collected)}` : ""}`],
                        ["peak", t.peak_bytes ? bytes(t.peak_bytes) : null],
                        ["run", t.runs > 1 ? `${t.run} of ${t.runs}` : null],
                    ]} />
                    {t.remains.length ? <Table label="What it left" rows={t.remains} columns={REMAINS} height={240} details={(r) => <Source frame={r} />} /> : null}
                </>} />
        </>
    );
}

// SPDX-License-Identifier: MIT
import { ownFrame, placeName, report } from "../data.js";
import { growthTitle, nativeGrowthTitle, pathText } from "../findings.js";
import { bytes, count, plural, rate, text } from "../format.js";
import { Facts } from "../parts/facts.jsx";
import { NativeStack } from "../parts/nativestack.jsx";
import { Pattern } from "../parts/pattern.jsx";
import { Place, Sites } from "../parts/place.jsx";
import { Steps } from "../parts/steps.jsx";
import { Table } from "../parts/table.jsx";

const MEMBERS = [
    { label: "type", value: (m) => text(m.type), show: (m) => <code>{text(m.type)}</code> },
    { label: "alive", number: true, width: "90px", value: (m) => m.alive, show: (m) => count(m.alive) },
    { label: "grown", number: true, width: "90px", value: (m) => m.grown, show: (m) => count(m.grown) },
    { label: "bytes", number: true, width: "100px", value: (m) => m.grown_bytes, show: (m) => bytes(m.grown_bytes) },
    { label: "made by", value: (m) => `${placeName(m)} ${text(m.function)}`, show: (m) => <span class="place">{placeName(m)} {text(m.function)}</span> },
];

function Suspect({ group }) {
    const first = group.growth[0], last = group.growth.at(-1);
    let rises = 0;
    group.growth.forEach((p, i) => { if (i && p.count > group.growth[i - 1].count) rises++; });
    return (
        <>
            <h3>{growthTitle(group)}</h3>
            {first ? <Steps points={group.growth} /> : null}
            <Facts rows={[
                ["grows", first && `${count(first.count)} to ${count(last.count)} alive, more in ${rises} of ${group.growth.length - 1} stretches of the run · ${rate(group.rate.count_per_second)}/s, ${bytes(group.rate.bytes_per_second)}/s in all · ${rate(group.rate.count_per_mib)} for each MiB allocated`],
                ["holder", group.container && `${count(group.container.entries)} ${text(group.container.entry)} in ${text(group.container.type)}; with those since the warm-up ${bytes(group.bytes)} would die`],
                ["path", group.path.length ? <code>{pathText(group.path, false)}</code> : null],
                ["pattern", group.pattern && <Pattern id={group.pattern} />],
                ["fix", text(group.hint, 600)],
                ["signature", <code>{group.signature}</code>],
            ]} />
            <h4>Made</h4>
            <Sites sites={group.sites} />
            {group.members.length > 1 ? <><h4>With it</h4><Table label="What grows with it" rows={group.members} columns={MEMBERS} sort={{ column: 3, down: true }} height={240} /></> : null}
        </>
    );
}

function NativeSuspect({ suspect }) {
    const first = suspect.growth[0], last = suspect.growth.at(-1), about = suspect.estimated ? "~" : "";
    let rises = 0;
    suspect.growth.forEach((p, i) => { if (i && p.bytes > suspect.growth[i - 1].bytes) rises++; });
    return (
        <>
            <h3>{nativeGrowthTitle(suspect)}</h3>
            <Facts rows={[
                ["grows", `${about}${bytes(first.bytes)} to ${about}${bytes(last.bytes)} alive, more in ${rises} of ${suspect.growth.length - 1} stretches of the run · ${about}${bytes(suspect.rate.bytes_per_second)}/s, ${about}${rate(suspect.rate.count_per_second)} blocks/s`],
                ["signature", <code>{suspect.signature}</code>],
            ]} />
            <NativeStack site={suspect} />
        </>
    );
}

const NATIVE_COLUMNS = [
    { label: "bytes", number: true, width: "100px", value: (s) => s.alive_bytes, show: (s) => `${s.estimated ? "~" : ""}${bytes(s.alive_bytes)}` },
    { label: "per second", number: true, width: "110px", value: (s) => s.rate.bytes_per_second, show: (s) => `${bytes(s.rate.bytes_per_second)}/s` },
    { label: "native memory", value: nativeGrowthTitle, show: (s) => <code title={nativeGrowthTitle(s)}>{nativeGrowthTitle(s)}</code> },
    { label: "Python", value: (s) => placeName(ownFrame(s.site)), show: (s) => <Place frame={ownFrame(s.site)} /> },
];

const COLUMNS = [
    { label: "bytes", number: true, width: "100px", value: (g) => g.bytes, show: (g) => bytes(g.bytes) },
    { label: "alive", minor: true, number: true, width: "90px", value: (g) => g.count, show: (g) => count(g.count) },
    { label: "per second", number: true, width: "110px", value: (g) => g.rate.bytes_per_second, show: (g) => `${bytes(g.rate.bytes_per_second)}/s` },
    { label: "suspect", value: growthTitle, show: (g) => <code title={growthTitle(g)}>{growthTitle(g)}</code> },
    { label: "made", value: (g) => placeName(ownFrame(g.sites[0]?.site)), show: (g) => <Place frame={ownFrame(g.sites[0]?.site)} /> },
];

export function Growth({ query }) {
    const { leaks, lists_most: most } = report();
    return (
        <>
            <h2>Leaks (growth suspects)</h2>
            <p class="lead">
                {!leaks.points && !leaks.native.length
                    ? "the run is too short to tell what grows"
                    : leaks.groups.length
                        ? `${plural(leaks.groups.length, "suspect")}: alive, referred to, and more and more of it for as long as the program ran`
                        : leaks.native.length ? "no objects grew from the warm-up to the end" : "nothing grew from the warm-up to the end"}
            </p>
            {leaks.groups.length ? (
                <Table label="Growth suspects" rows={leaks.groups} columns={COLUMNS} height={260} chosen={leaks.groups[query.group ?? 0] ?? leaks.groups[0]}
                    details={(group) => <Suspect key={group.signature} group={group} />} more={leaks.groups.length === most ? `at most ${count(most)} are listed` : null} />
            ) : null}
            {leaks.native.length ? (
                <section>
                    <h3>Native memory that grows</h3>
                    <Table label="Native memory that grows" rows={leaks.native} columns={NATIVE_COLUMNS} height={200} chosen={leaks.native[query.native ?? 0] ?? leaks.native[0]}
                        details={(suspect) => <NativeSuspect key={suspect.signature} suspect={suspect} />} />
                </section>
            ) : null}
        </>
    );
}

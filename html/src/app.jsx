// SPDX-License-Identifier: MIT
// The shell: what is reported, the views there are, and the one that is shown.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { block, isDiff, report } from "./data.js";
import { count, text } from "./format.js";
import { findings } from "./findings.js";
import { leakedForCertain } from "./native.js";
import { useRoute } from "./router.js";
import { Allocations } from "./views/allocations.jsx";
import { Changes } from "./views/changes.jsx";
import { Collector } from "./views/collector.jsx";
import { Cycles } from "./views/cycles.jsx";
import { Flame } from "./views/flame.jsx";
import { Growth } from "./views/growth.jsx";
import { Interning } from "./views/interning.jsx";
import { Native } from "./views/native.jsx";
import { Overview } from "./views/overview.jsx";
import { Retained } from "./views/retained.jsx";
import { Savings } from "./views/savings.jsx";
import { Tests } from "./views/tests.jsx";
import { Timeline } from "./views/timeline.jsx";
import { Types } from "./views/types.jsx";

function reportViews() {
    const r = report();
    const leaked = r.cycles.groups.filter((g) => !g.pending).length + r.cycles.held.groups.length;
    const worth = r.interning.groups.filter((g) => g.advice !== "no").length;
    const views = [
        ["overview", "Overview", Overview, findings().length],
        ["cycles", "Leaked cycles", Cycles, leaked],
        ["leaks", "Growth suspects", Growth, r.leaks.groups.length + r.leaks.native.length],
        ["flame", "Flame graph", Flame],
        ["treemap", "Retained sizes", Retained],
        ["interning", "Interning", Interning, worth],
        ["savings", "Savings", Savings, r.savings.entries.length],
        ["timeline", "Live memory over time", Timeline],
        ["allocations", "Allocations", Allocations],
        ["collector", "Collector", Collector],
        ["types", "Types", Types, r.heap.types.length],
        ["native", "Native memory", Native, leakedForCertain() ? r.native.leaks.length : 0],
    ];
    if (r.tests.count) views.push(["tests", "Tests", Tests, r.tests.count]);
    return views;
}

function diffViews() {
    const views = [["changes", "Changes", Changes, block("diff").changes.length]];
    if (block("calls")) views.push(["flame", "Flame graph", Flame]);
    return views;
}

const ICONS = { auto: "◐", light: "☀", dark: "☾" };

// The theme stands in the page's root, whether it was chosen or is the system's.
function useTheme(theme) {
    useLayoutEffect(() => {
        const media = matchMedia("(prefers-color-scheme: dark)");
        const show = (name) => {
            document.documentElement.dataset.theme = name;
            dispatchEvent(new Event("themechange"));
        };
        const apply = () => show(theme === "auto" ? (media.matches ? "dark" : "light") : theme);
        const paper = () => show("light");
        apply();
        media.addEventListener("change", apply);
        addEventListener("beforeprint", paper);
        addEventListener("afterprint", apply);
        return () => {
            media.removeEventListener("change", apply);
            removeEventListener("beforeprint", paper);
            removeEventListener("afterprint", apply);
        };
    }, [theme]);
}

function ThemeButton() {
    const [theme, setTheme] = useState("auto");
    useTheme(theme);
    const next = { auto: "dark", dark: "light", light: "auto" }[theme];
    return (
        <button class="theme" onClick={() => setTheme(next)} aria-label={`Colours: ${theme}. Change to ${next}`} title={`Colours: ${theme}`}>
            <span aria-hidden="true">{ICONS[theme]}</span>
        </button>
    );
}

function ReportHead() {
    const r = report();
    const process = r.run.processes.length > 1 ? ` · process ${r.run.pid} of ${r.run.processes.length}` : ` · process ${r.run.pid}`;
    return (
        <div class="what">
            <h1 title={text(r.run.argv.join(" "), 4000)}>{text(r.run.argv.map((a) => a.split("/").pop() || a).join(" "), 160) || "a run"}</h1>
            <p>
                {r.run.runtime}
                {process}
                {r.start ? ` · ${new Date(r.start * 1000).toLocaleString("en-GB")}` : ""}
                {r.run.exit_status === null ? "" : ` · exit status ${r.run.exit_status}`}
                {` · allocation sites ${r.run.stacks}`}
            </p>
        </div>
    );
}

function DiffHead() {
    const d = block("diff");
    return (
        <div class="what">
            <h1>Two runs compared</h1>
            <p>
                <b>before</b> {text(d.before.runs.join(", "), 300)} · <b>after</b> {text(d.after.runs.join(", "), 300)}
            </p>
        </div>
    );
}

function Notices() {
    const list = isDiff() ? [...block("diff").before.notices, ...block("diff").after.notices] : report().run.notices;
    if (!list.length) return null;
    return (
        <aside class="notices" aria-label="Notices">
            {list.map((notice) => <p>NOTE: {text(notice, 2000)}</p>)}
        </aside>
    );
}

export function App() {
    const [views] = useState(() => (isDiff() ? diffViews() : reportViews()));
    const { view, query } = useRoute();
    const main = useRef(null);
    const first = useRef(true);
    const current = views.find(([id]) => id === view) ?? views[0];
    const View = current[2];
    useEffect(() => {
        document.title = `${current[1]} – ouro${isDiff() ? " diff" : ""}`;
        if (!first.current) main.current.focus({ preventScroll: true });
        first.current = false;
        document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
        scrollTo(0, 0);
    }, [current[0]]);
    const step = (event) => {
        const move = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
        if (!move) return;
        event.preventDefault();
        const links = [...event.currentTarget.querySelectorAll("a")];
        const at = links.indexOf(document.activeElement);
        links[(at + move + links.length) % links.length].focus();
    };
    return (
        <>
            <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current.focus(); }}>Skip to the view</a>
            <header>
                <div class="mark" aria-hidden="true">ouro</div>
                {isDiff() ? <DiffHead /> : <ReportHead />}
                <ThemeButton />
            </header>
            <div class="columns">
                <nav aria-label="Views" onKeyDown={step}>
                    {views.map(([id, title, , number]) => (
                        <a href={`#${id}`} aria-current={id === current[0] ? "page" : undefined}>
                            {title}
                            {number ? <span class="number">{count(number)}</span> : null}
                        </a>
                    ))}
                </nav>
                <main id="main" ref={main} tabIndex={-1} aria-label={current[1]}>
                    <Notices />
                    <View key={current[0]} query={query} />
                </main>
            </div>
        </>
    );
}

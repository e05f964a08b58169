// SPDX-License-Identifier: MIT
// A table of which only the rows in sight exist: columns sort, a word filters, arrow keys walk, and the
// chosen row has its details below. columns: {label, value(row), show(row), number, width, search, minor};
// minor ones are left out where there is little room.
import { Virtualizer, elementScroll, observeElementOffset, observeElementRect } from "@tanstack/virtual-core";
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { count } from "../format.js";

const ROW = 30;
const PRINTED = 300;
const NARROW = "(max-width: 980px)";

function useRows(rows, columns, sort, word) {
    return useMemo(() => {
        const wanted = word.trim().toLowerCase();
        const kept = wanted
            ? rows.filter((row) => columns.some((c) => c.search !== false && String(c.text ? c.text(row) : c.value(row)).toLowerCase().includes(wanted)))
            : rows.slice();
        if (sort) {
            const { value } = columns[sort.column];
            const keys = new Map(kept.map((row) => [row, value(row)]));
            kept.sort((a, b) => {
                const x = keys.get(a), y = keys.get(b);
                const order = typeof x === "number" || typeof y === "number" ? (x ?? -1) - (y ?? -1) : String(x).localeCompare(String(y));
                return sort.down ? -order : order;
            });
        }
        return kept;
    }, [rows, columns, sort, word]);
}

function useVirtual(shown, scroller) {
    const [, redraw] = useReducer((n) => n + 1, 0);
    const options = {
        count: shown,
        getScrollElement: () => scroller.current,
        estimateSize: () => ROW,
        overscan: 12,
        scrollToFn: elementScroll,
        observeElementRect,
        observeElementOffset,
        onChange: redraw,
    };
    const [virtual] = useState(() => new Virtualizer(options));
    virtual.setOptions(options);
    useLayoutEffect(() => virtual._didMount(), []);
    useLayoutEffect(() => virtual._willUpdate());
    return virtual;
}

function useNarrow() {
    const [narrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
    useEffect(() => {
        const media = matchMedia(NARROW), changed = () => setNarrow(media.matches);
        media.addEventListener("change", changed);
        return () => media.removeEventListener("change", changed);
    }, []);
    return narrow;
}

function usePrinting() {
    const [printing, setPrinting] = useState(false);
    useEffect(() => {
        const media = matchMedia("print");
        const changed = () => setPrinting(media.matches);
        const before = () => setPrinting(true), after = () => setPrinting(false);
        media.addEventListener("change", changed);
        addEventListener("beforeprint", before);
        addEventListener("afterprint", after);
        return () => {
            media.removeEventListener("change", changed);
            removeEventListener("beforeprint", before);
            removeEventListener("afterprint", after);
        };
    }, []);
    return printing;
}

export function Table({ label, rows, columns, sort: sorted, details, chosen: first, height = 480, filter = true, more }) {
    const [sort, setSort] = useState(sorted ?? null);
    const [word, setWord] = useState("");
    const [chosen, setChosen] = useState(first ?? null);
    const scroller = useRef(null);
    const printing = usePrinting();
    const shown = useRows(rows, columns, sort, word);
    const virtual = useVirtual(shown.length, scroller);
    const at = chosen ? shown.indexOf(chosen) : -1;
    // Narrower than this it scrolls sideways: a cut name is no use.
    const narrow = useNarrow();
    const seen = columns.filter((c) => !(narrow && c.minor));
    const narrowest = seen.reduce((sum, c) => sum + 16 + (/^\d+px$/.test(c.width ?? "") ? parseInt(c.width, 10) : c.number ? 90 : 210), 24);
    const template = seen.map((c) => c.width ?? "minmax(0, 1fr)").join(" ");
    useEffect(() => {
        if (first && at >= 0) virtual.scrollToIndex(at, { align: "center" });
    }, []);
    const choose = (index) => {
        const next = Math.max(0, Math.min(shown.length - 1, index));
        setChosen(shown[next]);
        virtual.scrollToIndex(next);
    };
    const key = (event) => {
        const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 300) / ROW) - 2);
        const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? 0 : at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: shown.length - 1 }[event.key];
        if (to === undefined || !shown.length) return;
        event.preventDefault();
        choose(to);
    };
    const click = (index) => {
        const number = columns[index].number;
        setSort(sort?.column === index ? { column: index, down: !sort.down } : { column: index, down: !!number });
    };
    const row = (item, index, style) => (
        <div class={`row${item === chosen ? " chosen" : ""}`} role="row" id={`row-${index}`} aria-rowindex={index + 2} aria-selected={item === chosen}
            style={{ ...style, gridTemplateColumns: template }} onClick={() => setChosen(item === chosen && !details ? null : item)}>
            {seen.map((c) => <span role="gridcell" class={c.number ? "number" : ""}>{c.show ? c.show(item) : c.value(item)}</span>)}
        </div>
    );
    const items = virtual.getVirtualItems();
    return (
        <div class="table">
            {filter && rows.length > 8 ? (
                <div class="tools">
                    <input type="search" placeholder="Filter" aria-label={`Filter ${label}`} value={word} onInput={(event) => setWord(event.currentTarget.value)} />
                    <span class="of" role="status">{word ? `${count(shown.length)} of ${count(rows.length)}` : count(rows.length)} rows</span>
                </div>
            ) : null}
            <div role="grid" aria-label={label} aria-rowcount={shown.length + 1} class="grid" onKeyDown={key} tabIndex={0}
                aria-activedescendant={at >= 0 ? `row-${at}` : undefined}>
                <div class="row head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template, minWidth: `${narrowest}px` }}>
                    {seen.map((c) => [c, columns.indexOf(c)]).map(([c, index]) => (
                        <span role="columnheader" class={c.number ? "number" : ""} title={c.help}
                            aria-sort={sort?.column === index ? (sort.down ? "descending" : "ascending") : "none"}>
                            <button tabIndex={-1} onClick={() => click(index)}>
                                {c.label}
                                <i aria-hidden="true">{sort?.column === index ? (sort.down ? " ▾" : " ▴") : ""}</i>
                            </button>
                        </span>
                    ))}
                </div>
                {printing ? (
                    <div>{shown.slice(0, PRINTED).map((item, index) => row(item, index, {}))}{shown.length > PRINTED ? <p>and {count(shown.length - PRINTED)} more rows</p> : null}</div>
                ) : (
                    <div class="scroll" ref={scroller} style={{ minWidth: `${narrowest}px`, height: `${Math.min(height, Math.max(1, shown.length) * ROW + 2)}px` }}>
                        <div style={{ height: `${virtual.getTotalSize()}px`, position: "relative" }}>
                            {items.map((v) => (shown[v.index] ? row(shown[v.index], v.index, { transform: `translateY(${v.start}px)`, position: "absolute" }) : null))}
                        </div>
                        {shown.length ? null : <p class="empty">nothing matches</p>}
                    </div>
                )}
            </div>
            {more ? <p class="foot">{more}</p> : null}
            {details && chosen ? <section class="details card" aria-label="Details of the chosen row">{details(chosen)}</section> : null}
        </div>
    );
}

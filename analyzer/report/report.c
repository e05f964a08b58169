/* SPDX-License-Identifier: MIT */
#include "report/report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/precision.h"
#include "text/human.h"
#include "text/utf8.h"

#define NOTICES_MAX 64u

__attribute__((format(printf, 2, 3))) static int notice(struct report *report, const char *format,
                                                        ...)
{
    char text[1024];
    va_list arguments;
    if (report->notice_count == NOTICES_MAX)
        return 0;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t length = strlen(text);
    if (length == sizeof text - 1) /* it may have been cut inside a character */
        length = utf8_whole(text, length - 4);
    const char *copy = arena_copy(report->arena, text, length);
    if (!copy)
        return -1;
    report->notices[report->notice_count++] = copy;
    return 0;
}

/* What is wrong with the trace as a file. */
static int notice_trace(struct report *report)
{
    const struct process *p = report->process;
    if (p->truncated &&
        notice(report, "%s is cut: its last %s are not a whole chunk and are not in this report",
               p->file, human_bytes(p->bytes - p->bytes_used).text) < 0)
        return -1;
    if (p->chunks_damaged &&
        notice(report, "%s has %s damaged chunk(s): what they held is missing here", p->file,
               human_count(p->chunks_damaged).text) < 0)
        return -1;
    if (p->chunks_missing && notice(report, "%s lacks %s chunk(s): what they held is missing here",
                                    p->file, human_count(p->chunks_missing).text) < 0)
        return -1;
    if (!p->ended &&
        notice(report,
               "the recording has no end: the program was killed or still runs; what happened "
               "after the last chunk is not known") < 0)
        return -1;
    for (uint32_t n = 0; n < p->note_count; n++) {
        bool lost = p->notes[n].code == OURO_NOTE_TRACER_LOST;
        if (notice(report, "note of the recorder%s%s%s: %s", lost ? " (approximate from +" : "",
                   lost ? human_duration(p->notes[n].time).text : "", lost ? " on)" : "",
                   p->notes[n].text) < 0)
            return -1;
    }
    return 0;
}

static int notice_snapshot(struct report *report)
{
    static const char *const what[] = {
        [OURO_SNAPSHOT_COMPLETE] = "",
        [OURO_SNAPSHOT_TIME_BOUND] = "it reached its time bound",
        [OURO_SNAPSHOT_MEMORY_BOUND] = "it reached its memory bound",
        [OURO_SNAPSHOT_FAULT] = "it met a fault",
    };
    const struct process *p = report->process;
    const struct snapshot *s = report->snapshot;
    if (!s)
        return notice(report,
                      p->snapshot_count
                          ? "the snapshot is incomplete: objects, cycles and interning are unknown"
                          : "there is no snapshot: objects, cycles and interning are unknown");
    const struct snapshot *last = &p->snapshots[p->snapshot_count - 1];
    if (last != s && !last->whole &&
        notice(report, "snapshot %" PRIu32 " is incomplete; this report is of snapshot %" PRIu32,
               last->number, s->number) < 0)
        return -1;
    if (s->status == OURO_SNAPSHOT_COMPLETE)
        return 0;
    return notice(report, "the snapshot is incomplete: %s%s%s",
                  s->status < sizeof what / sizeof *what ? what[s->status] : "reason not known",
                  *s->text ? ": " : "", s->text);
}

static int notice_residuals(struct report *report)
{
    const struct garbage *g = &report->garbage;
    if (!g->negative_count)
        return 0;
    if (notice(report,
               "%s object(s) have more references than their reference count: a type reports "
               "references it does not own, or the snapshot is wrong",
               human_count(g->negative_count).text) < 0)
        return -1;
    for (uint32_t n = 0; n < g->negative_listed && n < 4; n++) {
        const struct residual *r = &g->negative[n];
        if (notice(report, "    %s at 0x%" PRIx64 ": count %" PRIu32 ", references %" PRIu32,
                   report->snapshot->types[report->snapshot->type[r->object]].name,
                   report->snapshot->address[r->object], r->refcount, r->references) < 0)
            return -1;
    }
    return 0;
}

static int notice_run(struct report *report)
{
    for (uint32_t n = 0; n < report->run->problem_count; n++) {
        if (notice(report, "not read: %s", report->run->problems[n]) < 0)
            return -1;
    }
    for (uint32_t n = 0; n < report->run->process_count; n++) {
        const struct process *p = &report->run->processes[n];
        if (p == report->process)
            continue;
        if (!process_last_snapshot(p) &&
            notice(report, "process %" PRIu64 " has no whole snapshot", p->pid) < 0)
            return -1;
        if ((p->truncated || p->chunks_damaged || p->chunks_missing) &&
            notice(report, "the trace of process %" PRIu64 " is cut or damaged", p->pid) < 0)
            return -1;
    }
    return 0;
}

bool report_process_truncated(const struct process *process)
{
    return process->truncated || !process->ended || process->chunks_damaged ||
           process->chunks_missing;
}

const char *report_stacks(const struct process *process)
{
    if (process->sample)
        return "sampled";
    bool lost = precision_lost(process) != PRECISION_KEPT;
    return lost || (process->flags & OURO_PROCESS_APPROXIMATE) ? "approximate" : "exact";
}

/* What every report begins with. */
static int begin(const struct run *run, const struct process *process, struct report *report)
{
    *report = (struct report){.run = run, .process = process, .arena = arena_new()};
    if (!report->arena)
        return -1;
    report->notices = arena_alloc(report->arena, NOTICES_MAX, sizeof *report->notices);
    report->snapshot = process_last_snapshot(process);
    report->truncated = report_process_truncated(process);
    report->damaged = process->chunks_damaged || process->chunks_missing || run->problem_count;
    native_sites_total(process, &report->native);
    return report->notices ? site_table_build(process, &report->sites) : -1;
}

/* The same, and the heap of the snapshot if there is one: its types, what of it is dead, its bytes. */
static int begin_heap(const struct run *run, const struct process *process, struct report *report)
{
    if (begin(run, process, report) < 0)
        return -1;
    const struct snapshot *s = report->snapshot;
    if (s && (type_order_build(s, &report->order) < 0 || garbage_find(s, &report->garbage) < 0 ||
              heap_measure(s, &report->order, &report->garbage, &report->heap) < 0))
        return -1;
    report->damaged |= report->garbage.negative_count != 0;
    return 0;
}

/* What is to be known of the trace and of that heap. */
static int notice_heap(struct report *report)
{
    return notice_trace(report) < 0 || notice_snapshot(report) < 0 || notice_residuals(report) < 0
               ? -1
               : 0;
}

static int ledger(struct report *report, uint64_t within)
{
    return row_types_find(report->process, report->snapshot, &report->types) < 0 ||
                   churn_sum(&report->types, &report->sites, within, &report->churn) < 0 ||
                   collector_sum(report->process, report->snapshot, &report->churn,
                                 &report->collector) < 0
               ? -1
               : 0;
}

/* After the ledger. */
static int shapes(struct report *report)
{
    return shapes_find(report->process, &report->sites, &report->churn, report->collector.run_time,
                       report->collector.all.runs, &report->shapes);
}

/* Entries of the list of a whole report. */
#define RETAINED_MOST 100u

/* The lists of what keeps the heap alive; types only for the whole report (by is the object then). */
static int retention(struct report *report, enum retained_by by, uint32_t most, bool types)
{
    const struct snapshot *s = report->snapshot;
    struct retained retained;
    int status = retained_find(s, &report->garbage, &retained);
    if (!status)
        status = by == RETAINED_BY_OBJECT
                     ? retained_objects(s, &report->garbage, &retained, most, report->arena,
                                        &report->retained)
                     : retained_groups(s, &report->order, &report->sites, &retained, by, most,
                                       report->arena, &report->retained);
    if (!status && types)
        status = retained_groups(s, &report->order, &report->sites, &retained, RETAINED_BY_TYPE,
                                 most, report->arena, &report->retained_types);
    retained_free(&retained);
    return status;
}

static const struct interning_query all_values = {INTERNING_BY_HOLDER, NULL, 0};

/* What of native memory grows, up to the snapshot as of objects. */
static int native_growth(struct report *report)
{
    if (!report->process->native_sample)
        return 0;
    report->symbols = symbols_open(report->process);
    return report->symbols ? native_growth_find(report->process, &report->sites, report->snapshot,
                                                report->symbols, &report->native_growth)
                           : -1;
}

int report_build(const struct run *run, const struct process *process, struct report *report)
{
    if (begin_heap(run, process, report) < 0 ||
        remade_find(process, &report->sites, &report->remade) < 0)
        return -1;
    const struct snapshot *s = report->snapshot;
    if (s && (cycles_find(process, s, &report->order, &report->sites, &report->garbage,
                          &report->cycles) < 0 ||
              interning_find(process, s, &report->order, &report->sites, &report->garbage,
                             report->heap.bytes, &all_values, &report->interning) < 0 ||
              retention(report, RETAINED_BY_OBJECT, RETAINED_MOST, true) < 0))
        return -1;
    if (ledger(report, CHURN_WITHIN) < 0 || shapes(report) < 0 ||
        timeline_build(&report->types, &report->sites, &report->timeline) < 0 ||
        growth_find(&report->types, &report->sites, s, &report->garbage, &report->growth) < 0 ||
        native_growth(report) < 0 ||
        units_find(process, s, &report->order, &report->sites, &report->garbage, &report->units) <
            0)
        return -1;
    return notice_heap(report) < 0 || notice_run(report) < 0 ? -1 : 0;
}

int report_build_ledger(const struct run *run, const struct process *process, uint64_t within,
                        struct report *report)
{
    if (begin(run, process, report) < 0 || ledger(report, within) < 0 || shapes(report) < 0)
        return -1;
    return notice_trace(report) < 0 || notice_run(report) < 0 ? -1 : 0;
}

int report_build_profile(const struct run *run, const struct process *process,
                         struct report *report)
{
    if (begin_heap(run, process, report) < 0)
        return -1;
    const struct snapshot *s = report->snapshot;
    if ((s && cycles_find(process, s, &report->order, &report->sites, &report->garbage,
                          &report->cycles) < 0) ||
        ledger(report, CHURN_WITHIN) < 0 ||
        timeline_build(&report->types, &report->sites, &report->timeline) < 0)
        return -1;
    return notice_heap(report);
}

int report_build_cycles(const struct run *run, const struct process *process, struct report *report)
{
    if (begin_heap(run, process, report) < 0)
        return -1;
    const struct snapshot *s = report->snapshot;
    if (s && cycles_find(process, s, &report->order, &report->sites, &report->garbage,
                         &report->cycles) < 0)
        return -1;
    if (process->shapes_limit && (ledger(report, CHURN_WITHIN) < 0 || shapes(report) < 0))
        return -1;
    return notice_heap(report);
}

int report_build_retained(const struct run *run, const struct process *process, enum retained_by by,
                          uint32_t most, struct report *report)
{
    if (begin_heap(run, process, report) < 0)
        return -1;
    if (report->snapshot && retention(report, by, most, false) < 0)
        return -1;
    return notice_heap(report);
}

int report_build_interning(const struct run *run, const struct process *process,
                           const struct interning_query *query, struct report *report)
{
    if (begin_heap(run, process, report) < 0 ||
        remade_find(process, &report->sites, &report->remade) < 0)
        return -1;
    const struct snapshot *s = report->snapshot;
    if (s && interning_find(process, s, &report->order, &report->sites, &report->garbage,
                            report->heap.bytes, query, &report->interning) < 0)
        return -1;
    return notice_heap(report);
}

int report_build_savings(const struct run *run, const struct process *process,
                         struct report *report)
{
    if (report_build_interning(run, process, &all_values, report) < 0)
        return -1;
    if (!report->snapshot)
        return 0;
    return savings_find(process, report->snapshot, &report->order, &report->sites, &report->garbage,
                        &report->interning, &report->savings);
}

int report_build_leaks(const struct run *run, const struct process *process, struct report *report)
{
    if (begin_heap(run, process, report) < 0)
        return -1;
    const struct snapshot *s = report->snapshot;
    if (row_types_find(process, s, &report->types) < 0 ||
        growth_find(&report->types, &report->sites, s, &report->garbage, &report->growth) < 0 ||
        native_growth(report) < 0)
        return -1;
    return notice_heap(report);
}

int report_build_tests(const struct run *run, const struct process *process, struct report *report)
{
    if (begin_heap(run, process, report) < 0)
        return -1;
    const struct snapshot *s = report->snapshot;
    if (units_find(process, s, &report->order, &report->sites, &report->garbage, &report->units) <
        0)
        return -1;
    return notice_heap(report);
}

int report_build_rss(const struct run *run, const struct process *process, struct report *report)
{
    if (begin(run, process, report) < 0)
        return -1;
    return notice_trace(report) < 0 || notice_snapshot(report) < 0 ? -1 : 0;
}

int report_add_native(struct report *report)
{
    if (!report->symbols)
        report->symbols = symbols_open(report->process);
    if (!report->symbols ||
        native_sites_find(report->process, report->symbols, &report->native) < 0)
        return -1;
    return native_leaks_find(report->process, report->snapshot, report->symbols,
                             &report->native_leaks);
}

int report_build_native(const struct run *run, const struct process *process, struct report *report)
{
    if (begin(run, process, report) < 0 || report_add_native(report) < 0)
        return -1;
    return notice_trace(report);
}

void report_free(struct report *report)
{
    type_order_free(&report->order);
    site_table_free(&report->sites);
    garbage_free(&report->garbage);
    heap_free(&report->heap);
    cycles_free(&report->cycles);
    interning_free(&report->interning);
    savings_free(&report->savings);
    remade_free(&report->remade);
    row_types_free(&report->types);
    timeline_free(&report->timeline);
    growth_free(&report->growth);
    native_growth_free(&report->native_growth);
    units_free(&report->units);
    churn_free(&report->churn);
    collector_free(&report->collector);
    shapes_free(&report->shapes);
    native_sites_free(&report->native);
    native_leaks_free(&report->native_leaks);
    symbols_close(report->symbols);
    arena_free(report->arena);
    *report = (struct report){0};
}

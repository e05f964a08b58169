/* SPDX-License-Identifier: MIT */
/*
 * The report of one process of a run: all analyses of its last whole snapshot and of its ledger, and
 * what is missing from the data. A plain result that the writers (text, JSON, summary) print.
 */
#ifndef OURO_ANALYZER_REPORT_H
#define OURO_ANALYZER_REPORT_H

#include <stdio.h>

#include "analysis/churn.h"
#include "analysis/collector.h"
#include "analysis/heap.h"
#include "analysis/interning.h"
#include "analysis/native_leaks.h"
#include "analysis/native_sites.h"
#include "analysis/remade.h"
#include "analysis/retained.h"
#include "analysis/savings.h"
#include "analysis/shapes.h"
#include "analysis/timeline.h"
#include "cycles/cycles.h"
#include "growth/growth.h"
#include "growth/native_growth.h"
#include "report/place_numbers.h"
#include "units/units.h"

struct report {
    const struct run *run;
    const struct process *process;
    const struct snapshot *snapshot; /* NULL: there is none, and what needs one is empty */
    struct type_order order;
    struct site_table sites;
    struct garbage garbage;
    struct heap heap;
    struct cycles cycles;
    struct interning interning;
    struct remade remade;
    struct savings savings; /* `ouro savings` only */
    struct growth growth;
    struct native_growth native_growth;
    struct units units;                  /* tests, if it ran some */
    struct retained_list retained;       /* what keeps most of the heap alive */
    struct retained_list retained_types; /* of the whole report: types that do */
    struct row_types types;
    struct timeline timeline;
    struct churn churn;
    struct collector collector;
    struct shapes shapes;             /* of the whole report, the ledger's and that of cycles */
    struct symbols *symbols;          /* of native code; NULL: they were not needed */
    struct native_sites native;       /* totals, and stacks by report_add_native() */
    struct native_leaks native_leaks; /* by report_add_native() */
    /* What is not complete or not consistent, one sentence each. */
    const char **notices;
    uint32_t notice_count;
    bool truncated; /* the recording has no proper end, or parts of it are lost */
    bool damaged;   /* chunks are damaged or missing, or reference counts do not add up */
    struct place_numbers *numbers; /* JSON refers to places by these; NULL: it has whole stacks */
    struct arena *arena;
};

/* Returns 0, or -1 without memory; released by report_free() either way. The run must outlive it. */
int report_build(const struct run *run, const struct process *process, struct report *report);
/*
 * The same of the ledger only: churn, collector, and what they need. Lives below `within` bytes of
 * allocation count as short.
 */
int report_build_ledger(const struct run *run, const struct process *process, uint64_t within,
                        struct report *report);
/* The same of what a profile by call stack is made of: heap, leaked cycles, allocations, and live
 * memory over time. */
int report_build_profile(const struct run *run, const struct process *process,
                         struct report *report);
/* The same of leaked cycles only. */
int report_build_cycles(const struct run *run, const struct process *process,
                        struct report *report);
/* The same of what keeps the heap alive only, with at most `most` entries. */
int report_build_retained(const struct run *run, const struct process *process, enum retained_by by,
                          uint32_t most, struct report *report);
/* The same of equal values only. */
int report_build_interning(const struct run *run, const struct process *process,
                           const struct interning_query *query, struct report *report);
/* The same of all that could be saved. */
int report_build_savings(const struct run *run, const struct process *process,
                         struct report *report);
/* The same of growth suspects only. */
int report_build_leaks(const struct run *run, const struct process *process, struct report *report);
/* The same of tests only. */
int report_build_tests(const struct run *run, const struct process *process, struct report *report);
/* The same of the resident memory only. */
int report_build_rss(const struct run *run, const struct process *process, struct report *report);
/* Adds native memory and its leaks by stack to a report; without it there are only totals. Returns 0, or -1
 * without memory. */
int report_add_native(struct report *report);
/* A report of native memory only. */
int report_build_native(const struct run *run, const struct process *process,
                        struct report *report);
void report_free(struct report *report);

/* Whether the recording of a process has no proper end, or parts of it are lost. */
bool report_process_truncated(const struct process *process);

/* How far allocation sites can be relied on: "exact", "approximate" (blocks recycled by free lists keep
 * their first site) or "sampled". */
const char *report_stacks(const struct process *process);

/* How many items of each list are printed: a number, or as many as make sense, or all. */
#define REPORT_DEFAULT 0u
#define REPORT_ALL UINT32_MAX

/*
 * The report for people: 80 columns. path is what the run was called on the command line; utf8 says
 * whether arrows and dots beyond ASCII may be used.
 */
void report_text(FILE *out, const struct report *report, const char *path, uint32_t top, bool utf8);

/* The report for programs: docs/report.schema.json. Returns 0, or -1 without memory or when out does
 * not take it. */
int report_json(FILE *out, const struct report *report, uint32_t top);

/*
 * Sections that have commands of their own: `ouro churn` and `ouro gc`. As JSON they are the same
 * sub-trees as in the report, { "churn": … }, { "gc": … }. All return 0, or -1 as above.
 */
int report_churn_text(FILE *out, const struct report *report, const char *path, uint32_t top,
                      bool utf8);
int report_churn_json(FILE *out, const struct report *report, uint32_t top);
int report_gc_text(FILE *out, const struct report *report, const char *path, uint32_t top,
                   bool utf8);
int report_gc_json(FILE *out, const struct report *report, uint32_t top);

/* `ouro retained`, likewise. */
void report_retained_text(FILE *out, const struct report *report, const char *path, uint32_t top,
                          bool utf8);
int report_retained_json(FILE *out, const struct report *report, uint32_t top);
/* By object: the paths to them as a graph. */
void report_retained_dot(FILE *out, const struct report *report, uint32_t top);

/* `ouro leaks`, likewise. The text is of one suspect in full when there is but one and `full`. */
void report_leaks_text(FILE *out, const struct report *report, const char *path, uint32_t top,
                       bool full, bool utf8);
int report_leaks_json(FILE *out, const struct report *report, uint32_t top);

/* `ouro tests`, likewise: those that left something, or all in their order. */
void report_tests_text(FILE *out, const struct report *report, const char *path, uint32_t top,
                       bool all, bool utf8);
int report_tests_json(FILE *out, const struct report *report, uint32_t top);

/*
 * `ouro cycles`, likewise; the groups of report->cycles are printed, pending ones last. The text is of
 * one group in full when there is but one and `full`.
 */
void report_cycles_text(FILE *out, const struct report *report, const char *path, uint32_t top,
                        bool full, bool utf8);
void report_cycles_markdown(FILE *out, const struct report *report, const char *path, uint32_t top);
void report_cycles_dot(FILE *out, const struct report *report, uint32_t top);
int report_cycles_json(FILE *out, const struct report *report, uint32_t top);

/* `ouro intern`, likewise; the text has all groups if `all`, else those that are worth it. */
void report_interning_text(FILE *out, const struct report *report, const char *path, uint32_t top,
                           bool all, bool utf8);
int report_interning_json(FILE *out, const struct report *report, uint32_t top);

/* `ouro rss`, likewise: { "native": … }. */
void report_rss_text(FILE *out, const struct report *report, const char *path, bool utf8);
int report_rss_json(FILE *out, const struct report *report);

/* `ouro native`, likewise. */
void report_native_text(FILE *out, const struct report *report, const char *path, uint32_t top,
                        bool utf8);
int report_native_json(FILE *out, const struct report *report, uint32_t top);

/* `ouro savings`, likewise. */
void report_savings_text(FILE *out, const struct report *report, const char *path, uint32_t top,
                         bool utf8);
int report_savings_json(FILE *out, const struct report *report, uint32_t top);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The live heap over time: its size at the end of every epoch, its composition by line and type at the
 * highest of these points, and how the largest parts of that grew. Between epochs the heap may have
 * been larger: the recorder ends one after a few MiB of allocation, or a share of what was allocated
 * so far.
 *
 * Types are those of analysis/row_types.h. Where a row has several, its blocks are shared out by how
 * many of each type it made over the whole run.
 */
#ifndef OURO_ANALYZER_TIMELINE_H
#define OURO_ANALYZER_TIMELINE_H

#include "analysis/row_types.h"
#include "model/lines.h"

/* Blocks and bytes alive. */
struct live {
    uint64_t blocks, bytes;
};

struct live_site {
    uint32_t site;    /* 0: not known */
    const char *type; /* NULL: not known; PLAIN_MEMORY: no object */
    struct live live;
};

struct live_line {
    struct live_site total; /* site: that with most bytes; type: NULL for LINE_IMPORT */
    uint32_t line;          /* of timeline.lines */
};

struct live_type {
    const char *type;
    struct live live;
};

/* Live bytes of one type, or one line, at every point. */
struct live_series {
    uint32_t number; /* of by_type or by_line */
    uint64_t *bytes; /* one for each epoch */
};
#define TIMELINE_SERIES 8u

struct timeline {
    uint32_t count; /* points: the process's epochs */
    struct live *points;
    uint32_t peak;         /* number of the highest point, NO_ID if there is none */
    struct live accounted; /* of it: what the lines below hold */
    struct live resting;   /* the rest: blocks in free lists of the runtime */
    /* Composition of the peak, most bytes first. */
    struct live_site *sites;
    uint32_t site_count;
    struct lines lines; /* of sites */
    struct live_line *by_line;
    struct live_type *by_type;
    uint32_t type_count;
    /* The largest of by_type and by_line over time. */
    struct live_series type_series[TIMELINE_SERIES], line_series[TIMELINE_SERIES];
    uint32_t type_series_count, line_series_count;
};

/* What stands for the type of memory that is no object: tables of dicts and lists, and the like. */
extern const char *const PLAIN_MEMORY;

/* Returns 0, or -1 without memory; released by timeline_free() either way. */
int timeline_build(const struct row_types *types, const struct site_table *sites,
                   struct timeline *timeline);
void timeline_free(struct timeline *timeline);

#endif

/* SPDX-License-Identifier: MIT */
#include "analysis/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "model/epoch_changes.h"
#include "model/estimate.h"

const char *const PLAIN_MEMORY = "(plain memory)";

struct key {
    const char *type;
    uint32_t site, padding;
};
_Static_assert(sizeof(struct key) == 16, "keys are compared as bytes");

/* The part of a row's bytes that belongs to a type and a line with a series; -1: to none. */
struct part {
    double share;
    int type_series, line_series;
};

struct work {
    const struct process *process;
    const struct row_types *types;
    const struct site_table *sites;
    struct timeline *timeline;
    struct live *rows; /* row → alive at the peak */
    /* The types of the row at hand. */
    const char **type;
    uint64_t *weight, *blocks, *bytes;
    uint32_t room;
    struct key_table keys;
    uint32_t site_room;
    uint32_t *part_first; /* row → its parts; row_count + 2 entries */
    struct part *parts;
    uint32_t part_count, part_room;
};

/* Loads the types of a row and how much each counts; false: no memory. */
static bool row_load(struct work *w, uint32_t row, uint32_t *count)
{
    const struct row_type *items = row_types_of(w->types, row, count);
    uint32_t need = *count ? *count : 1;
    if (need > w->room) {
        w->room = need * 2;
        free(w->type);
        free(w->weight);
        free(w->blocks);
        free(w->bytes);
        w->type = malloc(w->room * sizeof *w->type);
        w->weight = malloc(w->room * sizeof *w->weight);
        w->blocks = malloc(w->room * sizeof *w->blocks);
        w->bytes = malloc(w->room * sizeof *w->bytes);
        if (!w->type || !w->weight || !w->blocks || !w->bytes)
            return false;
    }
    for (uint32_t k = 0; k < *count; k++) {
        w->type[k] = items[k].type;
        w->weight[k] = row_type_deaths(&items[k]) + items[k].alive;
    }
    if (!*count) {
        w->type[0] = w->process->rows[row].flags & OURO_ROW_OBJECT ? NULL : PLAIN_MEMORY;
        w->weight[0] = 1;
        *count = 1;
    }
    return true;
}

static bool points_make(struct work *w)
{
    const struct process *p = w->process;
    struct timeline *t = w->timeline;
    t->points = calloc((size_t)p->epoch_count + 1, sizeof *t->points);
    if (!t->points)
        return false;
    t->count = p->epoch_count;
    t->peak = NO_ID;
    for (uint32_t e = 0; e < t->count; e++) {
        t->points[e] = (struct live){estimate_whole(p, p->epochs[e].live_blocks),
                                     estimate_whole(p, p->epochs[e].live_bytes)};
        if (t->peak == NO_ID || p->epochs[e].live_bytes > p->epochs[t->peak].live_bytes)
            t->peak = e;
    }
    return true;
}

/* Adds the changes up to the peak. What never should be negative may be after damage. */
static bool rows_at_peak(struct work *w)
{
    const struct process *p = w->process;
    uint64_t rows = (uint64_t)p->row_count + 1;
    w->rows = calloc(rows, sizeof *w->rows);
    if (!w->rows)
        return false;
    for (uint32_t e = 0; w->timeline->peak != NO_ID && e <= w->timeline->peak; e++) {
        struct row_changes changes = row_changes_of(p, e);
        struct row_change change;
        while (row_changes_next(&changes, &change)) {
            w->rows[change.row].blocks += (uint64_t)change.blocks;
            w->rows[change.row].bytes += (uint64_t)change.bytes;
        }
    }
    for (uint64_t r = 0; r < rows; r++) {
        if ((int64_t)w->rows[r].blocks < 0 || (int64_t)w->rows[r].bytes < 0)
            w->rows[r] = (struct live){0};
    }
    return true;
}

static bool site_add(struct work *w, uint32_t site, const char *type, struct live live)
{
    struct key key = {type, site, 0};
    struct timeline *t = w->timeline;
    uint32_t number;
    if (!key_table_add(&w->keys, &key, &number))
        return false;
    if (number == w->site_room) {
        uint32_t room = w->site_room ? w->site_room * 2 : 256;
        struct live_site *sites = realloc(t->sites, room * sizeof *sites);
        if (!sites)
            return false;
        t->sites = sites;
        w->site_room = room;
    }
    if (number == t->site_count)
        t->sites[t->site_count++] = (struct live_site){site, type, {0}};
    t->sites[number].live.blocks += live.blocks;
    t->sites[number].live.bytes += live.bytes;
    return true;
}

static int live_compare(const struct live *a, const struct live *b)
{
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    return (a->blocks < b->blocks) - (a->blocks > b->blocks);
}

static int site_order(const struct live_site *a, const struct live_site *b, const void *process)
{
    int order = live_compare(&a->live, &b->live);
    if (!order)
        order = site_compare(a->site, b->site, process);
    return order ? order : strcmp(a->type ? a->type : "", b->type ? b->type : "");
}

static int sites_compare(const void *left, const void *right, void *process)
{
    return site_order(left, right, process);
}

static int lines_compare(const void *left, const void *right, void *process)
{
    const struct live_line *a = left, *b = right;
    return site_order(&a->total, &b->total, process);
}

static int types_compare(const void *left, const void *right)
{
    const struct live_type *a = left, *b = right;
    int order = live_compare(&a->live, &b->live);
    return order ? order : strcmp(a->type ? a->type : "", b->type ? b->type : "");
}

/* What is alive at the peak by site and type, and what of it no row accounts for. */
static bool sites_sum(struct work *w)
{
    const struct process *p = w->process;
    struct timeline *t = w->timeline;
    struct live all = {0};
    for (uint32_t r = 0; r <= p->row_count; r++) {
        uint32_t count, site = site_table_of_row(w->sites, r);
        if (!w->rows[r].blocks && !w->rows[r].bytes)
            continue;
        if (!row_load(w, r, &count))
            return false;
        estimate_share(w->rows[r].blocks, w->weight, count, w->blocks);
        estimate_share(w->rows[r].bytes, w->weight, count, w->bytes);
        for (uint32_t k = 0; k < count; k++) {
            struct live live = {w->blocks[k], w->bytes[k]};
            if ((live.blocks || live.bytes) && !site_add(w, site, w->type[k], live))
                return false;
        }
        all.blocks += w->rows[r].blocks;
        all.bytes += w->rows[r].bytes;
    }
    for (uint32_t s = 0; s < t->site_count; s++)
        t->sites[s].live = (struct live){estimate_whole(p, t->sites[s].live.blocks),
                                         estimate_whole(p, t->sites[s].live.bytes)};
    if (t->peak != NO_ID) {
        const struct epoch *peak = &p->epochs[t->peak];
        if (peak->live_blocks > all.blocks && peak->live_bytes >= all.bytes)
            t->resting = (struct live){estimate_whole(p, peak->live_blocks - all.blocks),
                                       estimate_whole(p, peak->live_bytes - all.bytes)};
    }
    t->accounted = (struct live){estimate_whole(p, all.blocks), estimate_whole(p, all.bytes)};
    if (t->site_count)
        qsort_r(t->sites, t->site_count, sizeof *t->sites, sites_compare, (void *)p);
    return true;
}

/* The same by line. */
static bool lines_sum(struct work *w)
{
    struct timeline *t = w->timeline;
    struct place *places = malloc(((size_t)t->site_count + 1) * sizeof *places);
    bool ok = places != NULL;
    for (uint32_t s = 0; ok && s < t->site_count; s++)
        places[s] = (struct place){t->sites[s].site, t->sites[s].type};
    ok = ok && lines_make(w->sites, places, t->site_count, &t->lines) == 0;
    free(places);
    t->by_line = calloc((size_t)t->lines.count + 1, sizeof *t->by_line);
    if (!ok || !t->by_line)
        return false;
    for (uint32_t l = 0; l < t->lines.count; l++) {
        const struct line *line = &t->lines.items[l];
        const struct live_site *most = &t->sites[t->lines.members[line->first]];
        struct live_site *total = &t->by_line[l].total;
        t->by_line[l].line = l;
        total->site = most->site;
        total->type = line->kind == LINE_IMPORT ? NULL : most->type;
        for (uint32_t m = 0; m < line->count; m++) {
            const struct live *more = &t->sites[t->lines.members[line->first + m]].live;
            total->live.blocks += more->blocks;
            total->live.bytes += more->bytes;
        }
    }
    qsort_r(t->by_line, t->lines.count, sizeof *t->by_line, lines_compare, (void *)w->process);
    return true;
}

/* The same by type. */
static bool types_sum(struct work *w)
{
    struct timeline *t = w->timeline;
    struct key_table types;
    bool ok = false;
    key_table_init(&types, sizeof(const char *));
    t->by_type = calloc((size_t)t->site_count + 1, sizeof *t->by_type);
    if (!t->by_type)
        goto out;
    for (uint32_t s = 0; s < t->site_count; s++) {
        uint32_t number;
        if (!key_table_add(&types, &t->sites[s].type, &number))
            goto out;
        t->by_type[number].type = t->sites[s].type;
        t->by_type[number].live.blocks += t->sites[s].live.blocks;
        t->by_type[number].live.bytes += t->sites[s].live.bytes;
    }
    t->type_count = types.count;
    qsort(t->by_type, t->type_count, sizeof *t->by_type, types_compare);
    ok = true;
out:
    key_table_free(&types);
    return ok;
}

static bool part_add(struct work *w, struct part part)
{
    if (w->part_count == w->part_room) {
        uint32_t room = w->part_room ? w->part_room * 2 : 1024;
        struct part *parts = realloc(w->parts, room * sizeof *parts);
        if (!parts)
            return false;
        w->parts = parts;
        w->part_room = room;
    }
    w->parts[w->part_count++] = part;
    return true;
}

/* Which rows, and what share of each, belong to the lines and types that have a series. */
static bool parts_make(struct work *w)
{
    const struct timeline *t = w->timeline;
    w->part_first = calloc((size_t)w->process->row_count + 2, sizeof *w->part_first);
    if (!w->part_first)
        return false;
    for (uint32_t r = 0; r <= w->process->row_count; r++) {
        uint32_t count;
        double sum = 0;
        if (!row_load(w, r, &count))
            return false;
        for (uint32_t k = 0; k < count; k++)
            sum += (double)w->weight[k];
        for (uint32_t k = 0; k < count; k++) {
            struct place place = {site_table_of_row(w->sites, r), w->type[k]};
            struct part part = {sum > 0 ? (double)w->weight[k] / sum : 0, -1, -1};
            uint32_t line = lines_find(&t->lines, place);
            for (uint32_t i = 0; i < t->type_series_count; i++) {
                if (t->by_type[t->type_series[i].number].type == place.type)
                    part.type_series = (int)i;
            }
            for (uint32_t i = 0; i < t->line_series_count; i++) {
                if (t->by_line[t->line_series[i].number].line == line)
                    part.line_series = (int)i;
            }
            if ((part.type_series >= 0 || part.line_series >= 0) && !part_add(w, part))
                return false;
        }
        w->part_first[r + 1] = w->part_count;
    }
    return true;
}

static bool series_begin(struct live_series *series, uint32_t *count, uint32_t groups,
                         uint32_t points)
{
    for (; *count < groups && *count < TIMELINE_SERIES; ++*count) {
        series[*count].number = *count;
        series[*count].bytes = calloc((size_t)points + 1, sizeof *series->bytes);
        if (!series[*count].bytes)
            return false;
    }
    return true;
}

static uint64_t rounded(const struct process *process, double bytes)
{
    double whole = bytes / (process->unit > 1 ? process->unit : 1) + 0.5;
    return whole >= 1 && whole < 0x1p63 ? (uint64_t)whole : 0;
}

static bool series_fill(struct work *w)
{
    struct timeline *t = w->timeline;
    double types[TIMELINE_SERIES] = {0}, lines[TIMELINE_SERIES] = {0};
    if (!series_begin(t->type_series, &t->type_series_count, t->type_count, t->count) ||
        !series_begin(t->line_series, &t->line_series_count, t->lines.count, t->count) ||
        !parts_make(w))
        return false;
    for (uint32_t e = 0; e < t->count; e++) {
        struct row_changes changes = row_changes_of(w->process, e);
        struct row_change change;
        while (row_changes_next(&changes, &change)) {
            for (uint32_t i = w->part_first[change.row]; i < w->part_first[change.row + 1]; i++) {
                const struct part *part = &w->parts[i];
                double bytes = part->share * (double)change.bytes;
                if (part->type_series >= 0)
                    types[part->type_series] += bytes;
                if (part->line_series >= 0)
                    lines[part->line_series] += bytes;
            }
        }
        for (uint32_t i = 0; i < t->type_series_count; i++)
            t->type_series[i].bytes[e] = rounded(w->process, types[i]);
        for (uint32_t i = 0; i < t->line_series_count; i++)
            t->line_series[i].bytes[e] = rounded(w->process, lines[i]);
    }
    return true;
}

int timeline_build(const struct row_types *types, const struct site_table *sites,
                   struct timeline *timeline)
{
    struct work w = {
        .process = types->process, .types = types, .sites = sites, .timeline = timeline};
    *timeline = (struct timeline){.peak = NO_ID};
    key_table_init(&w.keys, sizeof(struct key));
    bool ok = points_make(&w) && rows_at_peak(&w) && sites_sum(&w) && lines_sum(&w) &&
              types_sum(&w) && series_fill(&w);
    free(w.rows);
    free(w.type);
    free(w.weight);
    free(w.blocks);
    free(w.bytes);
    free(w.part_first);
    free(w.parts);
    key_table_free(&w.keys);
    return ok ? 0 : -1;
}

void timeline_free(struct timeline *timeline)
{
    for (uint32_t i = 0; i < TIMELINE_SERIES; i++) {
        free(timeline->type_series[i].bytes);
        free(timeline->line_series[i].bytes);
    }
    free(timeline->points);
    free(timeline->sites);
    free(timeline->by_line);
    free(timeline->by_type);
    lines_free(&timeline->lines);
    *timeline = (struct timeline){0};
}

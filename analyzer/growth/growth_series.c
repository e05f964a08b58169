/* SPDX-License-Identifier: MIT */
#include "growth/growth_series.h"

#include <stdlib.h>
#include <string.h>

#include "model/epoch_changes.h"
#include "structure/tally.h"

/* The part of a row that belongs to a line. */
struct part {
    uint32_t line;
    double share;
};

/* A bare name, and how many types of the snapshot end with it. */
struct bare {
    const char *name;
    uint32_t type, types;
};

struct work {
    const struct process *process;
    const struct row_types *types;
    const struct site_table *sites;
    const struct snapshot *snapshot;
    struct growth_series *series;
    struct bare *bare; /* by name */
    uint32_t bare_count;
    struct tally seen;    /* objects of the snapshot by row and type */
    uint32_t *part_first; /* row → its parts; row_count + 2 entries */
    struct part *parts;   /* as places */
    uint32_t part_count, part_room;
    double *count, *bytes; /* alive now, by line */
};

static int name_compare(const void *left, const void *right)
{
    return strcmp(left, *(const char *const *)right);
}

static int bare_compare(const void *left, const void *right)
{
    const struct bare *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    return order ? order : (a->type > b->type) - (a->type < b->type);
}

static int bare_find(const void *name, const void *bare)
{
    return strcmp(name, ((const struct bare *)bare)->name);
}

/*
 * One pointer for each name, those of the dead included. What dies while the interpreter shuts down is
 * only known by its bare name: its module is gone. Bare names of one type only stand for that type.
 */
static int names_find(struct work *w)
{
    const struct snapshot *s = w->snapshot;
    if (!s)
        return 0;
    w->series->type_names = calloc((size_t)s->type_count + 1, sizeof *w->series->type_names);
    w->bare = malloc(((size_t)s->type_count + 1) * sizeof *w->bare);
    if (!w->series->type_names || !w->bare)
        return -1;
    w->series->type_names[0] = "";
    for (uint32_t t = 1; t <= s->type_count; t++) {
        const char *name = s->types[t].name, *dot = strrchr(name, '.');
        const char *const *found = bsearch(name, w->types->names, w->types->name_count,
                                           sizeof *w->types->names, name_compare);
        w->series->type_names[t] = found ? *found : name;
        w->bare[t - 1] = (struct bare){dot ? dot + 1 : name, t, 1};
    }
    qsort(w->bare, s->type_count, sizeof *w->bare, bare_compare);
    for (uint32_t i = 0; i < s->type_count; i++) {
        struct bare *last = w->bare_count ? &w->bare[w->bare_count - 1] : NULL;
        if (last && !strcmp(last->name, w->bare[i].name)) {
            /* Two types of one name (a class made twice) are one here. */
            last->types += strcmp(s->types[last->type].name, s->types[w->bare[i].type].name) != 0;
            w->series->type_names[w->bare[i].type] = last->types == 1
                                                         ? w->series->type_names[last->type]
                                                         : w->series->type_names[w->bare[i].type];
        } else {
            w->bare[w->bare_count++] = w->bare[i];
        }
    }
    return 0;
}

/* The name of a type of the dead. */
static const char *name_of(const struct work *w, const char *name)
{
    if (!w->snapshot || !name || strchr(name, '.'))
        return name;
    const struct bare *bare = bsearch(name, w->bare, w->bare_count, sizeof *bare, bare_find);
    return bare && bare->types == 1 ? w->series->type_names[bare->type] : name;
}

/* What a row has in the snapshot tells best of what the blocks are that stay. */
static int snapshot_count(struct work *w)
{
    const struct snapshot *s = w->snapshot;
    for (uint32_t o = 0; s && o < s->object_count; o++) {
        if (s->row[o] && s->row[o] <= w->process->row_count &&
            !tally_add(&w->seen, s->row[o], s->type[o], 1, 1))
            return -1;
    }
    return tally_sort(&w->seen, NULL, NULL) ? 0 : -1;
}

static int part_add(struct work *w, uint32_t row, const char *type, double share)
{
    if (w->part_count == w->part_room) {
        uint32_t room = w->part_room ? w->part_room * 2 : 4096;
        struct part *parts = realloc(w->parts, room * sizeof *parts);
        if (!parts)
            return -1;
        w->parts = parts;
        struct place *places = realloc(w->series->places, room * sizeof *places);
        if (!places)
            return -1;
        w->series->places = places;
        w->part_room = room;
    }
    w->series->places[w->part_count] = (struct place){site_table_of_row(w->sites, row), type};
    w->parts[w->part_count++].share = share;
    return 0;
}

/* How much of a row is whose. */
static int parts_find(struct work *w, uint32_t row)
{
    uint32_t count;
    const struct tally_entry *seen = tally_group(&w->seen, row, &count);
    double all = 0;
    if (!(w->process->rows[row].flags & OURO_ROW_OBJECT))
        return 0;
    for (uint32_t k = 0; k < count; k++)
        all += (double)seen[k].objects;
    for (uint32_t k = 0; k < count; k++) {
        const char *type = w->series->type_names[seen[k].item];
        if (part_add(w, row, type, (double)seen[k].objects / all) < 0)
            return -1;
    }
    if (count)
        return 0;
    const struct row_type *type = row_types_of(w->types, row, &count);
    for (uint32_t k = 0; k < count; k++)
        all += (double)(row_type_deaths(&type[k]) + type[k].alive);
    for (uint32_t k = 0; k < count; k++) {
        double own = (double)(row_type_deaths(&type[k]) + type[k].alive);
        if (part_add(w, row, name_of(w, type[k].type), all > 0 ? own / all : 0) < 0)
            return -1;
    }
    return 0;
}

/* The lines of all objects. */
static int lines_find_all(struct work *w)
{
    const struct process *p = w->process;
    struct growth_series *series = w->series;
    w->part_first = calloc((size_t)p->row_count + 2, sizeof *w->part_first);
    if (!w->part_first || names_find(w) < 0 || snapshot_count(w) < 0)
        return -1;
    for (uint32_t r = 0; r <= p->row_count; r++) {
        w->part_first[r] = w->part_count;
        if (r && parts_find(w, r) < 0)
            return -1;
    }
    w->part_first[p->row_count + 1] = w->part_count;
    if (lines_make(w->sites, series->places, w->part_count, &series->lines) < 0)
        return -1;
    for (uint32_t i = 0; i < w->part_count; i++)
        w->parts[i].line = series->lines.of[i];
    return 0;
}

/* Adds what an epoch changed, and lowers the marks of what it made fewer. */
static void epoch_add(struct work *w, uint32_t epoch, uint32_t point, bool counts)
{
    struct row_changes changes = row_changes_of(w->process, epoch);
    struct row_change change;
    double unit = w->process->unit;
    while (row_changes_next(&changes, &change)) {
        uint32_t first = w->part_first[change.row], end = w->part_first[change.row + 1];
        for (uint32_t i = first; i < end; i++) {
            uint32_t line = w->parts[i].line;
            w->count[line] += (double)change.blocks * w->parts[i].share / unit;
            w->bytes[line] += (double)change.bytes * w->parts[i].share / unit;
        }
    }
    changes = row_changes_of(w->process, epoch);
    while (counts && row_changes_next(&changes, &change)) {
        uint32_t first = w->part_first[change.row], end = w->part_first[change.row + 1];
        for (uint32_t i = first; i < end; i++) {
            struct growth_line *line = &w->series->line[w->parts[i].line];
            double count = w->count[w->parts[i].line], bytes = w->bytes[w->parts[i].line];
            line->count[point] = count < line->count[point] ? count : line->count[point];
            line->bytes[point] = bytes < line->bytes[point] ? bytes : line->bytes[point];
        }
    }
}

static void points_measure(struct work *w)
{
    const struct growth_span *span = &w->series->span;
    uint32_t e = 0;
    while (e < span->epochs && w->process->epochs[e].clock <= span->warm_up)
        epoch_add(w, e++, 0, false);
    for (uint32_t k = 0; k < span->points; k++) {
        /* The stretch begins with the end of its first epoch: what was before belongs to the one before. */
        epoch_add(w, e++, k, false);
        for (uint32_t l = 0; l < w->series->lines.count; l++) {
            w->series->line[l].count[k] = w->count[l];
            w->series->line[l].bytes[k] = w->bytes[l];
        }
        while (e < span->epoch[k])
            epoch_add(w, e++, k, true);
    }
}

int growth_series_build(const struct row_types *types, const struct site_table *sites,
                        const struct snapshot *snapshot, struct growth_series *series)
{
    *series = (struct growth_series){0};
    struct work w = {.process = types->process,
                     .types = types,
                     .sites = sites,
                     .snapshot = snapshot,
                     .series = series};
    int status = -1;
    growth_span_find(types->process, snapshot, NULL, &series->span);
    if (!series->span.points)
        return 0;
    tally_init(&w.seen);
    if (lines_find_all(&w) < 0)
        goto out;
    series->line = calloc((size_t)series->lines.count + 1, sizeof *series->line);
    w.count = calloc((size_t)series->lines.count + 1, sizeof *w.count);
    w.bytes = calloc((size_t)series->lines.count + 1, sizeof *w.bytes);
    if (!series->line || !w.count || !w.bytes)
        goto out;
    points_measure(&w);
    status = 0;
out:
    tally_free(&w.seen);
    free(w.bare);
    free(w.part_first);
    free(w.parts);
    free(w.count);
    free(w.bytes);
    return status;
}

void growth_series_free(struct growth_series *series)
{
    lines_free(&series->lines);
    free(series->places);
    free(series->line);
    free(series->type_names);
    *series = (struct growth_series){0};
}

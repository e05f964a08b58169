/* SPDX-License-Identifier: MIT */
#include "growth/growth.h"

#include <stdlib.h>
#include <string.h>

#include "growth/growth_work.h"
#include "growth/importing.h"

/* Lines that grow: more than that many are not told one by one. */
#define LINES_MOST 4096u
/* Objects of a line whose paths are compared, and steps of all paths that are followed at most. */
#define SAMPLES 320u
#define STEPS_MOST (8u << 20)

/* Lines that grow steadily. Memory of an object that is not its own block (the table of a dict) has no
 * type: where there is a snapshot, its object speaks for it. */
static int candidates_find(struct growth_work *w)
{
    const struct growth_series *series = &w->growth->series;
    w->candidate = arena_alloc(w->growth->arena, series->lines.count, sizeof *w->candidate);
    if (!w->candidate)
        return -1;
    for (uint32_t l = 0; l < series->lines.count && w->candidate_count < LINES_MOST; l++) {
        const struct place *place =
            &series->places[series->lines.members[series->lines.items[l].first]];
        if (series->lines.items[l].kind == LINE_IMPORT || (w->snapshot && !place->type))
            continue;
        if (growth_is_steady(&series->span, &series->line[l]))
            w->candidate[w->candidate_count++] = l;
    }
    return 0;
}

static int judge(struct growth_work *w)
{
    const struct growth_series *series = &w->growth->series;
    w->found = calloc((size_t)w->candidate_count + 1, sizeof *w->found);
    if (!w->found ||
        (w->snapshot && survivors_find(series, w->types, w->snapshot, w->garbage, w->candidate,
                                       w->candidate_count, &w->survivors) < 0))
        return -1;
    for (uint32_t i = 0; i < w->candidate_count; i++) {
        uint32_t line = w->candidate[i];
        enum growth_verdict verdict =
            w->snapshot
                ? growth_judge_ages(&series->span, &series->line[line], &w->survivors.ages[i])
                : growth_judge_alone(&series->span);
        if (verdict != GROWTH_HELD && verdict != GROWTH_RELEASED)
            continue;
        struct growth_found found = {.line = line, .slot = i, .verdict = verdict};
        int imported = importing_made(w, &found);
        if (imported < 0)
            return -1;
        if (imported)
            continue;
        found.container = (struct container){.object = NO_ID, .entry = NO_ID};
        found.doubtful = w->snapshot && w->survivors.ages[i].unknown > 0;
        w->found[w->found_count++] = found;
    }
    return 0;
}

const uint32_t *growth_survivors_of(const struct growth_work *w, const struct growth_found *found,
                                    uint32_t *count)
{
    *count = 0;
    if (!w->snapshot || found->verdict != GROWTH_HELD)
        return NULL;
    *count = w->survivors.first[found->slot + 1] - w->survivors.first[found->slot];
    return w->survivors.object + w->survivors.first[found->slot];
}

/* Of a line: objects of each point of the run alike, so that what is there for a moment only does not
 * outweigh what stays. Where births are not known, of all. */
static uint32_t sample(const struct growth_work *w, const uint32_t *objects, uint32_t count,
                       uint32_t sampled[SAMPLES])
{
    const struct growth_span *span = &w->growth->series.span;
    uint32_t of[GROWTH_POINTS_MOST + 1] = {0}, met[GROWTH_POINTS_MOST + 1] = {0}, taken = 0;
    uint32_t each = SAMPLES / (GROWTH_POINTS_MOST + 1);
    for (uint32_t n = 0; n < count; n++)
        of[growth_span_point(span, object_birth(w->snapshot, objects[n])) + 1]++;
    bool known = of[0] < count;
    for (uint32_t n = 0; n < count; n++) {
        uint32_t point =
            (uint32_t)(growth_span_point(span, object_birth(w->snapshot, objects[n])) + 1);
        uint32_t stride = of[point] / each + 1;
        if ((point || !known) && met[point]++ % stride == 0)
            sampled[taken++] = objects[n];
    }
    return taken;
}

/* What most of some objects hang from, as the kind of a root (enum ouro_root_kind); 0: not known. */
static uint32_t root_kind_of(const struct growth_work *w, const uint32_t *objects, uint32_t count)
{
    uint32_t of[OURO_ROOT_MEMORY + 1] = {0}, best = 0;
    for (uint32_t n = 0; n < count; n++) {
        uint32_t o = objects[n];
        while (w->paths.before[o] != NO_ID)
            o = w->paths.before[o];
        uint32_t record = heap_roots_record(&w->retained.roots, o);
        uint32_t kind = record == NO_ID ? 0 : w->snapshot->roots[record].kind;
        if (kind == OURO_ROOT_STACK || kind == OURO_ROOT_CODE)
            kind = OURO_ROOT_LOCAL;
        of[kind <= OURO_ROOT_MEMORY ? kind : 0]++;
    }
    for (uint32_t kind = 1; kind <= OURO_ROOT_MEMORY; kind++) {
        if (of[kind] > (best ? of[best] : 0))
            best = kind;
    }
    return best;
}

/* Whether what the container has of a line is of all ages; other holders may have the rest. */
static bool container_has_all_ages(struct growth_work *w, const struct growth_found *found,
                                   const uint32_t *objects, uint32_t count)
{
    const struct growth_span *span = &w->growth->series.span;
    bool born[GROWTH_POINTS_MOST] = {false};
    uint32_t steps = 0;
    if (w->survivors.ages[found->slot].unknown > 0)
        return true;
    for (uint32_t n = 0; n < count && steps < STEPS_MOST; n++) {
        int point = growth_span_point(span, object_birth(w->snapshot, objects[n]));
        if (point >= 0 && !born[point])
            born[point] =
                container_is_above(&w->paths, found->container.object, objects[n], &steps);
    }
    uint32_t empty = 0;
    for (uint32_t k = 0; k < span->points; k++)
        empty += !born[k];
    return empty <= 1 || steps >= STEPS_MOST; /* by chance one may be empty */
}

static int containers_find(struct growth_work *w)
{
    const struct snapshot *s = w->snapshot;
    uint32_t kept = 0, sampled[SAMPLES] = {0};
    if (!s)
        return 0;
    if (retained_find(s, w->garbage, &w->retained) < 0 ||
        root_paths_build(s, &w->retained.roots, w->garbage->class, &w->paths) < 0 ||
        container_finder_make(&w->paths, &w->finder) < 0)
        return -1;
    for (uint32_t i = 0; i < w->found_count; i++) {
        uint32_t count;
        const uint32_t *objects = growth_survivors_of(w, &w->found[i], &count);
        struct growth_found *found = &w->found[i];
        if (count) {
            uint32_t samples = sample(w, objects, count, sampled);
            found->container = container_find(&w->finder, sampled, samples);
            if (found->container.object == NO_ID && samples) {
                found->root_kind = root_kind_of(w, sampled, samples);
                found->container.entry = sampled[0];
            }
        }
        if (found->container.object == NO_ID || container_has_all_ages(w, found, objects, count))
            w->found[kept++] = *found;
    }
    w->found_count = kept;
    return 0;
}

/*
 * Whether objects of its type that are kept by other suspects are enough to explain why a doubtful line
 * grew: whoever keeps recycled objects makes another line, which finds none to recycle, grow.
 */
static bool explained(const struct growth_work *w, const struct growth_found *found)
{
    const struct growth *g = w->growth;
    const struct snapshot *s = w->snapshot;
    const struct growth_line *line = &g->series.line[found->line];
    double kept = 0, grown = line->count[g->series.span.points - 1] - line->count[0];
    uint32_t count, steps = 0;
    const uint32_t *objects = growth_survivors_of(w, found, &count);
    for (uint32_t o = 0; count && o < s->object_count && kept * 2 < grown; o++) {
        if (s->type[o] != s->type[objects[0]] || w->garbage->class[o])
            continue;
        for (uint32_t i = 0; i < g->suspect_count && steps < STEPS_MOST; i++) {
            uint32_t container = g->suspects[i].container;
            if (container != NO_ID && container_is_above(&w->paths, container, o, &steps)) {
                kept++;
                break;
            }
        }
    }
    return count && kept * 2 >= grown;
}

/* Lines whose objects tell their births come first. */
static int found_compare(const void *left, const void *right)
{
    const struct growth_found *a = left, *b = right;
    if (a->doubtful != b->doubtful)
        return a->doubtful ? 1 : -1;
    return (a->line > b->line) - (a->line < b->line);
}

/* One suspect for each container, and one for each line whose container is not known. */
static int suspects_group(struct growth_work *w)
{
    struct growth *g = w->growth;
    g->suspects = arena_alloc(g->arena, (size_t)w->found_count + 1, sizeof *g->suspects);
    if (!g->suspects)
        return -1;
    uint32_t kept = 0;
    qsort(w->found, w->found_count, sizeof *w->found, found_compare);
    for (uint32_t i = 0; i < w->found_count; i++) {
        struct growth_found found = w->found[i];
        found.suspect = g->suspect_count;
        for (uint32_t n = 0; n < kept; n++) {
            if (w->found[n].container.object == found.container.object &&
                w->found[n].root_kind == found.root_kind &&
                (found.container.object != NO_ID || found.root_kind)) {
                found.suspect = w->found[n].suspect;
                break;
            }
        }
        if (found.suspect == g->suspect_count && found.doubtful && explained(w, &found))
            continue;
        struct growth_suspect *suspect = &g->suspects[found.suspect];
        if (found.suspect == g->suspect_count) {
            suspect->container = found.container.object;
            suspect->root_kind = found.root_kind;
            suspect->released = found.verdict == GROWTH_RELEASED;
            g->suspect_count++;
        }
        suspect->member_count++;
        w->found[kept++] = found;
    }
    w->found_count = kept;
    return 0;
}

int growth_find(const struct row_types *types, const struct site_table *sites,
                const struct snapshot *snapshot, const struct garbage *garbage,
                struct growth *growth)
{
    struct growth_work w = {
        .types = types, .sites = sites, .snapshot = snapshot, .garbage = garbage, .growth = growth};
    int status = -1;
    *growth = (struct growth){.arena = arena_new()};
    if (!growth->arena || growth_series_build(types, sites, snapshot, &growth->series) < 0)
        goto out;
    if (growth->series.span.points &&
        (candidates_find(&w) < 0 || judge(&w) < 0 ||
         (w.found_count &&
          (containers_find(&w) < 0 || suspects_group(&w) < 0 || growth_suspects_tell(&w) < 0))))
        goto out;
    status = 0;
out:
    free(w.found);
    survivors_free(&w.survivors);
    container_finder_free(&w.finder);
    root_paths_free(&w.paths);
    retained_free(&w.retained);
    return status;
}

void growth_free(struct growth *growth)
{
    growth_series_free(&growth->series);
    arena_free(growth->arena);
    *growth = (struct growth){0};
}

/* SPDX-License-Identifier: MIT */
#include "growth/native_growth.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "analysis/native_asker.h"
#include "analysis/native_sites.h"
#include "growth/growth_judge.h"
#include "model/epoch_changes.h"
#include "model/lines.h"
#include "structure/key_table.h"

/* Less is nothing to speak of: bytes in all, and of one step. Of a sample so many mean distances. */
#define GROWN_LEAST (16.0 * 1024)
#define STEP_LEAST 1.0
#define SAMPLES_LEAST 16.0

struct asker_key {
    const char *function, *module; /* equal texts are at one address */
    uint32_t kind, padding;
};

struct work {
    const struct process *process;
    const struct site_table *sites;
    struct symbols *symbols;
    struct native_growth *growth;
    struct key_table keys;
    const char **names;   /* of askers; as places in the arena */
    struct place *places; /* by stack: its line and asker */
    struct lines lines;
    struct native_suspect *line; /* by line */
    double *count, *bytes;       /* alive now, by line */
};

/* All that was allocated up to the end of an epoch. */
static uint64_t clock_of(const struct process *p, uint32_t epoch)
{
    return p->epochs[epoch].clock + p->epochs[epoch].native_clock / OURO_SAMPLE_UNIT;
}

static int span_find(struct work *w, const struct snapshot *snapshot)
{
    const struct process *p = w->process;
    uint64_t *clocks = calloc((size_t)p->epoch_count + 1, sizeof *clocks);
    if (!clocks)
        return -1;
    for (uint32_t e = 0; e < p->epoch_count; e++)
        clocks[e] = clock_of(p, e);
    growth_span_find(p, snapshot, clocks, &w->growth->span);
    free(clocks);
    return 0;
}

static double least_of(const struct process *p, uint32_t kind)
{
    double sampled = SAMPLES_LEAST * (double)p->native_sample;
    return native_is_estimate(p, kind) && sampled > GROWN_LEAST ? sampled : GROWN_LEAST;
}

/* Whether anything has so much more at the end than at the beginning that symbols are worth their time. */
static int grows_at_all(const struct work *w, bool *grows)
{
    const struct process *p = w->process;
    const struct growth_span *span = &w->growth->span;
    double *bytes = calloc((size_t)p->native_count + 1, sizeof *bytes), sum = 0;
    *grows = false;
    if (!bytes)
        return -1;
    for (uint32_t e = span->epoch[0]; e < span->epoch[span->points - 1]; e++) {
        struct native_changes changes = native_changes_of(p, e);
        struct native_change change;
        while (native_changes_next(&changes, &change))
            bytes[change.stack] += (double)change.bytes / OURO_SAMPLE_UNIT;
    }
    for (uint32_t i = 0; i < p->native_count; i++)
        sum += p->native_stacks[i].kind != OURO_NATIVE_ARENA && bytes[i] > 0 ? bytes[i] : 0;
    *grows = sum >= GROWN_LEAST;
    free(bytes);
    return 0;
}

/* The name of who asked for the blocks of a stack: the same one for the same asker and kind. */
static const char *asker_of(struct work *w, const struct native_stack *stack)
{
    bool failed;
    const uint64_t *addresses = w->process->native_addresses + stack->first;
    const struct native_code *code = native_asker(w->symbols, addresses, stack->count, &failed);
    if (failed)
        return NULL;
    const struct native_place *place = code ? native_asker_place(code) : NULL;
    const struct asker_key key = {place ? place->function : "", place ? place->module : NULL,
                                  stack->kind, 0};
    uint32_t number, known = w->keys.count;
    if (!key_table_add(&w->keys, &key, &number))
        return NULL;
    if (number < known)
        return w->names[number];
    char text[1024];
    native_asker_name(place, text, sizeof text);
    return w->names[number] = arena_copy(w->growth->arena, text, strlen(text));
}

static int places_find(struct work *w)
{
    const struct process *p = w->process;
    size_t room = (size_t)p->native_count + 1;
    w->places = arena_alloc(w->growth->arena, room, sizeof *w->places);
    w->names = arena_alloc(w->growth->arena, room, sizeof *w->names);
    if (!w->places || !w->names)
        return -1;
    for (uint32_t i = 0; i < p->native_count; i++) {
        const struct native_stack *stack = &p->native_stacks[i];
        w->places[i].site = w->sites->canonical[stack->site];
        w->places[i].type = asker_of(w, stack);
        if (!w->places[i].type)
            return -1;
    }
    return 0;
}

/* What each line is, by its stacks. */
static int lines_tell(struct work *w)
{
    const struct process *p = w->process;
    size_t room = (size_t)w->lines.count + 1;
    w->line = calloc(room, sizeof *w->line);
    w->count = calloc(room, sizeof *w->count);
    w->bytes = calloc(room, sizeof *w->bytes);
    if (!w->line || !w->count || !w->bytes)
        return -1;
    for (uint32_t l = 0; l < w->lines.count; l++) {
        struct native_suspect *s = &w->line[l];
        uint64_t most = 0;
        s->stack = NO_ID;
        for (uint32_t m = 0; m < w->lines.items[l].count; m++) {
            uint32_t stack = w->lines.members[w->lines.items[l].first + m];
            const struct native_counts *c = &p->native_stacks[stack].counts;
            s->alive += c->births - c->deaths;
            s->alive_bytes += c->bytes - c->dead_bytes;
            if (s->stack == NO_ID || c->bytes - c->dead_bytes > most) {
                s->stack = stack;
                most = c->bytes - c->dead_bytes;
            }
        }
        s->alive /= OURO_SAMPLE_UNIT;
        s->alive_bytes /= OURO_SAMPLE_UNIT;
        s->kind = p->native_stacks[s->stack].kind;
        s->asker = w->places[s->stack].type;
    }
    return 0;
}

/* Adds what an epoch changed, and lowers the marks of what it made fewer. */
static void epoch_add(struct work *w, uint32_t epoch, uint32_t point, bool counts)
{
    struct native_changes changes = native_changes_of(w->process, epoch);
    struct native_change change;
    while (native_changes_next(&changes, &change)) {
        uint32_t line = w->lines.of[change.stack];
        w->count[line] += (double)change.blocks / OURO_SAMPLE_UNIT;
        w->bytes[line] += (double)change.bytes / OURO_SAMPLE_UNIT;
    }
    changes = native_changes_of(w->process, epoch);
    while (counts && native_changes_next(&changes, &change)) {
        uint32_t line = w->lines.of[change.stack];
        struct native_suspect *s = &w->line[line];
        if (w->bytes[line] < s->bytes[point]) {
            s->bytes[point] = w->bytes[line];
            s->count[point] = w->count[line];
        }
    }
}

static void points_measure(struct work *w)
{
    const struct growth_span *span = &w->growth->span;
    uint32_t e = 0;
    while (e < span->epochs && clock_of(w->process, e) <= span->warm_up)
        epoch_add(w, e++, 0, false);
    for (uint32_t k = 0; k < span->points; k++) {
        epoch_add(w, e++, k, false); /* with its end the stretch begins */
        for (uint32_t l = 0; l < w->lines.count; l++) {
            w->line[l].count[k] = w->count[l];
            w->line[l].bytes[k] = w->bytes[l];
        }
        while (e < span->epoch[k])
            epoch_add(w, e++, k, true);
    }
}

static void rates_set(const struct growth_span *span, struct native_suspect *s)
{
    uint32_t last = span->points - 1;
    double seconds = (double)(span->time[last] - span->time[0]) / 1e9;
    double clock = (double)(span->clock[last] - span->clock[0]);
    s->count_rate = seconds > 0 ? (s->count[last] - s->count[0]) / seconds : 0;
    s->bytes_rate = seconds > 0 ? (s->bytes[last] - s->bytes[0]) / seconds : 0;
    s->bytes_per_byte = clock > 0 ? (s->bytes[last] - s->bytes[0]) / clock : 0;
}

/* The same between runs and edits that only move lines. */
static void signature_set(const struct process *process, struct native_suspect *s)
{
    XXH3_state_t state;
    const char *file, *function;
    uint32_t line;
    site_place(process, process->native_stacks[s->stack].site, &file, &line, &function);
    XXH3_64bits_reset(&state);
    XXH3_64bits_update(&state, s->asker, strlen(s->asker) + 1);
    XXH3_64bits_update(&state, function, strlen(function) + 1);
    XXH3_64bits_update(&state, native_kind_name(s->kind), 4);
    snprintf(s->signature, sizeof s->signature, "native:%012" PRIx64,
             (uint64_t)XXH3_64bits_digest(&state) >> 16);
}

static int suspect_compare(const void *left, const void *right)
{
    const struct native_suspect *a = left, *b = right;
    if (a->bytes_per_byte > b->bytes_per_byte || a->bytes_per_byte < b->bytes_per_byte)
        return a->bytes_per_byte < b->bytes_per_byte ? 1 : -1;
    return strcmp(a->signature, b->signature);
}

static int suspects_find(struct work *w)
{
    struct native_growth *g = w->growth;
    g->suspects = arena_alloc(g->arena, (size_t)w->lines.count + 1, sizeof *g->suspects);
    if (!g->suspects)
        return -1;
    for (uint32_t l = 0; l < w->lines.count; l++) {
        struct native_suspect *s = &w->line[l];
        if (s->kind == OURO_NATIVE_ARENA || w->lines.items[l].kind == LINE_IMPORT ||
            !growth_values_are_steady(&g->span, s->bytes, least_of(w->process, s->kind),
                                      STEP_LEAST))
            continue;
        s->released = (double)s->alive_bytes < s->bytes[g->span.points - 1] / 2;
        rates_set(&g->span, s);
        signature_set(w->process, s);
        g->suspects[g->suspect_count++] = *s;
    }
    qsort(g->suspects, g->suspect_count, sizeof *g->suspects, suspect_compare);
    return 0;
}

const char *native_growth_what(const struct native_suspect *suspect)
{
    static const char *const what[OURO_NATIVE_KINDS] = {
        [OURO_NATIVE_MALLOC] = "blocks of malloc",
        [OURO_NATIVE_MAPPING] = "mapped memory",
        [OURO_NATIVE_FILE] = "mapped files",
        [OURO_NATIVE_ARENA] = "arenas",
    };
    return what[suspect->kind];
}

int native_growth_find(const struct process *process, const struct site_table *sites,
                       const struct snapshot *snapshot, struct symbols *symbols,
                       struct native_growth *growth)
{
    struct work w = {.process = process, .sites = sites, .symbols = symbols, .growth = growth};
    bool grows = false;
    int status = -1;
    *growth = (struct native_growth){.arena = arena_new()};
    key_table_init(&w.keys, sizeof(struct asker_key));
    if (!growth->arena || span_find(&w, snapshot) < 0)
        goto out;
    /* No births are known, so chance must be excluded by the number of points. */
    if (growth->span.points && growth_judge_alone(&growth->span) == GROWTH_HELD &&
        grows_at_all(&w, &grows) < 0)
        goto out;
    if (grows) {
        if (places_find(&w) < 0 ||
            lines_make(sites, w.places, process->native_count, &w.lines) < 0 || lines_tell(&w) < 0)
            goto out;
        points_measure(&w);
        if (suspects_find(&w) < 0)
            goto out;
    }
    status = 0;
out:
    key_table_free(&w.keys);
    lines_free(&w.lines);
    free(w.line);
    free(w.count);
    free(w.bytes);
    return status;
}

void native_growth_free(struct native_growth *growth)
{
    arena_free(growth->arena);
    *growth = (struct native_growth){0};
}

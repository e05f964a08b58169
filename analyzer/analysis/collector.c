/* SPDX-License-Identifier: MIT */
#include "analysis/collector.h"

#include <stdlib.h>
#include <string.h>

#include "model/estimate.h"

static void add_run(struct generation *g, const struct collection *run)
{
    g->recorded++;
    g->timed += run->pause != 0;
    g->pause += run->pause;
    if (run->pause > g->longest)
        g->longest = run->pause;
    g->objects += run->objects;
    g->blocks += run->blocks;
    g->bytes += run->bytes;
}

static void make_whole(const struct process *process, struct generation *g)
{
    g->blocks = estimate_whole(process, g->blocks);
    g->bytes = estimate_whole(process, g->bytes);
}

static void sum_runs(const struct process *process, const struct snapshot *snapshot,
                     struct collector *c)
{
    for (uint32_t i = 0; i < process->collection_count; i++) {
        const struct collection *run = &process->collections[i];
        uint32_t n =
            run->generation < COLLECTOR_GENERATIONS ? run->generation : COLLECTOR_GENERATIONS - 1;
        add_run(&c->generations[n], run);
        add_run(&c->all, run);
    }
    for (uint32_t n = 0; n < COLLECTOR_GENERATIONS; n++) {
        struct generation *g = &c->generations[n];
        uint64_t counted =
            snapshot && n < snapshot->gc.generations ? snapshot->gc.collections[n] : 0;
        g->runs = counted > g->recorded ? counted : g->recorded;
        c->all.runs += g->runs;
        make_whole(process, g);
        if (g->runs || (snapshot && n < snapshot->gc.generations))
            c->generation_count = n + 1;
    }
    make_whole(process, &c->all);
    c->run_time = process->end_time;
    if (process->epoch_count && process->epochs[process->epoch_count - 1].time > c->run_time)
        c->run_time = process->epochs[process->epoch_count - 1].time;
}

static int type_compare(const void *left, const void *right)
{
    const struct collected_type *a = left, *b = right;
    if (a->objects != b->objects)
        return a->objects < b->objects ? 1 : -1;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    return strcmp(a->type ? a->type : "", b->type ? b->type : "");
}

static bool sum_types(const struct churn *churn, struct collector *c)
{
    struct key_table keys;
    bool ok = false;
    key_table_init(&keys, sizeof(const char *));
    c->types = calloc((size_t)churn->site_count + 1, sizeof *c->types);
    if (!c->types)
        goto out;
    for (uint32_t s = 0; s < churn->site_count; s++) {
        const struct churn_site *site = &churn->sites[s];
        uint32_t number;
        if (!site->deaths[1])
            continue;
        if (!key_table_add(&keys, &site->type, &number))
            goto out;
        c->types[number].type = site->type;
        c->types[number].objects += site->deaths[1];
        c->types[number].bytes += site->collected_bytes;
    }
    c->type_count = keys.count;
    qsort(c->types, c->type_count, sizeof *c->types, type_compare);
    ok = true;
out:
    key_table_free(&keys);
    return ok;
}

static int line_compare(const void *left, const void *right, void *churn_)
{
    const struct churn *churn = churn_;
    uint32_t l = *(const uint32_t *)left, r = *(const uint32_t *)right;
    const struct churn_site *a = &churn->by_line[l].total, *b = &churn->by_line[r].total;
    if (a->deaths[1] != b->deaths[1])
        return a->deaths[1] < b->deaths[1] ? 1 : -1;
    if (a->collected_bytes != b->collected_bytes)
        return a->collected_bytes < b->collected_bytes ? 1 : -1;
    return (l > r) - (l < r); /* lines are in a fixed order already */
}

static bool sort_lines(const struct churn *churn, struct collector *c)
{
    c->lines = malloc(((size_t)churn->by_line_count + 1) * sizeof *c->lines);
    if (!c->lines)
        return false;
    for (uint32_t l = 0; l < churn->by_line_count; l++) {
        if (churn->by_line[l].total.deaths[1])
            c->lines[c->line_count++] = l;
    }
    qsort_r(c->lines, c->line_count, sizeof *c->lines, line_compare, (void *)churn);
    return true;
}

int collector_sum(const struct process *process, const struct snapshot *snapshot,
                  const struct churn *churn, struct collector *collector)
{
    *collector = (struct collector){
        .objects = churn->collected,
        .bytes = churn->collected_bytes,
        .plain_blocks = churn->plain_collected,
        .plain_bytes = churn->plain_collected_bytes,
        .followed = !(process->flags & OURO_PROCESS_FREE_THREADED) || process->collection_count,
    };
    sum_runs(process, snapshot, collector);
    return sum_types(churn, collector) && sort_lines(churn, collector) ? 0 : -1;
}

void collector_free(struct collector *collector)
{
    free(collector->types);
    free(collector->lines);
    *collector = (struct collector){0};
}

bool collector_all_timed(const struct generation *generation)
{
    return generation->timed == generation->runs;
}

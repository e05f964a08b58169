/* SPDX-License-Identifier: MIT */
#include "analysis/churn.h"

#include <stdlib.h>
#include <string.h>

#include "model/estimate.h"

struct work {
    const struct process *process;
    const struct site_table *sites;
    const struct row_types *types;
    struct churn *churn;
    struct key_table keys;
    uint32_t site_room;
    struct lifetimes *shares; /* of the types of one row */
    uint32_t share_room;
};

/* A place as the key of its sums. */
struct key {
    const char *type; /* names are compared by address: each is there once */
    uint32_t site, padding;
};
_Static_assert(sizeof(struct key) == 16, "keys are compared as bytes");

static void add(struct churn_site *to, const struct churn_site *more)
{
    to->allocations += more->allocations;
    to->bytes += more->bytes;
    to->alive += more->alive;
    for (int d = 0; d < 3; d++)
        to->deaths[d] += more->deaths[d];
    to->collected_bytes += more->collected_bytes;
    to->short_lived += more->short_lived;
    to->short_bytes += more->short_bytes;
    to->sizes += more->sizes;
    lifetimes_add(&to->lifetimes, &more->lifetimes);
}

/* Sums of 1/process.unit become whole numbers that still add up. */
static void make_whole(const struct process *process, struct churn_site *s)
{
    s->bytes = estimate_whole(process, s->bytes);
    s->allocations = s->alive = estimate_whole(process, s->alive);
    for (int d = 0; d < 3; d++)
        s->allocations += s->deaths[d] = estimate_whole(process, s->deaths[d]);
    s->collected_bytes = estimate_whole(process, s->collected_bytes);
    s->short_lived = estimate_whole(process, s->short_lived);
    s->short_bytes = estimate_whole(process, s->short_bytes);
    for (unsigned b = 0; b < OURO_LIFETIME_BUCKETS; b++)
        s->lifetimes.bucket[b] = estimate_whole(process, s->lifetimes.bucket[b]);
}

static bool site_add(struct work *w, const struct churn_site *more)
{
    struct key key = {more->type, more->site, 0};
    struct churn *churn = w->churn;
    uint32_t number;
    if (!key_table_add(&w->keys, &key, &number))
        return false;
    if (number == w->site_room) {
        uint32_t room = w->site_room ? w->site_room * 2 : 256;
        struct churn_site *sites = realloc(churn->sites, room * sizeof *sites);
        if (!sites)
            return false;
        churn->sites = sites;
        w->site_room = room;
    }
    if (number == churn->site_count) {
        churn->sites[number] = (struct churn_site){.site = more->site, .type = more->type};
        churn->site_count++;
    }
    add(&churn->sites[number], more);
    return true;
}

static bool row_add(struct work *w, uint32_t number)
{
    uint32_t count;
    const struct row_type *items = row_types_of(w->types, number, &count);
    if (count > w->share_room) {
        free(w->shares);
        w->share_room = count * 2;
        w->shares = malloc(w->share_room * sizeof *w->shares);
        if (!w->shares)
            return false;
    }
    if (!count)
        return true;
    row_types_lifetimes(w->types, number, w->shares);
    for (uint32_t k = 0; k < count; k++) {
        const struct row_type *item = &items[k];
        uint64_t deaths = row_type_deaths(item);
        struct churn_site more = {
            .site = site_table_of_row(w->sites, number),
            .type = item->type,
            .allocations = deaths + item->alive,
            .bytes = item->died_bytes + item->alive_bytes,
            .alive = item->alive,
            .deaths = {item->deaths[0], item->deaths[1], item->deaths[2]},
            .short_lived = lifetimes_within(&w->shares[k], w->churn->within),
            .sizes = 1,
            .lifetimes = w->shares[k],
        };
        /* What dies with the interpreter was not thrown away, however young it is. */
        if (more.short_lived > item->deaths[0] + item->deaths[1])
            more.short_lived = item->deaths[0] + item->deaths[1];
        uint64_t soon[2] = {more.short_lived, deaths - more.short_lived}, bytes[3];
        estimate_share(item->died_bytes, soon, 2, bytes);
        more.short_bytes = bytes[0];
        estimate_share(item->died_bytes, item->deaths, 3, bytes);
        more.collected_bytes = bytes[1];
        if (!item->type)
            w->churn->untyped += deaths;
        if (!site_add(w, &more))
            return false;
    }
    return true;
}

/* Sums up by line. The sites are sorted already: a line's first has most bytes. */
static bool lines_sum(struct work *w)
{
    struct churn *churn = w->churn;
    struct place *places = malloc(((size_t)churn->site_count + 1) * sizeof *places);
    bool ok = places != NULL;
    for (uint32_t s = 0; ok && s < churn->site_count; s++)
        places[s] = (struct place){churn->sites[s].site, churn->sites[s].type};
    ok = ok && lines_make(w->sites, places, churn->site_count, &churn->lines) == 0;
    free(places);
    churn->by_line = calloc((size_t)churn->lines.count + 1, sizeof *churn->by_line);
    if (!ok || !churn->by_line)
        return false;
    for (uint32_t l = 0; l < churn->lines.count; l++) {
        const struct line *line = &churn->lines.items[l];
        struct churn_site *total = &churn->by_line[l].total;
        const struct churn_site *most = &churn->sites[churn->lines.members[line->first]];
        churn->by_line[l].line = l;
        total->site = most->site;
        total->type = line->kind == LINE_IMPORT ? NULL : most->type;
        for (uint32_t m = 0; m < line->count; m++)
            add(total, &churn->sites[churn->lines.members[line->first + m]]);
    }
    return true;
}

static int site_order(const struct churn_site *a, const struct churn_site *b, const void *process)
{
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    if (a->allocations != b->allocations)
        return a->allocations < b->allocations ? 1 : -1;
    int order = site_compare(a->site, b->site, process);
    return order ? order : strcmp(a->type ? a->type : "", b->type ? b->type : "");
}

static int by_bytes(const void *left, const void *right, void *process)
{
    return site_order(left, right, process);
}

static int lines_by_bytes(const void *left, const void *right, void *process)
{
    const struct churn_line *a = left, *b = right;
    return site_order(&a->total, &b->total, process);
}

/* Of plain memory only sums are kept. */
static void plain_add(struct churn *churn, const struct row *row)
{
    uint64_t bytes[3];
    estimate_share(row->died_bytes, row->deaths, 3, bytes);
    churn->plain_allocations += row->births;
    churn->plain_bytes += row->born_bytes;
    churn->plain_collected += row->deaths[1];
    churn->plain_collected_bytes += bytes[1];
}

static void totals(const struct process *process, struct churn *churn)
{
    uint64_t *plain[] = {&churn->plain_allocations, &churn->plain_bytes, &churn->plain_collected,
                         &churn->plain_collected_bytes, &churn->untyped};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        *plain[i] = estimate_whole(process, *plain[i]);
    for (uint32_t l = 0; l < churn->lines.count; l++) {
        struct churn_site *total = &churn->by_line[l].total;
        make_whole(process, total);
        churn->allocations += total->allocations;
        churn->bytes += total->bytes;
        churn->alive += total->alive;
        churn->collected += total->deaths[1];
        churn->collected_bytes += total->collected_bytes;
        churn->short_lived += total->short_lived;
        churn->short_bytes += total->short_bytes;
    }
    churn->deaths = churn->allocations - churn->alive;
}

int churn_sum(const struct row_types *types, const struct site_table *sites, uint64_t within,
              struct churn *churn)
{
    const struct process *process = types->process;
    struct work w = {.process = process, .sites = sites, .types = types, .churn = churn};
    int status = -1;
    *churn = (struct churn){.within = lifetimes_limit(within)};
    key_table_init(&w.keys, sizeof(struct key));
    for (uint32_t r = 1; r <= process->row_count; r++) {
        const struct row *row = &process->rows[r];
        if (!(row->flags & OURO_ROW_OBJECT))
            plain_add(churn, row);
        else if (!row_add(&w, r))
            goto out;
    }
    if (churn->site_count)
        qsort_r(churn->sites, churn->site_count, sizeof *churn->sites, by_bytes, (void *)process);
    churn->order = malloc(((size_t)churn->site_count + 1) * sizeof *churn->order);
    if (!churn->order || !lines_sum(&w))
        goto out;
    for (uint32_t s = 0; s < churn->site_count; s++) {
        churn->order[s] = s;
        make_whole(process, &churn->sites[s]);
    }
    churn->order_count = churn->site_count;
    churn->by_line_count = churn->lines.count;
    totals(process, churn);
    qsort_r(churn->by_line, churn->lines.count, sizeof *churn->by_line, lines_by_bytes,
            (void *)process);
    status = 0;
out:
    free(w.shares);
    key_table_free(&w.keys);
    return status;
}

void churn_free(struct churn *churn)
{
    free(churn->sites);
    free(churn->order);
    free(churn->by_line);
    lines_free(&churn->lines);
    *churn = (struct churn){0};
}

static int rank(const struct churn_site *a, const struct churn_site *b, const void *process)
{
    if (a->short_lived != b->short_lived)
        return a->short_lived < b->short_lived ? 1 : -1;
    if (a->short_bytes != b->short_bytes)
        return a->short_bytes < b->short_bytes ? 1 : -1;
    return site_order(a, b, process);
}

static int lines_rank(const void *left, const void *right, void *process)
{
    const struct churn_line *a = left, *b = right;
    return rank(&a->total, &b->total, process);
}

struct ranking {
    const struct churn *churn;
    const struct process *process;
};

static int sites_rank(const void *left, const void *right, void *ranking_)
{
    const struct ranking *ranking = ranking_;
    const struct churn_site *sites = ranking->churn->sites;
    return rank(&sites[*(const uint32_t *)left], &sites[*(const uint32_t *)right],
                ranking->process);
}

void churn_rank(const struct site_table *sites, struct churn *churn)
{
    struct ranking ranking = {churn, sites->process};
    qsort_r(churn->order, churn->order_count, sizeof *churn->order, sites_rank, &ranking);
    qsort_r(churn->by_line, churn->by_line_count, sizeof *churn->by_line, lines_rank,
            (void *)sites->process);
}

static bool is_type(const char *name, const char *type)
{
    if (!name)
        return false;
    const char *dot = strrchr(name, '.');
    return strcmp(name, type) == 0 || (dot && strcmp(dot + 1, type) == 0);
}

void churn_keep_type(struct churn *churn, const char *type)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < churn->order_count; i++) {
        if (is_type(churn->sites[churn->order[i]].type, type))
            churn->order[kept++] = churn->order[i];
    }
    churn->order_count = kept;
    kept = 0;
    for (uint32_t i = 0; i < churn->by_line_count; i++) {
        if (is_type(churn->by_line[i].total.type, type))
            churn->by_line[kept++] = churn->by_line[i];
    }
    churn->by_line_count = kept;
}

/* SPDX-License-Identifier: MIT */
#include "analysis/churn.h"

#include <stdlib.h>
#include <string.h>

/* Row → the type most of its objects in the snapshot have, by number; NO_ID when there are none. */
static int row_types(const struct process *process, const struct snapshot *snapshot,
                     const struct type_order *order, uint32_t *type)
{
    struct tally tally;
    tally_init(&tally);
    int status = -1;
    for (uint32_t row = 0; row <= process->row_count; row++)
        type[row] = NO_ID;
    for (uint32_t o = 0; snapshot && o < snapshot->object_count; o++) {
        uint32_t row = snapshot->row[o];
        if (row && row <= process->row_count &&
            !tally_add(&tally, row, order->rank[snapshot->type[o]], 1, 0))
            goto out;
    }
    if (!tally_sort(&tally, NULL, NULL))
        goto out;
    for (uint32_t e = tally.count; e-- > 0;)
        type[tally.entries[e].group] = tally.entries[e].item; /* the first of a group stays */
    status = 0;
out:
    tally_free(&tally);
    return status;
}

static int churn_compare(const void *left, const void *right, void *process)
{
    const struct churn_site *a = left, *b = right;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    if (a->allocations != b->allocations)
        return a->allocations < b->allocations ? 1 : -1;
    int order = site_compare(a->site, b->site, process);
    return order ? order : strcmp(a->type ? a->type : "", b->type ? b->type : "");
}

static void churn_add(struct churn_site *to, const struct churn_site *more)
{
    to->allocations += more->allocations;
    to->bytes += more->bytes;
    for (int d = 0; d < 3; d++)
        to->deaths[d] += more->deaths[d];
}

/* Sums up by the innermost line, after churn->sites is sorted: the site kept has most bytes. */
static int lines_sum(const struct site_table *sites, struct churn *churn)
{
    struct line {
        uint32_t function, line;
        const char *type; /* names are compared by address: each is there once */
    };
    _Static_assert(sizeof(struct line) == 16, "a key has no padding");
    struct key_table lines;
    int status = -1;
    key_table_init(&lines, sizeof(struct line));
    churn->lines = calloc((size_t)churn->site_count + 1, sizeof *churn->lines);
    if (!churn->lines)
        goto out;
    for (uint32_t i = 0; i < churn->site_count; i++) {
        const struct churn_site *from = &churn->sites[i];
        const struct site *site = &sites->process->sites[from->site];
        struct line key = {sites->same_function[site->function], site->line, from->type};
        uint32_t number, known = lines.count;
        if (!key_table_add(&lines, &key, &number))
            goto out;
        if (number == known)
            churn->lines[number] = (struct churn_site){.site = from->site, .type = from->type};
        churn_add(&churn->lines[number], from);
    }
    churn->line_count = lines.count;
    qsort_r(churn->lines, churn->line_count, sizeof *churn->lines, churn_compare,
            (void *)sites->process);
    status = 0;
out:
    key_table_free(&lines);
    return status;
}

/* A sample counts in 1024ths: after all is added up, makes whole numbers of it. */
static void wholes_make(const struct process *process, struct churn_site *sites, uint32_t count)
{
    const uint64_t unit = process->sample ? OURO_SAMPLE_UNIT : 1;
    for (uint32_t i = 0; i < count; i++) {
        struct churn_site *s = &sites[i];
        s->allocations = (s->allocations + unit / 2) / unit;
        s->bytes = (s->bytes + unit / 2) / unit;
        s->alive = s->allocations;
        for (int d = 0; d < 3; d++) {
            s->deaths[d] = (s->deaths[d] + unit / 2) / unit;
            s->alive -= s->deaths[d] < s->alive ? s->deaths[d] : s->alive;
        }
    }
}

int churn_sum(const struct process *process, const struct snapshot *snapshot,
              const struct type_order *order, const struct site_table *sites, struct churn *churn)
{
    *churn = (struct churn){0};
    int status = -1;
    struct key_table places;
    key_table_init(&places, 2 * sizeof(uint32_t));
    uint32_t *type = malloc(((size_t)process->row_count + 1) * sizeof *type);
    churn->sites = calloc((size_t)process->row_count + 1, sizeof *churn->sites);
    if (!type || !churn->sites || row_types(process, snapshot, order, type) < 0)
        goto out;
    for (uint32_t r = 1; r <= process->row_count; r++) {
        const struct row *row = &process->rows[r];
        uint32_t key[2] = {site_table_of_row(sites, r), type[r]}, number;
        if (!(row->flags & OURO_ROW_OBJECT) || !row->births)
            continue;
        if (!key_table_add(&places, key, &number))
            goto out;
        struct churn_site more = {
            .site = key[0],
            .type = key[1] == NO_ID ? NULL : order->name[key[1]],
            .allocations = row->births,
            .bytes = row->born_bytes,
            .deaths = {row->deaths[0], row->deaths[1], row->deaths[2]},
        };
        churn->sites[number].site = more.site;
        churn->sites[number].type = more.type;
        churn_add(&churn->sites[number], &more);
    }
    churn->site_count = places.count;
    qsort_r(churn->sites, churn->site_count, sizeof *churn->sites, churn_compare, (void *)process);
    if (lines_sum(sites, churn) < 0)
        goto out;
    wholes_make(process, churn->sites, churn->site_count);
    wholes_make(process, churn->lines, churn->line_count);
    for (uint32_t i = 0; i < churn->site_count; i++) {
        churn->allocations += churn->sites[i].allocations;
        churn->bytes += churn->sites[i].bytes;
    }
    status = 0;
out:
    free(type);
    key_table_free(&places);
    return status;
}

void churn_free(struct churn *churn)
{
    free(churn->sites);
    free(churn->lines);
    *churn = (struct churn){0};
}

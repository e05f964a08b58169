/* SPDX-License-Identifier: MIT */
#include "model/lines.h"

#include <stdlib.h>

struct key {
    const char *type; /* compared by address: each name is there once */
    uint32_t function, line;
};
_Static_assert(sizeof(struct key) == 16, "keys are compared as bytes");

static enum line_kind kind_of(const struct process *process, uint32_t site)
{
    if (!site)
        return LINE_NONE;
    return site_is_importing(process, site) ? LINE_IMPORT : LINE_CODE;
}

static struct key key_of(const struct site_table *sites, struct place place, enum line_kind *kind)
{
    const struct site *site = &sites->process->sites[place.site];
    *kind = kind_of(sites->process, place.site);
    if (*kind == LINE_IMPORT)
        return (struct key){NULL, UINT32_MAX, 0};
    return (struct key){place.type, sites->same_function[site->function], site->line};
}

int lines_make(const struct site_table *sites, const struct place *places, uint32_t count,
               struct lines *lines)
{
    *lines = (struct lines){.sites = sites};
    key_table_init(&lines->keys, sizeof(struct key));
    lines->items = calloc((size_t)count + 1, sizeof *lines->items);
    lines->members = malloc(((size_t)count + 1) * sizeof *lines->members);
    lines->of = malloc(((size_t)count + 1) * sizeof *lines->of);
    if (!lines->items || !lines->members || !lines->of)
        return -1;
    for (uint32_t p = 0; p < count; p++) {
        enum line_kind kind;
        struct key key = key_of(sites, places[p], &kind);
        if (!key_table_add(&lines->keys, &key, &lines->of[p]))
            return -1;
        lines->items[lines->of[p]].kind = kind;
        lines->items[lines->of[p]].count++;
    }
    lines->count = lines->keys.count;
    uint32_t first = 0;
    for (uint32_t l = 0; l < lines->count; l++) {
        lines->items[l].first = first;
        first += lines->items[l].count;
        lines->items[l].count = 0;
    }
    for (uint32_t p = 0; p < count; p++) {
        struct line *line = &lines->items[lines->of[p]];
        lines->members[line->first + line->count++] = p;
    }
    return 0;
}

void lines_free(struct lines *lines)
{
    key_table_free(&lines->keys);
    free(lines->items);
    free(lines->members);
    free(lines->of);
    *lines = (struct lines){0};
}

uint32_t lines_find(const struct lines *lines, struct place place)
{
    enum line_kind kind;
    struct key key = key_of(lines->sites, place, &kind);
    uint32_t number;
    return key_table_find(&lines->keys, &key, &number) ? number : NO_ID;
}

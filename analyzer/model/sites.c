/* SPDX-License-Identifier: MIT */
#include "model/sites.h"

#include <stdlib.h>
#include <string.h>

struct ranked_function {
    const char *file, *name;
    uint32_t function;
};

static int function_compare(const void *left, const void *right)
{
    const struct ranked_function *a = left, *b = right;
    int order = strcmp(a->file, b->file);
    if (!order)
        order = strcmp(a->name, b->name);
    return order ? order : (a->function > b->function) - (a->function < b->function);
}

/* function → the first function of the same file and name. */
static uint32_t *functions_merge(const struct process *process)
{
    uint32_t count = process->function_count;
    uint32_t *same = calloc((size_t)count + 1, sizeof *same);
    struct ranked_function *sorted = malloc(((size_t)count + 1) * sizeof *sorted);
    if (!same || !sorted) {
        free(same);
        free(sorted);
        return NULL;
    }
    for (uint32_t f = 1; f <= count; f++)
        sorted[f - 1] =
            (struct ranked_function){process->functions[f].file, process->functions[f].name, f};
    qsort(sorted, count, sizeof *sorted, function_compare);
    for (uint32_t i = 0, first = 0; i < count; i++) {
        if (strcmp(sorted[i].file, sorted[first].file) != 0 ||
            strcmp(sorted[i].name, sorted[first].name) != 0)
            first = i;
        same[sorted[i].function] = sorted[first].function;
    }
    free(sorted);
    return same;
}

int site_table_build(const struct process *process, struct site_table *table)
{
    *table = (struct site_table){.process = process};
    int status = -1;
    struct key_table chains;
    key_table_init(&chains, 3 * sizeof(uint32_t));
    uint32_t *first_of_chain = malloc(((size_t)process->site_count + 1) * sizeof *first_of_chain);
    uint32_t *same_function = table->same_function = functions_merge(process);
    table->canonical = calloc((size_t)process->site_count + 1, sizeof *table->canonical);
    if (!table->canonical || !same_function || !first_of_chain)
        goto out;
    for (uint32_t s = 1; s <= process->site_count; s++) { /* parents come before their children */
        const struct site *site = &process->sites[s];
        uint32_t key[3] = {table->canonical[site->parent], same_function[site->function],
                           site->line};
        uint32_t known = chains.count, chain;
        if (!key_table_add(&chains, key, &chain))
            goto out;
        if (chain == known)
            first_of_chain[chain] = s;
        table->canonical[s] = first_of_chain[chain];
    }
    status = 0;
out:
    key_table_free(&chains);
    free(first_of_chain);
    return status;
}

void site_table_free(struct site_table *table)
{
    free(table->canonical);
    free(table->same_function);
    *table = (struct site_table){0};
}

uint32_t site_table_of_row(const struct site_table *table, uint32_t row)
{
    if (row == 0 || row > table->process->row_count)
        return 0;
    return table->canonical[table->process->rows[row].site];
}

bool site_table_has(const struct site_table *table, uint32_t row)
{
    return row != 0 || table->process->sample == 0;
}

int site_compare(uint32_t left, uint32_t right, const void *context)
{
    const struct process *process = context;
    while (left != right) {
        if (!left || !right)
            return left ? 1 : -1;
        const struct site *a = &process->sites[left], *b = &process->sites[right];
        const struct function_info *f = &process->functions[a->function];
        const struct function_info *g = &process->functions[b->function];
        int order = strcmp(a->function ? f->file : "", b->function ? g->file : "");
        if (!order)
            order = (a->line > b->line) - (a->line < b->line);
        if (!order)
            order = strcmp(a->function ? f->name : "", b->function ? g->name : "");
        if (order)
            return order;
        left = a->parent;
        right = b->parent;
    }
    return 0;
}

bool site_shares(const struct tally *tally, uint32_t group, uint32_t most, struct arena *arena,
                 struct site_share **shares, uint32_t *count)
{
    uint32_t entries;
    const struct tally_entry *entry = tally_group(tally, group, &entries);
    uint64_t total = 0;
    for (uint32_t n = 0; n < entries; n++)
        total += entry[n].bytes;
    *count = entries < most ? entries : most;
    *shares = arena_alloc(arena, *count, sizeof **shares);
    if (!*shares)
        return false;
    for (uint32_t n = 0; n < *count; n++) {
        double share = total ? (double)entry[n].bytes / (double)total : 0;
        (*shares)[n] = (struct site_share){entry[n].item, entry[n].objects, entry[n].bytes, share};
    }
    return true;
}

enum code_origin site_origin(const struct process *process, uint32_t site)
{
    return (enum code_origin)process->functions[process->sites[site].function].origin;
}

bool site_is_library(const struct process *process, uint32_t site)
{
    return site_origin(process, site) < ORIGIN_STARTED;
}

uint32_t site_own_frame(const struct process *process, uint32_t site)
{
    uint32_t own = 0;
    enum code_origin best = ORIGIN_IMPORTING;
    for (; site && best < ORIGIN_PROGRAM; site = process->sites[site].parent) {
        enum code_origin origin = site_origin(process, site);
        if (origin > best) {
            best = origin;
            own = site;
        }
    }
    return own;
}

bool site_is_importing(const struct process *process, uint32_t site)
{
    return site_origin(process, site) == ORIGIN_IMPORTING;
}

uint32_t site_programs_frame(const struct process *process, uint32_t site)
{
    uint32_t text = 0, started = 0;
    for (; site && !site_is_importing(process, site); site = process->sites[site].parent) {
        enum code_origin origin = site_origin(process, site);
        bool is_text = *process->functions[process->sites[site].function].file == '<';
        if (origin == ORIGIN_PROGRAM && !is_text)
            return site;
        if (origin == ORIGIN_PROGRAM && !text)
            text = site;
        if (origin == ORIGIN_STARTED && !started)
            started = site;
    }
    return text ? text : started;
}

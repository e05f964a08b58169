/* SPDX-License-Identifier: MIT */
#include "analysis/native_sites.h"

#include <stdlib.h>
#include <string.h>

int native_stack_compare(const struct native_site *x, const struct native_site *y)
{
    if (x->site != y->site)
        return x->site < y->site ? -1 : 1;
    if (x->count != y->count)
        return x->count < y->count ? -1 : 1;
    for (uint32_t i = 0; i < x->count; i++)
        if (x->addresses[i] != y->addresses[i])
            return x->addresses[i] < y->addresses[i] ? -1 : 1;
    return 0;
}

static int by_stack(const void *a, const void *b)
{
    const struct native_site *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return native_stack_compare(x, y);
}

static int by_bytes(const void *a, const void *b)
{
    const struct native_site *x = a, *y = b;
    if (x->alive_bytes != y->alive_bytes)
        return x->alive_bytes > y->alive_bytes ? -1 : 1;
    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return by_stack(a, b);
}

/* Where the evaluation loop begins; all frames where there is none. */
static int native_part(const struct process *process, struct symbols *symbols,
                       const struct native_stack *stack, uint32_t *count)
{
    *count = 0;
    for (; *count < stack->count; ++*count) {
        const struct native_code *code =
            symbols_find(symbols, process->native_addresses[stack->first + *count]);
        if (!code)
            return -1;
        if (code->evaluates)
            break;
    }
    return 0;
}

/* In units of the trace, which are divided last. */
static void add(struct native_site *to, const struct native_site *from)
{
    to->blocks += from->blocks;
    to->bytes += from->bytes;
    to->alive += from->alive;
    to->alive_bytes += from->alive_bytes;
}

static void divide(struct native_site *site)
{
    uint64_t *figures[] = {&site->blocks, &site->bytes, &site->alive, &site->alive_bytes};
    for (unsigned i = 0; i < 4; i++)
        *figures[i] = (*figures[i] + OURO_SAMPLE_UNIT / 2) / OURO_SAMPLE_UNIT;
}

static struct native_site figures(const struct native_stack *stack)
{
    const struct native_counts *c = &stack->counts;
    return (struct native_site){
        .site = stack->site,
        .kind = stack->kind,
        .blocks = c->births,
        .bytes = c->bytes,
        .alive = c->births - c->deaths,
        .alive_bytes = c->bytes - c->dead_bytes,
    };
}

const char *native_kind_name(uint32_t kind)
{
    static const char *const names[OURO_NATIVE_KINDS] = {
        [OURO_NATIVE_MALLOC] = "malloc",
        [OURO_NATIVE_MAPPING] = "mapping",
        [OURO_NATIVE_FILE] = "file",
        [OURO_NATIVE_ARENA] = "arena",
    };
    return names[kind];
}

bool native_is_estimate(const struct process *process, uint32_t kind)
{
    return process->native_sample > 1 && kind == OURO_NATIVE_MALLOC;
}

void native_sites_total(const struct process *process, struct native_sites *sites)
{
    struct native_site all[OURO_NATIVE_KINDS] = {0};
    *sites = (struct native_sites){0};
    for (uint32_t i = 0; i < process->native_count; i++) {
        const struct native_site site = figures(&process->native_stacks[i]);
        add(&all[site.kind], &site);
    }
    for (uint32_t kind = 0; kind < OURO_NATIVE_KINDS; kind++) {
        const struct native_site *of = &all[kind];
        divide(&all[kind]);
        sites->kinds[kind] =
            (struct native_figures){of->blocks, of->bytes, of->alive, of->alive_bytes};
        if (kind == OURO_NATIVE_ARENA)
            continue;
        sites->blocks += of->blocks;
        sites->bytes += of->bytes;
        sites->alive += of->alive;
        sites->alive_bytes += of->alive_bytes;
    }
}

int native_site_of(const struct process *process, struct symbols *symbols, uint32_t stack,
                   struct native_site *site)
{
    const struct native_stack *of = &process->native_stacks[stack];
    *site = figures(of);
    if (of->count)
        site->addresses = &process->native_addresses[of->first];
    return native_part(process, symbols, of, &site->count);
}

int native_sites_find(const struct process *process, struct symbols *symbols,
                      struct native_sites *sites)
{
    native_sites_total(process, sites);
    sites->list = calloc((size_t)process->native_count + 1, sizeof *sites->list);
    if (!sites->list)
        return -1;
    uint32_t stacks = 0, kept = 0;
    for (uint32_t i = 0; i < process->native_count; i++) {
        const struct native_stack *stack = &process->native_stacks[i];
        if (stack->kind != OURO_NATIVE_ARENA && stack->counts.births &&
            native_site_of(process, symbols, i, &sites->list[stacks++]) < 0)
            return -1;
    }
    qsort(sites->list, stacks, sizeof *sites->list, by_stack);
    for (uint32_t i = 0; i < stacks; i++) {
        if (kept && by_stack(&sites->list[kept - 1], &sites->list[i]) == 0)
            add(&sites->list[kept - 1], &sites->list[i]);
        else
            sites->list[kept++] = sites->list[i];
    }
    sites->count = kept;
    for (uint32_t i = 0; i < kept; i++)
        divide(&sites->list[i]);
    qsort(sites->list, kept, sizeof *sites->list, by_bytes);
    return 0;
}

void native_sites_free(struct native_sites *sites)
{
    free(sites->list);
    *sites = (struct native_sites){0};
}

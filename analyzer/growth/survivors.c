/* SPDX-License-Identifier: MIT */
#include "growth/survivors.h"

#include <stdlib.h>
#include <string.h>

#include "model/estimate.h"

/* Whether the birth of such an object may be that of another one in the same block. */
static bool birth_is_doubtful(const struct process *process, const struct snapshot *snapshot,
                              uint32_t object)
{
    return process->flags & OURO_PROCESS_APPROXIMATE &&
           snapshot->types[snapshot->type[object]].flags & OURO_TYPE_RECYCLED;
}

struct work {
    const struct growth_series *series;
    const struct row_types *types;
    const struct snapshot *snapshot;
    const struct garbage *garbage;
    uint32_t *slot; /* line → its index among those wanted, or NO_ID */
};

/* Which of the wanted lines made an object; NO_ID: none. */
static uint32_t slot_of(const struct work *w, uint32_t object)
{
    const struct snapshot *s = w->snapshot;
    const char *name = w->series->type_names[s->type[object]];
    if (!s->row[object] || s->flags[object] & OURO_OBJECT_STATIC)
        return NO_ID;
    uint32_t site = site_table_of_row(w->series->lines.sites, s->row[object]);
    uint32_t line = lines_find(&w->series->lines, (struct place){site, name});
    return line == NO_ID ? NO_ID : w->slot[line];
}

static void age_add(const struct work *w, struct ages *ages, uint32_t object)
{
    const struct process *process = w->types->process;
    const struct snapshot *s = w->snapshot;
    double weight = estimate_weight(process, object_size(s, object));
    uint64_t birth = object_birth(s, object);
    int point = growth_span_point(&w->series->span, birth);
    if (w->garbage->class[object]) {
        ages->dead += weight;
        return;
    }
    ages->live += weight;
    if (!birth || birth_is_doubtful(process, s, object))
        ages->unknown += weight;
    else if (point < 0)
        ages->old += weight;
    else
        ages->born[point] += weight;
}

int survivors_find(const struct growth_series *series, const struct row_types *types,
                   const struct snapshot *snapshot, const struct garbage *garbage,
                   const uint32_t *line, uint32_t count, struct survivors *survivors)
{
    struct work w = {series, types, snapshot, garbage, NULL};
    int status = -1;
    uint32_t *of = malloc(((size_t)snapshot->object_count + 1) * sizeof *of);
    *survivors = (struct survivors){.count = count};
    survivors->ages = calloc((size_t)count + 1, sizeof *survivors->ages);
    survivors->first = calloc((size_t)count + 2, sizeof *survivors->first);
    w.slot = malloc(((size_t)series->lines.count + 1) * sizeof *w.slot);
    if (!w.slot || !of || !survivors->ages || !survivors->first)
        goto out;
    memset(w.slot, 0xff, ((size_t)series->lines.count + 1) * sizeof *w.slot);
    for (uint32_t i = 0; i < count; i++)
        w.slot[line[i]] = i;
    for (uint32_t o = 0; o < snapshot->object_count; o++) {
        of[o] = slot_of(&w, o);
        if (of[o] == NO_ID)
            continue;
        age_add(&w, &survivors->ages[of[o]], o);
        if (garbage->class[o])
            of[o] = NO_ID;
        else
            survivors->first[of[o] + 2]++;
    }
    /* Shifted by one, so that filling leaves first[i] where line i begins. */
    for (uint32_t i = 2; i < count + 2; i++)
        survivors->first[i] += survivors->first[i - 1];
    survivors->object =
        malloc(((size_t)survivors->first[count + 1] + 1) * sizeof *survivors->object);
    if (!survivors->object)
        goto out;
    for (uint32_t o = 0; o < snapshot->object_count; o++) {
        if (of[o] != NO_ID)
            survivors->object[survivors->first[of[o] + 1]++] = o;
    }
    status = 0;
out:
    free(w.slot);
    free(of);
    return status;
}

void survivors_free(struct survivors *survivors)
{
    free(survivors->ages);
    free(survivors->first);
    free(survivors->object);
    *survivors = (struct survivors){0};
}

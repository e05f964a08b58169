/* SPDX-License-Identifier: MIT */
#include "analysis/remade.h"

#include <stdlib.h>
#include <string.h>

#include "structure/key_table.h"

/* A place in the source. Without padding: it is a key. */
struct place_key {
    uint32_t function, line;
};

/* A value as a place has it, over all rows. */
struct value_at {
    uint32_t place;
    const struct sampled_value *value;
    uint64_t samples, objects;
};

struct work {
    const struct process *process;
    const struct site_table *sites;
    struct remade *remade;
    struct key_table keys;
    struct remade_place *places;
    struct value_at *values;
    uint32_t value_count;
};

/* The number of the place of a row; NO_ID: it is not the program's. *known: it was there before. */
static bool place_of(struct work *w, uint32_t row, uint32_t *number, uint32_t *site)
{
    *site = site_programs_frame(w->process, site_table_of_row(w->sites, row));
    *number = NO_ID;
    if (!*site)
        return true;
    const struct site *s = &w->process->sites[*site];
    const struct place_key key = {w->sites->same_function[s->function], s->line};
    return key_table_add(&w->keys, &key, number);
}

static int value_compare(const void *left, const void *right)
{
    const struct value_at *a = left, *b = right;
    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    int order = strcmp(a->value->preview, b->value->preview);
    if (!order)
        order = (a->value->length > b->value->length) - (a->value->length < b->value->length);
    return order ? order : (a->value > b->value) - (a->value < b->value);
}

static int by_samples(const void *left, const void *right)
{
    const struct value_at *a = left, *b = right;
    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    if (a->samples != b->samples)
        return a->samples < b->samples ? 1 : -1;
    return value_compare(left, right);
}

/* Makes one of equal values of a place, where they can be told to be equal. */
static void values_merge(struct work *w)
{
    uint32_t kept = 0;
    if (w->value_count)
        qsort(w->values, w->value_count, sizeof *w->values, value_compare);
    for (uint32_t i = 0; i < w->value_count; i++) {
        struct value_at *last = kept ? &w->values[kept - 1] : NULL, *v = &w->values[i];
        if (last && last->place == v->place && *v->value->preview &&
            !(v->value->flags & OURO_VALUE_TRUNCATED) && last->value->flags == v->value->flags &&
            last->value->length == v->value->length &&
            !strcmp(last->value->preview, v->value->preview)) {
            last->samples += v->samples;
            last->objects += v->objects;
        } else {
            w->values[kept++] = *v;
        }
    }
    w->value_count = kept;
    if (kept)
        qsort(w->values, kept, sizeof *w->values, by_samples);
}

static int samples_sum(struct work *w)
{
    const struct process *p = w->process;
    uint32_t number, site;
    w->places = calloc((size_t)p->sampled_row_count + 1, sizeof *w->places);
    w->values = malloc(((size_t)p->sampled_value_count + 1) * sizeof *w->values);
    if (!w->places || !w->values)
        return -1;
    for (uint32_t i = 0; i < p->sampled_row_count; i++) {
        const struct sampled_row *row = &p->sampled_rows[i];
        w->remade->samples += row->samples;
        if (!place_of(w, row->row, &number, &site))
            return -1;
        if (number == NO_ID)
            continue;
        w->places[number].samples += row->samples;
        if (!w->places[number].site)
            w->places[number].site = site;
    }
    uint32_t places = w->keys.count;
    for (uint32_t i = 0; i < p->sampled_value_count; i++) {
        const struct sampled_value *value = &p->sampled_values[i];
        if (!place_of(w, value->row, &number, &site))
            return -1;
        if (number < places)
            w->values[w->value_count++] =
                (struct value_at){number, value, value->samples, value->objects};
    }
    return 0;
}

static int place_list(struct work *w, uint32_t first, uint32_t end)
{
    struct remade *n = w->remade;
    struct remade_place place = w->places[w->values[first].place];
    bool withheld = w->process->flags & OURO_PROCESS_NO_VALUES;
    if (end - first > REMADE_VALUES)
        end = first + REMADE_VALUES;
    for (uint32_t i = first; i < end; i++) {
        place.again += w->values[i].samples;
        place.objects += w->values[i].objects;
    }
    if (place.samples < REMADE_SAMPLES ||
        (double)place.again < REMADE_SHARE * (double)place.samples)
        return 0;
    place.bytes = place.again * n->every;
    place.value_count = end - first;
    place.values = arena_alloc(n->arena, place.value_count, sizeof *place.values);
    if (!place.values)
        return -1;
    for (uint32_t i = first; i < end; i++) {
        const struct sampled_value *v = w->values[i].value;
        place.values[i - first] = (struct remade_value){
            withheld ? NULL : v->preview,
            v->flags & OURO_VALUE_TRUNCATED,
            v->flags & OURO_VALUE_BYTES,
            w->values[i].samples,
        };
    }
    n->places[n->count++] = place;
    return 0;
}

static int place_compare(const void *left, const void *right)
{
    const struct remade_place *a = left, *b = right;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    return (a->site > b->site) - (a->site < b->site);
}

int remade_find(const struct process *process, const struct site_table *sites,
                struct remade *remade)
{
    *remade = (struct remade){.every = process->sampled_every, .arena = arena_new()};
    struct work w = {.process = process, .sites = sites, .remade = remade};
    key_table_init(&w.keys, sizeof(struct place_key));
    int status = -1;
    if (!remade->arena || samples_sum(&w) < 0)
        goto out;
    values_merge(&w);
    remade->places = arena_alloc(remade->arena, w.keys.count, sizeof *remade->places);
    if (!remade->places)
        goto out;
    for (uint32_t first = 0, end; first < w.value_count; first = end) {
        for (end = first; end < w.value_count && w.values[end].place == w.values[first].place;)
            end++;
        if (place_list(&w, first, end) < 0)
            goto out;
    }
    if (remade->count)
        qsort(remade->places, remade->count, sizeof *remade->places, place_compare);
    status = 0;
out:
    key_table_free(&w.keys);
    free(w.places);
    free(w.values);
    return status;
}

void remade_free(struct remade *remade)
{
    arena_free(remade->arena);
    *remade = (struct remade){0};
}

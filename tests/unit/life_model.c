/* SPDX-License-Identifier: MIT */
#include "life_model.h"

#include <stdlib.h>

uint64_t life_model_random(uint64_t *seed, uint64_t below)
{
    uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) % below;
}

static void rows_make(struct life_model *m, bool mixed)
{
    static const char *const types[] = {"str", "list", "dict", "app.Node", "tuple"};
    struct builder *b = m->builder;
    uint32_t main_ = build_site(b, 0, build_function(b, "app.py", "main", 1), 3);
    uint32_t work = build_function(b, "app.py", "work", 10);
    uint32_t import = build_function(b, "<frozen importlib._bootstrap>", "_load", 1);
    uint32_t callers[] = {0, main_, build_site(b, main_, work, 12)};
    while (m->row_count < 12) {
        struct model_row *row = &m->rows[++m->row_count];
        uint32_t line = 20 + m->row_count % 5, n = m->row_count;
        uint32_t function = n == 7 || n == 8 ? import : work;
        row->line = n == 1 ? 0 : line;
        row->site = n == 1 ? 0 : build_site(b, callers[n % 3], function, line);
        row->size = n % 4 == 3 ? 0 : 16 * n;
        row->flags = (n % 6 ? OURO_ROW_OBJECT : 0) | (row->size ? 0 : OURO_ROW_VARIABLE);
        row->type_count = mixed ? 1 + n % 3 : 1;
        for (uint32_t t = 0; t < row->type_count; t++)
            row->types[t] = types[(n + t) % 5];
        if (build_row(b, row->site, row->size, row->flags) != n)
            abort();
    }
}

static void give_birth(struct life_model *m)
{
    uint32_t number = 1 + (uint32_t)life_model_random(&m->seed, m->row_count);
    const struct model_row *row = &m->rows[number];
    if (!m->lives) /* cannot be, but the static analysis thinks so */
        abort();
    struct model_life *life = &m->lives[m->count++];
    bool object = (row->flags & OURO_ROW_OBJECT) != 0;
    *life = (struct model_life){.row = number, .birth = m->clock, .born_epoch = m->epochs + 1};
    life->size = row->size ? row->size : 600 + life_model_random(&m->seed, 5000);
    life->type = object ? row->types[life_model_random(&m->seed, row->type_count)] : NULL;
    build_delta(m->builder, number,
                (struct builder_delta){.births = 1, .born_bytes = row->size ? 0 : life->size});
    m->clock += life->size;
}

static void kill(struct life_model *m, struct model_life *life, unsigned cause, bool known)
{
    const struct model_row *row = &m->rows[life->row];
    struct builder_delta delta = {.died_bytes = row->size ? 0 : life->size};
    uint64_t units = m->clock / OURO_CLOCK_UNIT - life->birth / OURO_CLOCK_UNIT;
    uint32_t bucket = 0;
    life->death = m->clock;
    life->died_epoch = m->epochs + 1;
    life->cause = cause;
    life->known = known && life->type;
    *(cause == 0   ? &delta.deaths_refcount
      : cause == 1 ? &delta.deaths_collector
                   : &delta.deaths_shutdown) = 1;
    build_delta(m->builder, life->row, delta);
    while (units >> bucket)
        bucket++;
    if (life->size > 16)
        build_lifetime(m->builder, life->row, bucket, 1);
    if (life->known)
        build_dead(m->builder, life->row, life->type, 1);
}

static void epoch(struct life_model *m)
{
    uint64_t blocks = 0, bytes = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        blocks += !m->lives[i].died_epoch;
        bytes += m->lives[i].died_epoch ? 0 : m->lives[i].size;
    }
    m->epochs++;
    /* Two blocks rest in a free list: they are alive for the allocator, but in no row. */
    build_epoch(m->builder, m->clock, UINT64_C(1000000) * m->epochs, blocks + 2, bytes + 96);
}

static void snapshot(struct life_model *m)
{
    struct builder_snapshot *s = build_snapshot(m->builder);
    for (uint32_t i = 0; i < m->count; i++) {
        const struct model_life *life = &m->lives[i];
        if (!life->died_epoch && life->type)
            build_object_surplus(
                s, build_object(s, build_type(s, life->type, 0), life->size, life->row), 1);
    }
    build_snapshot_end(s);
}

struct life_model *life_model_run(uint64_t seed, uint32_t events, bool mixed)
{
    struct life_model *m = calloc(1, sizeof *m);
    if (!m || !(m->lives = calloc(events, sizeof *m->lives)))
        abort();
    m->builder = build_new();
    m->seed = seed;
    rows_make(m, mixed);
    for (uint32_t i = 1; i <= events; i++) {
        struct model_life *life =
            m->count ? &m->lives[life_model_random(&m->seed, m->count)] : NULL;
        /* The heap grows in the first two thirds, then shrinks. */
        if (!life || life_model_random(&m->seed, 10) < (i < events / 3 * 2 ? 6u : 2u))
            give_birth(m);
        else if (!life->died_epoch)
            kill(m, life, i > events - 20 ? 2 : life_model_random(&m->seed, 5) == 0,
                 !mixed || life_model_random(&m->seed, 8));
        if (i % 50 == 0)
            epoch(m);
    }
    epoch(m);
    snapshot(m);
    build_end(m->builder, 0);
    return m;
}

void life_model_free(struct life_model *model)
{
    build_free(model->builder);
    free(model->lives);
    free(model);
}

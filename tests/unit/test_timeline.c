/* SPDX-License-Identifier: MIT */
/* Live memory at every epoch, and what the peak is made of. */
#include "cmocka_prelude.h"

#include <stdlib.h>
#include <string.h>

#include "life_model.h"
#include "report/report.h"

#define SEEDS 40

/* What is alive at the end of an epoch: of a row (0: of all), and of a type (NULL: of all). */
static struct live alive(const struct life_model *m, uint32_t epoch, uint32_t row, const char *type)
{
    struct live sum = {0};
    for (uint32_t i = 0; i < m->count; i++) {
        const struct model_life *life = &m->lives[i];
        const char *name = life->type ? life->type : PLAIN_MEMORY;
        if (life->born_epoch > epoch || (life->died_epoch && life->died_epoch <= epoch) ||
            (row && life->row != row) || (type && strcmp(name, type) != 0))
            continue;
        sum.blocks++;
        sum.bytes += life->size;
    }
    return sum;
}

static void check_series(const struct life_model *m, const struct timeline *t)
{
    for (uint32_t i = 0; i < t->type_series_count; i++) {
        const char *type = t->by_type[t->type_series[i].number].type;
        for (uint32_t e = 0; e < t->count; e++)
            assert_int_equal(t->type_series[i].bytes[e], alive(m, e + 1, 0, type).bytes);
    }
    for (uint32_t i = 0; i < t->line_series_count; i++) {
        const struct live_line *line = &t->by_line[t->line_series[i].number];
        /* At the peak the series says what the composition does. */
        assert_int_equal(t->line_series[i].bytes[t->peak], line->total.live.bytes);
    }
}

static void the_peak_is_made_of_what_was_alive_then(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct life_model *m = life_model_run(seed, 1500, false);
        struct run *run = build_run(m->builder);
        struct report report;
        assert_int_equal(report_build(run, &run->processes[0], &report), 0);
        const struct timeline *t = &report.timeline;
        uint32_t peak = 0;
        assert_int_equal(t->count, m->epochs);
        for (uint32_t e = 0; e < t->count; e++) {
            struct live wanted = alive(m, e + 1, 0, NULL);
            assert_int_equal(t->points[e].blocks, wanted.blocks + 2);
            assert_int_equal(t->points[e].bytes, wanted.bytes + 96);
            if (t->points[e].bytes > t->points[peak].bytes)
                peak = e;
        }
        assert_int_equal(t->peak, peak);
        assert_true(peak > 0 && peak + 1 < t->count); /* or this would test little */
        assert_int_equal(t->resting.blocks, 2);
        assert_int_equal(t->resting.bytes, 96);

        struct live sites = {0}, lines = {0}, types = {0}, all = alive(m, peak + 1, 0, NULL);
        for (uint32_t s = 0; s < t->site_count; s++) {
            sites.blocks += t->sites[s].live.blocks;
            sites.bytes += t->sites[s].live.bytes;
        }
        for (uint32_t l = 0; l < t->lines.count; l++) {
            lines.blocks += t->by_line[l].total.live.blocks;
            lines.bytes += t->by_line[l].total.live.bytes;
        }
        for (uint32_t i = 0; i < t->type_count; i++) {
            struct live wanted = alive(m, peak + 1, 0, t->by_type[i].type);
            assert_int_equal(t->by_type[i].live.blocks, wanted.blocks);
            assert_int_equal(t->by_type[i].live.bytes, wanted.bytes);
            types.blocks += wanted.blocks;
            types.bytes += wanted.bytes;
        }
        assert_memory_equal(&sites, &all, sizeof all);
        assert_memory_equal(&lines, &all, sizeof all);
        assert_memory_equal(&types, &all, sizeof all);
        check_series(m, t);
        report_free(&report);
        run_free(run);
        life_model_free(m);
    }
}

static void rows_of_several_types_are_shared_out(void **state)
{
    (void)state;
    struct builder *b = build_new();
    uint32_t site = build_site(b, 0, build_function(b, "a.py", "f", 1), 5);
    uint32_t row = build_row(b, site, 100, OURO_ROW_OBJECT);
    build_delta(b, row, (struct builder_delta){.births = 8});
    build_epoch(b, 1000, 1, 8, 800);
    build_delta(b, row, (struct builder_delta){.deaths_refcount = 8});
    build_dead(b, row, "str", 6);
    build_dead(b, row, "list", 2);
    build_epoch(b, 2000, 2, 0, 0);
    struct run *run = build_run(b);
    struct report report;
    assert_int_equal(report_build(run, &run->processes[0], &report), 0);
    const struct timeline *t = &report.timeline;
    assert_int_equal(t->peak, 0);
    assert_int_equal(t->type_count, 2);
    assert_string_equal(t->by_type[0].type, "str");
    assert_int_equal(t->by_type[0].live.bytes, 600);
    assert_string_equal(t->by_type[1].type, "list");
    assert_int_equal(t->by_type[1].live.blocks, 2);
    assert_int_equal(t->type_series[1].bytes[0], 200);
    assert_int_equal(t->type_series[1].bytes[1], 0);
    report_free(&report);
    run_free(run);
    build_free(b);
}

static void an_epoch_may_take_several_chunks(void **state)
{
    (void)state;
    struct builder *b = build_new();
    uint32_t site = build_site(b, 0, build_function(b, "a.py", "f", 1), 5);
    uint32_t first = build_row(b, site, 10, OURO_ROW_OBJECT);
    uint32_t second = build_row(b, site, 20, OURO_ROW_OBJECT);
    build_delta(b, first, (struct builder_delta){.births = 3});
    build_epoch(b, 100, 1, 5, 70);
    /* The same epoch, 1, goes on: clock 101, time 2, row `second` has 2 births. */
    struct payload p = {0};
    const uint64_t more[] = {1, 101, 2, 5, 70, 1, second, OURO_EPOCH_BIRTHS, 2};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        payload_varint(&p, more[i]);
    build_chunk(b, OURO_CHUNK_EPOCH, 0, 0, p.bytes, p.size);
    payload_clear(&p);
    struct run *run = build_run(b);
    struct report report;
    assert_int_equal(report_build(run, &run->processes[0], &report), 0);
    assert_int_equal(run->processes[0].epoch_count, 1);
    assert_int_equal(run->processes[0].epochs[0].clock, 101);
    assert_int_equal(report.timeline.count, 1);
    assert_int_equal(report.timeline.accounted.bytes, 70);
    assert_int_equal(report.timeline.accounted.blocks, 5);
    assert_int_equal(report.timeline.resting.bytes, 0);
    report_free(&report);
    run_free(run);
    build_free(b);
}

static void without_epochs_there_is_no_peak(void **state)
{
    (void)state;
    struct builder *b = build_new();
    build_end(b, 0);
    struct run *run = build_run(b);
    struct report report;
    assert_int_equal(report_build(run, &run->processes[0], &report), 0);
    assert_int_equal(report.timeline.peak, NO_ID);
    assert_int_equal(report.timeline.lines.count, 0);
    report_free(&report);
    run_free(run);
    build_free(b);
}

static void a_sample_gives_whole_estimates(void **state)
{
    (void)state;
    struct builder *b = build_new();
    build_process_int(b, OURO_PROCESS_SAMPLE, 4096);
    uint32_t site = build_site(b, 0, build_function(b, "a.py", "f", 1), 5);
    uint32_t row = build_row(b, site, 100, OURO_ROW_OBJECT);
    build_delta(b, row, (struct builder_delta){.births = 41 * 1024 + 600});
    build_epoch(b, 5000, 1, 41 * 1024 + 600, (41 * 1024 + 600) * 100);
    struct run *run = build_run(b);
    struct report report;
    assert_int_equal(report_build(run, &run->processes[0], &report), 0);
    const struct timeline *t = &report.timeline;
    assert_int_equal(t->points[0].blocks, 42);
    assert_int_equal(t->points[0].bytes, 4159); /* 41.59 blocks: divided last */
    assert_int_equal(t->by_line[0].total.live.bytes, 4159);
    assert_int_equal(t->line_series[0].bytes[0], 4159);
    report_free(&report);
    run_free(run);
    build_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_peak_is_made_of_what_was_alive_then),
        cmocka_unit_test(rows_of_several_types_are_shared_out),
        cmocka_unit_test(an_epoch_may_take_several_chunks),
        cmocka_unit_test(without_epochs_there_is_no_peak),
        cmocka_unit_test(a_sample_gives_whole_estimates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* What the cyclic collector did. */
#include "cmocka_prelude.h"

#include <stdlib.h>
#include <string.h>

#include "life_model.h"
#include "report/report.h"

#define MS UINT64_C(1000000)

static void runs_are_summed_up_by_generation(void **state)
{
    (void)state;
    struct builder *b = build_new();
    uint32_t row =
        build_row(b, build_site(b, 0, build_function(b, "a.py", "f", 1), 5), 64, OURO_ROW_OBJECT);
    build_delta(b, row, (struct builder_delta){.births = 9, .deaths_collector = 9});
    build_epoch(b, 4096, 1000 * MS, 0, 0);
    const struct builder_collection runs[] = {
        {0, 10 * MS, 3 * MS, 5, 6, 400},
        {0, 20 * MS, 7 * MS, 2, 2, 100},
        {2, 30 * MS, 0, 2, 1, 76},     /* how long is not known */
        {9, 40 * MS, 1 * MS, 0, 0, 0}, /* of a later version: counted with the oldest */
    };
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++)
        build_collection(b, &runs[i]);
    struct builder_snapshot *s = build_snapshot(b);
    const uint64_t counted[] = {2, 1, 1};
    for (size_t i = 0; i < 3; i++)
        build_snapshot_int(s, OURO_SNAPSHOT_GC_COLLECTIONS, counted[i]);
    build_snapshot_end(s);
    build_end(b, 0);
    struct run *run = build_run(b);
    const struct process *p = &run->processes[0];
    struct report report;
    assert_int_equal(p->collection_count, 4);
    assert_int_equal(p->collections[2].generation, 2);
    assert_int_equal(p->collections[1].clock, 4096);
    assert_int_equal(report_build(run, p, &report), 0);
    const struct collector *c = &report.collector;
    assert_int_equal(c->generation_count, 4);
    assert_int_equal(c->generations[0].runs, 2);
    assert_int_equal(c->generations[0].pause, 10 * MS);
    assert_int_equal(c->generations[0].longest, 7 * MS);
    assert_int_equal(c->generations[0].objects, 7);
    assert_int_equal(c->generations[0].bytes, 500);
    assert_int_equal(c->generations[1].runs, 1); /* the runtime's own count: it has no record */
    assert_int_equal(c->generations[1].recorded, 0);
    assert_int_equal(c->generations[2].timed, 0);
    assert_int_equal(c->generations[3].runs, 1);
    assert_int_equal(c->all.runs, 5);
    assert_int_equal(c->all.timed, 3);
    assert_int_equal(c->all.pause, 11 * MS);
    assert_int_equal(c->run_time, 1000 * MS);
    assert_false(collector_all_timed(&c->all));
    assert_true(collector_all_timed(&c->generations[0]));
    report_free(&report);
    run_free(run);
    build_free(b);
}

static void what_it_freed_is_told_by_type_and_line(void **state)
{
    (void)state;
    for (uint64_t seed = 100; seed < 120; seed++) {
        struct life_model *m = life_model_run(seed, 1200, false);
        struct run *run = build_run(m->builder);
        struct report report;
        assert_int_equal(report_build_ledger(run, &run->processes[0], CHURN_WITHIN, &report), 0);
        const struct collector *c = &report.collector;
        uint64_t objects = 0, plain = 0, by_type = 0, by_line = 0;
        for (uint32_t i = 0; i < m->count; i++) {
            bool freed = m->lives[i].died_epoch && m->lives[i].cause == 1;
            objects += freed && m->lives[i].type;
            plain += freed && !m->lives[i].type;
        }
        assert_int_equal(c->objects, objects);
        assert_int_equal(c->plain_blocks, plain);
        for (uint32_t t = 0; t < c->type_count; t++) {
            uint64_t wanted = 0;
            for (uint32_t i = 0; i < m->count; i++)
                wanted += m->lives[i].died_epoch && m->lives[i].cause == 1 && m->lives[i].type &&
                          strcmp(m->lives[i].type, c->types[t].type) == 0;
            assert_int_equal(c->types[t].objects, wanted);
            assert_true(t == 0 || c->types[t - 1].objects >= wanted);
            by_type += wanted;
        }
        for (uint32_t l = 0; l < c->line_count; l++) {
            uint64_t freed = report.churn.by_line[c->lines[l]].total.deaths[1];
            assert_true(freed > 0);
            assert_true(l == 0 || report.churn.by_line[c->lines[l - 1]].total.deaths[1] >= freed);
            by_line += freed;
        }
        assert_int_equal(by_type, objects);
        assert_int_equal(by_line, objects);
        report_free(&report);
        run_free(run);
        life_model_free(m);
    }
}

static void a_collector_that_is_not_followed_is_not_said_to_rest(void **state)
{
    (void)state;
    struct builder *b = build_new();
    build_process_int(b, OURO_PROCESS_FLAGS, OURO_PROCESS_FREE_THREADED);
    build_end(b, 0);
    struct run *run = build_run(b);
    struct report report;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(report_build_ledger(run, &run->processes[0], CHURN_WITHIN, &report), 0);
    assert_int_equal(report_gc_json(out, &report, REPORT_ALL), 0);
    assert_int_equal(report_gc_text(out, &report, "x.ouro", REPORT_ALL, false), 0);
    fclose(out);
    assert_non_null(strstr(text, "\"pause_total\": null"));
    assert_non_null(strstr(text, "\"freed_objects\": null"));
    assert_non_null(strstr(text, "not followed"));
    assert_null(strstr(text, "did not run"));
    free(text);
    report_free(&report);
    run_free(run);
    build_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_are_summed_up_by_generation),
        cmocka_unit_test(what_it_freed_is_told_by_type_and_line),
        cmocka_unit_test(a_collector_that_is_not_followed_is_not_said_to_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Totals, coverage, and places in the source. */
#include "cmocka_prelude.h"

#include <string.h>

#include "load/load.h"
#include "report/report.h"
#include "trace_builder.h"

static void places_are_chains_of_file_function_and_line(void **state)
{
    (void)state;
    struct function_info functions[] = {{"", "", 0, 0},
                                        {"a.py", "f", 1, 0},
                                        {"a.py", "f", 1, 0},
                                        {"b.py", "f", 1, 0},
                                        {"a.py", "main", 9, 0}};
    struct site sites[] = {
        {0}, /* parent, function, line, offset, flags */
        {0, 4, 10, 0, 0},
        {1, 1, 5, 0, 0},
        {1, 1, 5, 4, 0}, /* another instruction of the same line */
        {1, 2, 5, 0, 0}, /* the function was defined twice */
        {1, 1, 6, 0, 0}, /* another line */
        {1, 3, 5, 0, 0}, /* another file */
        {0, 1, 5, 0, 0}, /* another caller */
        {3, 3, 7, 0, 0}, /* the same chains through merged places */
        {4, 3, 7, 0, 0},
    };
    struct row rows[] = {{0}, {.site = 9}, {.site = 99}};
    struct process process = {.function_count = 4,
                              .functions = functions,
                              .site_count = 9,
                              .sites = sites,
                              .row_count = 1,
                              .rows = rows};
    static const uint32_t wanted[] = {0, 1, 2, 2, 2, 5, 6, 7, 8, 8};
    struct site_table table;
    assert_int_equal(site_table_build(&process, &table), 0);
    for (uint32_t s = 0; s <= process.site_count; s++)
        assert_int_equal(table.canonical[s], wanted[s]);
    assert_int_equal(site_table_of_row(&table, 0), 0);
    assert_int_equal(site_table_of_row(&table, 1), 8);
    assert_int_equal(site_table_of_row(&table, 2), 0); /* no such row */
    assert_true(site_compare(2, 5, &process) < 0);
    assert_true(site_compare(6, 2, &process) > 0);
    assert_true(site_compare(0, 2, &process) < 0);
    assert_true(site_compare(7, 2, &process) < 0); /* the shorter chain first */
    assert_int_equal(site_compare(8, 8, &process), 0);
    site_table_free(&table);
}

static void bytes_have_a_known_holder_or_not(void **state)
{
    (void)state;
    struct builder *b = build_new();
    struct builder_snapshot *s = build_snapshot(b);
    uint32_t list = build_type(s, "list", OURO_TYPE_GC | OURO_TYPE_TRAVERSE | OURO_TYPE_CLEAR);
    uint32_t str = build_type(s, "str", OURO_TYPE_ATOM);
    uint32_t module = build_object(s, list, 100, 0), below = build_object(s, str, 30, 0);
    uint32_t immortal = build_object(s, str, 7, 0), interned = build_object(s, str, 3, 0);
    uint32_t builtin = build_object(s, list, 5000, 0), of_builtin = build_object(s, str, 10, 0);
    uint32_t garbage = build_object(s, list, 50, 0);
    uint32_t unknown = build_object(s, list, 60, 0), of_unknown = build_object(s, str, 40, 0);
    build_root(s, OURO_ROOT_MODULE, module, "app", NULL, NULL, 0);
    build_element(s, module, below, 0);
    build_object_flags(s, immortal, OURO_OBJECT_IMMORTAL);
    build_object_flags(s, interned, OURO_OBJECT_INTERNED);
    build_object_surplus(s, interned, 1);
    build_object_flags(s, builtin, OURO_OBJECT_STATIC | OURO_OBJECT_TRACKED);
    build_object_surplus(s, builtin, 1);
    build_element(s, builtin, of_builtin, 0);
    build_element(s, garbage, garbage, 0);
    build_object_surplus(s, unknown, 1);
    build_element(s, unknown, of_unknown, 0);
    build_snapshot_end(s);
    struct run *run = build_run(b);
    struct report report;
    assert_int_equal(report_build(run, &run->processes[0], &report), 0);
    assert_int_equal(report.heap.objects, 9);
    assert_int_equal(report.heap.bytes, 300); /* the static object is not heap */
    assert_int_equal(report.heap.edges, 4);
    assert_true(report.heap.coverage > 200.0 / 300 - 1e-9);
    assert_true(report.heap.coverage < 200.0 / 300 + 1e-9);
    assert_int_equal(report.heap.type_count, 2);
    assert_string_equal(report.heap.types[0].type, "list");
    assert_int_equal(report.heap.types[0].count, 4);
    assert_int_equal(report.heap.types[0].tracked, 4);
    assert_int_equal(report.heap.types[0].bytes, 210);
    assert_int_equal(report.heap.types[1].tracked, 0);
    report_free(&report);
    run_free(run);
    build_free(b);
}

static void types_of_one_name_are_one(void **state)
{
    (void)state;
    struct builder *b = build_new();
    struct builder_snapshot *s = build_snapshot(b);
    for (int i = 0; i < 3; i++) {
        uint32_t type = build_type(s, i == 1 ? "app.B" : "app.A", OURO_TYPE_GC);
        build_object_surplus(s, build_object(s, type, 10, 0), 1);
    }
    build_snapshot_end(s);
    struct run *run = build_run(b);
    struct report report;
    assert_int_equal(report_build(run, &run->processes[0], &report), 0);
    assert_int_equal(report.heap.type_count, 2);
    assert_string_equal(report.heap.types[0].type, "app.A");
    assert_int_equal(report.heap.types[0].count, 2);
    report_free(&report);
    run_free(run);
    build_free(b);
}

static void churn_is_by_place_and_type(void **state)
{
    (void)state;
    struct builder *b = build_new();
    uint32_t f = build_function(b, "a.py", "f", 1), site = build_site(b, 0, f, 5);
    uint32_t caller = build_site(b, 0, build_function(b, "b.py", "g", 1), 7);
    uint32_t elsewhere = build_row(b, build_site(b, caller, f, 5), 96, OURO_ROW_OBJECT);
    uint32_t small = build_row(b, site, 32, OURO_ROW_OBJECT);
    uint32_t large = build_row(b, site, 64, OURO_ROW_OBJECT);
    uint32_t dead = build_row(b, site, 96, OURO_ROW_OBJECT);
    uint32_t other = build_row(b, build_site(b, 0, f, 6), 0, OURO_ROW_OBJECT | OURO_ROW_VARIABLE);
    build_delta(b, small, (struct builder_delta){.births = 10, .deaths_refcount = 7});
    build_delta(b, large,
                (struct builder_delta){.births = 4, .deaths_collector = 1, .deaths_shutdown = 1});
    build_delta(b, dead, (struct builder_delta){.births = 5, .deaths_refcount = 5});
    build_delta(b, elsewhere, (struct builder_delta){.births = 2, .deaths_refcount = 2});
    build_delta(b, other,
                (struct builder_delta){
                    .births = 2, .born_bytes = 999, .died_bytes = 1, .deaths_refcount = 1});
    build_dead(b, small, "str", 7);
    build_dead(b, large, "str", 2);
    build_epoch(b, 1000, 1, 6, 100);
    struct builder_snapshot *s = build_snapshot(b);
    uint32_t str = build_type(s, "str", OURO_TYPE_ATOM), list = build_type(s, "list", OURO_TYPE_GC);
    build_object_surplus(s, build_object(s, list, 32, small), 1); /* the same line and size */
    for (int i = 0; i < 2; i++)
        build_object_surplus(s, build_object(s, str, 32, small), 1);
    for (int i = 0; i < 2; i++)
        build_object_surplus(s, build_object(s, str, 64, large), 1);
    build_snapshot_end(s);
    build_end(b, 0);
    struct run *run = build_run(b);
    struct report report;
    assert_int_equal(report_build(run, &run->processes[0], &report), 0);
    const struct churn *c = &report.churn;
    assert_int_equal(c->allocations, 23);
    assert_int_equal(c->bytes, 320 + 256 + 480 + 192 + 999);
    assert_int_equal(c->site_count, 5);
    assert_int_equal(c->sites[0].bytes, 999);
    assert_null(c->sites[0].type);
    assert_int_equal(c->sites[1].bytes, 9 * 32 + 4 * 64);
    assert_string_equal(c->sites[1].type, "str");
    assert_int_equal(c->sites[1].allocations, 13);
    assert_int_equal(c->sites[1].alive, 4);
    assert_int_equal(c->sites[1].deaths[0], 7);
    assert_int_equal(c->sites[1].deaths[1], 1);
    assert_int_equal(c->sites[1].deaths[2], 1);
    assert_null(c->sites[2].type);
    assert_int_equal(c->sites[2].bytes, 480);
    assert_string_equal(c->sites[4].type, "list");
    assert_int_equal(c->sites[4].alive, 1);
    assert_int_equal(c->deaths, 17);
    assert_int_equal(c->untyped, 8);
    assert_int_equal(c->by_line_count, 4); /* whoever called */
    assert_int_equal(c->by_line[1].total.bytes, 480 + 192);
    assert_int_equal(c->by_line[1].total.allocations, 7);
    assert_int_equal(c->by_line[1].total.site, site);
    report_free(&report);
    run_free(run);
    build_free(b);
}

static void a_sample_counts_in_1024ths_and_tells_only_of_what_it_has(void **state)
{
    (void)state;
    struct builder *b = build_new();
    build_process_int(b, OURO_PROCESS_SAMPLE, 4096);
    uint32_t f = build_function(b, "a.py", "f", 1), site = build_site(b, 0, f, 5);
    uint32_t row = build_row(b, site, 32, OURO_ROW_OBJECT);
    uint32_t same = build_row(b, site, 64, OURO_ROW_OBJECT);
    build_delta(b, row,
                (struct builder_delta){.births = 10 * 1024 + 300, .deaths_refcount = 4 * 1024});
    build_dead(b, row, "Node", 4 * 1024);
    build_delta(b, same, (struct builder_delta){.births = 300});
    build_epoch(b, 1000, 1, 6, 100);
    struct builder_snapshot *s = build_snapshot(b);
    uint32_t node = build_type(s, "Node", OURO_TYPE_GC | OURO_TYPE_TRAVERSE | OURO_TYPE_CLEAR);
    for (int i = 0; i < 100; i++) {
        uint32_t o = build_object(s, node, 32, i % 10 ? 0 : i % 20 ? row : same);
        build_edge(s, o, o, OURO_LABEL_ATTRIBUTE, "me");
    }
    build_snapshot_end(s);
    struct run *run = build_run(b);
    struct report report;
    assert_int_equal(report_build(run, &run->processes[0], &report), 0);
    assert_int_equal(report.churn.site_count, 1);
    assert_int_equal(report.churn.sites[0].allocations, 11); /* 10.59: added up, then rounded */
    assert_int_equal(report.churn.sites[0].alive, 7);
    assert_int_equal(report.cycles.groups[0].site_count, 1);
    assert_true(report.cycles.groups[0].sites[0].share == 1.0);
    assert_int_equal(report.cycles.groups[0].count, 100); /* snapshots are exact */
    report_free(&report);
    run_free(run);
    build_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_chains_of_file_function_and_line),
        cmocka_unit_test(bytes_have_a_known_holder_or_not),
        cmocka_unit_test(types_of_one_name_are_one),
        cmocka_unit_test(churn_is_by_place_and_type),
        cmocka_unit_test(a_sample_counts_in_1024ths_and_tells_only_of_what_it_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Everything that could be smaller: findings, and a total in which no object counts twice. */
#include "cmocka_prelude.h"

#include <stdlib.h>
#include <string.h>

#include "load/load.h"
#include "report/report.h"
#include "trace_builder.h"

#define NUMBERS 8000u

struct wasteful {
    struct builder *b;
    struct builder_snapshot *s;
    uint32_t list, dict, real, row, import_row, all;
    struct spare spares[16];
    uint32_t spare_count;
};

static struct wasteful wasteful_new(void)
{
    struct wasteful h = {.b = build_new()};
    uint32_t main_ = build_site(h.b, 0, build_function(h.b, "app.py", "main", 1), 5);
    uint32_t load =
        build_site(h.b, main_, build_function(h.b, "<frozen importlib._bootstrap>", "_load", 1), 9);
    h.row = build_row(h.b, main_, 56, OURO_ROW_OBJECT);
    h.import_row = build_row(
        h.b, build_site(h.b, load, build_function(h.b, "/usr/lib/python3/x.py", "f", 1), 1), 56,
        OURO_ROW_OBJECT);
    h.s = build_snapshot(h.b);
    h.list = build_type(h.s, "list", OURO_TYPE_GC | OURO_TYPE_TRAVERSE);
    h.dict = build_type(h.s, "dict", OURO_TYPE_GC | OURO_TYPE_TRAVERSE);
    h.real = build_type(h.s, "float", OURO_TYPE_ATOM);
    h.all = build_object(h.s, h.list, 1000, 0);
    build_root(h.s, OURO_ROOT_MODULE, h.all, "app", NULL, NULL, 0);
    return h;
}

static uint32_t spared(struct wasteful *h, uint32_t type, uint32_t row, enum ouro_spare_kind kind,
                       uint64_t bytes)
{
    uint32_t o = build_object(h->s, type, 2000, row);
    build_element(h->s, h->all, o, o);
    h->spares[h->spare_count++] = (struct spare){o, kind, bytes, 0};
    return o;
}

static struct run *wasteful_run(struct wasteful *h, struct report *report)
{
    build_snapshot_end(h->s);
    build_end(h->b, 0);
    struct run *run = build_run(h->b);
    run->processes[0].snapshots[0].spares = h->spares;
    run->processes[0].snapshots[0].spare_count = h->spare_count;
    assert_int_equal(report_build_savings(run, &run->processes[0], report), 0);
    return run;
}

static void wasteful_free(struct wasteful *h, struct report *report, struct run *run)
{
    report_free(report);
    run_free(run);
    build_free(h->b);
}

static void objects_that_several_findings_have_count_once(void **state)
{
    (void)state;
    struct wasteful h = wasteful_new();
    uint32_t numbers = spared(&h, h.list, h.row, OURO_SPARE_NUMBERS, 100);
    uint32_t value = build_value(h.s, h.real, "1.5");
    for (uint32_t i = 0; i < NUMBERS; i++) {
        uint32_t o = build_object(h.s, h.real, 32, h.row);
        build_element(h.s, numbers, o, i);
        if (i % 4)
            build_member(h.s, o, value);
    }
    struct report report;
    struct run *run = wasteful_run(&h, &report);
    const struct savings *n = &report.savings;
    const struct interning_group *equal = &report.interning.groups[0];
    assert_int_equal(n->count, 2);
    assert_int_equal(equal->advice, ADVICE_INTERN);
    uint64_t all = 100 + NUMBERS * 32, both = (NUMBERS / 4 * 3 - 1) * 32;
    const struct saving *list = &n->list[n->list[0].kind == SAVING_NUMBERS ? 0 : 1];
    assert_int_equal(list->bytes, all);
    assert_int_equal(list->objects, 1);
    assert_int_equal(list->added_bytes, all - both);
    assert_int_equal(n->bytes, list->added_bytes + report.interning.advised_bytes);
    wasteful_free(&h, &report, run);
}

static void what_the_import_of_a_library_makes_is_not_listed(void **state)
{
    (void)state;
    struct wasteful h = wasteful_new();
    spared(&h, h.list, h.row, OURO_SPARE_EMPTY, 3000);
    spared(&h, h.list, h.row, OURO_SPARE_EMPTY, 2000);
    spared(&h, h.dict, h.row, OURO_SPARE_ROOM, 900);
    spared(&h, h.list, h.import_row, OURO_SPARE_EMPTY, 5000);
    spared(&h, h.list, h.row, (enum ouro_spare_kind)77, 9999);
    struct report report;
    struct run *run = wasteful_run(&h, &report);
    const struct savings *n = &report.savings;
    assert_int_equal(n->count, 1);
    assert_int_equal(n->bytes, 5000);
    assert_int_equal(n->list[0].objects, 2);
    assert_int_equal(n->small_bytes, 900);
    assert_int_equal(n->foreign_bytes, 5000);
    assert_int_equal(n->kind_bytes[SAVING_EMPTY], 5000);
    assert_string_equal(saving_kind_name(n->list[0].kind), "empty");
    assert_int_equal(run->processes[0].sites[n->list[0].site].line, 5);
    wasteful_free(&h, &report, run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_that_several_findings_have_count_once),
        cmocka_unit_test(what_the_import_of_a_library_makes_is_not_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

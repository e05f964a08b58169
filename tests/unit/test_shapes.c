/* SPDX-License-Identifier: MIT */
/* Cycles that the collector frees: what was seen of a few collections, and the ledger's deaths. */
#include "cmocka_prelude.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "load/load.h"
#include "report/report.h"
#include "trace_builder.h"

#define SECOND UINT64_C(1000000000)

struct trial_run {
    struct builder *b;
    uint32_t node, pair; /* rows, of two lines */
    struct run *run;
    struct report report;
};

static void begin(struct trial_run *t)
{
    t->b = build_new();
    build_process_int(t->b, OURO_PROCESS_GC_SHAPES, 20000);
    uint32_t function = build_function(t->b, "a.py", "f", 1);
    t->node = build_row(t->b, build_site(t->b, 0, function, 5), 64, OURO_ROW_OBJECT);
    t->pair = build_row(t->b, build_site(t->b, 0, function, 9), 48, OURO_ROW_OBJECT);
}

/* A look at a collection; what it is about to free follows. */
static struct builder_snapshot *look(const struct trial_run *t)
{
    struct builder_snapshot *s = build_snapshot(t->b);
    build_snapshot_int(s, OURO_SNAPSHOT_REASON, OURO_SNAPSHOT_COLLECTION);
    build_snapshot_int(s, OURO_SNAPSHOT_EXAMINED, 700);
    return s;
}

static uint32_t collected(struct builder_snapshot *s, const char *name)
{
    return build_type(s, name, OURO_TYPE_GC | OURO_TYPE_TRAVERSE | OURO_TYPE_CLEAR);
}

/* An object that refers to itself, with as many of its type and line hanging below it. */
static void selfish(struct builder_snapshot *s, uint32_t type, uint32_t row, unsigned below)
{
    uint32_t node = build_object(s, type, 64, row);
    build_edge(s, node, node, OURO_LABEL_ATTRIBUTE, "me");
    for (unsigned i = 0; i < below; i++)
        build_edge(s, node, build_object(s, type, 64, row), OURO_LABEL_ATTRIBUTE, "leaf");
}

static void couple(struct builder_snapshot *s, uint32_t type, uint32_t row)
{
    uint32_t a = build_object(s, type, 48, row), b = build_object(s, type, 48, row);
    build_edge(s, a, b, OURO_LABEL_ATTRIBUTE, "other");
    build_edge(s, b, a, OURO_LABEL_ATTRIBUTE, "other");
}

static void freed(struct trial_run *t, uint32_t row, const char *type, uint64_t count)
{
    if (!count)
        return;
    build_delta(t->b, row, (struct builder_delta){.births = count, .deaths_collector = count});
    build_dead(t->b, row, type, count);
}

static void end(struct trial_run *t, uint64_t nodes, uint64_t pairs)
{
    char path[] = "/tmp/ouro-test-XXXXXX" OURO_TRACE_SUFFIX, error[256];
    freed(t, t->node, "app.Node", nodes);
    freed(t, t->pair, "app.Pair", pairs);
    const struct builder_collection collection = {0, SECOND, 1000, 10, 10, 640};
    for (int i = 0; i < 10; i++)
        build_collection(t->b, &collection);
    build_epoch(t->b, 4096, 36 * SECOND, 0, 0);
    build_end(t->b, 0);
    int fd = mkstemps(path, sizeof OURO_TRACE_SUFFIX - 1);
    assert_true(fd >= 0);
    close(fd);
    build_write(t->b, path);
    assert_int_equal(run_open(path, &t->run, error, sizeof error), 0);
    assert_int_equal(report_build(t->run, &t->run->processes[0], &t->report), 0);
    unlink(path);
}

static void release(struct trial_run *t)
{
    report_free(&t->report);
    run_free(t->run);
    build_free(t->b);
}

static void deaths_of_a_line_make_a_rate(void **state)
{
    (void)state;
    struct trial_run t;
    begin(&t);
    for (int i = 0; i < 3; i++) {
        struct builder_snapshot *s = look(&t);
        uint32_t node = collected(s, "app.Node"), pair = collected(s, "app.Pair");
        for (int k = 0; k < 6; k++)
            selfish(s, node, t.node, 0);
        for (int k = 0; k < 2; k++)
            couple(s, pair, t.pair);
        build_snapshot_end(s);
    }
    end(&t, 6000, 4000);
    const struct shapes *shapes = &t.report.shapes;
    assert_true(shapes->wanted);
    assert_int_equal(shapes->looks, 3);
    assert_int_equal(shapes->empty, 0);
    assert_int_equal(shapes->examined, 2100);
    assert_int_equal(shapes->count, 2);
    const struct shape *first = &shapes->items[0], *second = &shapes->items[1];
    assert_string_equal(first->group.path[0].type, "app.Node");
    assert_int_equal(first->group.count, 18);
    assert_int_equal(first->looks, 3);
    assert_true(first->by_deaths);
    assert_true(fabs(first->cycles - 6000) < 1e-6);
    assert_true(fabs(first->per_hour - 600000) < 1e-3); /* 36 s */
    assert_int_equal(first->group.site_count, 1);
    assert_true(fabs(second->cycles - 2000) < 1e-6);  /* two objects each */
    assert_int_equal(t.report.cycles.group_count, 0); /* nothing leaks */
    release(&t);
}

/* Objects of the same type and line that only hang below a cycle are none of its members. */
static void what_hangs_below_is_not_a_cycle(void **state)
{
    (void)state;
    struct trial_run t;
    begin(&t);
    struct builder_snapshot *s = look(&t);
    uint32_t node = collected(s, "app.Node");
    for (int k = 0; k < 5; k++)
        selfish(s, node, t.node, 3);
    build_snapshot_end(s);
    end(&t, 8000, 0);
    assert_int_equal(t.report.shapes.count, 1);
    assert_true(fabs(t.report.shapes.items[0].cycles - 2000) < 1e-6);
    release(&t);
}

static void kinds_of_one_line_share_its_deaths(void **state)
{
    (void)state;
    struct trial_run t;
    begin(&t);
    struct builder_snapshot *s = look(&t);
    uint32_t node = collected(s, "app.Node");
    for (int k = 0; k < 4; k++)
        selfish(s, node, t.node, 0); /* one object */
    for (int k = 0; k < 3; k++)
        couple(s, node, t.node); /* two */
    build_snapshot_end(s);
    build_snapshot_end(look(&t)); /* a collection without cycles */
    end(&t, 1000, 0);
    const struct shapes *shapes = &t.report.shapes;
    assert_int_equal(shapes->empty, 1);
    assert_int_equal(shapes->count, 2);
    assert_true(fabs(shapes->items[0].cycles - 400) < 1e-6);
    assert_true(fabs(shapes->items[1].cycles - 300) < 1e-6);
    release(&t);
}

/* Deaths that a free list hides: as many in each collection as in those looked at. */
static void without_deaths_collections_must_do(void **state)
{
    (void)state;
    struct trial_run t;
    begin(&t);
    for (int i = 0; i < 2; i++) {
        struct builder_snapshot *s = look(&t);
        uint32_t node = collected(s, "app.Node");
        for (int k = 0; k < 3; k++)
            selfish(s, node, t.node, 0);
        build_snapshot_end(s);
    }
    end(&t, 0, 0);
    assert_int_equal(t.report.shapes.count, 1);
    assert_false(t.report.shapes.items[0].by_deaths);
    assert_true(fabs(t.report.shapes.items[0].cycles - 30) < 1e-6); /* 6 in 2 of 10 */
    release(&t);
}

static void a_look_that_is_not_whole_does_not_count(void **state)
{
    (void)state;
    struct trial_run t;
    begin(&t);
    struct builder_snapshot *s = look(&t);
    selfish(s, collected(s, "app.Node"), t.node, 0);
    build_snapshot_end_status(s, OURO_SNAPSHOT_FAULT, "it met a fault");
    s = look(&t);
    selfish(s, collected(s, "app.Node"), t.node, 0);
    build_snapshot_flush(s); /* its end is missing */
    end(&t, 10, 0);
    assert_int_equal(t.report.shapes.looks, 0);
    assert_int_equal(t.report.shapes.count, 0);
    release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deaths_of_a_line_make_a_rate),
        cmocka_unit_test(what_hangs_below_is_not_a_cycle),
        cmocka_unit_test(kinds_of_one_line_share_its_deaths),
        cmocka_unit_test(without_deaths_collections_must_do),
        cmocka_unit_test(a_look_that_is_not_whole_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

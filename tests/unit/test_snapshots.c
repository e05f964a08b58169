/* SPDX-License-Identifier: MIT */
/* Of several snapshots the one that is wanted is loaded, and the others cost nothing. */
#include "cmocka_prelude.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load/load.h"
#include "load/snapshot_set.h"
#include "trace_builder.h"

#define PATH_SIZE 64

/* A snapshot of that many objects of 64 bytes in a row; not ended. */
static struct builder_snapshot *chain(struct builder *b, uint32_t count)
{
    struct builder_snapshot *s = build_snapshot(b);
    uint32_t type = build_type(s, "Node", OURO_TYPE_GC);
    for (uint32_t i = 0; i < count; i++) {
        build_object(s, type, 64, 0);
        if (i)
            build_edge(s, i - 1, i, OURO_LABEL_ATTRIBUTE, "next");
    }
    return s;
}

static void write_trace(struct builder *b, char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, "/tmp/ouro-test-XXXXXX.trace");
    int fd = mkstemps(path, sizeof OURO_TRACE_SUFFIX - 1);
    assert_true(fd >= 0);
    close(fd);
    build_write(b, path);
}

static struct run *open_at(const char *path, int which, uint32_t number)
{
    struct snapshot_choice choice = {.which = which, .number = number};
    struct run *run;
    char error[256];
    assert_int_equal(run_open_at(path, choice, &run, error, sizeof error), 0);
    return run;
}

/* Which one a choice leads to; 0: none. */
static uint32_t chosen(const char *path, int which, uint32_t number)
{
    struct run *run = open_at(path, which, number);
    const struct snapshot *s = process_last_snapshot(&run->processes[0]);
    uint32_t found = s ? s->number : 0;
    if (s)
        assert_int_equal(s->object_count, s->objects);
    run_free(run);
    return found;
}

static void any_whole_snapshot_can_be_chosen(void **state)
{
    (void)state;
    char path[PATH_SIZE];
    struct builder *b = build_new();
    build_snapshot_flush(chain(b, 2)); /* 1: its end is missing */
    for (uint32_t n = 2; n <= 4; n++)
        build_snapshot_end(chain(b, n));
    build_snapshot_flush(chain(b, 9)); /* 5: likewise */
    write_trace(b, path);
    assert_int_equal(chosen(path, SNAPSHOT_LAST, 0), 4);
    assert_int_equal(chosen(path, SNAPSHOT_FIRST, 0), 2);
    assert_int_equal(chosen(path, SNAPSHOT_NUMBERED, 3), 3);
    assert_int_equal(chosen(path, SNAPSHOT_NUMBERED, 5), 0);
    assert_int_equal(chosen(path, SNAPSHOT_NUMBERED, 77), 0);
    assert_int_equal(chosen(path, SNAPSHOT_NONE, 0), 0);
    unlink(path);
    build_free(b);
}

static void others_are_listed_and_not_loaded(void **state)
{
    (void)state;
    char path[PATH_SIZE];
    struct builder *b = build_new();
    for (uint32_t n = 1; n <= 3; n++)
        build_snapshot_end(chain(b, 10 * n));
    write_trace(b, path);
    struct run *run = open_at(path, SNAPSHOT_NUMBERED, 2);
    const struct process *p = &run->processes[0];
    assert_int_equal(p->snapshot_count, 3);
    assert_int_equal(p->chunks_damaged + p->chunks_missing + p->chunks_unknown, 0);
    for (uint32_t i = 0; i < 3; i++) {
        const struct snapshot *s = &p->snapshots[i];
        assert_true(s->whole);
        assert_int_equal(s->loaded, i == 1);
        assert_int_equal(s->object_count, i == 1 ? 20 : 0);
        assert_int_equal(s->objects, 10 * (i + 1));
        assert_int_equal(s->edges, 10 * (i + 1) - 1);
    }
    assert_int_equal(p->snapshots[1].bytes, 20 * 64);
    run_free(run);
    unlink(path);
    build_free(b);
}

/* A snapshot whose fault shows only when it is read. */
static void one_that_proves_broken_is_not_taken(void **state)
{
    (void)state;
    char path[PATH_SIZE];
    struct builder *b = build_new();
    build_snapshot_end(chain(b, 5));
    struct builder_snapshot *second = chain(b, 6);
    build_snapshot_flush(second);
    build_chunk(b, OURO_CHUNK_SNAPSHOT_OBJECTS, 0, 2, "\x63", 1);
    build_snapshot_end(second);
    write_trace(b, path);
    assert_int_equal(chosen(path, SNAPSHOT_LAST, 0), 1);
    assert_int_equal(chosen(path, SNAPSHOT_NUMBERED, 2), 0);
    unlink(path);
    build_free(b);
}

static void what_a_collection_frees_is_no_heap(void **state)
{
    (void)state;
    char path[PATH_SIZE], error[256];
    struct builder *b = build_new();
    build_snapshot_end(chain(b, 5));
    struct builder_snapshot *shape = chain(b, 3);
    build_snapshot_int(shape, OURO_SNAPSHOT_REASON, OURO_SNAPSHOT_COLLECTION);
    build_snapshot_end(shape);
    write_trace(b, path);
    assert_int_equal(chosen(path, SNAPSHOT_LAST, 0), 1);
    assert_int_equal(chosen(path, SNAPSHOT_NUMBERED, 2), 0);
    struct run *run = open_at(path, SNAPSHOT_LAST, 0);
    const struct process *p = &run->processes[0];
    assert_int_equal(p->snapshot_count, 1);
    assert_int_equal(p->shape_count, 1);
    struct snapshot_set set;
    assert_int_equal(snapshot_set_load(p, &p->shapes[0].number, 1, &set, error, sizeof error), 0);
    assert_int_equal(set.count, 1);
    assert_int_equal(set.snapshots[0].object_count, 3);
    snapshot_set_free(&set);
    run_free(run);
    unlink(path);
    build_free(b);
}

/* One after the other, as an analysis of growth does. */
static void snapshots_can_be_loaded_one_by_one(void **state)
{
    (void)state;
    char path[PATH_SIZE], error[256];
    struct builder *b = build_new();
    for (uint32_t n = 1; n <= 5; n++)
        build_snapshot_end(chain(b, n));
    write_trace(b, path);
    struct run *run = open_at(path, SNAPSHOT_NONE, 0);
    const struct process *p = &run->processes[0];
    assert_null(process_last_snapshot(p));
    for (uint32_t i = 0; i < p->snapshot_count; i++) {
        struct snapshot_set set;
        assert_int_equal(
            snapshot_set_load(p, &p->snapshots[i].number, 1, &set, error, sizeof error), 0);
        assert_int_equal(set.count, 1);
        assert_true(set.snapshots[0].whole);
        assert_int_equal(set.snapshots[0].number, i + 1);
        assert_int_equal(set.snapshots[0].object_count, i + 1);
        snapshot_set_free(&set);
    }
    const uint32_t two[] = {2, 5};
    struct snapshot_set set;
    assert_int_equal(snapshot_set_load(p, two, 2, &set, error, sizeof error), 0);
    assert_int_equal(set.count, 2);
    assert_int_equal(set.snapshots[1].object_count, 5);
    snapshot_set_free(&set);
    run_free(run);
    unlink(path);
    build_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_whole_snapshot_can_be_chosen),
        cmocka_unit_test(others_are_listed_and_not_loaded),
        cmocka_unit_test(one_that_proves_broken_is_not_taken),
        cmocka_unit_test(what_a_collection_frees_is_no_heap),
        cmocka_unit_test(snapshots_can_be_loaded_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

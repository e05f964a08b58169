/* SPDX-License-Identifier: MIT */
/* What a trace says is what the model holds. */
#include "cmocka_prelude.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "load/load.h"
#include "load/snapshot_set.h"
#include "trace_builder.h"

#define SECOND UINT64_C(1000000000)

static void a_process_keeps_its_description(void **state)
{
    (void)state;
    struct builder *b = build_new();
    build_process_int(b, OURO_PROCESS_PID, 77);
    build_process_int(b, OURO_PROCESS_FLAGS, OURO_PROCESS_APPROXIMATE);
    build_process_text(b, OURO_PROCESS_ARGUMENT, "python3");
    build_process_text(b, OURO_PROCESS_ARGUMENT, "-m");
    build_process_text(b, OURO_PROCESS_ARGUMENT, "");
    build_process_text(b, 99, "a field of a later version");
    build_note(b, OURO_NOTE_TRACER_LOST, "coverage took it");
    build_mark(b, "warm");
    build_child(b, 78);
    build_end(b, 3);
    struct run *run = build_run(b);
    const struct process *p = &run->processes[0];
    assert_int_equal(run->process_count, 1);
    assert_int_equal(p->pid, 77);
    assert_int_equal(p->flags, OURO_PROCESS_APPROXIMATE);
    assert_string_equal(p->runtime_version, "3.11.2");
    assert_string_equal(p->parent_trace, "");
    assert_int_equal(p->argument_count, 3);
    assert_string_equal(p->arguments[1], "-m");
    assert_string_equal(p->arguments[2], "");
    assert_int_equal(p->note_count, 1);
    assert_string_equal(p->notes[0].text, "coverage took it");
    assert_true(p->ended && p->exit_status_known);
    assert_int_equal(p->exit_status, 3);
    assert_false(p->truncated);
    assert_int_equal(p->bytes_used, p->bytes);
    assert_int_equal(p->chunks, 5);
    assert_int_equal(p->chunks_unknown + p->chunks_damaged + p->chunks_missing, 0);
    run_free(run);
    build_free(b);
}

static void epochs_add_up_to_the_rows(void **state)
{
    (void)state;
    struct builder *b = build_new();
    uint32_t outer = build_site(b, 0, build_function(b, "app.py", "main", 1), 9);
    uint32_t inner = build_site(b, outer, build_function(b, "app.py", "Tree.grow", 20), 23);
    uint32_t fixed = build_row(b, inner, 64, OURO_ROW_OBJECT);
    uint32_t unused = build_row(b, outer, 32, 0);
    uint32_t variable = build_row(b, outer, 0, OURO_ROW_VARIABLE);
    build_delta(b, fixed, (struct builder_delta){.births = 10, .deaths_refcount = 2});
    build_delta(b, variable, (struct builder_delta){.births = 3, .born_bytes = 1000});
    build_epoch(b, 4096, SECOND, 11, 1512);
    build_delta(b, fixed, (struct builder_delta){.births = 5, .deaths_collector = 4});
    build_delta(b, variable, (struct builder_delta){.deaths_shutdown = 1, .died_bytes = 300});
    build_epoch(b, 8192, 2 * SECOND, 11, 1276);
    struct run *run = build_run(b);
    const struct process *p = &run->processes[0];

    assert_int_equal(p->epoch_count, 2);
    assert_int_equal(p->epochs[1].number, 2);
    assert_int_equal(p->epochs[1].clock, 8192);
    assert_int_equal(p->epochs[0].live_bytes, 1512);
    assert_int_equal(p->row_count, 3);
    assert_int_equal(p->rows[fixed].births, 15);
    assert_int_equal(p->rows[fixed].born_bytes, 15 * 64);
    assert_int_equal(p->rows[fixed].deaths[0], 2);
    assert_int_equal(p->rows[fixed].deaths[1], 4);
    assert_int_equal(p->rows[fixed].died_bytes, 6 * 64);
    assert_int_equal(p->rows[unused].births, 0);
    assert_int_equal(p->rows[variable].born_bytes, 1000);
    assert_int_equal(p->rows[variable].deaths[2], 1);
    assert_int_equal(p->rows[variable].died_bytes, 300);
    assert_false(p->ended);

    const char *file, *function;
    uint32_t line;
    site_place(p, p->rows[fixed].site, &file, &line, &function);
    assert_string_equal(file, "app.py");
    assert_string_equal(function, "Tree.grow");
    assert_int_equal(line, 23);
    assert_int_equal(p->sites[p->rows[fixed].site].parent, outer);
    site_place(p, 0, &file, &line, &function);
    assert_string_equal(file, "");
    assert_int_equal(line, 0);
    run_free(run);
    build_free(b);
}

/* A snapshot with something of everything, used by several tests. */
static struct builder_snapshot *small_heap(struct builder *b)
{
    uint32_t row = build_row(b, build_site(b, 0, build_function(b, "app.py", "main", 1), 5), 64,
                             OURO_ROW_OBJECT);
    struct builder_snapshot *s = build_snapshot(b);
    uint32_t node = build_type(s, "app.Node", OURO_TYPE_GC | OURO_TYPE_TRAVERSE | OURO_TYPE_USER);
    uint32_t list = build_type(s, "list", OURO_TYPE_GC | OURO_TYPE_TRAVERSE);
    uint32_t str = build_type(s, "str", OURO_TYPE_ATOM);
    uint32_t parent = build_object(s, node, 64, row);   /* 0 */
    uint32_t children = build_object(s, list, 88, row); /* 1 */
    uint32_t first = build_object(s, str, 50, row);     /* 2 */
    uint32_t second = build_object(s, str, 50, 0);      /* 3 */
    build_edge(s, children, parent, OURO_LABEL_REFERENT, NULL);
    build_edge(s, parent, children, OURO_LABEL_ATTRIBUTE, "children");
    build_element(s, children, first, 0);
    build_element(s, children, second, 1);
    build_element(s, children, first, 7);
    build_root(s, OURO_ROOT_LOCAL, parent, "tree", "main", "app.py", 6);
    uint32_t value = build_value(s, str, "spam\n");
    build_member(s, second, value);
    build_member(s, first, value);
    return s;
}

static void check_small_heap(const struct snapshot *s)
{
    assert_true(s->whole);
    assert_int_equal(s->status, OURO_SNAPSHOT_COMPLETE);
    assert_int_equal(s->type_count, 3);
    assert_string_equal(s->types[1].name, "app.Node");
    assert_int_equal(s->types[3].flags, OURO_TYPE_ATOM);
    assert_int_equal(s->object_count, 4);
    assert_int_equal(s->edge_count, 5);
    assert_int_equal(object_size(s, 1), 88);
    assert_int_equal(s->type[3], 3);
    assert_int_equal(s->row[0], s->number); /* each snapshot has a row of its own */
    assert_int_equal(s->row[3], 0);
    assert_int_equal(s->refcount[0], 1); /* the root; a weak reference does not count */
    assert_int_equal(s->refcount[2], 2);
    assert_int_equal(s->flags[0], OURO_OBJECT_TRACKED);
    assert_int_equal(s->flags[2], 0);
    assert_true(s->address[1] == s->address[0] + 64);
    assert_int_equal(object_birth(s, 0), OURO_CLOCK_UNIT);
    assert_int_equal(object_birth(s, 3), 4 * OURO_CLOCK_UNIT);
    assert_int_equal(s->edge_first[0], 0);
    assert_int_equal(s->edge_first[1], 1);
    assert_int_equal(s->edge_first[2], 5);
    assert_int_equal(s->edge_first[4], 5);
    assert_int_equal(s->edge_target[0], 1);
    assert_int_equal(s->edge_label[0] & OURO_LABEL_KIND_MASK, OURO_LABEL_ATTRIBUTE);
    assert_string_equal(s->strings[s->edge_label[0] >> OURO_LABEL_SHIFT], "children");
    assert_int_equal(s->edge_target[1], 0);
    assert_int_equal(s->edge_label[1], OURO_LABEL_REFERENT);
    assert_int_equal(s->edge_target[4], 2);
    assert_int_equal(s->edge_label[3], OURO_LABEL_INDEX);
    assert_int_equal(s->edge_label[4], OURO_LABEL_INDEX | 10u << OURO_LABEL_SHIFT); /* +5 */
    assert_int_equal(s->root_count, 1);
    assert_int_equal(s->roots[0].target, 0);
    assert_string_equal(s->roots[0].name, "tree");
    assert_string_equal(s->roots[0].function, "main");
    assert_string_equal(s->roots[0].file, "app.py");
    assert_int_equal(s->roots[0].line, 6);
    assert_int_equal(s->value_count, 1);
    assert_string_equal(s->values[1].preview, "spam\\n");
    assert_int_equal(s->values[1].length, 5);
    assert_int_equal(s->member_count, 2);
    assert_int_equal(s->member_object[0], 2);
    assert_int_equal(s->member_object[1], 3);
    assert_int_equal(s->member_value[1], 1);
    assert_true(s->gc.enabled);
    assert_int_equal(s->gc.generations, 3);
    assert_int_equal(s->gc.threshold[0], 700);
}

static void a_snapshot_keeps_everything(void **state)
{
    (void)state;
    for (int compressed = 0; compressed < 2; compressed++) {
        struct builder *b = build_new();
        build_compress(b, compressed);
        struct builder_snapshot *s = small_heap(b);
        build_snapshot_taken(b, 1, 12345);
        build_snapshot_end(s);
        build_end(b, 0);
        struct run *run = build_run(b);
        const struct snapshot *snapshot = process_last_snapshot(&run->processes[0]);
        assert_non_null(snapshot);
        check_small_heap(snapshot);
        assert_int_equal(snapshot->pause, 12345);
        assert_int_equal(snapshot->number, 1);
        run_free(run);
        build_free(b);
    }
}

static void snapshots_may_interleave_with_the_process(void **state)
{
    (void)state;
    struct builder *b = build_new();
    struct builder_snapshot *first = small_heap(b);
    build_snapshot_flush(first);
    struct builder_snapshot *second = small_heap(b);
    build_delta(b, 1, (struct builder_delta){.births = 1});
    build_epoch(b, 100, 1, 1, 64);
    build_snapshot_flush(second);
    uint32_t late = build_object(first, 1, 16, 2);
    build_edge(first, late, 0, OURO_LABEL_ATTRIBUTE, "back");
    build_snapshot_end(second);
    build_end(b, 0);
    build_snapshot_end(first); /* a copy may finish after the program */
    struct run *run = build_run(b);
    const struct process *p = &run->processes[0];
    assert_int_equal(p->snapshot_count, 2);
    assert_int_equal(p->epoch_count, 1);
    assert_true(p->snapshots[0].whole);
    check_small_heap(&p->snapshots[1]);
    assert_ptr_equal(process_last_snapshot(p), &p->snapshots[1]);
    const uint32_t number = 1;
    struct snapshot_set set;
    char error[256];
    build_write(b, "/tmp/ouro-test-interleaved.trace");
    run_free(run);
    assert_int_equal(run_open("/tmp/ouro-test-interleaved.trace", &run, error, sizeof error), 0);
    assert_int_equal(snapshot_set_load(&run->processes[0], &number, 1, &set, error, sizeof error),
                     0);
    assert_int_equal(set.count, 1);
    assert_true(set.snapshots[0].whole);
    assert_int_equal(set.snapshots[0].object_count, 5);
    assert_int_equal(set.snapshots[0].edge_count, 6);
    assert_int_equal(set.snapshots[0].edge_target[5], 0);
    snapshot_set_free(&set);
    unlink("/tmp/ouro-test-interleaved.trace");
    run_free(run);
    build_free(b);
}

static void edges_of_a_large_container_span_chunks(void **state)
{
    enum { ELEMENTS = (1 << 21) + 5 }; /* more than the builder puts into two chunks */
    (void)state;
    struct builder *b = build_new();
    struct builder_snapshot *s = build_snapshot(b);
    uint32_t list = build_type(s, "list", OURO_TYPE_GC);
    uint32_t big = build_object(s, list, 8 * ELEMENTS, 0);
    uint32_t one = build_object(s, list, 56, 0);
    for (uint32_t i = 0; i < ELEMENTS; i++)
        build_element(s, big, one, i);
    build_edge(s, one, big, OURO_LABEL_INDEX + 1, NULL);
    build_snapshot_end(s);
    struct run *run = build_run(b);
    const struct snapshot *snapshot = process_last_snapshot(&run->processes[0]);
    assert_non_null(snapshot);
    assert_int_equal(snapshot->edge_count, ELEMENTS + 1);
    assert_int_equal(snapshot->edge_first[1], ELEMENTS);
    for (uint32_t i = 0; i < ELEMENTS; i++)
        assert_true(snapshot->edge_target[i] == one && snapshot->edge_label[i] == OURO_LABEL_INDEX);
    assert_int_equal(snapshot->edge_target[ELEMENTS], big);
    run_free(run);
    build_free(b);
}

/* Most sizes and births are kept in 32 bits; some are not, and may be in any chunk. */
static void sizes_and_births_of_any_magnitude_are_kept(void **state)
{
    (void)state;
    const uint64_t unit = OURO_CLOCK_UNIT, far = UINT64_C(1) << 32;
    const uint64_t clocks[] = {1000 * unit, far * unit, 9 * far * unit};
    for (size_t c = 0; c < sizeof clocks / sizeof *clocks; c++) {
        const uint64_t births[] = {
            0, unit, 999 * unit, (far - 1) * unit, far * unit, clocks[c] - unit, clocks[c] + unit};
        const uint64_t sizes[] = {0, 16, far - 2, far - 1, far, far + 1, UINT64_C(1) << 48};
        const uint32_t count = sizeof sizes / sizeof *sizes;
        struct builder *b = build_new();
        struct builder_snapshot *s = build_snapshot(b);
        build_snapshot_int(s, OURO_SNAPSHOT_CLOCK, clocks[c]);
        uint32_t type = build_type(s, "bytes", OURO_TYPE_ATOM);
        for (uint32_t o = 0; o < 3 * count; o++) {
            build_object(s, type, sizes[o % count], 0);
            build_object_birth(s, o, births[o % count]);
            if (o % 4 == 3)
                build_snapshot_flush(s);
        }
        build_snapshot_end(s);
        struct run *run = build_run(b);
        const struct snapshot *loaded = process_last_snapshot(&run->processes[0]);
        assert_non_null(loaded);
        assert_int_equal(loaded->object_count, 3 * count);
        for (uint32_t o = 0; o < loaded->object_count; o++) {
            assert_int_equal(object_size(loaded, o), sizes[o % count]);
            assert_int_equal(object_birth(loaded, o), births[o % count]);
        }
        run_free(run);
        build_free(b);
    }
}

static void an_unfinished_snapshot_is_not_whole(void **state)
{
    (void)state;
    struct builder *b = build_new();
    build_snapshot_end(small_heap(b));
    build_snapshot_flush(small_heap(b));
    build_snapshot_taken(b, 3, 5);
    struct run *run = build_run(b);
    const struct process *p = &run->processes[0];
    assert_int_equal(p->snapshot_count, 3);
    assert_true(p->snapshots[0].whole);
    assert_false(p->snapshots[1].whole);
    assert_string_equal(p->snapshots[1].text, "its end is missing");
    assert_int_equal(p->snapshots[1].object_count, 0); /* it is not the one that was chosen */
    assert_false(p->snapshots[2].whole);
    assert_string_equal(p->snapshots[2].text, "nothing of it was written");
    assert_ptr_equal(process_last_snapshot(p), &p->snapshots[0]);
    run_free(run);
    build_free(b);
}

static void a_bounded_snapshot_loses_edges_to_what_it_did_not_reach(void **state)
{
    (void)state;
    struct builder *b = build_new();
    struct builder_snapshot *s = build_snapshot(b);
    uint32_t list = build_type(s, "list", OURO_TYPE_GC);
    uint32_t a = build_object(s, list, 56, 0), c = build_object(s, list, 56, 0);
    build_element(s, a, c, 0);
    build_element(s, a, 1000, 1);
    build_element(s, a, c, 2);
    build_edge(s, c, 1001, OURO_LABEL_ELEMENT, NULL);
    build_snapshot_end_status(s, OURO_SNAPSHOT_TIME_BOUND, "after 30 s");
    struct run *run = build_run(b);
    const struct snapshot *snapshot = process_last_snapshot(&run->processes[0]);
    assert_non_null(snapshot);
    assert_int_equal(snapshot->status, OURO_SNAPSHOT_TIME_BOUND);
    assert_string_equal(snapshot->text, "after 30 s");
    assert_int_equal(snapshot->edge_count, 2);
    assert_int_equal(snapshot->edge_first[1], 2);
    assert_int_equal(snapshot->edge_first[2], 2);
    assert_int_equal(snapshot->edge_label[0], OURO_LABEL_INDEX);
    assert_int_equal(snapshot->edge_label[1], OURO_LABEL_INDEX | 2u << OURO_LABEL_SHIFT); /* +1 */
    run_free(run);
    build_free(b);
}

static void unknown_chunks_and_flags_are_skipped(void **state)
{
    (void)state;
    struct builder *b = build_new();
    build_site(b, 0, 0, 0);
    size_t size;
    build_bytes(b, &size);
    build_chunk(b, 999, 0, 0, "future", 6);
    build_chunk(b, OURO_CHUNK_EPOCH, 1u << 5, 0, "encrypted?", 10);
    struct builder_snapshot *s = small_heap(b);
    build_snapshot_flush(s);
    build_chunk(b, 998, 0, build_snapshot_number(s), "future", 6);
    build_snapshot_end(s);
    struct run *run = build_run(b);
    const struct process *p = &run->processes[0];
    assert_int_equal(p->chunks_unknown, 3);
    assert_int_equal(p->chunks_damaged + p->chunks_missing, 0);
    assert_non_null(process_last_snapshot(p));
    run_free(run);
    build_free(b);
}

static void a_failed_exec_does_not_end_the_process(void **state)
{
    (void)state;
    struct builder *b = build_new();
    build_end_reason(b, OURO_END_EXEC, -1);
    struct run *run = build_run(b);
    assert_true(run->processes[0].ended);
    assert_int_equal(run->processes[0].end_reason, OURO_END_EXEC);
    run_free(run);
    build_epoch(b, 100, 100, 0, 0);
    run = build_run(b);
    assert_false(run->processes[0].ended);
    run_free(run);
    build_end(b, 1);
    run = build_run(b);
    assert_true(run->processes[0].ended);
    assert_int_equal(run->processes[0].end_reason, OURO_END_EXIT);
    run_free(run);
    build_free(b);
}

/* A folder for one test, and its removal. */
static char folder[] = "/tmp/ouro-test-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    memcpy(folder + sizeof folder - 7, "XXXXXX", 7);
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[64];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static const char *in_folder(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_process(const char *name, const char *parent, uint64_t wall)
{
    struct builder *b = build_new();
    build_process_int(b, OURO_PROCESS_WALL, wall);
    if (parent)
        build_process_text(b, OURO_PROCESS_PARENT_TRACE, parent);
    build_write(b, in_folder(name));
    build_free(b);
}

static void a_folder_is_read_parents_first(void **state)
{
    struct run *run;
    char error[256];
    (void)state;
    write_process("1.trace", "5.trace", 50); /* a clock set back */
    write_process("2.trace", "5.trace", 300);
    write_process("5.trace", NULL, 100);
    write_process("3.trace", "1.trace", 20);
    write_process("4.trace", "gone.trace", 200);
    write_process("6.trace", "7.trace", 10); /* a ring, which only a forged run has */
    write_process("7.trace", "6.trace", 10);
    build_write_bytes(in_folder("notes.txt"), "x", 1);
    build_write_bytes(in_folder("8.trace"), "", 0);
    assert_int_equal(run_open(folder, &run, error, sizeof error), 0);
    assert_int_equal(run->process_count, 7);
    size_t place[8] = {0};
    for (uint32_t i = 0; i < 7; i++)
        place[run->processes[i].file[0] - '0'] = i;
    assert_true(place[5] < place[1] && place[5] < place[2] && place[1] < place[3]);
    assert_true(place[1] < place[2]);
    assert_true(place[5] < place[4]);
    assert_int_equal(run->problem_count, 1);
    assert_non_null(strstr(run->problems[0], "8.trace: is empty"));
    run_free(run);
}

/* The copy that writes a snapshot may outlive the program; it holds a lock until it is done. */
static void a_trace_that_is_being_written_is_waited_for(void **state)
{
    struct run *run;
    char error[256], byte;
    int ready[2];
    (void)state;
    struct builder *b = build_new();
    struct builder_snapshot *s = build_snapshot(b);
    build_write(b, in_folder("1.trace"));
    assert_int_equal(pipe(ready), 0);
    pid_t writer = fork();
    if (writer == 0) {
        const struct timespec moment = {0, 100000000};
        int held = open(in_folder("1.trace"), O_RDONLY);
        if (held < 0 || flock(held, LOCK_SH) != 0 || write(ready[1], "x", 1) != 1)
            _exit(1);
        nanosleep(&moment, NULL);
        build_snapshot_end(s);
        build_write(b, in_folder("1.trace"));
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(run_open(folder, &run, error, sizeof error), 0);
    assert_non_null(process_last_snapshot(&run->processes[0]));
    run_free(run);
    assert_int_equal(waitpid(writer, NULL, 0), writer);
    close(ready[0]);
    close(ready[1]);
    build_free(b);
}

static void check_refused(const char *path, const char *what)
{
    struct run *run = (struct run *)1;
    char error[512] = "";
    assert_int_equal(run_open(path, &run, error, sizeof error), -1);
    assert_null(run);
    assert_non_null(strstr(error, path));
    if (!strstr(error, what))
        fail_msg("\"%s\" does not say \"%s\"", error, what);
    assert_null(strchr(error, '\n'));
}

static void what_cannot_be_read_is_refused_by_name(void **state)
{
    (void)state;
    check_refused(in_folder("gone"), "No such file");
    check_refused(folder, "no trace in this folder");

    build_write_bytes(in_folder("a.trace"), "", 0);
    check_refused(in_folder("a.trace"), "is empty");
    build_write_bytes(in_folder("a.trace"), "#!/bin/sh\nexit 1\n", 17);
    check_refused(in_folder("a.trace"), "is not a trace");
    static char zeros[5000];
    build_write_bytes(in_folder("a.trace"), zeros, sizeof zeros);
    check_refused(in_folder("a.trace"), "is not a trace");
    check_refused("/dev/zero", "not a regular file");
    assert_int_equal(mkfifo(in_folder("pipe.trace"), 0600), 0);
    check_refused(in_folder("pipe.trace"), "not a regular file");

    struct builder *b = build_new();
    size_t size;
    const unsigned char *bytes = build_bytes(b, &size);
    build_write_bytes(in_folder("a.trace"), bytes, size / 2);
    check_refused(in_folder("a.trace"), "cut off within its first chunk");
    build_free(b);

    b = build_new();
    build_process_int(b, OURO_PROCESS_VERSION, 2);
    build_write(b, in_folder("a.trace"));
    check_refused(in_folder("a.trace"),
                  "written by a newer ouro: trace version 2, this one reads 1");
    build_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_keeps_its_description),
        cmocka_unit_test(epochs_add_up_to_the_rows),
        cmocka_unit_test(a_snapshot_keeps_everything),
        cmocka_unit_test(snapshots_may_interleave_with_the_process),
        cmocka_unit_test(edges_of_a_large_container_span_chunks),
        cmocka_unit_test(sizes_and_births_of_any_magnitude_are_kept),
        cmocka_unit_test(an_unfinished_snapshot_is_not_whole),
        cmocka_unit_test(a_bounded_snapshot_loses_edges_to_what_it_did_not_reach),
        cmocka_unit_test(unknown_chunks_and_flags_are_skipped),
        cmocka_unit_test(a_failed_exec_does_not_end_the_process),
        cmocka_unit_test_setup_teardown(a_folder_is_read_parents_first, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_trace_that_is_being_written_is_waited_for, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_is_refused_by_name, make_folder,
                                        remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

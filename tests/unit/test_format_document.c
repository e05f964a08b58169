/* SPDX-License-Identifier: MIT */
/* The example in docs/trace-format.md is a valid trace and holds what the document says it does. */
#include "cmocka_prelude.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load/load.h"
#include "trace_builder.h"

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads "OFFSET  xx xx …   words" into bytes; returns the new size. */
static size_t read_line(const char *line, unsigned char *bytes, size_t size)
{
    char *at;
    unsigned long offset = strtoul(line, &at, 16);
    if (at == line || *at != ' ')
        return size;
    assert_int_equal(offset, size);
    at++;
    while (at[0] == ' ' && digit(at[1]) >= 0 && digit(at[2]) >= 0 && at[3] <= ' ') {
        bytes[size++] = (unsigned char)(digit(at[1]) << 4 | digit(at[2]));
        at += 3;
    }
    return size;
}

static size_t read_example(unsigned char *bytes, size_t room)
{
    char path[512], line[256];
    const char *source = getenv("OURO_SOURCE");
    assert_non_null(source);
    snprintf(path, sizeof path, "%s/docs/trace-format.md", source);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    bool inside = false;
    size_t size = 0;
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, "```", 3) == 0)
            inside = strncmp(line, "```hex", 6) == 0;
        else if (inside && line[0] != ' ' && line[0] != '\n')
            size = read_line(line, bytes, size);
        assert_true(size + 16 < room);
    }
    fclose(file);
    return size;
}

static void the_example_is_a_trace(void **state)
{
    unsigned char bytes[4096];
    char error[256];
    struct run *run;
    (void)state;
    size_t size = read_example(bytes, sizeof bytes);
    assert_true(size > 500);
    if (build_open(bytes, size, &run, error, sizeof error) != 0)
        fail_msg("%s", error);
    const struct process *p = &run->processes[0];
    assert_int_equal(p->chunks, 13);
    assert_int_equal(p->bytes_used, size);
    assert_int_equal(p->chunks_damaged + p->chunks_missing + p->chunks_unknown, 0);
    assert_int_equal(p->pid, 7);
    assert_string_equal(p->arguments[0], "m.py");
    assert_string_equal(p->functions[1].name, "f");
    assert_int_equal(p->sites[1].line, 3);
    assert_int_equal(p->rows[1].births - p->rows[1].deaths[0], 9);
    assert_int_equal(p->epochs[0].live_bytes, 576);
    assert_true(p->ended);

    const struct snapshot *s = process_last_snapshot(p);
    assert_non_null(s);
    assert_int_equal(s->object_count, 2);
    assert_string_equal(s->types[s->type[0]].name, "m.Node");
    assert_int_equal(s->address[1], 0x1040);
    assert_int_equal((int)object_birth(s, 0), 512);
    assert_int_equal((int)object_birth(s, 1), 768);
    assert_int_equal(s->edge_first[1], 2);
    assert_int_equal(s->edge_target[0], 1);
    assert_int_equal(s->edge_target[2], 0);
    assert_string_equal(s->strings[s->edge_label[2] >> OURO_LABEL_SHIFT], "next");
    assert_string_equal(s->roots[0].name, "n");
    assert_int_equal(s->roots[0].kind, OURO_ROOT_LOCAL);
    run_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_example_is_a_trace)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

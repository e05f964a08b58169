/* SPDX-License-Identifier: MIT */
/* Exported records are valid JSON, one a line, and say what the trace does. */
#include "cmocka_prelude.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cycles/garbage.h"
#include "export/records.h"
#include "life_model.h"
#include "load/load.h"

/* A run that can be read twice. */
static struct run *open_written(struct builder *b, char path[64])
{
    struct run *run;
    char error[256];
    static const char pattern[] = "/tmp/ouro-export-XXXXXX" OURO_TRACE_SUFFIX;
    memcpy(path, pattern, sizeof pattern);
    int fd = mkstemps(path, sizeof OURO_TRACE_SUFFIX - 1);
    assert_true(fd >= 0);
    close(fd);
    build_write(b, path);
    assert_int_equal(run_open(path, &run, error, sizeof error), 0);
    return run;
}

/* The next line of text as JSON; NULL at the end. */
static json_t *next(const char **text)
{
    const char *end = strchr(*text, '\n');
    if (!**text)
        return NULL;
    assert_non_null(end);
    json_t *json = json_loadb(*text, (size_t)(end - *text), 0, NULL);
    assert_non_null(json);
    *text = end + 1;
    return json;
}

static json_int_t number(const json_t *json, const char *key)
{
    const json_t *value = json_object_get(json, key);
    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static const char *string(const json_t *json, const char *key)
{
    return json_string_value(json_object_get(json, key));
}

static bool is_null(const json_t *json, const char *key)
{
    return json_is_null(json_object_get(json, key));
}

static void lives_have_names_places_and_clocks(void **state)
{
    (void)state;
    struct builder *b = build_new();
    uint32_t f = build_function(b, "dir\\my \"app\".py", "f.<locals>.g", 1);
    uint32_t fixed = build_row(b, build_site(b, 0, f, 5), 64, OURO_ROW_OBJECT);
    uint32_t varying = build_row(b, 0, 0, OURO_ROW_VARIABLE);
    uint32_t node = build_dead_type(b, "app.Node");
    build_delta(b, fixed, (struct builder_delta){.births = 3, .deaths_refcount = 2});
    build_epoch(b, 100 * 256, 1, 2, 200);
    const struct builder_life lives[] = {
        {.row = fixed, .type = node, .death = 90, .age = 11, .cause = 0},
        {.row = varying, .size = 5000, .death = 95, .age = 1, .cause = 1},
        {.row = fixed, .type = 0, .death = 91, .age = 0, .cause = 2},
        {.row = fixed, .type = node, .death = 100, .age = 51, .cause = OURO_LIFE_ALIVE},
    };
    build_lives(b, lives, 4);
    char path[64], error[256];
    struct run *run = open_written(b, path);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(run->processes[0].life_count, 4);
    assert_int_equal(records_lives(out, RECORD_NDJSON, &run->processes[0], error, sizeof error), 0);
    fclose(out);
    const char *at = text;
    json_t *life = next(&at);
    assert_string_equal(string(life, "type"), "app.Node");
    assert_int_equal(number(life, "size"), 64);
    assert_int_equal(number(life, "birth"), 80 * 256);
    assert_int_equal(number(life, "death"), 90 * 256);
    assert_int_equal(number(life, "age"), 10 * 256);
    assert_string_equal(string(life, "cause"), "refcount");
    assert_string_equal(string(life, "file"), "dir\\my \"app\".py");
    assert_string_equal(string(life, "function"), "f.<locals>.g");
    assert_int_equal(number(life, "line"), 5);
    assert_null(json_object_get(life, "weight"));
    json_decref(life);
    life = next(&at);
    assert_true(is_null(life, "type"));
    assert_true(json_is_false(json_object_get(life, "object")));
    assert_int_equal(number(life, "size"), 5000);
    assert_int_equal(number(life, "birth"), 95 * 256);
    assert_string_equal(string(life, "cause"), "collector");
    assert_string_equal(string(life, "file"), "");
    json_decref(life);
    life = next(&at);
    assert_true(is_null(life, "birth") && is_null(life, "age") && is_null(life, "type"));
    assert_string_equal(string(life, "cause"), "shutdown");
    json_decref(life);
    life = next(&at);
    assert_true(is_null(life, "death") && is_null(life, "cause"));
    assert_int_equal(number(life, "birth"), 50 * 256);
    json_decref(life);
    assert_null(next(&at));
    free(text);
    run_free(run);
    unlink(path);
    build_free(b);
}

/* The clock of lives is kept modulo 2^32 units: 1 TiB. */
static void lives_of_long_runs_unroll_the_clock(void **state)
{
    (void)state;
    const uint64_t turn = UINT64_C(1) << 32, base = 3 * turn + 10;
    struct builder *b = build_new();
    build_process_int(b, OURO_PROCESS_SAMPLE, 4096);
    uint32_t row = build_row(b, 0, 64, OURO_ROW_OBJECT);
    build_delta(b, row, (struct builder_delta){.births = 1});
    build_epoch(b, base * 256, 1, 1, 64);
    const struct builder_life lives[] = {
        {.row = row, .death = 30, .age = 41},      /* after the epoch, born before the turn */
        {.row = row, .death = turn - 5, .age = 1}, /* before the turn */
    };
    build_lives(b, lives, 2);
    char path[64], error[256];
    struct run *run = open_written(b, path);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(records_lives(out, RECORD_NDJSON, &run->processes[0], error, sizeof error), 0);
    fclose(out);
    const char *at = text;
    json_t *life = next(&at);
    assert_int_equal(number(life, "death"), (3 * turn + 30) * 256);
    assert_int_equal(number(life, "birth"), (3 * turn - 10) * 256);
    assert_true(json_real_value(json_object_get(life, "weight")) > 64.4); /* a sample */
    assert_true(json_real_value(json_object_get(life, "weight")) < 64.6);
    json_decref(life);
    life = next(&at);
    assert_int_equal(number(life, "death"), (3 * turn - 5) * 256);
    json_decref(life);
    free(text);
    run_free(run);
    unlink(path);
    build_free(b);
}

static void damaged_lives_end_where_the_damage_is(void **state)
{
    (void)state;
    struct builder *b = build_new();
    uint32_t row = build_row(b, 0, 64, OURO_ROW_OBJECT);
    build_delta(b, row, (struct builder_delta){.births = 1});
    build_epoch(b, 4096, 1, 1, 64);
    /* Two lives, the second of a row that is not there; then a column that is too short. */
    const unsigned char no_row[] = {2, 2, 2, 20, 2, 0, 0, 0, 2, 2, 2, 2, 1, 1, 2, 0, 0};
    const unsigned char no_age[] = {1, 1, 2, 1, 0, 0, 1, 2, 0, 1, 0};
    build_chunk(b, OURO_CHUNK_LIVES, 0, 0, no_row, sizeof no_row);
    build_chunk(b, OURO_CHUNK_LIVES, 0, 0, no_age, sizeof no_age);
    const struct builder_life life = {.row = row, .death = 3, .age = 1};
    build_lives(b, &life, 1);
    char path[64], error[256];
    struct run *run = open_written(b, path);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(records_lives(out, RECORD_NDJSON, &run->processes[0], error, sizeof error), 1);
    fclose(out);
    const char *at = text;
    for (int i = 0; i < 2; i++) {
        json_t *json = next(&at);
        assert_non_null(json);
        json_decref(json);
    }
    assert_null(next(&at));
    free(text);
    run_free(run);
    unlink(path);
    build_free(b);
}

static void changes_of_epochs_add_up_to_what_is_alive(void **state)
{
    (void)state;
    struct life_model *m = life_model_run(7, 1000, true);
    struct run *run = build_run(m->builder);
    const struct process *p = &run->processes[0];
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    records_epochs(out, RECORD_NDJSON, p);
    fclose(out);
    const char *at = text;
    json_int_t blocks = 0, bytes = 0;
    for (uint32_t e = 0; e < p->epoch_count; e++) {
        json_t *epoch = next(&at);
        size_t i;
        const json_t *change;
        assert_int_equal(number(epoch, "epoch"), e + 1);
        json_array_foreach(json_object_get(epoch, "changes"), i, change)
        {
            blocks += number(change, "blocks");
            bytes += number(change, "bytes");
            assert_true(is_null(change, "size") ||
                        number(change, "bytes") ==
                            number(change, "blocks") * number(change, "size"));
        }
        assert_int_equal(number(epoch, "live_blocks"), blocks + 2);
        assert_int_equal(number(epoch, "live_bytes"), bytes + 96);
        json_decref(epoch);
    }
    assert_null(next(&at));
    free(text);
    run_free(run);
    life_model_free(m);
}

static void objects_edges_and_sites_are_those_of_the_snapshot(void **state)
{
    (void)state;
    struct builder *b = build_new();
    uint32_t site = build_site(b, 0, build_function(b, "a.py", "f", 1), 5);
    uint32_t row = build_row(b, build_site(b, site, build_function(b, "b.py", "g", 1), 6), 64,
                             OURO_ROW_OBJECT);
    struct builder_snapshot *s = build_snapshot(b);
    uint32_t list = build_type(s, "list", OURO_TYPE_GC);
    uint32_t a = build_object(s, list, 64, row), c = build_object(s, list, 80, 0);
    build_element(s, a, c, 0);
    build_element(s, a, c, 7);
    build_edge(s, c, a, OURO_LABEL_ATTRIBUTE | OURO_LABEL_HIDDEN, "up");
    build_object_flags(s, c, OURO_OBJECT_IMMORTAL | OURO_OBJECT_INTERNED);
    build_snapshot_end(s);
    struct run *run = build_run(b);
    const struct process *p = &run->processes[0];
    const struct snapshot *snapshot = process_last_snapshot(p);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    struct garbage garbage;
    assert_int_equal(garbage_find(snapshot, &garbage), 0);
    records_objects(out, RECORD_NDJSON, p, snapshot, garbage.class);
    garbage_free(&garbage);
    records_edges(out, RECORD_NDJSON, snapshot);
    records_sites(out, RECORD_NDJSON, p);
    fclose(out);
    const char *at = text;
    json_t *json = next(&at);
    assert_string_equal(string(json, "type"), "list");
    assert_int_equal(number(json, "refcount"), 1);
    assert_true(is_null(json, "dead"));
    assert_string_equal(string(json, "file"), "b.py");
    assert_string_equal(json_string_value(json_array_get(json_object_get(json, "flags"), 0)),
                        "tracked");
    json_decref(json);
    json = next(&at);
    assert_true(is_null(json, "refcount"));
    assert_int_equal(number(json, "site"), 0);
    assert_int_equal(json_array_size(json_object_get(json, "flags")), 2);
    json_decref(json);
    json = next(&at);
    assert_int_equal(number(json, "index"), 0);
    json_decref(json);
    json = next(&at);
    assert_int_equal(number(json, "source"), a);
    assert_int_equal(number(json, "target"), c);
    assert_int_equal(number(json, "index"), 7);
    json_decref(json);
    json = next(&at);
    assert_string_equal(string(json, "kind"), "attribute");
    assert_string_equal(string(json, "name"), "up");
    assert_true(json_is_true(json_object_get(json, "hidden")));
    json_decref(json);
    json = next(&at);
    assert_int_equal(number(json, "site"), 1);
    assert_int_equal(number(json, "parent"), 0);
    json_decref(json);
    json = next(&at);
    assert_int_equal(number(json, "parent"), 1);
    assert_string_equal(string(json, "function"), "g");
    json_decref(json);
    assert_null(next(&at));
    free(text);
    run_free(run);
    build_free(b);
}

/* What a program calls its things must neither break a cell nor be a formula to a spreadsheet. */
static void cells_of_csv_are_quoted_and_inert(void **state)
{
    (void)state;
    static const char *const fields[] = {"text", "number", "flag", "words", "absent"};
    static const struct record_kind kind = {.fields = fields, .count = 5};
    static const char *const texts[][2] = {
        {"plain", "plain"},
        {"=1+1", "'=1+1"},
        {"=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""},
        {"@a", "'@a"},
        {"-1", "'-1"},
        {"+\"", "\"'+\"\"\""},
        {"\uff1d1", "'\uff1d1"},
        {"a,b", "\"a,b\""},
        {"a=1", "a=1"},
        {"", ""},
    };
    char *text = NULL, wanted[2048];
    size_t size, n;
    FILE *out = open_memstream(&text, &size);
    struct record_writer writer = record_begin(out, RECORD_CSV, &kind);
    n = (size_t)snprintf(wanted, sizeof wanted, "text,number,flag,words,absent\r\n");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct cell cells[5] = {
            cell_text(texts[i][0]),
            cell_signed(-5),
            cell_flag(true),
            {.kind = CELL_WORDS, .text = "a b"},
        };
        record_write(&writer, cells);
        n += (size_t)snprintf(wanted + n, sizeof wanted - n, "%s,-5,true,a b,\r\n", texts[i][1]);
    }
    fclose(out);
    assert_string_equal(text, wanted);
    free(text);
}

/* An epoch without a change is a line, too, or its figures would be lost. */
static void lists_are_a_line_for_each_entry_in_csv(void **state)
{
    (void)state;
    static const char *const fields[] = {"epoch", "live", "site", "bytes"};
    static const struct record_kind kind = {
        .fields = fields, .count = 4, .inner = 2, .list = "changes"};
    struct cell cells[4] = {cell_number(1), cell_real(2.5, 3)};
    char *text = NULL;
    size_t size;
    for (int form = RECORD_NDJSON; form <= RECORD_CSV; form++) {
        FILE *out = open_memstream(&text, &size);
        struct record_writer writer = record_begin(out, (enum record_form)form, &kind);
        record_open(&writer, cells);
        record_close(&writer, cells);
        record_open(&writer, cells);
        for (uint64_t i = 0; i < 2; i++) {
            cells[2] = cell_number(i);
            cells[3] = cell_null();
            record_entry(&writer, cells);
        }
        record_close(&writer, cells);
        fclose(out);
        assert_string_equal(text, form == RECORD_CSV
                                      ? "epoch,live,site,bytes\r\n1,2.500,,\r\n"
                                        "1,2.500,0,\r\n1,2.500,1,\r\n"
                                      : "{\"epoch\": 1, \"live\": 2.500, \"changes\": []}\n"
                                        "{\"epoch\": 1, \"live\": 2.500, \"changes\": ["
                                        "{\"site\": 0, \"bytes\": null}, "
                                        "{\"site\": 1, \"bytes\": null}]}\n");
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lives_have_names_places_and_clocks),
        cmocka_unit_test(lives_of_long_runs_unroll_the_clock),
        cmocka_unit_test(damaged_lives_end_where_the_damage_is),
        cmocka_unit_test(changes_of_epochs_add_up_to_what_is_alive),
        cmocka_unit_test(objects_edges_and_sites_are_those_of_the_snapshot),
        cmocka_unit_test(cells_of_csv_are_quoted_and_inert),
        cmocka_unit_test(lists_are_a_line_for_each_entry_in_csv),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

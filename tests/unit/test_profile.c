/* SPDX-License-Identifier: MIT */
/* A run as a profile: figures by call stack and type that add up to those of the report. */
#include "cmocka_prelude.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "export/pprof.h"
#include "export/profile.h"
#include "export/stacks.h"
#include "life_model.h"
#include "load/load.h"
#include "push/push.h"

static uint64_t sum_of(const struct profile *profile, enum measure measure, const char *type)
{
    uint64_t sum = 0;
    for (uint32_t s = 0; s < profile->sample_count; s++) {
        if (!type || strcmp(profile->samples[s].type, type) == 0)
            sum += profile->samples[s].values[measure];
    }
    return sum;
}

/* Two nodes of a leaked cycle with a text below them, and what is alive; the collector is on or off. */
static struct run *cycle_run(bool collector, struct builder **b)
{
    *b = build_new();
    uint32_t main = build_site(*b, 0, build_function(*b, "a;b.py", "<module>", 1), 9);
    uint32_t make = build_site(*b, main, build_function(*b, "c.py", "f \"g\"", 3), 4);
    uint32_t row = build_row(*b, make, 64, OURO_ROW_OBJECT);
    uint32_t other = build_row(*b, main, 32, OURO_ROW_OBJECT);
    uint32_t plain = build_row(*b, make, 256, 0);
    build_delta(*b, row, (struct builder_delta){.births = 7, .deaths_refcount = 5});
    build_delta(*b, other, (struct builder_delta){.births = 2});
    build_delta(*b, plain, (struct builder_delta){.births = 3, .deaths_refcount = 2});
    build_epoch(*b, 4096, 1000, 6, 2 * 64 + 2 * 32 + 256 + 48);
    struct builder_snapshot *s = build_snapshot(*b);
    build_snapshot_int(s, OURO_SNAPSHOT_GC_ENABLED, collector);
    uint32_t node = build_type(
        s, "app.Node", OURO_TYPE_GC | OURO_TYPE_TRAVERSE | OURO_TYPE_CLEAR | OURO_TYPE_HEAP);
    uint32_t text = build_type(s, "str", 0);
    uint32_t one = build_object(s, node, 64, row), two = build_object(s, node, 64, row);
    uint32_t below = build_object(s, text, 32, other), alive = build_object(s, text, 48, other);
    build_edge(s, one, two, OURO_LABEL_ATTRIBUTE, "child");
    build_edge(s, two, one, OURO_LABEL_ATTRIBUTE, "parent");
    build_edge(s, two, below, OURO_LABEL_ATTRIBUTE, "name");
    build_root(s, OURO_ROOT_MODULE, alive, "app", NULL, NULL, 0);
    build_snapshot_end(s);
    build_end(*b, 0);
    return build_run(*b);
}

static void objects_leak_by_place_and_type_unless_they_only_wait(void **state)
{
    (void)state;
    for (int collector = 0; collector < 2; collector++) {
        struct builder *b;
        struct run *run = cycle_run(collector, &b);
        struct report report;
        struct profile profile;
        assert_int_equal(report_build_profile(run, &run->processes[0], &report), 0);
        assert_int_equal(profile_make(&report, &profile), 0);
        assert_int_equal(sum_of(&profile, LEAKED_OBJECTS, "app.Node"), collector ? 0 : 2);
        assert_int_equal(sum_of(&profile, LEAKED_SPACE, "app.Node"), collector ? 0 : 128);
        assert_int_equal(sum_of(&profile, LEAKED_SPACE, "str"), collector ? 0 : 32);
        assert_int_equal(sum_of(&profile, INUSE_OBJECTS, "str"), 2);
        assert_int_equal(sum_of(&profile, INUSE_SPACE, NULL), 2 * 64 + 32 + 48);
        assert_int_equal(sum_of(&profile, ALLOC_OBJECTS, "(plain memory)"), 3);
        assert_int_equal(sum_of(&profile, ALLOC_SPACE, NULL), 7 * 64 + 2 * 32 + 3 * 256);
        assert_int_equal(sum_of(&profile, PEAK_OBJECTS, "(free lists)"), 1);
        assert_int_equal(sum_of(&profile, PEAK_SPACE, NULL), 2 * 64 + 2 * 32 + 256 + 48);
        for (unsigned m = 0; m < MEASURES; m++)
            assert_int_equal(sum_of(&profile, m, NULL), profile.totals[m]);
        profile_free(&profile);
        report_free(&report);
        run_free(run);
        build_free(b);
    }
}

/* What is written of a run, as a text. */
static char *written(int (*write)(FILE *, const struct export_request *, char *, size_t),
                     const struct run *run, const char *what, size_t *size)
{
    char *text = NULL, error[256] = "";
    const struct process *p = &run->processes[0];
    const struct export_request request = {
        .run = run, .process = p, .snapshot = process_last_snapshot(p), .what = what};
    FILE *out = open_memstream(&text, size);
    assert_int_equal(write(out, &request, error, sizeof error), 0);
    assert_string_equal(error, "");
    fclose(out);
    return text;
}

static void collapsed_stacks_begin_outside_and_have_no_stray_semicolon(void **state)
{
    (void)state;
    struct builder *b;
    size_t size;
    struct run *run = cycle_run(false, &b);
    char *text = written(collapsed_write, run, "leaked_space", &size);
    assert_string_equal(text, "<module> (a:b.py:9) 32\n"
                              "<module> (a:b.py:9);f \"g\" (c.py:4) 128\n");
    free(text);
    text = written(collapsed_write, run, "peak_objects", &size);
    assert_string_equal(text, "(free lists) 1\n<module> (a:b.py:9) 2\n"
                              "<module> (a:b.py:9);f \"g\" (c.py:4) 3\n");
    free(text);
    run_free(run);
    build_free(b);
}

static json_int_t weights_of(const json_t *profile)
{
    json_int_t sum = 0;
    size_t i;
    const json_t *weight;
    json_array_foreach(json_object_get(profile, "weights"), i, weight) sum +=
        json_integer_value(weight);
    return sum;
}

/* Sizes and types at random. */
static void totals_are_those_of_the_report_for_random_programs(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct life_model *m = life_model_run(seed, 2000, seed % 2);
        struct run *run = build_run(m->builder);
        struct report report;
        struct profile profile;
        uint64_t objects = 0, bytes = 0;
        for (uint32_t l = 0; l < m->count; l++) {
            objects++;
            bytes += m->lives[l].size;
        }
        assert_int_equal(report_build_profile(run, &run->processes[0], &report), 0);
        assert_int_equal(profile_make(&report, &profile), 0);
        assert_int_equal(profile.totals[ALLOC_OBJECTS], objects);
        assert_int_equal(profile.totals[ALLOC_SPACE], bytes);
        assert_int_equal(profile.totals[INUSE_SPACE], report.heap.bytes);
        for (unsigned measure = 0; measure < MEASURES; measure++)
            assert_int_equal(sum_of(&profile, measure, NULL), profile.totals[measure]);
        for (uint32_t t = 0; t < report.heap.type_count; t++) {
            const struct heap_type *type = &report.heap.types[t];
            assert_int_equal(sum_of(&profile, INUSE_OBJECTS, type->type), type->count);
            assert_int_equal(sum_of(&profile, INUSE_SPACE, type->type), type->bytes);
        }
        size_t size, i;
        char *text = written(speedscope_write, run, NULL, &size);
        json_t *json = json_loads(text, 0, NULL);
        const json_t *found;
        assert_non_null(json);
        json_array_foreach(json_object_get(json, "profiles"), i, found) assert_int_equal(
            weights_of(found), json_integer_value(json_object_get(found, "endValue")));
        json_decref(json);
        free(text);
        profile_free(&profile);
        report_free(&report);
        run_free(run);
        life_model_free(m);
    }
}

static void a_profile_is_compressed_and_has_its_strings_last(void **state)
{
    (void)state;
    struct builder *b;
    size_t size;
    static unsigned char plain[1 << 16];
    struct run *run = cycle_run(false, &b);
    char *text = written(pprof_write, run, NULL, &size);
    z_stream stream = {.next_in = (Bytef *)text,
                       .avail_in = (uInt)size,
                       .next_out = plain,
                       .avail_out = sizeof plain};
    assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.avail_in, 0);
    /* Field 1, 4 bytes: the first measure, two numbers of strings. Then the strings, field 6. */
    static const unsigned char first[] = {1 << 3 | 2, 4, 1 << 3, 1, 2 << 3, 2};
    static const unsigned char strings[] = "\x32\x00\x32\x0d"
                                           "alloc_objects\x32\x05"
                                           "count\x32";
    assert_memory_equal(plain, first, sizeof first);
    assert_non_null(memmem(plain, stream.total_out, strings, sizeof strings - 1));
    inflateEnd(&stream);
    free(text);
    run_free(run);
    build_free(b);
}

static void what_is_pushed_is_a_form_or_json_with_the_whole_profile(void **state)
{
    (void)state;
    static const char profile[] = "\x1f\x8b\0\r\n--ouro"; /* any bytes */
    struct builder *b;
    struct run *run = cycle_run(false, &b);
    struct push_options options = {
        .protocol = PUSH_PYROSCOPE, .url = "http://localhost", .timeout = 1};
    struct push push;
    char error[256] = "";
    options.labels = "a=b,c.d=e f";
    options.authorization = "Bearer x";
    assert_int_equal(push_make(&options, "dir/my \"run\".ouro/", &run->processes[0], profile,
                               sizeof profile, &push, error, sizeof error),
                     0);
    assert_string_equal(push.series, "my__run_{a=b,c.d=e f}");
    assert_int_equal(push.request.header_count, 3);
    assert_string_equal(push.request.headers[2], "Authorization: Bearer x");
    assert_true(push.is_secret);
    assert_non_null(memmem(push.body, push.request.body_size, profile, sizeof profile));
    const char *boundary = strstr(push.request.headers[0], "boundary=");
    assert_non_null(boundary);
    assert_null(memmem(profile, sizeof profile, boundary + 9, strlen(boundary + 9)));
    push_free(&push);

    options.protocol = PUSH_PARCA;
    for (size_t size = 0; size <= 4; size++) {
        static const char *const wanted[] = {"", "Hw==", "H4s=", "H4sA", "H4sADQ=="};
        assert_int_equal(
            push_make(&options, "x", &run->processes[0], profile, size, &push, error, sizeof error),
            0);
        json_t *json = json_loadb(push.body, push.request.body_size, 0, NULL), *series;
        const char *raw, *label;
        assert_non_null(json);
        assert_int_equal(json_unpack(json, "{s:[o]}", "series", &series), 0);
        assert_int_equal(json_unpack(series, "{s:[{s:s}], s:{s:[{}, {s:s}, {}, {s:s}]}}", "samples",
                                     "rawProfile", &raw, "labels", "labels", "value", &label,
                                     "value", &label),
                         0);
        assert_string_equal(raw, wanted[size]);
        assert_string_equal(label, "e f");
        json_decref(json);
        push_free(&push);
    }
    static const char *const bad[] = {"a",   "=b",   "1=b",     "a=b,", "a=,b=c", "a={",
                                      "a=}", "a==b", "a=\"b\"", "a=\n", ",a=b"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        bool trailing = strcmp(bad[i], "a=b,") == 0; /* of a list in a script: no harm */
        options.labels = bad[i];
        assert_int_equal(
            push_make(&options, "x", &run->processes[0], profile, 1, &push, error, sizeof error),
            trailing ? 0 : -1);
        push_free(&push);
    }
    run_free(run);
    build_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_leak_by_place_and_type_unless_they_only_wait),
        cmocka_unit_test(collapsed_stacks_begin_outside_and_have_no_stray_semicolon),
        cmocka_unit_test(totals_are_those_of_the_report_for_random_programs),
        cmocka_unit_test(a_profile_is_compressed_and_has_its_strings_last),
        cmocka_unit_test(what_is_pushed_is_a_form_or_json_with_the_whole_profile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

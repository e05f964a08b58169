/* SPDX-License-Identifier: MIT */
/* What is printed: the JSON report keeps to its schema, the text to the page, and both say what is
 * missing from the data. */
#include "cmocka_prelude.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json_schema.h"
#include "load/load.h"
#include "report/report.h"
#include "report/summary.h"
#include "trace_builder.h"

#define SECOND UINT64_C(1000000000)
#define GC (OURO_TYPE_GC | OURO_TYPE_TRAVERSE | OURO_TYPE_CLEAR)

/* Adds a process with leaks, equal values and churn; long names everywhere if asked for. */
static void fill(struct builder *b, bool long_names)
{
    const char *file = long_names
                           ? "/home/user/applications/shop/releases/2024-05-01/lib/python3.11/"
                             "site-packages/shop/catalogue/importers/xml.py"
                           : "/opt/shop/feed.py";
    const char *type_name =
        long_names ? "shop.catalogue.importers.xml.nodes.ProductVariantPriceListEntryWithDiscounts"
                   : "shop.Node";
    uint32_t main_ = build_site(b, 0, build_function(b, "/opt/shop/app.py", "main", 1), 5);
    uint32_t parse = build_site(b, main_, build_function(b, file, "Importer.parse_element", 1), 12);
    for (int i = 0; i < (long_names ? 20 : 0); i++)
        parse =
            build_site(b, parse, build_function(b, file, "Importer.parse_element_recursively", 20),
                       30 + (uint32_t)i);
    uint32_t row = build_row(b, parse, 64, OURO_ROW_OBJECT);
    uint32_t memory = build_row(b, parse, 0, OURO_ROW_VARIABLE);
    build_delta(
        b, row,
        (struct builder_delta){.births = 5000, .deaths_refcount = 3000, .deaths_collector = 20});
    build_dead(b, row, type_name, 3020);
    build_lifetime(b, row, 0, 2000);
    build_lifetime(b, row, 12, 1020);
    build_delta(b, memory, (struct builder_delta){.births = 7, .born_bytes = 1 << 20});
    build_epoch(b, 1 << 20, SECOND, 1000, 64000);

    struct builder_snapshot *s = build_snapshot(b);
    build_snapshot_int(s, OURO_SNAPSHOT_GC_ENABLED, 0); /* or the cycles would only wait */
    uint32_t node = build_type(s, type_name, GC | OURO_TYPE_USER), list = build_type(s, "list", GC);
    uint32_t str = build_type(s, "str", OURO_TYPE_ATOM);
    uint32_t all = build_object(s, list, 8000, row);
    build_root(s, OURO_ROOT_MODULE, all, "shop", NULL, NULL, 0);
    for (int i = 0; i < 30; i++) {
        uint32_t parent = build_object(s, node, 64, row), children = build_object(s, list, 88, row);
        build_object_birth(s, parent, 512 * 1024);
        build_edge(s, parent, children, OURO_LABEL_ATTRIBUTE, "children");
        for (uint32_t c = 0; c < 3; c++) {
            uint32_t child = build_object(s, node, 64, row);
            build_element(s, children, child, c);
            build_edge(s, child, parent, OURO_LABEL_ATTRIBUTE, "parent");
            build_edge(s, child, build_object(s, str, 80, row), OURO_LABEL_ATTRIBUTE, "text");
        }
    }
    static const char *const texts[] = {"in stock", "\"sold\\\" out\"", "Größe <b>&amp;</b> →"};
    for (int v = 0; v < 3; v++) {
        uint32_t value = build_value(s, str, texts[v]);
        for (uint32_t i = 0; i < 1200; i++) {
            uint32_t o = build_object(s, str, 64, row);
            build_element(s, all, o, (uint32_t)v * 1200 + i);
            build_member(s, o, value);
        }
    }
    for (int i = 0; i < 20; i++) { /* more kinds of cycles than are printed */
        char name[128];
        snprintf(name, sizeof name, "%s%d", type_name, i);
        uint32_t o = build_object(s, build_type(s, name, GC | OURO_TYPE_USER), 64, row);
        build_edge(s, o, o, OURO_LABEL_ATTRIBUTE, "me");
    }
    build_snapshot_end(s);
}

static struct builder *small_process(void)
{
    struct builder *b = build_new();
    build_process_text(b, OURO_PROCESS_DIRECTORY, "/opt/shop");
    build_process_text(b, OURO_PROCESS_ARGUMENT, "python3");
    build_process_text(b, OURO_PROCESS_ARGUMENT, "app.py");
    return b;
}

/* A stream into memory, and its text once it is closed; one at a time. */
static struct {
    char *text;
    size_t size;
} captured;

static FILE *capture(void)
{
    FILE *out = open_memstream(&captured.text, &captured.size);
    assert_non_null(out);
    return out;
}

static char *text_of(const struct report *report, bool utf8)
{
    FILE *out = capture();
    report_text(out, report, "shop.ouro", REPORT_DEFAULT, utf8);
    fclose(out);
    return captured.text;
}

static char *json_of(const struct report *report, uint32_t top)
{
    FILE *out = capture();
    assert_int_equal(report_json(out, report, top), 0);
    fclose(out);
    return captured.text;
}

/* Parses a report and holds it against the schema. */
static json_t *checked(const char *text)
{
    json_error_t where;
    char error[1024];
    char path[1024];
    const char *source = getenv("OURO_SOURCE"); /* set by the build */
    snprintf(path, sizeof path, "%s/docs/report.schema.json", source ? source : ".");
    json_t *schema = json_load_file(path, 0, &where);
    if (!schema)
        fail_msg("report.schema.json:%d: %s", where.line, where.text);
    json_t *report = json_loads(text, JSON_REJECT_DUPLICATES, &where);
    if (!report)
        fail_msg("report:%d: %s", where.line, where.text);
    if (!json_schema_matches(schema, report, error, sizeof error))
        fail_msg("%s", error);
    json_decref(schema);
    return report;
}

static const json_t *at(const json_t *json, const char *section, const char *key)
{
    const json_t *found = json_object_get(json_object_get(json, section), key);
    assert_non_null(found);
    return found;
}

static struct report report_of(const struct run *run)
{
    struct report report;
    assert_int_equal(report_build(run, &run->processes[0], &report), 0);
    return report;
}

static void the_json_report_keeps_to_its_schema(void **state)
{
    (void)state;
    struct builder *b = small_process();
    fill(b, false);
    build_end(b, 3);
    struct run *run = build_run(b);
    struct report report = report_of(run);
    char *text = json_of(&report, REPORT_DEFAULT);
    json_t *json = checked(text);

    assert_int_equal(json_integer_value(at(json, "run", "exit_status")), 3);
    assert_true(json_is_false(at(json, "run", "truncated")));
    assert_int_equal(json_array_size(at(json, "run", "notices")), 0);
    assert_int_equal(json_array_size(at(json, "cycles", "groups")), 21);
    const json_t *tree = json_array_get(at(json, "cycles", "groups"), 0);
    assert_int_equal(json_integer_value(json_object_get(tree, "count")), 30);
    assert_int_equal(json_integer_value(json_object_get(tree, "objects")), 30 * 5);
    assert_int_equal(json_integer_value(json_object_get(tree, "bytes")),
                     30 * (4 * 64 + 88 + 3 * 80));
    double age = json_real_value(json_object_get(tree, "age"));
    assert_true(age >= 0);
    assert_string_equal(json_string_value(json_object_get(json_object_get(tree, "break"), "edge")),
                        ".parent");
    const json_t *site = json_array_get(json_object_get(tree, "sites"), 0);
    assert_int_equal(json_integer_value(json_object_get(site, "line")), 12);
    const json_t *stack = json_object_get(site, "stack");
    assert_int_equal(json_array_size(stack), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(stack, 1), "function")),
                        "main");

    const json_t *values =
        json_object_get(json_array_get(at(json, "interning", "groups"), 0), "examples");
    assert_int_equal(json_array_size(values), 3);
    assert_string_equal(json_string_value(json_object_get(json_array_get(values, 2), "value")),
                        "in stock");

    json_int_t allocations = 0, alive = 0;
    const json_t *churn;
    size_t i;
    json_array_foreach(at(json, "churn", "sites"), i, churn) /* by type; memory is no object */
    {
        allocations += json_integer_value(json_object_get(churn, "allocations"));
        alive += json_integer_value(json_object_get(churn, "alive"));
    }
    assert_int_equal(allocations, 5000);
    assert_int_equal(alive, 1980);
    assert_int_equal(json_integer_value(at(json, "churn", "plain_bytes")), 1 << 20);
    json_decref(json);
    free(text);
    report_free(&report);
    run_free(run);
    build_free(b);
}

static void top_limits_every_list(void **state)
{
    (void)state;
    struct builder *b = small_process();
    fill(b, false);
    build_end(b, 0);
    struct run *run = build_run(b);
    struct report report = report_of(run);
    char *text = json_of(&report, 2);
    json_t *json = checked(text);
    assert_int_equal(json_array_size(at(json, "cycles", "groups")), 2);
    assert_int_equal(json_array_size(at(json, "heap", "types")), 2);
    /* Totals are not those of what is listed. */
    assert_int_equal(json_integer_value(at(json, "cycles", "count")), 50);
    json_decref(json);
    free(text);
    report_free(&report);
    run_free(run);
    build_free(b);
}

/* Whether every line fits the page, ASCII only if asked for. */
static void assert_fits(const char *all, bool ascii)
{
    for (const char *text = all; *text;) {
        size_t length = strcspn(text, "\n");
        int columns = 0;
        for (size_t i = 0; i < length; i++) {
            columns += ((unsigned char)text[i] & 0xc0) != 0x80;
            if (ascii && (unsigned char)text[i] >= 0x80)
                fail_msg("not ASCII: %.*s", (int)length, text);
        }
        if (columns > 80)
            fail_msg("%d columns: %.*s", columns, (int)length, text);
        if (length && text[length - 1] == ' ')
            fail_msg("ends in a space: %.*s", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

/* The first mark of a text stands below an edge: as many columns from the left. */
static void assert_mark_is_below(const char *text, const char *edge)
{
    const char *mark = strstr(text, "^ cut here");
    assert_non_null(mark);
    size_t end = (size_t)(mark - text), line = end, above;
    while (line && text[line - 1] != '\n')
        line--;
    for (above = line - 1; above && text[above - 1] != '\n';)
        above--;
    int before = 0;
    const char *found = strstr(text + above, edge);
    assert_non_null(found);
    for (const char *c = text + above; c < found; c++)
        before += ((unsigned char)*c & 0xc0) != 0x80;
    assert_int_equal(strspn(text + line, " "), before);
    assert_int_equal(end + 1 - line - (size_t)before, strlen(edge));
}

static void the_text_keeps_to_the_page(void **state)
{
    (void)state;
    for (int long_names = 0; long_names < 2; long_names++) {
        struct builder *b = small_process();
        fill(b, long_names);
        build_end(b, 0);
        struct run *run = build_run(b);
        struct report report = report_of(run);
        char *utf8 = text_of(&report, true), *again = text_of(&report, true);
        assert_fits(utf8, false);
        assert_string_equal(utf8, again);
        if (!long_names) {
            assert_mark_is_below(utf8, ".parent");
            assert_non_null(strstr(utf8, "feed.py:12 Importer.parse_element\n"));
            assert_null(strstr(utf8, "/opt/shop/feed.py")); /* named from the working directory */
        }
        free(utf8);
        free(again);
        report_free(&report);
        run_free(run);
        build_free(b);
    }
}

static void without_utf8_the_text_is_ascii_but_for_the_programs_own(void **state)
{
    (void)state;
    struct builder *b = small_process();
    fill(b, false);
    build_end(b, 0);
    struct run *run = build_run(b);
    struct report report = report_of(run);
    for (uint32_t g = 0; g < report.interning.group_count; g++)
        report.interning.groups[g].example_count = 0;
    char *text = text_of(&report, false);
    assert_fits(text, true);
    assert_non_null(strstr(text, "shop.Node .children -> list [*] -> shop.Node .parent ->"));
    free(text);
    report_free(&report);
    run_free(run);
    build_free(b);
}

static char *summary_of(const struct run *run)
{
    FILE *out = capture();
    assert_int_equal(summary_print(out, run, "my runs/shop.ouro"), 0);
    fclose(out);
    return captured.text;
}

static void the_summary_fits_one_screen_and_names_the_next_command(void **state)
{
    (void)state;
    for (int long_names = 0; long_names < 2; long_names++) {
        struct builder *b = small_process();
        for (int i = 0; i < 10; i++)
            build_note(b, OURO_NOTE_OTHER,
                       "a note of the recorder that is longer than the page is "
                       "wide, so that it has to be cut somewhere");
        fill(b, long_names);
        struct run *run = build_run(b);
        char *text = summary_of(run);
        int lines = 0;
        for (const char *c = text; *c; c++)
            lines += *c == '\n';
        assert_in_range(lines, 10, SUMMARY_LINES);
        assert_fits(text, true); /* the locale of a test is C */
        assert_non_null(strstr(text, "ouro report 'my runs/shop.ouro'\n"));
        if (!long_names) {
            assert_non_null(strstr(text, "50 of 21 kinds"));
            assert_non_null(strstr(text, "30x  feed.py:12 Importer.parse_element\n"));
            assert_non_null(strstr(text, "str in list[*] (3 distinct)"));
        }
        free(text);
        run_free(run);
        build_free(b);
    }
}

/* Every way a recording can be incomplete is told in text, JSON and summary. */
static void what_is_missing_is_said(void **state)
{
    (void)state;
    enum { KILLED, NO_SNAPSHOT, CUT, DAMAGED, BOUND, OLDER, NEGATIVE, CASES };
    static const char *const said[CASES] = {
        [KILLED] = "the recording has no end",
        [NO_SNAPSHOT] = "there is no snapshot",
        [CUT] = "is cut",
        [DAMAGED] = "damaged chunk",
        [BOUND] = "the snapshot is incomplete: it reached its time bound: too slow",
        [OLDER] = "snapshot 2 is incomplete; this report is of snapshot 1",
        [NEGATIVE] = "more references than their reference count",
    };
    for (int c = 0; c < CASES; c++) {
        struct builder *b = small_process();
        if (c != NO_SNAPSHOT && c != NEGATIVE && c != BOUND)
            fill(b, false);
        if (c == BOUND || c == NEGATIVE) {
            struct builder_snapshot *s = build_snapshot(b);
            uint32_t o = build_object(s, build_type(s, "A", GC), 64, 0);
            build_edge(s, o, o, OURO_LABEL_NONE, NULL);
            if (c == NEGATIVE) {
                build_edge(s, o, o, OURO_LABEL_NONE, NULL);
                build_object_surplus(s, o, -1);
            }
            build_snapshot_end_status(
                s, c == BOUND ? OURO_SNAPSHOT_TIME_BOUND : OURO_SNAPSHOT_COMPLETE,
                c == BOUND ? "too slow" : "");
        }
        if (c == OLDER) {
            struct builder_snapshot *s = build_snapshot(b);
            build_object(s, build_type(s, "A", GC), 64, 0);
            build_snapshot_flush(s);
        }
        if (c != KILLED)
            build_end(b, 0);
        size_t size;
        const unsigned char *bytes = build_bytes(b, &size);
        unsigned char *changed = malloc(size);
        assert_non_null(changed);
        memcpy(changed, bytes, size);
        if (c == CUT)
            size -= 5;
        if (c == DAMAGED)
            changed[size - 3] ^= 1;
        struct run *run;
        char error[256];
        assert_int_equal(build_open(changed, size, &run, error, sizeof error), 0);
        struct report report = report_of(run);
        char *text = text_of(&report, true), *json_text = json_of(&report, REPORT_DEFAULT);
        char *summary = summary_of(run);
        json_t *json = checked(json_text);
        bool in_json = false;
        size_t i;
        const json_t *notice;
        json_array_foreach(at(json, "run", "notices"), i, notice) in_json |=
            strstr(json_string_value(notice), said[c]) != NULL;
        char start[24];
        snprintf(start, sizeof start, "%.20s", said[c]);
        if (!in_json || !strstr(text, "NOTE  ") || !strstr(summary, "NOTE  ") ||
            !strstr(summary, start))
            fail_msg("case %d is not told:\n%s%s%s", c, text, summary, json_text);
        assert_int_equal(json_is_true(at(json, "run", "truncated")),
                         c == KILLED || c == CUT || c == DAMAGED);
        assert_int_equal(report.damaged, c == DAMAGED || c == NEGATIVE);
        json_decref(json);
        free(changed);
        free(text);
        free(json_text);
        free(summary);
        report_free(&report);
        run_free(run);
        build_free(b);
    }
}

static void sites_are_called_exact_only_if_they_are(void **state)
{
    (void)state;
    static const char *const wanted[] = {"exact", "approximate", "approximate", "sampled"};
    for (int c = 0; c < 4; c++) {
        struct builder *b = build_new();
        if (c == 1)
            build_process_int(b, OURO_PROCESS_FLAGS, OURO_PROCESS_APPROXIMATE);
        if (c == 3)
            build_process_int(b, OURO_PROCESS_SAMPLE, 512 << 10);
        build_note(b, c == 2 ? OURO_NOTE_TRACER_LOST : OURO_NOTE_OTHER, "said");
        build_end(b, 0);
        struct run *run = build_run(b);
        assert_string_equal(report_stacks(&run->processes[0]), wanted[c]);
        run_free(run);
        build_free(b);
    }
}

static void a_run_of_several_processes_lists_them(void **state)
{
    (void)state;
    char folder[] = "/tmp/ouro-report-XXXXXX", path[2][64], error[256];
    assert_non_null(mkdtemp(folder));
    for (uint64_t i = 0; i < 2; i++) {
        struct builder *b = build_new();
        build_process_int(b, OURO_PROCESS_PID, 100 + i);
        if (i)
            build_process_text(b, OURO_PROCESS_PARENT_TRACE, "0.trace");
        else
            fill(b, false);
        build_end(b, 0);
        snprintf(path[i], sizeof path[i], "%s/%d.trace", folder, (int)i);
        build_write(b, path[i]);
        build_free(b);
    }
    struct run *run;
    assert_int_equal(run_open(folder, &run, error, sizeof error), 0);
    struct report report = report_of(run);
    char *text = text_of(&report, true), *json_text = json_of(&report, REPORT_DEFAULT);
    json_t *json = checked(json_text);
    assert_int_equal(json_array_size(at(json, "run", "processes")), 2);
    assert_int_equal(json_integer_value(at(json, "run", "pid")), 100);
    assert_non_null(strstr(text, "PROCESSES"));
    assert_non_null(strstr(text, "process 101 has no whole snapshot"));
    assert_fits(text, false);
    char *summary = summary_of(run);
    assert_non_null(strstr(summary, "1 more process"));
    free(summary);
    free(text);
    free(json_text);
    json_decref(json);
    report_free(&report);
    run_free(run);
    unlink(path[0]);
    unlink(path[1]);
    rmdir(folder);
}

static void an_output_that_does_not_take_it_is_an_error(void **state)
{
    (void)state;
    struct builder *b = small_process();
    fill(b, false);
    build_end(b, 0);
    struct run *run = build_run(b);
    struct report report = report_of(run);
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    setvbuf(full, NULL, _IONBF, 0);
    assert_int_equal(report_json(full, &report, REPORT_DEFAULT), -1);
    fclose(full);
    report_free(&report);
    run_free(run);
    build_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_json_report_keeps_to_its_schema),
        cmocka_unit_test(top_limits_every_list),
        cmocka_unit_test(the_text_keeps_to_the_page),
        cmocka_unit_test(without_utf8_the_text_is_ascii_but_for_the_programs_own),
        cmocka_unit_test(the_summary_fits_one_screen_and_names_the_next_command),
        cmocka_unit_test(what_is_missing_is_said),
        cmocka_unit_test(sites_are_called_exact_only_if_they_are),
        cmocka_unit_test(a_run_of_several_processes_lists_them),
        cmocka_unit_test(an_output_that_does_not_take_it_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

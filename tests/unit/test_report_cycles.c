/* SPDX-License-Identifier: MIT */
/* `ouro cycles`: leaked references, and pages that hold whatever names there are. */
#include "cmocka_prelude.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load/load.h"
#include "report/report.h"
#include "trace_builder.h"

#define GC (OURO_TYPE_GC | OURO_TYPE_TRAVERSE | OURO_TYPE_CLEAR)
#define LONG "shop.catalogue.importers.xml.nodes.ProductVariantPriceListEntryWithDiscounts"

/* A run with 30 self-references, and `lost` records with a reference too many that hold text below. */
static struct run *make(struct builder *b, bool long_names, uint32_t lost, bool library)
{
    const char *file = library ? "/usr/lib/python3/shop.py" : "/opt/shop/feed.py";
    uint32_t site = build_site(b, 0, build_function(b, file, long_names ? LONG : "f", 1), 7);
    uint32_t row = build_row(b, site, 64, OURO_ROW_OBJECT);
    struct builder_snapshot *s = build_snapshot(b);
    build_snapshot_int(s, OURO_SNAPSHOT_GC_ENABLED, 0);
    uint32_t node = build_type(s, long_names ? LONG : "shop.Node", GC | OURO_TYPE_USER);
    uint32_t record = build_type(s, long_names ? LONG "Record" : "ext.Record", GC);
    uint32_t text = build_type(s, "str", OURO_TYPE_ATOM);
    for (int i = 0; i < 30; i++) {
        uint32_t o = build_object(s, node, 64, row);
        build_edge(s, o, o, OURO_LABEL_ATTRIBUTE, long_names ? LONG : "me");
    }
    uint32_t kept = build_object(s, record, 64, 0);
    build_root(s, OURO_ROOT_MODULE, kept, "shop", NULL, NULL, 0);
    for (uint32_t i = 0; i < lost; i++) {
        uint32_t o = build_object(s, record, 64, row);
        build_object_surplus(s, o, i % 2 ? 1 : 2);
        build_edge(s, o, build_object(s, text, 1000, row), OURO_LABEL_ATTRIBUTE, "text");
        if (i == 0)
            build_edge(s, kept, o, OURO_LABEL_ATTRIBUTE, "first");
    }
    build_snapshot_end(s);
    build_end(b, 0);
    return build_run(b);
}

static struct report report_of(const struct run *run)
{
    struct report report;
    assert_int_equal(report_build_cycles(run, &run->processes[0], &report), 0);
    return report;
}

static void a_reference_too_many_is_told_by_type_and_line(void **state)
{
    (void)state;
    struct builder *b = build_new();
    struct run *run = make(b, false, HELD_LEAST + 1, false);
    struct report report = report_of(run);
    const struct held *held = &report.cycles.held;
    assert_int_equal(held->group_count, 1);
    const struct held_group *g = &held->groups[0];
    assert_string_equal(g->type, "ext.Record");
    assert_int_equal(g->count, HELD_LEAST + 1);
    assert_int_equal(g->references, 2 * 6 + 5);
    assert_int_equal(g->reachable, 1); /* the module has the first one, too */
    assert_int_equal(g->objects, 2 * HELD_LEAST);
    assert_int_equal(g->bytes, HELD_LEAST * (64 + 1000));
    assert_int_equal(held->objects, g->objects);
    /* They are alive: no cycle of theirs, and no part of what is dead. */
    assert_int_equal(report.cycles.group_count, 1);
    assert_int_equal(report.cycles.objects, 30);
    report_free(&report);
    run_free(run);
    build_free(b);
}

static void few_of_them_and_those_of_libraries_are_not_told(void **state)
{
    (void)state;
    for (int library = 0; library < 2; library++) {
        struct builder *b = build_new();
        struct run *run = make(b, false, library ? 10 * HELD_LEAST : HELD_LEAST - 1, library);
        struct report report = report_of(run);
        assert_int_equal(report.cycles.held.group_count, 0);
        assert_int_equal(report.cycles.held.objects, 0);
        report_free(&report);
        run_free(run);
        build_free(b);
    }
}

static void assert_fits(const char *text)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        if (length > 80)
            fail_msg("%zu columns: %.*s", length, (int)length, text);
        if (length && text[length - 1] == ' ')
            fail_msg("ends in a space: %.*s", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

static void pages_hold_any_name(void **state)
{
    (void)state;
    for (int long_names = 0; long_names < 2; long_names++) {
        struct builder *b = build_new();
        struct run *run = make(b, long_names, 50, false);
        struct report report = report_of(run);
        for (int full = 0; full < 2; full++) {
            char *text;
            size_t size;
            FILE *out = open_memstream(&text, &size);
            report_cycles_text(out, &report, "shop.ouro", REPORT_DEFAULT, full, false);
            fclose(out);
            assert_fits(text);
            assert_non_null(strstr(text, full ? "examples" : "LEAKED REFERENCES"));
            free(text);
        }
        report_free(&report);
        run_free(run);
        build_free(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reference_too_many_is_told_by_type_and_line),
        cmocka_unit_test(few_of_them_and_those_of_libraries_are_not_told),
        cmocka_unit_test(pages_hold_any_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

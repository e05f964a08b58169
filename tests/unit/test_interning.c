/* SPDX-License-Identifier: MIT */
/* Equal values: who holds them, and what one copy of each saves. */
#include "cmocka_prelude.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/intern_table.h"
#include "load/load.h"
#include "report/report.h"
#include "trace_builder.h"

#define TRACKED OURO_OBJECT_TRACKED

/* A heap of rows; everything is held by one list that a module refers to. */
struct rows {
    struct builder *b;
    struct builder_snapshot *s;
    uint32_t dict, list, row_type, str, number, all, parse, load;
};

static struct rows rows_new(void)
{
    struct rows r = {.b = build_new()};
    uint32_t main_ = build_site(r.b, 0, build_function(r.b, "app.py", "main", 1), 5);
    uint32_t parse = build_site(r.b, main_, build_function(r.b, "feed.py", "parse", 10), 12);
    uint32_t load = build_site(r.b, main_, build_function(r.b, "feed.py", "load", 20), 21);
    r.parse = build_row(r.b, parse, 56, OURO_ROW_OBJECT);
    r.load = build_row(r.b, load, 56, OURO_ROW_OBJECT);
    r.s = build_snapshot(r.b);
    r.dict = build_type(r.s, "dict", OURO_TYPE_GC | OURO_TYPE_TRAVERSE | OURO_TYPE_CLEAR);
    r.list = build_type(r.s, "list", OURO_TYPE_GC | OURO_TYPE_TRAVERSE | OURO_TYPE_CLEAR);
    r.row_type = build_type(r.s, "app.Row", OURO_TYPE_GC | OURO_TYPE_TRAVERSE | OURO_TYPE_USER);
    r.str = build_type(r.s, "str", OURO_TYPE_ATOM);
    r.number = build_type(r.s, "int", OURO_TYPE_ATOM);
    r.all = build_object(r.s, r.list, 1000, 0);
    build_root(r.s, OURO_ROOT_MODULE, r.all, "app", NULL, NULL, 0);
    return r;
}

static struct run *rows_run(struct rows *r, struct report *report)
{
    build_snapshot_end(r->s);
    build_end(r->b, 0);
    struct run *run = build_run(r->b);
    assert_int_equal(report_build(run, &run->processes[0], report), 0);
    return run;
}

static void rows_free(struct rows *r, struct report *report, struct run *run)
{
    report_free(report);
    run_free(run);
    build_free(r->b);
}

static uint32_t member(struct rows *r, uint32_t type, uint64_t size, uint32_t row, uint32_t value)
{
    uint32_t o = build_object(r->s, type, size, row);
    build_member(r->s, o, value);
    return o;
}

/* A dict with one key, in the list of all. */
static void dict_with(struct rows *r, const char *key, uint32_t target)
{
    uint32_t d = build_object(r->s, r->dict, 184, 0);
    build_element(r->s, r->all, d, d);
    build_edge(r->s, d, target, OURO_LABEL_KEY, key);
}

static const struct interning_group *group(const struct report *report, const char *type,
                                           const char *holder)
{
    for (uint32_t g = 0; g < report->interning.group_count; g++) {
        const struct interning_group *found = &report->interning.groups[g];
        if (!strcmp(found->type, type) && !strcmp(found->holder, holder))
            return found;
    }
    fail_msg("no group of %s in %s", type, holder);
    return NULL;
}

static void what_the_runtime_makes_is_no_advice(void **state)
{
    (void)state;
    struct rows r = rows_new();
    uint32_t code = build_type(r.s, "code", OURO_TYPE_FIXED);
    uint32_t bytes = build_type(r.s, "bytes", OURO_TYPE_ATOM);
    uint32_t table = build_value(r.s, bytes, "  ");
    for (int i = 0; i < 5000; i++) {
        uint32_t o = build_object(r.s, code, 200, 0);
        build_element(r.s, r.all, o, (uint32_t)i);
        build_edge(r.s, o, member(&r, bytes, 48, r.load, table), OURO_LABEL_ATTRIBUTE, "kinds");
    }
    struct report report;
    struct run *run = rows_run(&r, &report);
    assert_int_equal(report.interning.group_count, 1);
    assert_int_equal(report.interning.groups[0].copies, 5000);
    assert_int_equal(report.interning.groups[0].advice, ADVICE_NO);
    rows_free(&r, &report, run);
}

static void copies_are_grouped_by_what_holds_them(void **state)
{
    (void)state;
    struct rows r = rows_new();
    uint32_t de = build_value(r.s, r.str, "Germany"), fr = build_value(r.s, r.str, "France");
    uint32_t seven = build_value(r.s, r.number, "7000");
    for (int i = 0; i < 60; i++)
        dict_with(&r, "'country'",
                  member(&r, r.str, 56, i % 3 ? r.parse : r.load, i % 2 ? de : fr));
    for (int i = 0; i < 40; i++) {
        uint32_t row = build_object(r.s, r.row_type, 48, 0);
        build_element(r.s, r.all, row, row);
        build_edge(r.s, row, member(&r, r.str, 56, r.parse, de), OURO_LABEL_ATTRIBUTE, "country");
    }
    for (int i = 0; i < 10; i++)
        build_element(r.s, r.all, member(&r, r.number, 32, r.load, seven), 1000);
    struct report report;
    struct run *run = rows_run(&r, &report);

    assert_int_equal(report.interning.group_count, 3);
    const struct interning_group *g = group(&report, "str", "dict['country']");
    assert_int_equal(g->copies, 60);
    assert_int_equal(g->distinct, 2);
    assert_int_equal(g->gross_bytes, 58 * 56);
    assert_int_equal(g->net_bytes, 58 * 56 - intern_table_bytes(2, 16));
    assert_int_equal(g->site_count, 2);
    assert_int_equal(run->processes[0].sites[g->sites[0].site].line, 12);
    assert_true(g->sites[0].share > 0.66 && g->sites[0].share < 0.67);
    assert_int_equal(g->example_count, 2);
    assert_int_equal(g->examples[0].copies, 30);
    assert_string_equal(g->examples[0].value, "France"); /* as many bytes: by value */
    assert_non_null(strstr(g->fix.text, "sys.intern"));

    g = group(&report, "str", "app.Row.country");
    assert_int_equal(g->copies, 40);
    assert_int_equal(g->distinct, 1);
    g = group(&report, "int", "list[*]");
    assert_int_equal(g->copies, 10);
    assert_null(strstr(g->fix.text, "sys.intern"));
    assert_non_null(strstr(g->fix.text, "cache"));

    /* One Germany would do for both places. */
    assert_int_equal(report.interning.copies, 110);
    assert_int_equal(report.interning.distinct, 3);
    assert_int_equal(report.interning.gross_bytes, 98 * 56 + 9 * 32);
    rows_free(&r, &report, run);
}

static void an_attribute_table_does_not_hide_the_attribute(void **state)
{
    (void)state;
    struct rows r = rows_new();
    uint32_t value = build_value(r.s, r.str, "Germany");
    for (int i = 0; i < 5; i++) {
        uint32_t row = build_object(r.s, r.row_type, 48, 0);
        uint32_t table = build_object(r.s, r.dict, 104, 0);
        build_object_flags(r.s, table, TRACKED | OURO_OBJECT_NAMESPACE);
        build_element(r.s, r.all, row, row);
        build_edge(r.s, row, table, OURO_LABEL_NAMESPACE, NULL);
        build_edge(r.s, table, member(&r, r.str, 56, r.parse, value), OURO_LABEL_ATTRIBUTE,
                   "country");
    }
    struct report report;
    struct run *run = rows_run(&r, &report);
    assert_int_equal(group(&report, "str", "app.Row.country")->copies, 5);
    rows_free(&r, &report, run);
}

static void of_several_holders_the_one_that_tells_most_counts(void **state)
{
    (void)state;
    struct rows r = rows_new();
    uint32_t value = build_value(r.s, r.str, "Germany");
    for (int i = 0; i < 4; i++) {
        uint32_t text = member(&r, r.str, 56, r.parse, value);
        uint32_t row = build_object(r.s, r.row_type, 48, 0);
        build_element(r.s, r.all, text, 2000);
        build_element(r.s, r.all, row, row);
        dict_with(&r, "'country'", text);
        build_edge(r.s, row, text, OURO_LABEL_ATTRIBUTE, "country");
    }
    struct report report;
    struct run *run = rows_run(&r, &report);
    assert_int_equal(report.interning.group_count, 1);
    assert_int_equal(group(&report, "str", "app.Row.country")->copies, 4);
    rows_free(&r, &report, run);
}

static void keys_with_few_copies_are_data(void **state)
{
    (void)state;
    struct rows r = rows_new();
    uint32_t value = build_value(r.s, r.str, "Germany");
    static const char *const users[] = {"'kim'", "'lee'", "'sam'", "'ann'", "'bob'", "'eve'"};
    for (int i = 0; i < 12; i++)
        dict_with(&r, users[i / 2], member(&r, r.str, 56, r.parse, value));
    struct report report;
    struct run *run = rows_run(&r, &report);
    assert_int_equal(report.interning.group_count, 1);
    assert_int_equal(group(&report, "str", "dict[*]")->copies, 12);
    rows_free(&r, &report, run);
}

static void interned_copies_are_targets_and_not_savings(void **state)
{
    (void)state;
    struct rows r = rows_new();
    uint32_t value = build_value(r.s, r.str, "name");
    uint32_t interned = member(&r, r.str, 53, r.parse, value);
    build_object_flags(r.s, interned, OURO_OBJECT_INTERNED);
    build_element(r.s, r.all, interned, 0);
    for (int i = 0; i < 3; i++)
        dict_with(&r, "'key'", member(&r, r.str, 64, r.parse, value));
    struct report report;
    struct run *run = rows_run(&r, &report);
    assert_int_equal(report.interning.group_count, 1);
    const struct interning_group *g = &report.interning.groups[0];
    assert_int_equal(g->copies, 3);
    assert_int_equal(g->gross_bytes, 3 * 64); /* all of them can go, and the table has its entry */
    assert_int_equal(g->net_bytes, 3 * 64);
    rows_free(&r, &report, run);
}

/* What the end of a snapshot says of the table of interned strings need not be true. */
static void a_table_that_cannot_be_is_not_known(void **state)
{
    static const uint64_t tables[][3] = {
        {UINT64_MAX, 0, 0},         {UINT64_C(1) << 63, 1, 0},         {1, 1, UINT64_MAX},
        {UINT64_MAX, 0, 1ul << 20}, {UINT64_C(1) << 41, 0, 1ul << 41}, {9, 0, 8},
    };
    (void)state;
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
        struct rows r = rows_new();
        struct payload end = {0};
        uint32_t value = build_value(r.s, r.str, "name");
        uint32_t interned = member(&r, r.str, 53, r.parse, value);
        build_object_flags(r.s, interned, OURO_OBJECT_INTERNED);
        build_element(r.s, r.all, interned, 0);
        build_element(r.s, r.all, member(&r, r.str, 64, r.parse, value), 1);
        build_snapshot_flush(r.s);
        payload_int_field(&end, OURO_SNAPSHOT_END_STATUS, OURO_SNAPSHOT_COMPLETE);
        payload_int_field(&end, OURO_SNAPSHOT_END_INTERNED, tables[t][0]);
        payload_int_field(&end, OURO_SNAPSHOT_END_INTERNED_ROOM, tables[t][1]);
        payload_int_field(&end, OURO_SNAPSHOT_END_INTERNED_SLOTS, tables[t][2]);
        build_chunk(r.b, OURO_CHUNK_SNAPSHOT_END, 0, 1, end.bytes, end.size);
        payload_clear(&end);
        struct run *run = build_run(r.b);
        struct report report;
        assert_int_equal(run->processes[0].snapshots[0].interned.slots, 0);
        assert_int_equal(run->processes[0].snapshots[0].interned.used, 0);
        assert_int_equal(report_build(run, &run->processes[0], &report), 0);
        rows_free(&r, &report, run);
    }
}

static void immortal_static_and_dead_objects_are_no_savings(void **state)
{
    (void)state;
    struct rows r = rows_new();
    uint32_t value = build_value(r.s, r.str, "x"), leaked = build_value(r.s, r.str, "leaked");
    static const uint32_t flags[] = {OURO_OBJECT_IMMORTAL, OURO_OBJECT_STATIC,
                                     OURO_OBJECT_IMMORTAL | OURO_OBJECT_INTERNED};
    for (int i = 0; i < 3; i++) {
        uint32_t o = member(&r, r.str, 53, r.parse, value);
        build_object_flags(r.s, o, flags[i]);
        build_element(r.s, r.all, o, 0);
    }
    uint32_t cycle = build_object(r.s, r.list, 72, 0);
    build_element(r.s, cycle, cycle, 0);
    for (int i = 0; i < 3; i++)
        build_element(r.s, cycle, member(&r, r.str, 55, r.parse, leaked), 0);
    build_element(r.s, r.all, member(&r, r.str, 55, r.parse, leaked), 0);
    struct report report;
    struct run *run = rows_run(&r, &report);
    assert_int_equal(report.interning.group_count, 0);
    assert_int_equal(report.interning.gross_bytes, 0);
    rows_free(&r, &report, run);
}

static void advice_follows_the_rule(void **state)
{
    (void)state;
    const uint64_t k = 1024;
    /* copies, distinct, net, heap */
    assert_int_equal(interning_advice(1100, 100, 64 * k, 0), ADVICE_INTERN);
    assert_int_equal(interning_advice(1099, 100, 64 * k, 0), ADVICE_MAYBE);
    assert_int_equal(interning_advice(300, 100, 64 * k, 0), ADVICE_MAYBE);
    assert_int_equal(interning_advice(299, 100, 64 * k, 0), ADVICE_NO);
    assert_int_equal(interning_advice(1100, 100, 64 * k - 1, 0), ADVICE_NO);
    assert_int_equal(interning_advice(1100, 100, 99 * k, 100 * k * 1000), ADVICE_NO);
    assert_int_equal(interning_advice(1100, 100, 100 * k, 100 * k * 1000), ADVICE_INTERN);
}

static void interned_strings_that_live_for_ever_are_warned_of(void **state)
{
    (void)state;
    for (int version = 11; version <= 13; version++) {
        struct builder *b = build_new();
        build_process_text(b, OURO_PROCESS_RUNTIME_VERSION,
                           version == 11   ? "3.11.2"
                           : version == 12 ? "3.12.1"
                                           : "3.13.0");
        struct builder_snapshot *s = build_snapshot(b);
        uint32_t list = build_type(s, "list", OURO_TYPE_GC | OURO_TYPE_TRAVERSE);
        uint32_t all = build_object(s, list, 100, 0), str = build_type(s, "str", OURO_TYPE_ATOM);
        uint32_t value = build_value(s, str, "x y");
        build_root(s, OURO_ROOT_MODULE, all, "app", NULL, NULL, 0);
        for (uint32_t i = 0; i < 2; i++) {
            uint32_t o = build_object(s, str, 52, 0);
            build_member(s, o, value);
            build_element(s, all, o, i);
        }
        build_snapshot_end(s);
        struct run *run = build_run(b);
        struct report report;
        assert_int_equal(report_build(run, &run->processes[0], &report), 0);
        bool warned = strstr(report.interning.groups[0].fix.text, "never frees") != NULL;
        assert_int_equal(warned, version == 12);
        report_free(&report);
        run_free(run);
        build_free(b);
    }
}

static void values_nobody_is_known_to_hold_cannot_be_interned_by_the_program(void **state)
{
    (void)state;
    struct rows r = rows_new();
    uint32_t held = build_value(r.s, r.str, "held"), table = build_value(r.s, r.str, "table");
    for (uint32_t i = 0; i < 2000; i++) {
        build_element(r.s, r.all, member(&r, r.str, 64, r.parse, held), i);
        build_object_surplus(r.s, member(&r, r.str, 64, r.parse, table), 1);
    }
    struct report report;
    struct run *run = rows_run(&r, &report);
    assert_int_equal(group(&report, "str", "list[*]")->advice, ADVICE_INTERN);
    assert_int_equal(group(&report, "str", "(not known)")->advice, ADVICE_NO);
    assert_int_equal(group(&report, "str", "(not known)")->copies, 2000);
    rows_free(&r, &report, run);
}

static void withheld_values_are_not_shown(void **state)
{
    (void)state;
    struct builder *b = build_new();
    build_process_int(b, OURO_PROCESS_FLAGS, OURO_PROCESS_NO_VALUES);
    struct builder_snapshot *s = build_snapshot(b);
    uint32_t list = build_type(s, "list", OURO_TYPE_GC | OURO_TYPE_TRAVERSE);
    uint32_t all = build_object(s, list, 100, 0), str = build_type(s, "str", OURO_TYPE_ATOM);
    uint32_t value = build_value(s, str, "");
    build_root(s, OURO_ROOT_MODULE, all, "app", NULL, NULL, 0);
    for (uint32_t i = 0; i < 2; i++) {
        uint32_t o = build_object(s, str, 52, 0);
        build_member(s, o, value);
        build_element(s, all, o, i);
    }
    build_snapshot_end(s);
    struct run *run = build_run(b);
    struct report report;
    assert_int_equal(report_build(run, &run->processes[0], &report), 0);
    assert_int_equal(report.interning.groups[0].copies, 2);
    assert_null(report.interning.groups[0].examples[0].value);
    report_free(&report);
    run_free(run);
    build_free(b);
}

static void what_dies_with_a_copy_is_part_of_its_net_and_counted_once(void **state)
{
    (void)state;
    struct rows r = rows_new();
    uint32_t tuple = build_type(r.s, "tuple", OURO_TYPE_GC | OURO_TYPE_TRAVERSE);
    uint32_t pair = build_value(r.s, tuple, "('a', 1)"), text = build_value(r.s, r.str, "aa");
    uint32_t shared = build_object(r.s, r.dict, 5000, 0);
    build_element(r.s, r.all, shared, 0);
    for (int i = 0; i < 30; i++) {
        uint32_t o = member(&r, tuple, 64, r.parse, pair);
        build_element(r.s, r.all, o, 0);
        build_element(r.s, o, member(&r, r.str, 48, r.parse, text), 0); /* dies with it */
        build_element(r.s, o, shared, 1);                               /* does not */
    }
    struct report report;
    struct run *run = rows_run(&r, &report);
    const struct interning_group *g = group(&report, "tuple", "list[*]");
    uint64_t table = intern_table_bytes(1, 24);
    assert_int_equal(g->gross_bytes, 29 * 64);
    assert_int_equal(g->net_bytes, 29 * (64 + 48) - table);
    assert_int_equal(g->net_objects, 58);
    g = group(&report, "str", "tuple[*]");
    assert_int_equal(g->net_bytes, 29 * 48 - intern_table_bytes(1, 16));
    assert_int_equal(report.interning.gross_bytes, 29 * (64 + 48));
    assert_int_equal(report.interning.net_bytes, 29 * (64 + 48) - intern_table_bytes(2, 24));
    rows_free(&r, &report, run);
}

static void values_that_are_the_only_one_cost_an_entry_too(void **state)
{
    (void)state;
    struct rows r = rows_new();
    uint32_t value = build_value(r.s, r.str, "twice");
    for (uint32_t i = 0; i < 200; i++)
        build_element(r.s, r.all, member(&r, r.str, 56, r.parse, value), i);
    for (uint32_t i = 0; i < 100; i++)
        build_element(r.s, r.all, build_object(r.s, r.str, 64, r.parse), i);
    struct report report;
    struct run *run = rows_run(&r, &report);
    const struct interning_group *g = group(&report, "str", "list[*]");
    assert_int_equal(g->copies, 200);
    assert_int_equal(g->unique, 100);
    assert_int_equal(g->table_bytes, intern_table_bytes(101, 16));
    assert_int_equal(g->net_bytes, 199 * 56 - intern_table_bytes(101, 16));
    rows_free(&r, &report, run);
}

static void what_is_advised_adds_up_where_nothing_is_shared(void **state)
{
    (void)state;
    struct rows r = rows_new();
    uint32_t de = build_value(r.s, r.str, "Germany"), open_ = build_value(r.s, r.str, "open");
    for (uint32_t i = 0; i < 3000; i++) {
        dict_with(&r, "'country'", member(&r, r.str, 56, r.parse, de));
        dict_with(&r, "'status'", member(&r, r.str, 48, r.parse, open_));
        build_element(r.s, r.all, member(&r, r.str, 56, r.parse, de), i);
    }
    struct report report;
    struct run *run = rows_run(&r, &report);
    const struct interning *n = &report.interning;
    uint64_t sum = 0;
    assert_int_equal(n->group_count, 3);
    for (uint32_t g = 0; g < n->group_count; g++) {
        assert_int_equal(n->groups[g].advice, ADVICE_INTERN);
        assert_int_equal(n->groups[g].added_bytes, n->groups[g].net_bytes);
        sum += n->groups[g].net_bytes;
    }
    assert_int_equal(n->advised_bytes, sum);
    assert_int_equal(n->advised_dead.count, 3 * 2999);
    rows_free(&r, &report, run);
}

static void a_table_grows_in_steps(void **state)
{
    (void)state;
    /* sys.getsizeof() of dicts with so many entries on 3.8 less its own 64, and 3.12's of str. */
    assert_int_equal(intern_table_bytes(5, 24), 232 - 64);
    assert_int_equal(intern_table_bytes(6, 24), 360 - 64);
    assert_int_equal(intern_table_bytes(100, 24), 4696 - 64);
    struct intern_table table = {.used = 86, .room = 84, .slots = 256, .entry_bytes = 24};
    assert_int_equal(intern_table_growth(&table, 0), 0);
    assert_int_equal(intern_table_growth(&table, 84), 0);
    assert_int_equal(intern_table_growth(&table, 85),
                     intern_table_bytes(171, 24) - intern_table_bytes(86, 24));
    table.used = 60;
    table.room = 0; /* full of what was deleted: it is only cleaned up */
    assert_int_equal(intern_table_growth(&table, 1), 0);
    assert_int_equal(intern_table_entry("3.8.18", true), 24);
    assert_int_equal(intern_table_entry("3.11.2", true), 16);
    assert_int_equal(intern_table_entry("3.15.0", false), 24);
}

/* `ouro intern` with a query, over what rows_run() made. */
static void rows_query(struct run *run, const struct interning_query *query, struct report *report)
{
    assert_int_equal(report_build_interning(run, &run->processes[0], query, report), 0);
}

static void groups_are_by_holder_site_or_value(void **state)
{
    (void)state;
    struct rows r = rows_new();
    uint32_t de = build_value(r.s, r.str, "Germany"), fr = build_value(r.s, r.str, "France");
    uint32_t seven = build_value(r.s, r.number, "7000");
    for (int i = 0; i < 60; i++) {
        dict_with(&r, "'country'", member(&r, r.str, 56, i < 40 ? r.parse : r.load, de));
        build_element(r.s, r.all, member(&r, r.str, 56, r.parse, i % 2 ? de : fr), 0);
    }
    for (int i = 0; i < 10; i++)
        build_element(r.s, r.all, member(&r, r.number, 32, r.load, seven), 1000);
    struct report report, by;
    struct run *run = rows_run(&r, &report);

    rows_query(run, &(struct interning_query){INTERNING_BY_VALUE, "str", 0}, &by);
    assert_int_equal(by.interning.group_count, 2);
    const struct interning_group *g = &by.interning.groups[0];
    assert_string_equal(g->examples[0].value, "Germany");
    assert_int_equal(g->copies, 90);
    assert_int_equal(g->distinct, 1);
    assert_int_equal(g->holder_count, 2);
    assert_string_equal(g->holder, "dict['country']");
    assert_int_equal(g->holders[1].copies, 30);
    report_free(&by);

    rows_query(run, &(struct interning_query){INTERNING_BY_SITE, NULL, 0}, &by);
    assert_int_equal(by.interning.group_count, 3); /* str of parse and of load, int of load */
    g = &by.interning.groups[0];
    assert_int_equal(g->copies, 100);
    assert_int_equal(g->distinct, 2);
    assert_int_equal(g->site_count, 1);
    assert_int_equal(run->processes[0].sites[g->fix.site].line, 12);
    report_free(&by);

    rows_query(run, &(struct interning_query){INTERNING_BY_HOLDER, NULL, 2000}, &by);
    assert_int_equal(by.interning.group_count, 2); /* the numbers save less */
    assert_int_equal(by.interning.left_out, 1);
    report_free(&by);
    rows_free(&r, &report, run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_dies_with_a_copy_is_part_of_its_net_and_counted_once),
        cmocka_unit_test(values_that_are_the_only_one_cost_an_entry_too),
        cmocka_unit_test(what_is_advised_adds_up_where_nothing_is_shared),
        cmocka_unit_test(a_table_grows_in_steps),
        cmocka_unit_test(groups_are_by_holder_site_or_value),
        cmocka_unit_test(copies_are_grouped_by_what_holds_them),
        cmocka_unit_test(what_the_runtime_makes_is_no_advice),
        cmocka_unit_test(an_attribute_table_does_not_hide_the_attribute),
        cmocka_unit_test(of_several_holders_the_one_that_tells_most_counts),
        cmocka_unit_test(keys_with_few_copies_are_data),
        cmocka_unit_test(interned_copies_are_targets_and_not_savings),
        cmocka_unit_test(a_table_that_cannot_be_is_not_known),
        cmocka_unit_test(immortal_static_and_dead_objects_are_no_savings),
        cmocka_unit_test(advice_follows_the_rule),
        cmocka_unit_test(interned_strings_that_live_for_ever_are_warned_of),
        cmocka_unit_test(values_nobody_is_known_to_hold_cannot_be_interned_by_the_program),
        cmocka_unit_test(withheld_values_are_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Leaked cycles: paths, signatures, verdicts, and the reference to cut. */
#include "cmocka_prelude.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cycle_analysis.h"
#include "cycles/cycles.h"
#include "heap_model.h"

#define TRACKED OURO_OBJECT_TRACKED
#define ATTRIBUTE OURO_LABEL_ATTRIBUTE
#define INDEX OURO_LABEL_INDEX
#define KEY OURO_LABEL_KEY
#define NAMESPACE OURO_LABEL_NAMESPACE
#define USER (NODE_TYPE | OURO_TYPE_USER)

/* Analyzes a heap that has but one group and checks its path and the type and edge to cut. */
static struct cycle_group only_group(struct heap_model *m, const char *path, const char *cut)
{
    static struct analysis kept; /* texts of the group live in it until the next call */
    static bool in_use;
    if (in_use)
        analysis_free(&kept);
    heap_model_finish(m);
    kept = analyze(m);
    in_use = true;
    assert_int_equal(kept.cycles.group_count, 1);
    struct cycle_group group = kept.cycles.groups[0];
    assert_string_equal(path_text(&group), path);
    char text[512];
    snprintf(text, sizeof text, "%s %s", group.path[group.fix.at].type,
             group.path[group.fix.at].edge);
    assert_string_equal(text, cut);
    assert_non_null(group.fix.reason);
    assert_non_null(group.fix.hint);
    return group;
}

enum dicts { WITH_DICTS, WITHOUT_DICTS };

/* A type and, where the runtime has them, its instances' attribute tables. */
struct maker {
    struct heap_model *m;
    enum dicts dicts;
    uint32_t dict, list, str;
    uint32_t table[512]; /* object → its attribute table, 0 for none */
};

static struct maker maker_new(enum dicts dicts)
{
    struct maker k = {.m = heap_model_new(), .dicts = dicts};
    k.dict = heap_model_type(k.m, "dict", NODE_TYPE | OURO_TYPE_ATTRIBUTES);
    k.list = heap_model_type(k.m, "list", NODE_TYPE);
    k.str = heap_model_type(k.m, "str", OURO_TYPE_ATOM);
    return k;
}

static uint32_t instance(struct maker *k, uint32_t type)
{
    uint32_t o = heap_model_object(k->m, type, 48, TRACKED);
    if (k->dicts == WITH_DICTS) {
        k->table[o] = heap_model_object(k->m, k->dict, 104, TRACKED | OURO_OBJECT_NAMESPACE);
        heap_model_edge(k->m, o, k->table[o], NAMESPACE, NULL);
    }
    return o;
}

static uint32_t list(struct maker *k)
{
    return heap_model_object(k->m, k->list, 88, TRACKED);
}

static uint32_t leaf(struct maker *k, uint64_t size)
{
    return heap_model_object(k->m, k->str, size, 0);
}

static void attribute(struct maker *k, uint32_t source, const char *name, uint32_t target)
{
    if (k->table[source])
        heap_model_edge(k->m, k->table[source], target, ATTRIBUTE, name);
    else
        heap_model_edge(k->m, source, target, ATTRIBUTE, name);
}

/* A node with so many children in a list, each of which knows its parent. */
static void tree(struct maker *k, uint32_t type, int children)
{
    uint32_t root = instance(k, type), all = list(k);
    attribute(k, root, "children", all);
    for (int i = 0; i < children; i++) {
        uint32_t child = instance(k, type);
        heap_model_edge(k->m, all, child, INDEX, NULL);
        attribute(k, child, "parent", root);
        attribute(k, child, "children", list(k));
        attribute(k, child, "name", leaf(k, 50));
    }
}

static void a_tree_is_told_by_its_parent_pointer(void **state)
{
    (void)state;
    char signature[2][SIGNATURE_TEXT_SIZE];
    for (enum dicts dicts = WITH_DICTS; dicts <= WITHOUT_DICTS; dicts++) {
        struct maker k = maker_new(dicts);
        uint32_t type = heap_model_type(k.m, "app.Node", USER);
        tree(&k, type, 3);
        tree(&k, type, 1);
        tree(&k, type, 40);
        struct cycle_group g = only_group(k.m, "app.Node .children -> list [*] -> app.Node .parent",
                                          "app.Node .parent");
        assert_int_equal(g.count, 3);
        assert_string_equal(g.fix.pattern, "parent-pointer");
        assert_int_equal(g.verdict, VERDICT_GARBAGE);
        memcpy(signature[dicts], g.signature, sizeof g.signature);
        heap_model_free(k.m);
    }
    assert_string_equal(signature[0], signature[1]);
    assert_memory_equal(signature[0], "cycle:", 6);
    assert_int_equal(strlen(signature[0]), 18);
}

static void a_signature_is_a_function_of_the_texts_alone(void **state)
{
    (void)state;
    struct maker k = maker_new(WITHOUT_DICTS);
    uint32_t node = instance(&k, heap_model_type(k.m, "app.Node", USER));
    attribute(&k, node, "me", node);
    /* Fixed for ever: baselines of users hold it. */
    assert_string_equal(only_group(k.m, "app.Node .me", "app.Node .me").signature,
                        "cycle:5b3a8268d6ae");
    heap_model_free(k.m);
}

static void rings_of_all_lengths_are_one_kind(void **state)
{
    (void)state;
    struct maker k = maker_new(WITH_DICTS);
    uint32_t type = heap_model_type(k.m, "Link", USER);
    for (int length = 3; length < 20; length++) {
        uint32_t first = instance(&k, type), last = first;
        for (int i = 1; i < length; i++) {
            uint32_t next = instance(&k, type);
            attribute(&k, last, "next", next);
            last = next;
        }
        attribute(&k, last, "next", first);
    }
    struct cycle_group g = only_group(k.m, "Link .next -> Link .next -> Link .next", "Link .next");
    assert_int_equal(g.count, 17);
    heap_model_free(k.m);
}

static void a_long_ring_is_folded(void **state)
{
    (void)state;
    struct maker k = maker_new(WITHOUT_DICTS);
    uint32_t a = heap_model_type(k.m, "A", USER), b = heap_model_type(k.m, "B", USER);
    uint32_t first = instance(&k, a), last = first;
    for (int i = 0; i < 100; i++) {
        uint32_t middle = instance(&k, b), next = i == 99 ? first : instance(&k, a);
        attribute(&k, last, "b", middle);
        attribute(&k, middle, "a", next);
        last = next;
    }
    struct cycle_group g = only_group(k.m, "A .b -> B .a", "B .a");
    assert_int_equal(g.path_length, 200);
    assert_true(g.path_periodic);
    heap_model_free(k.m);
}

static void a_ring_of_a_million_needs_no_stack(void **state)
{
    (void)state;
    struct heap_model *m = heap_model_new();
    const uint32_t nodes = 1000000;
    uint32_t type = heap_model_type(m, "Link", USER);
    for (uint32_t i = 0; i < nodes; i++) {
        heap_model_object(m, type, 48, TRACKED);
        heap_model_edge(m, i, (i + 1) % nodes, INDEX, NULL);
    }
    struct cycle_group g = only_group(m, "Link [*]", "Link [*]");
    assert_int_equal(g.path_length, nodes);
    assert_int_equal(g.objects, nodes);
    heap_model_free(m);
}

static void the_shortest_cycle_through_the_heaviest_class_is_shown(void **state)
{
    (void)state;
    struct maker k = maker_new(WITHOUT_DICTS);
    uint32_t table = heap_model_type(k.m, "Table", USER), row = heap_model_type(k.m, "Row", USER);
    uint32_t t = instance(&k, table), rows = list(&k);
    attribute(&k, t, "me", t); /* shorter, but not where the memory is */
    attribute(&k, t, "rows", rows);
    for (int i = 0; i < 5; i++) {
        uint32_t r = instance(&k, row);
        attribute(&k, r, "table", t);
        heap_model_edge(k.m, rows, r, INDEX, NULL);
    }
    only_group(k.m, "Row .table -> Table .rows -> list [*]", "Row .table");
    heap_model_free(k.m);
}

static void keys_of_data_are_shown_while_they_are_few_but_not_signed(void **state)
{
    (void)state;
    char signature[2][SIGNATURE_TEXT_SIZE];
    static const char *const names[2][2] = {{"'up'", "'down'"}, {"'a'", "'b'"}};
    for (int i = 0; i < 2; i++) {
        struct maker k = maker_new(WITHOUT_DICTS);
        uint32_t a = heap_model_object(k.m, k.dict, 232, TRACKED), l = list(&k);
        heap_model_edge(k.m, a, l, KEY, names[i][1]);
        heap_model_edge(k.m, l, a, INDEX, NULL);
        struct cycle_group g =
            only_group(k.m, i ? "dict ['b'] -> list [*]" : "dict ['down'] -> list [*]",
                       i ? "dict ['b']" : "dict ['down']");
        memcpy(signature[i], g.signature, sizeof g.signature);
        heap_model_free(k.m);
    }
    assert_string_equal(signature[0], signature[1]);

    struct maker k = maker_new(WITHOUT_DICTS);
    char texts[20][24];
    for (int i = 0; i < 20; i++) {
        uint32_t a = heap_model_object(k.m, k.dict, 232, TRACKED), l = list(&k);
        snprintf(texts[i], sizeof texts[i], "'user %d'", i);
        heap_model_edge(k.m, a, l, KEY, texts[i]);
        heap_model_edge(k.m, l, a, INDEX, NULL);
    }
    struct cycle_group g = only_group(k.m, "dict [*] -> list [*]", "dict [*]");
    assert_int_equal(g.count, 20);
    assert_string_equal(g.signature, signature[0]);
    heap_model_free(k.m);
}

static void a_dict_without_its_owner_shows_the_key(void **state)
{
    (void)state;
    struct maker k = maker_new(WITH_DICTS);
    uint32_t d = heap_model_object(k.m, k.dict, 104, TRACKED | OURO_OBJECT_NAMESPACE);
    heap_model_edge(k.m, d, d, KEY, "'d'");
    struct cycle_group g = only_group(k.m, "dict ['d']", "dict ['d']");
    assert_string_equal(g.fix.pattern, "self-container");
    heap_model_free(k.m);
}

static void an_attribute_table_of_two_instances_belongs_to_neither(void **state)
{
    (void)state;
    struct maker k = maker_new(WITHOUT_DICTS);
    uint32_t type = heap_model_type(k.m, "Borg", USER);
    uint32_t a = instance(&k, type), b = instance(&k, type);
    uint32_t table = heap_model_object(k.m, k.dict, 104, TRACKED | OURO_OBJECT_NAMESPACE);
    heap_model_edge(k.m, a, table, NAMESPACE, NULL);
    heap_model_edge(k.m, b, table, NAMESPACE, NULL);
    heap_model_edge(k.m, table, a, ATTRIBUTE, "first");
    heap_model_edge(k.m, table, b, ATTRIBUTE, "other");
    only_group(k.m, "Borg .__dict__ -> dict .first", "Borg .__dict__");
    heap_model_free(k.m);
}

static void age_follows_the_epochs(void **state)
{
    (void)state;
    const uint64_t second = 1000000000, unit = OURO_CLOCK_UNIT;
    struct epoch epochs[] = {{.number = 1, .clock = 1000 * unit, .time = 10 * second},
                             {.number = 2, .clock = 2000 * unit, .time = 40 * second}};
    static const struct {
        uint64_t birth;
        double age;
    } cases[] = {{500, 45}, {1000, 40}, {1500, 25}, {2500, 5}, {3000, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct maker k = maker_new(WITHOUT_DICTS);
        uint32_t type = heap_model_type(k.m, "A", USER);
        uint32_t a = instance(&k, type), b = instance(&k, type);
        attribute(&k, a, "b", b);
        attribute(&k, b, "a", a);
        heap_model_birth(k.m, a, cases[i].birth * unit);
        heap_model_birth(k.m, b, (2999 + i) * unit); /* the oldest member counts */
        k.m->snapshot->clock = 3000 * unit;
        k.m->snapshot->time = 50 * second;
        k.m->process.epochs = epochs;
        k.m->process.epoch_count = 2;
        struct cycle_group g = only_group(k.m, "A .a -> A .b", "A .b");
        assert_true(g.age_known);
        if (g.age < cases[i].age - 0.011 || g.age > cases[i].age + 0.011)
            fail_msg("case %zu: %f", i, g.age);
        heap_model_free(k.m);
    }
}

static void a_generators_frame_is_part_of_the_generator(void **state)
{
    (void)state;
    char signature[2][SIGNATURE_TEXT_SIZE];
    for (int frames = 0; frames < 2; frames++) {
        struct maker k = maker_new(WITHOUT_DICTS);
        uint32_t generator = heap_model_object(
            k.m,
            heap_model_type(k.m, "generator",
                            OURO_TYPE_GC | OURO_TYPE_TRAVERSE | OURO_TYPE_FINALIZER),
            112, TRACKED);
        uint32_t frame = generator, l = list(&k);
        if (frames) {
            frame = heap_model_object(k.m, heap_model_type(k.m, "frame", NODE_TYPE), 400, TRACKED);
            heap_model_edge(k.m, generator, frame, ATTRIBUTE, "gi_frame");
        }
        heap_model_edge(k.m, frame, l, OURO_LABEL_LOCAL, "items");
        heap_model_edge(k.m, l, generator, INDEX, NULL);
        struct cycle_group g =
            only_group(k.m, "generator local items -> list [*]", "generator local items");
        assert_string_equal(g.fix.pattern, "generator-local");
        assert_int_equal(g.verdict, VERDICT_GARBAGE);
        memcpy(signature[frames], g.signature, sizeof g.signature);
        heap_model_free(k.m);
    }
    assert_string_equal(signature[0], signature[1]);
}

static void without_a_known_pattern_the_cut_is_what_leaves_no_cycle(void **state)
{
    (void)state;
    struct maker k = maker_new(WITHOUT_DICTS);
    uint32_t a = heap_model_type(k.m, "A", USER), b = heap_model_type(k.m, "B", USER);
    uint32_t hub = instance(&k, a), x = instance(&k, b), y = instance(&k, b);
    attribute(&k, hub, "left", x);
    attribute(&k, hub, "right", y);
    attribute(&k, x, "hub", hub);
    attribute(&k, y, "hub", hub);
    struct cycle_group g = only_group(k.m, "B .hub -> A .left", "B .hub");
    assert_null(g.fix.pattern);
    assert_string_equal(g.fix.reason, "without this reference no cycle is left");
    assert_int_equal(g.fix.cuts, 1);
    heap_model_free(k.m);
}

static void where_one_cut_does_not_do_the_others_are_named(void **state)
{
    (void)state;
    struct maker k = maker_new(WITHOUT_DICTS);
    uint32_t a = instance(&k, heap_model_type(k.m, "A", USER));
    uint32_t b = instance(&k, heap_model_type(k.m, "B", USER));
    attribute(&k, a, "me", a);
    attribute(&k, a, "b", b);
    attribute(&k, b, "a", a);
    struct cycle_group g = only_group(k.m, "A .me", "A .me");
    assert_int_equal(g.fix.cuts, 2);
    assert_int_equal(g.fix.other_count, 1);
    assert_string_equal(g.fix.others[0].type, "A");
    assert_string_equal(g.fix.others[0].edge, ".b");
    heap_model_free(k.m);

    /* Every one of ten attributes leads back at once. */
    k = maker_new(WITHOUT_DICTS);
    a = instance(&k, heap_model_type(k.m, "A", USER));
    for (int i = 0; i < 10; i++)
        attribute(&k, a, (const char *[]){"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}[i], a);
    g = only_group(k.m, "A .a", "A .a");
    assert_int_equal(g.fix.cuts, CUTS_MAX + 1);
    assert_int_equal(g.fix.other_count, 0);
    heap_model_free(k.m);
}

static void what_a_cycle_leads_to_belongs_to_it_and_what_several_lead_to_is_shared(void **state)
{
    (void)state;
    struct maker k = maker_new(WITHOUT_DICTS);
    uint32_t a = instance(&k, heap_model_type(k.m, "A", USER));
    uint32_t b = instance(&k, heap_model_type(k.m, "B", USER));
    uint32_t inner = instance(&k, heap_model_type(k.m, "Inner", USER));
    uint32_t big = leaf(&k, 1000), both = leaf(&k, 70), below = leaf(&k, 7);
    attribute(&k, a, "me", a);
    attribute(&k, b, "me", b);
    attribute(&k, a, "big", big);
    attribute(&k, a, "both", both);
    attribute(&k, b, "both", both);
    attribute(&k, a, "inner", inner); /* a cycle two root cycles lead to */
    attribute(&k, b, "inner", inner);
    attribute(&k, inner, "me", inner);
    attribute(&k, inner, "below", below);
    heap_model_finish(k.m);
    struct analysis r = analyze(k.m);
    assert_int_equal(r.cycles.count, 2);
    assert_int_equal(r.cycles.group_count, 2);
    assert_string_equal(path_text(&r.cycles.groups[0]), "A .me");
    assert_int_equal(r.cycles.groups[0].bytes, 48 + 1000);
    assert_int_equal(r.cycles.groups[0].hold_count, 1);
    assert_string_equal(r.cycles.groups[0].holds[0].type, "str");
    assert_int_equal(r.cycles.groups[0].holds[0].bytes, 1000);
    assert_int_equal(r.cycles.groups[1].bytes, 48);
    assert_int_equal(r.cycles.shared_bytes, 70 + 48 + 7);
    assert_int_equal(r.cycles.shared_objects, 1);
    assert_int_equal(r.cycles.objects, 3);
    assert_int_equal(r.cycles.bytes, 3 * 48 + 1000 + 70 + 7);
    analysis_free(&r);
    heap_model_free(k.m);
}

static void what_cycles_of_one_group_share_belongs_to_the_group(void **state)
{
    (void)state;
    struct maker k = maker_new(WITHOUT_DICTS);
    uint32_t type = heap_model_type(k.m, "A", USER), name = leaf(&k, 60);
    for (int i = 0; i < 2; i++) {
        uint32_t a = instance(&k, type);
        attribute(&k, a, "me", a);
        attribute(&k, a, "name", name);
    }
    struct cycle_group g = only_group(k.m, "A .me", "A .me");
    assert_int_equal(g.count, 2);
    assert_int_equal(g.bytes, 2 * 48 + 60);
    heap_model_free(k.m);
}

static void verdicts_say_why(void **state)
{
    (void)state;
    struct {
        uint32_t flags; /* of the type */
        uint32_t object, kind, size;
        const char *reason; /* a part of it */
        enum verdict verdict;
    } cases[] = {
        {USER, TRACKED, ATTRIBUTE, 48, "gc.disable()", VERDICT_GARBAGE},
        {USER, TRACKED | OURO_OBJECT_FROZEN, ATTRIBUTE, 48, "gc.unfreeze()", VERDICT_GARBAGE},
        {USER | OURO_TYPE_LEGACY_DEL, TRACKED, ATTRIBUTE, 48, "legacy finalizer",
         VERDICT_UNCOLLECTABLE},
        {USER & ~(uint32_t)OURO_TYPE_CLEAR, TRACKED, ATTRIBUTE, 48, "no tp_clear",
         VERDICT_UNCOLLECTABLE},
        {(USER & ~(uint32_t)OURO_TYPE_CLEAR) | OURO_TYPE_FINALIZER, TRACKED, ATTRIBUTE, 48,
         "gc.disable()", VERDICT_GARBAGE},
        {USER, TRACKED, ATTRIBUTE | OURO_LABEL_HIDDEN, 48, "tp_traverse of app.T leaves out",
         VERDICT_UNCOLLECTABLE},
        {OURO_TYPE_HEAP, 0, ATTRIBUTE | OURO_LABEL_HIDDEN, 48, "app.T does not tell the collector",
         VERDICT_UNCOLLECTABLE},
        {USER, 0, ATTRIBUTE, 48, "never handed to the collector", VERDICT_UNCOLLECTABLE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct heap_model *m = heap_model_new();
        uint32_t type = heap_model_type(m, "app.T", cases[i].flags);
        uint32_t o = heap_model_object(m, type, 48, cases[i].object);
        heap_model_edge(m, o, o, cases[i].kind, "me");
        m->snapshot->gc.enabled = false;
        struct cycle_group g = only_group(m, "app.T .me", "app.T .me");
        assert_int_equal(g.verdict, cases[i].verdict);
        if (!strstr(g.reason, cases[i].reason))
            fail_msg("case %zu: %s", i, g.reason);
        assert_int_equal(g.objects, 1);
        heap_model_free(m);
    }
}

static void a_tuple_in_its_own_list_can_be_collected(void **state)
{
    (void)state;
    struct maker k = maker_new(WITHOUT_DICTS);
    uint32_t type = heap_model_type(k.m, "tuple", OURO_TYPE_GC | OURO_TYPE_TRAVERSE);
    uint32_t t = heap_model_object(k.m, type, 48, TRACKED), l = list(&k);
    heap_model_edge(k.m, t, l, INDEX, NULL);
    heap_model_edge(k.m, l, t, INDEX, NULL);
    struct cycle_group g = only_group(k.m, "list [*] -> tuple [*]", "list [*]");
    assert_int_equal(g.verdict, VERDICT_GARBAGE); /* the list has a tp_clear */
    heap_model_free(k.m);
}

static void reasons_of_garbage_follow_the_collectors_state(void **state)
{
    (void)state;
    const uint32_t generation = 1u << OURO_OBJECT_GENERATION_SHIFT;
    const struct gc_state on = {.enabled = true,
                                .generations = 3,
                                .threshold = {700, 10, 10},
                                .count = {512, 3, 2},
                                .long_lived_total = 40000,
                                .long_lived_pending = 900};
    struct gc_state off = on, zero = on, due = on, all = on;
    off.enabled = false;
    zero.threshold[0] = 0;
    due.long_lived_pending = 10001;
    all.debug = OURO_GC_SAVEALL;
    struct {
        const struct gc_state *gc;
        uint32_t generation;
        const char *reason;
    } cases[] = {
        {&on, 1, "512 of 700"},
        {&on, 2, "generation 1 is due after 10"},
        {&on, 3, "waits for 10000 new long-lived objects"},
        {&due, 3, "due after 10 collections"},
        {&off, 3, "gc.disable()"},
        {&zero, 1, "gc.set_threshold(0)"},
        {&on, 0, "has not come to it yet"},
        {&all, 1, "DEBUG_SAVEALL"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct maker k = maker_new(WITHOUT_DICTS);
        uint32_t o = heap_model_object(k.m, heap_model_type(k.m, "A", USER), 48,
                                       TRACKED | cases[i].generation * generation);
        heap_model_edge(k.m, o, o, ATTRIBUTE, "me");
        k.m->snapshot->gc = *cases[i].gc;
        struct cycle_group g = only_group(k.m, "A .me", "A .me");
        if (!strstr(g.reason, cases[i].reason))
            fail_msg("case %zu: %s", i, g.reason);
        heap_model_free(k.m);
    }
}

static void gc_garbage_is_uncollectable_unless_it_was_asked_for(void **state)
{
    (void)state;
    for (int saveall = 0; saveall < 2; saveall++) {
        struct maker k = maker_new(WITHOUT_DICTS);
        uint32_t saved = list(&k), a = instance(&k, heap_model_type(k.m, "A", USER));
        heap_model_root(k.m, OURO_ROOT_INTERPRETER, saved, "garbage");
        heap_model_edge(k.m, saved, a, INDEX, NULL);
        attribute(&k, a, "me", a);
        k.m->snapshot->gc.debug = saveall ? OURO_GC_SAVEALL : 0;
        struct cycle_group g = only_group(k.m, "A .me", "A .me");
        assert_int_equal(g.verdict, saveall ? VERDICT_GARBAGE : VERDICT_UNCOLLECTABLE);
        assert_non_null(strstr(g.reason, "gc.garbage"));
        heap_model_free(k.m);
    }
}

static void a_chain_into_a_cycle_goes_with_it(void **state)
{
    (void)state;
    struct maker k = maker_new(WITHOUT_DICTS);
    uint32_t type = heap_model_type(k.m, "A", USER);
    uint32_t dying = heap_model_object(k.m, type, 100, 0), link = instance(&k, type);
    uint32_t a = instance(&k, type);
    attribute(&k, dying, "next", link);
    attribute(&k, link, "next", a);
    attribute(&k, a, "me", a);
    struct cycle_group g = only_group(k.m, "A .me", "A .me");
    assert_int_equal(g.bytes, 100 + 48 + 48);
    assert_int_equal(g.hold_count, 1);
    assert_int_equal(g.holds[0].count, 2);
    heap_model_free(k.m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_is_told_by_its_parent_pointer),
        cmocka_unit_test(a_signature_is_a_function_of_the_texts_alone),
        cmocka_unit_test(rings_of_all_lengths_are_one_kind),
        cmocka_unit_test(a_long_ring_is_folded),
        cmocka_unit_test(a_ring_of_a_million_needs_no_stack),
        cmocka_unit_test(the_shortest_cycle_through_the_heaviest_class_is_shown),
        cmocka_unit_test(keys_of_data_are_shown_while_they_are_few_but_not_signed),
        cmocka_unit_test(a_dict_without_its_owner_shows_the_key),
        cmocka_unit_test(an_attribute_table_of_two_instances_belongs_to_neither),
        cmocka_unit_test(age_follows_the_epochs),
        cmocka_unit_test(a_generators_frame_is_part_of_the_generator),
        cmocka_unit_test(without_a_known_pattern_the_cut_is_what_leaves_no_cycle),
        cmocka_unit_test(where_one_cut_does_not_do_the_others_are_named),
        cmocka_unit_test(what_a_cycle_leads_to_belongs_to_it_and_what_several_lead_to_is_shared),
        cmocka_unit_test(what_cycles_of_one_group_share_belongs_to_the_group),
        cmocka_unit_test(verdicts_say_why),
        cmocka_unit_test(a_tuple_in_its_own_list_can_be_collected),
        cmocka_unit_test(reasons_of_garbage_follow_the_collectors_state),
        cmocka_unit_test(gc_garbage_is_uncollectable_unless_it_was_asked_for),
        cmocka_unit_test(a_chain_into_a_cycle_goes_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

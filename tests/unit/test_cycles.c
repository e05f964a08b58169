/* SPDX-License-Identifier: MIT */
/* Leaked cycles: paths, signatures, verdicts, the reference to cut, and who owns which byte. */
#include "cmocka_prelude.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cycles/cycle_roots.h"
#include "cycles/cycles.h"
#include "heap_model.h"

#define TRACKED OURO_OBJECT_TRACKED
#define ATTRIBUTE OURO_LABEL_ATTRIBUTE
#define INDEX OURO_LABEL_INDEX
#define KEY OURO_LABEL_KEY
#define NAMESPACE OURO_LABEL_NAMESPACE
#define USER (NODE_TYPE | OURO_TYPE_USER)

struct analysis {
    struct type_order order;
    struct site_table sites;
    struct garbage garbage;
    struct cycles cycles;
};

static struct analysis analyze(struct heap_model *m)
{
    struct analysis a;
    assert_int_equal(type_order_build(m->snapshot, &a.order), 0);
    assert_int_equal(site_table_build(&m->process, &a.sites), 0);
    assert_int_equal(garbage_find(m->snapshot, &a.garbage), 0);
    assert_int_equal(
        cycles_find(&m->process, m->snapshot, &a.order, &a.sites, &a.garbage, &a.cycles), 0);
    return a;
}

static void analysis_free(struct analysis *a)
{
    type_order_free(&a->order);
    site_table_free(&a->sites);
    garbage_free(&a->garbage);
    cycles_free(&a->cycles);
}

/* "Node .next -> list [*]" */
static const char *path_text(const struct cycle_group *group)
{
    static char text[4096];
    text[0] = '\0';
    for (uint32_t i = 0; i < group->path_count; i++) {
        const struct cycle_step *step = &group->path[i];
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%s%s%s", i ? " -> " : "", step->type,
                 *step->edge ? " " : "", step->edge);
    }
    return text;
}

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
    const uint64_t second = 1000000000;
    struct epoch epochs[] = {{.number = 1, .clock = 1000, .time = 10 * second},
                             {.number = 2, .clock = 2000, .time = 40 * second}};
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
        k.m->snapshot->birth[a] = cases[i].birth;
        k.m->snapshot->birth[b] = 2999 + i; /* the oldest member counts */
        k.m->snapshot->clock = 3000;
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
    struct cycle_group g = only_group(k.m, "list [*] -> tuple [*]", "tuple [*]");
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

/* A random heap with several classes, attribute tables, and references of many names. */
static struct heap_model *random_heap(uint64_t *seed, uint32_t objects)
{
    static const char *const names[] = {"a", "b", "next", "parent"};
    struct heap_model *m = heap_model_new();
    uint32_t types[4] = {heap_model_type(m, "A", USER), heap_model_type(m, "B", USER),
                         heap_model_type(m, "list", NODE_TYPE),
                         heap_model_type(m, "str", OURO_TYPE_ATOM)};
    uint32_t dict = heap_model_type(m, "dict", NODE_TYPE | OURO_TYPE_ATTRIBUTES);
    for (uint32_t o = 0; o < objects; o++) {
        uint32_t type = types[heap_model_random(seed, 4)];
        heap_model_object(m, type, 40 + heap_model_random(seed, 3) * 8,
                          type == types[3] ? 0 : TRACKED);
        m->snapshot->birth[o] = 1 + heap_model_random(seed, 1000000);
    }
    for (uint32_t o = 0; o < objects; o++) {
        uint32_t source = o;
        if (m->snapshot->type[o] <= types[1] && heap_model_random(seed, 2)) {
            source = heap_model_object(m, dict, 64, TRACKED | OURO_OBJECT_NAMESPACE);
            heap_model_edge(m, o, source, NAMESPACE, NULL);
        }
        if (m->snapshot->type[o] == types[3])
            continue;
        for (uint32_t e = heap_model_random(seed, 3); e > 0; e--) {
            uint32_t kind = m->snapshot->type[o] == types[2] ? INDEX : ATTRIBUTE;
            heap_model_edge(m, source, heap_model_random(seed, objects), kind,
                            kind == INDEX ? NULL : names[heap_model_random(seed, 4)]);
        }
    }
    if (heap_model_random(seed, 3) == 0)
        m->surplus[heap_model_random(seed, objects)]++;
    heap_model_finish(m);
    return m;
}

static void nothing_is_counted_twice_and_nothing_is_left_out(void **state)
{
    (void)state;
    uint64_t seed = 30;
    uint32_t groups = 0;
    for (int round = 0; round < 1500; round++) {
        struct heap_model *m = random_heap(&seed, 5 + heap_model_random(&seed, 60));
        struct analysis a = analyze(m);
        uint64_t objects = a.cycles.shared_objects + a.cycles.loose_objects;
        uint64_t bytes = a.cycles.shared_bytes + a.cycles.loose_bytes, cycles = 0, dead = 0;
        for (uint32_t g = 0; g < a.cycles.group_count; g++) {
            objects += a.cycles.groups[g].objects;
            bytes += a.cycles.groups[g].bytes;
            cycles += a.cycles.groups[g].count;
            assert_true(a.cycles.groups[g].path_count > 0);
        }
        for (uint32_t o = 0; o < m->snapshot->object_count; o++)
            dead += a.garbage.class[o] == CLASS_LIVE ? 0 : m->snapshot->size[o];
        assert_int_equal(objects, a.cycles.objects);
        assert_int_equal(bytes, a.cycles.bytes);
        assert_int_equal(dead, a.cycles.bytes);
        assert_int_equal(cycles, a.cycles.count);
        assert_int_equal(a.cycles.collectable, a.garbage.objects[CLASS_GARBAGE]);
        groups += a.cycles.group_count;
        analysis_free(&a);
        heap_model_free(m);
    }
    assert_true(groups > 1000);
}

/* Completes a set by all it leads to, without going on from nodes that have an owner in stop. */
static void reach_from(const struct csr *csr, const uint32_t *stop, bool *reached)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t v = 0; v < csr->nodes; v++) {
            bool goes_on = reached[v] && (!stop || stop[v] == OWNER_NONE);
            for (uint64_t e = csr->first[v]; goes_on && e < csr->first[v + 1]; e++) {
                changed |= !reached[csr->target[e]];
                reached[csr->target[e]] = true;
            }
        }
    }
}

/*
 * Owners by the definition: the only root cycle from which a node can be reached; for nodes no root
 * cycle reaches, the only owner of the nodes they lead to.
 */
static void owners_are_the_only_root_cycle_that_leads_there(void **state)
{
    (void)state;
    uint64_t seed = 31;
    for (int round = 0; round < 1500; round++) {
        struct heap_model *m = random_heap(&seed, 5 + heap_model_random(&seed, 40));
        struct garbage garbage;
        struct cycle_roots roots;
        assert_int_equal(garbage_find(m->snapshot, &garbage), 0);
        assert_int_equal(cycle_roots_find(m->snapshot, &garbage, &roots), 0);
        const struct csr *csr = &roots.graph.csr;
        uint32_t owner[100], below[100], wanted[100];
        bool reached[100];
        assert_true(csr->nodes <= 100);
        cycle_roots_assign(&roots, NULL, owner);
        for (uint32_t v = 0; v < csr->nodes; v++)
            below[v] = OWNER_NONE;
        for (uint32_t r = 0; r < roots.count; r++) {
            for (uint32_t v = 0; v < csr->nodes; v++)
                reached[v] = roots.scc.component[v] == roots.component[r];
            reach_from(csr, NULL, reached);
            for (uint32_t v = 0; v < csr->nodes; v++) {
                if (reached[v])
                    below[v] = below[v] == OWNER_NONE ? r : OWNER_SHARED;
            }
        }
        for (uint32_t v = 0; v < csr->nodes; v++) {
            wanted[v] = below[v];
            memset(reached, 0, sizeof reached);
            reached[v] = true;
            reach_from(csr, below, reached);
            for (uint32_t w = 0; below[v] == OWNER_NONE && w < csr->nodes; w++) {
                if (!reached[w] || below[w] == OWNER_NONE || below[w] == wanted[v])
                    continue;
                wanted[v] = wanted[v] == OWNER_NONE ? below[w] : OWNER_SHARED;
            }
        }
        for (uint32_t v = 0; v < csr->nodes; v++)
            assert_int_equal(owner[roots.scc.component[v]], wanted[v]);
        cycle_roots_free(&roots);
        garbage_free(&garbage);
        heap_model_free(m);
    }
}

/* Everything a report prints of the groups. */
static char *describe(const struct cycles *cycles)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    for (uint32_t i = 0; i < cycles->group_count; i++) {
        const struct cycle_group *g = &cycles->groups[i];
        fprintf(out, "%s %d %s %ju %ju %ju %s cut %u %s %s %s age %f\n", g->signature, g->verdict,
                g->reason, g->count, g->objects, g->bytes, path_text(g), g->fix.at, g->fix.reason,
                g->fix.pattern ? g->fix.pattern : "-", g->fix.hint, g->age);
        for (uint32_t h = 0; h < g->hold_count; h++)
            fprintf(out, "  %s %ju %ju\n", g->holds[h].type, g->holds[h].count, g->holds[h].bytes);
    }
    fprintf(out, "%ju %ju\n", cycles->shared_objects, cycles->shared_bytes);
    fclose(out);
    return text;
}

static void the_order_of_objects_changes_nothing(void **state)
{
    (void)state;
    uint64_t seed = 32;
    uint32_t number[300];
    for (int round = 0; round < 1000; round++) {
        struct heap_model *m = random_heap(&seed, 5 + heap_model_random(&seed, 100));
        for (uint32_t o = 0; o < m->snapshot->object_count; o++) {
            uint32_t at = heap_model_random(&seed, o + 1);
            number[o] = number[at];
            number[at] = o;
        }
        struct heap_model *other = heap_model_renumber(m, number);
        struct analysis a = analyze(m), b = analyze(other);
        char *left = describe(&a.cycles), *right = describe(&b.cycles);
        assert_string_equal(left, right);
        free(left);
        free(right);
        analysis_free(&a);
        analysis_free(&b);
        heap_model_free(m);
        heap_model_free(other);
    }
}

static void a_million_cycles_of_a_thousand_shapes(void **state)
{
    (void)state;
    struct heap_model *m = heap_model_new();
    static char names[1000][16];
    uint32_t types[1000];
    for (uint32_t i = 0; i < 1000; i++) {
        snprintf(names[i], sizeof names[i], "app.C%03u", i);
        types[i] = heap_model_type(m, names[i], USER);
    }
    for (uint32_t i = 0; i < 1000000; i++) {
        uint32_t a = heap_model_object(m, types[i % 1000], 48, TRACKED);
        uint32_t b = heap_model_object(m, types[(i + 1) % 1000], 48, TRACKED);
        heap_model_edge(m, a, b, OURO_LABEL_ELEMENT, NULL);
        heap_model_edge(m, b, a, INDEX, NULL);
    }
    heap_model_finish(m);
    struct analysis a = analyze(m);
    assert_int_equal(a.cycles.count, 1000000);
    assert_int_equal(a.cycles.group_count, 1000);
    analysis_free(&a);
    heap_model_free(m);
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
        cmocka_unit_test(what_a_cycle_leads_to_belongs_to_it_and_what_several_lead_to_is_shared),
        cmocka_unit_test(what_cycles_of_one_group_share_belongs_to_the_group),
        cmocka_unit_test(verdicts_say_why),
        cmocka_unit_test(a_tuple_in_its_own_list_can_be_collected),
        cmocka_unit_test(reasons_of_garbage_follow_the_collectors_state),
        cmocka_unit_test(gc_garbage_is_uncollectable_unless_it_was_asked_for),
        cmocka_unit_test(a_chain_into_a_cycle_goes_with_it),
        cmocka_unit_test(nothing_is_counted_twice_and_nothing_is_left_out),
        cmocka_unit_test(owners_are_the_only_root_cycle_that_leads_there),
        cmocka_unit_test(the_order_of_objects_changes_nothing),
        cmocka_unit_test(a_million_cycles_of_a_thousand_shapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* What is dead, what hangs below it, and what the collector cannot know. */
#include "cmocka_prelude.h"

#include <stdlib.h>
#include <string.h>

#include "cycles/garbage.h"
#include "heap_model.h"

#define TRACKED OURO_OBJECT_TRACKED
#define ATTRIBUTE OURO_LABEL_ATTRIBUTE

/* A heap under construction with the usual types. */
struct heap {
    struct heap_model *m;
    uint32_t node, atom;
};

static struct heap heap_new(void)
{
    struct heap_model *m = heap_model_new();
    return (struct heap){m, heap_model_type(m, "Node", NODE_TYPE),
                         heap_model_type(m, "str", OURO_TYPE_ATOM)};
}

static uint32_t node(struct heap h)
{
    return heap_model_object(h.m, h.node, 64, TRACKED);
}

static uint32_t untracked(struct heap h)
{
    return heap_model_object(h.m, h.node, 64, 0);
}

static uint32_t atom(struct heap h)
{
    return heap_model_object(h.m, h.atom, 50, 0);
}

static void refer(struct heap h, uint32_t source, uint32_t target)
{
    heap_model_edge(h.m, source, target, ATTRIBUTE, "x");
}

/* Finishes the heap and compares classes, given as one letter per object: Live, Garbage, Hanging,
 * Uncollectable, Saved. Leaves the result to the caller if it is wanted. */
static void expect(struct heap h, const char *classes, struct garbage *result)
{
    struct garbage g;
    heap_model_finish(h.m);
    assert_int_equal(garbage_find(h.m->snapshot, &g), 0);
    char got[64] = {0};
    for (uint32_t o = 0; o < h.m->snapshot->object_count; o++)
        got[o] = "LGHUS"[g.class[o]];
    assert_string_equal(got, classes);
    if (result)
        *result = g;
    else
        garbage_free(&g);
    heap_model_free(h.m);
}

static void a_cycle_nobody_refers_to_is_garbage(void **state)
{
    (void)state;
    struct heap h = heap_new();
    uint32_t a = node(h), b = node(h);
    refer(h, a, b);
    refer(h, b, a);
    struct garbage g;
    expect(h, "GG", &g);
    assert_int_equal(g.objects[CLASS_GARBAGE], 2);
    assert_int_equal(g.bytes[CLASS_GARBAGE], 128);
    assert_int_equal(g.tracked, 2);
    assert_int_equal(g.references, 2);
    assert_int_equal(g.negative_count + g.external, 0);
    garbage_free(&g);
}

static void one_unexplained_reference_keeps_a_cycle_and_all_below_it(void **state)
{
    (void)state;
    struct heap h = heap_new();
    uint32_t a = node(h), b = node(h), below = node(h), leaf = atom(h);
    refer(h, a, b);
    refer(h, b, a);
    refer(h, b, below);
    refer(h, below, leaf);
    h.m->surplus[a] = 1;
    expect(h, "LLLL", NULL);
}

static void every_reference_of_a_multiple_one_counts(void **state)
{
    (void)state;
    struct heap h = heap_new();
    uint32_t list = node(h), x = node(h);
    for (int i = 0; i < 3; i++)
        refer(h, list, x);
    refer(h, x, list);
    expect(h, "GG", NULL);
}

static void weak_references_hold_nothing(void **state)
{
    (void)state;
    struct heap h = heap_new();
    uint32_t weak = node(h), a = node(h);
    heap_model_edge(h.m, weak, a, OURO_LABEL_REFERENT, NULL);
    refer(h, a, a);
    h.m->surplus[weak] = 1;
    expect(h, "LG", NULL);
}

static void an_immortal_object_keeps_what_it_refers_to(void **state)
{
    (void)state;
    struct heap h = heap_new();
    uint32_t immortal = heap_model_object(h.m, h.node, 64, TRACKED | OURO_OBJECT_IMMORTAL);
    uint32_t a = node(h), b = node(h);
    refer(h, immortal, a);
    refer(h, a, immortal);
    refer(h, b, immortal);
    refer(h, b, b);
    expect(h, "LLG", NULL);
}

static void a_shared_leaf_is_alive_if_anything_alive_refers_to_it(void **state)
{
    (void)state;
    struct heap h = heap_new();
    uint32_t a = node(h), root = node(h), shared = atom(h), own = atom(h);
    refer(h, a, a);
    refer(h, a, shared);
    refer(h, a, own);
    refer(h, root, shared);
    h.m->surplus[root] = 1;
    expect(h, "GLLH", NULL);
}

static void what_hangs_below_dies_in_the_order_of_references(void **state)
{
    (void)state;
    struct heap h = heap_new();
    uint32_t a = node(h), dict = untracked(h), tuple = untracked(h), leaf = atom(h);
    refer(h, a, a);
    refer(h, a, tuple);
    refer(h, a, dict);
    refer(h, dict, tuple);
    refer(h, tuple, leaf);
    refer(h, dict, leaf);
    expect(h, "GHHH", NULL);
}

static void an_untracked_object_in_the_cycle_hides_it_from_the_collector(void **state)
{
    (void)state;
    struct heap h = heap_new();
    uint32_t a = node(h), between = untracked(h), b = node(h), leaf = atom(h);
    refer(h, a, between);
    refer(h, between, b);
    refer(h, b, a);
    refer(h, b, leaf);
    expect(h, "UUUU", NULL);
}

static void a_hidden_reference_in_the_cycle_hides_it_from_the_collector(void **state)
{
    (void)state;
    struct heap h = heap_new();
    uint32_t a = node(h), b = node(h);
    refer(h, a, b);
    heap_model_edge(h.m, b, a, ATTRIBUTE | OURO_LABEL_HIDDEN, "tzinfo");
    expect(h, "UU", NULL);
}

static void a_tracked_object_held_by_an_untracked_one_below_garbage_dies_with_it(void **state)
{
    (void)state;
    struct heap h = heap_new();
    uint32_t a = node(h), code = untracked(h), constant = node(h);
    refer(h, a, a);
    refer(h, a, code);
    heap_model_edge(h.m, code, constant, ATTRIBUTE | OURO_LABEL_HIDDEN, "co_consts");
    expect(h, "GHH", NULL);
}

static void frozen_objects_are_judged_like_all_others(void **state)
{
    (void)state;
    struct heap h = heap_new();
    uint32_t a = heap_model_object(h.m, h.node, 64, TRACKED | OURO_OBJECT_FROZEN);
    refer(h, a, a);
    expect(h, "G", NULL);
}

static void a_borrowed_reference_neither_holds_nor_counts(void **state)
{
    (void)state;
    struct heap h = heap_new();
    uint32_t frame = node(h), a = node(h), b = node(h);
    refer(h, a, b);
    refer(h, b, a);
    heap_model_edge(h.m, frame, a, OURO_LABEL_LOCAL | OURO_LABEL_BORROWED, "a");
    h.m->surplus[frame] = 1;
    struct garbage g;
    expect(h, "LGG", &g);
    assert_int_equal(g.negative_count, 0);
    garbage_free(&g);
}

static void a_negative_residual_is_counted_named_and_taken_as_zero(void **state)
{
    (void)state;
    struct heap h = heap_new();
    uint32_t a = node(h), b = node(h);
    refer(h, a, b);
    refer(h, b, a);
    refer(h, b, a);
    h.m->surplus[a] = -1; /* count 1, but two references are reported */
    struct garbage g;
    expect(h, "GG", &g);
    assert_int_equal(g.negative_count, 1);
    assert_int_equal(g.negative_listed, 1);
    assert_int_equal(g.negative[0].object, a);
    assert_int_equal(g.negative[0].refcount, 1);
    assert_int_equal(g.negative[0].references, 2);
    garbage_free(&g);
}

/* As the types of matplotlib's ft2font: zeroed memory of a library, with no reference of its own. */
static void a_type_in_a_librarys_data_is_alive_whatever_its_count(void **state)
{
    (void)state;
    struct heap h = heap_new();
    uint32_t counted = heap_model_object(h.m, h.node, 0, OURO_OBJECT_STATIC), mro = untracked(h);
    uint32_t zeroed = heap_model_object(h.m, h.node, 0, OURO_OBJECT_STATIC), below = node(h);
    refer(h, counted, mro);
    refer(h, mro, counted);
    refer(h, zeroed, below);
    refer(h, below, zeroed);
    h.m->surplus[zeroed] = -1;
    refer(h, below, zeroed);
    struct garbage g;
    expect(h, "LLLL", &g);
    assert_int_equal(g.negative_count, 0);
    garbage_free(&g);
}

static void such_a_type_may_lack_one_reference_and_no_more(void **state)
{
    (void)state;
    struct heap h = heap_new();
    uint32_t type = heap_model_object(h.m, h.node, 0, OURO_OBJECT_STATIC), user = node(h);
    for (int i = 0; i < 4; i++)
        refer(h, user, type);
    h.m->surplus[type] = -2;
    h.m->surplus[user] = 1;
    struct garbage g;
    expect(h, "LL", &g);
    assert_int_equal(g.negative_count, 1);
    garbage_free(&g);
}

static void objects_only_gc_garbage_holds_are_saved(void **state)
{
    (void)state;
    struct heap h = heap_new();
    uint32_t list = node(h), module = node(h), a = node(h), leaf = atom(h), popped = node(h);
    heap_model_root(h.m, OURO_ROOT_INTERPRETER, list, "garbage");
    refer(h, module, list);
    refer(h, module, popped);
    h.m->surplus[module] = 1;
    refer(h, list, a);
    refer(h, list, popped);
    refer(h, a, a);
    refer(h, a, leaf);
    expect(h, "LLSSL", NULL);
}

static void gc_garbage_is_found_in_its_module(void **state)
{
    (void)state;
    struct heap h = heap_new();
    uint32_t module = node(h), table = node(h), list = node(h), a = node(h);
    heap_model_root(h.m, OURO_ROOT_MODULE, module, "gc");
    heap_model_edge(h.m, module, table, OURO_LABEL_NAMESPACE, NULL);
    heap_model_edge(h.m, table, list, ATTRIBUTE, "garbage");
    h.m->surplus[list] = 1; /* the interpreter's */
    refer(h, list, a);
    refer(h, a, a);
    expect(h, "LLLS", NULL);
}

static void a_named_root_is_alive_even_if_its_count_is_explained(void **state)
{
    (void)state;
    struct heap h = heap_new();
    uint32_t a = node(h);
    refer(h, a, a);
    heap_model_root(h.m, OURO_ROOT_LOCAL, a, "a");
    h.m->surplus[a] = 0; /* a runtime that defers counting of locals */
    expect(h, "L", NULL);
}

static void an_object_caught_while_it_dies_does_not_count_as_a_leak(void **state)
{
    (void)state;
    struct heap h = heap_new();
    uint32_t dying = untracked(h), below = atom(h);
    refer(h, dying, below);
    expect(h, "HH", NULL);
}

/*
 * The definition taken literally, over the objects the collector tracks: an object is alive if it is
 * immortal, a root, has more references than those tracked objects report, or if a live one refers to
 * it. A fixpoint, one object at a time.
 */
static void reference_solution(const struct snapshot *s, bool *garbage)
{
    for (uint32_t o = 0; o < s->object_count; o++)
        garbage[o] = s->flags[o] & TRACKED;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t o = 0; o < s->object_count; o++) {
            if (!garbage[o])
                continue;
            int64_t rest = s->refcount[o];
            bool held = s->flags[o] & OURO_OBJECT_IMMORTAL;
            for (uint32_t from = 0; from < s->object_count; from++) {
                for (uint64_t e = s->edge_first[from]; e < s->edge_first[from + 1]; e++) {
                    uint32_t kind = s->edge_label[e] & OURO_LABEL_KIND_MASK;
                    if (s->edge_target[e] != o || !(s->flags[from] & TRACKED) ||
                        kind == OURO_LABEL_REFERENT ||
                        (s->edge_label[e] & (OURO_LABEL_HIDDEN | OURO_LABEL_BORROWED)))
                        continue;
                    rest--;
                    held |= !garbage[from];
                }
            }
            if (held || rest > 0) {
                garbage[o] = false;
                changed = true;
            }
        }
    }
}

#define MOST 40

static struct heap_model *random_heap(uint64_t *seed)
{
    static const uint32_t kinds[] = {ATTRIBUTE,
                                     OURO_LABEL_INDEX,
                                     OURO_LABEL_KEY,
                                     OURO_LABEL_INDEX,
                                     ATTRIBUTE,
                                     OURO_LABEL_REFERENT,
                                     ATTRIBUTE | OURO_LABEL_HIDDEN,
                                     OURO_LABEL_LOCAL | OURO_LABEL_BORROWED};
    struct heap h = heap_new();
    uint32_t objects = 2 + heap_model_random(seed, MOST - 2);
    uint32_t strange = heap_model_random(seed, 2) ? 8 : 5; /* kinds in use */
    for (uint32_t o = 0; o < objects; o++) {
        uint32_t dice = heap_model_random(seed, 20);
        uint32_t flags = dice < 14 ? TRACKED : dice == 14 ? TRACKED | OURO_OBJECT_FROZEN : 0;
        if (heap_model_random(seed, 60) == 0)
            flags |= OURO_OBJECT_IMMORTAL;
        heap_model_object(h.m, dice == 15 ? h.atom : h.node, 32 + dice, flags);
    }
    uint32_t edges = heap_model_random(seed, objects * 2);
    for (uint32_t e = 0; e < edges; e++) {
        uint32_t from = heap_model_random(seed, objects);
        if (h.m->snapshot->type[from] == h.node)
            heap_model_edge(h.m, from, heap_model_random(seed, objects),
                            kinds[heap_model_random(seed, strange)], NULL);
    }
    for (uint32_t roots = heap_model_random(seed, 3); roots > 0; roots--)
        h.m->surplus[heap_model_random(seed, objects)]++;
    heap_model_finish(h.m);
    return h.m;
}

static void trial_deletion_equals_the_definition_on_random_heaps(void **state)
{
    (void)state;
    uint64_t seed = 20;
    uint32_t dead = 0, alive = 0;
    for (int round = 0; round < 4000; round++) {
        struct heap_model *m = random_heap(&seed);
        struct garbage g;
        bool wanted[MOST];
        assert_int_equal(garbage_find(m->snapshot, &g), 0);
        reference_solution(m->snapshot, wanted);
        for (uint32_t o = 0; o < m->snapshot->object_count; o++) {
            assert_int_equal(g.class[o] == CLASS_GARBAGE, wanted[o]);
            wanted[o] ? dead++ : alive++;
        }
        garbage_free(&g);
        heap_model_free(m);
    }
    assert_true(dead > 10000 && alive > 10000); /* the heaps were worth it */
}

/*
 * Freeing for real: garbage lets go of all it refers to, whatever has no reference left goes too. What
 * is gone must be exactly the garbage and what was said to hang below it.
 */
static void freeing_the_garbage_frees_what_hangs_below_it(void **state)
{
    (void)state;
    uint64_t seed = 21;
    for (int round = 0; round < 4000; round++) {
        struct heap_model *m = random_heap(&seed);
        struct snapshot *s = m->snapshot;
        struct garbage g;
        int64_t count[MOST];
        bool gone[MOST] = {false}, done[MOST] = {false};
        assert_int_equal(garbage_find(s, &g), 0);
        for (uint32_t o = 0; o < s->object_count; o++) {
            bool immortal = s->flags[o] & OURO_OBJECT_IMMORTAL;
            count[o] = immortal ? INT64_MAX : s->refcount[o];
            gone[o] = g.class[o] == CLASS_GARBAGE || count[o] == 0;
        }
        for (bool changed = true; changed;) {
            changed = false;
            for (uint32_t o = 0; o < s->object_count; o++) {
                if (!gone[o] || done[o])
                    continue;
                done[o] = changed = true;
                for (uint64_t e = s->edge_first[o]; e < s->edge_first[o + 1]; e++) {
                    uint32_t kind = s->edge_label[e] & OURO_LABEL_KIND_MASK;
                    if (kind != OURO_LABEL_REFERENT && !(s->edge_label[e] & OURO_LABEL_BORROWED) &&
                        --count[s->edge_target[e]] == 0)
                        gone[s->edge_target[e]] = true;
                }
            }
        }
        for (uint32_t o = 0; o < s->object_count; o++)
            assert_int_equal(g.class[o] == CLASS_GARBAGE || g.class[o] == CLASS_HANGING, gone[o]);
        garbage_free(&g);
        heap_model_free(m);
    }
}

static void a_million_objects_take_no_time_to_speak_of(void **state)
{
    (void)state;
    const uint32_t pairs = 500000;
    struct heap h = heap_new();
    for (uint32_t p = 0; p < pairs; p++) {
        uint32_t a = node(h), b = node(h);
        heap_model_edge(h.m, a, b, OURO_LABEL_INDEX, NULL);
        heap_model_edge(h.m, b, a, OURO_LABEL_INDEX, NULL);
    }
    heap_model_finish(h.m);
    struct garbage g;
    assert_int_equal(garbage_find(h.m->snapshot, &g), 0);
    assert_int_equal(g.objects[CLASS_GARBAGE], 2 * pairs);
    garbage_free(&g);
    heap_model_free(h.m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cycle_nobody_refers_to_is_garbage),
        cmocka_unit_test(one_unexplained_reference_keeps_a_cycle_and_all_below_it),
        cmocka_unit_test(every_reference_of_a_multiple_one_counts),
        cmocka_unit_test(weak_references_hold_nothing),
        cmocka_unit_test(an_immortal_object_keeps_what_it_refers_to),
        cmocka_unit_test(a_shared_leaf_is_alive_if_anything_alive_refers_to_it),
        cmocka_unit_test(what_hangs_below_dies_in_the_order_of_references),
        cmocka_unit_test(an_untracked_object_in_the_cycle_hides_it_from_the_collector),
        cmocka_unit_test(a_hidden_reference_in_the_cycle_hides_it_from_the_collector),
        cmocka_unit_test(a_tracked_object_held_by_an_untracked_one_below_garbage_dies_with_it),
        cmocka_unit_test(frozen_objects_are_judged_like_all_others),
        cmocka_unit_test(a_borrowed_reference_neither_holds_nor_counts),
        cmocka_unit_test(a_negative_residual_is_counted_named_and_taken_as_zero),
        cmocka_unit_test(a_type_in_a_librarys_data_is_alive_whatever_its_count),
        cmocka_unit_test(such_a_type_may_lack_one_reference_and_no_more),
        cmocka_unit_test(objects_only_gc_garbage_holds_are_saved),
        cmocka_unit_test(gc_garbage_is_found_in_its_module),
        cmocka_unit_test(a_named_root_is_alive_even_if_its_count_is_explained),
        cmocka_unit_test(an_object_caught_while_it_dies_does_not_count_as_a_leak),
        cmocka_unit_test(trial_deletion_equals_the_definition_on_random_heaps),
        cmocka_unit_test(freeing_the_garbage_frees_what_hangs_below_it),
        cmocka_unit_test(a_million_objects_take_no_time_to_speak_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Merged paths count every object once, on its path, and what is left out is told. */
#include "cmocka_prelude.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/type_table.h"
#include "graph/merged_paths.h"
#include "heap_model.h"

struct fixture {
    struct heap_model *model;
    struct type_order order;
    struct garbage garbage;
    struct retained retained;
    struct root_paths paths;
    struct arena *arena;
};

static void fixture_make(struct fixture *f)
{
    const struct snapshot *s = f->model->snapshot;
    f->arena = arena_new();
    assert_int_equal(type_order_build(s, &f->order), 0);
    assert_int_equal(garbage_find(s, &f->garbage), 0);
    assert_int_equal(retained_find(s, &f->garbage, &f->retained), 0);
    assert_int_equal(root_paths_build(s, &f->retained.roots, f->garbage.class, &f->paths), 0);
}

static void fixture_free(struct fixture *f)
{
    arena_free(f->arena);
    root_paths_free(&f->paths);
    retained_free(&f->retained);
    garbage_free(&f->garbage);
    type_order_free(&f->order);
    heap_model_free(f->model);
}

/* Every node has what ends in it, what its children have and what they leave out. */
static void sums_check(const struct merged_paths *merged)
{
    uint32_t roots = merged->more_objects;
    for (uint32_t n = 0; n < merged->count; n++) {
        const struct merged_node *node = &merged->nodes[n];
        uint32_t sum = node->wanted + node->more_objects;
        for (uint32_t c = n + 1; c < merged->count && merged->nodes[c].depth > node->depth; c++)
            sum += merged->nodes[c].depth == node->depth + 1 ? merged->nodes[c].objects : 0;
        assert_int_equal(node->objects, sum);
        roots += node->depth == 0 ? node->objects : 0;
    }
    assert_int_equal(roots, merged->objects);
}

static void every_object_counts_once(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (int round = 0; round < 2000; round++) {
        struct fixture f = {.model = heap_model_new()};
        struct heap_model *m = f.model;
        uint32_t objects = 1 + heap_model_random(&seed, 40), type[3], wanted_count = 0;
        type[0] = heap_model_type(m, "m.A", NODE_TYPE);
        type[1] = heap_model_type(m, "m.B", NODE_TYPE);
        type[2] = heap_model_type(m, "dict", NODE_TYPE);
        for (uint32_t o = 0; o < objects; o++)
            heap_model_object(m, type[heap_model_random(&seed, 3)], 16, OURO_OBJECT_TRACKED);
        for (uint32_t e = 2 * objects; e-- > 0;) {
            uint32_t kind = heap_model_random(&seed, 3);
            heap_model_edge(m, heap_model_random(&seed, objects), heap_model_random(&seed, objects),
                            kind == 0   ? OURO_LABEL_NAMESPACE
                            : kind == 1 ? OURO_LABEL_ATTRIBUTE
                                        : OURO_LABEL_INDEX,
                            kind == 1 ? "a" : NULL);
        }
        for (uint32_t r = heap_model_random(&seed, 4); r-- > 0;)
            heap_model_root(m, r ? OURO_ROOT_MODULE : OURO_ROOT_INTERPRETER,
                            heap_model_random(&seed, objects), r == 1 ? "one" : "two");
        heap_model_finish(m);
        fixture_make(&f);
        uint8_t wanted[64] = {0};
        for (uint32_t o = 0; o < objects; o++) {
            wanted[o] = (uint8_t)heap_model_random(&seed, 2);
            wanted_count += wanted[o];
        }
        struct merged_paths merged;
        struct merged_bounds all = {100, UINT32_MAX, 0}, few = {3, 2, 0.1};
        assert_int_equal(merged_paths_build(&f.paths, &f.order, wanted, &all, f.arena, &merged), 0);
        uint32_t ends = 0;
        for (uint32_t n = 0; n < merged.count; n++)
            ends += merged.nodes[n].wanted;
        assert_int_equal(merged.objects, wanted_count);
        assert_int_equal(ends, wanted_count);
        assert_int_equal(merged.bytes, 16 * wanted_count);
        sums_check(&merged);
        merged_paths_free(&merged);
        assert_int_equal(merged_paths_build(&f.paths, &f.order, wanted, &few, f.arena, &merged), 0);
        for (uint32_t n = 0; n < merged.count; n++)
            assert_true(merged.nodes[n].depth < 3);
        sums_check(&merged);
        merged_paths_free(&merged);
        fixture_free(&f);
    }
}

/* A chain and a wide table, both too large for anything recursive or quadratic. */
static void long_and_wide_heaps_are_merged(void **state)
{
    (void)state;
    const uint32_t many = 300000;
    struct fixture f = {.model = heap_model_new()};
    struct heap_model *m = f.model;
    uint32_t node = heap_model_type(m, "m.Node", NODE_TYPE);
    uint32_t list = heap_model_type(m, "list", NODE_TYPE);
    uint32_t root = heap_model_object(m, list, 16, OURO_OBJECT_TRACKED), last = root;
    heap_model_root(m, OURO_ROOT_MODULE, root, "app");
    for (uint32_t i = 0; i < many; i++) {
        uint32_t next = heap_model_object(m, node, 16, OURO_OBJECT_TRACKED);
        heap_model_edge(m, last, next, OURO_LABEL_ATTRIBUTE, "next");
        heap_model_edge(m, root, heap_model_object(m, node, 16, OURO_OBJECT_TRACKED),
                        OURO_LABEL_INDEX, NULL);
        last = next;
    }
    heap_model_finish(m);
    fixture_make(&f);
    uint8_t *wanted = malloc(m->snapshot->object_count);
    assert_non_null(wanted);
    for (uint32_t o = 0; o < m->snapshot->object_count; o++)
        wanted[o] = m->snapshot->type[o] == node;
    struct merged_paths merged;
    struct merged_bounds bounds = {20, 10, 0.01};
    assert_int_equal(merged_paths_build(&f.paths, &f.order, wanted, &bounds, f.arena, &merged), 0);
    sums_check(&merged);
    assert_int_equal(merged.count, 21); /* the module, [*], and 19 steps of the chain */
    assert_string_equal(merged.nodes[0].type, "module app");
    assert_int_equal(merged.nodes[1].objects, many);
    assert_string_equal(merged.nodes[merged.count - 1].edge, ".next");
    assert_int_equal(merged.nodes[19].more_objects + merged.nodes[20].more_objects, many - 19);

    struct heap heap;
    struct retained_list groups;
    struct type_table table;
    const struct snapshot *s = m->snapshot;
    assert_int_equal(heap_measure(s, &f.order, &f.garbage, &heap), 0);
    assert_int_equal(retained_groups(s, &f.order, NULL, &f.retained, RETAINED_BY_TYPE, UINT32_MAX,
                                     f.arena, &groups),
                     0);
    assert_int_equal(
        type_table_make(s, &f.order, &heap, &f.garbage, &groups, TYPE_SORT_RETAINED, &table), 0);
    assert_int_equal(table.count, 2);
    assert_string_equal(table.rows[0].type, "list");
    assert_int_equal(table.rows[0].retained, 16 + 32ul * many);
    assert_int_equal(table.rows[1].count, 2ul * many);
    assert_int_equal(table.rows[1].retained, 32ul * many);
    type_table_free(&table);
    heap_free(&heap);
    merged_paths_free(&merged);
    free(wanted);
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_object_counts_once),
        cmocka_unit_test(long_and_wide_heaps_are_merged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

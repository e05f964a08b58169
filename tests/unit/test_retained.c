/* SPDX-License-Identifier: MIT */
/* Groups retain what the definition says, lists have the greatest, and paths exist. */
#include "cmocka_prelude.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/object_choice.h"
#include "analysis/retained.h"
#include "heap_model.h"

#define SMALL 30

static struct heap_model *random_heap(uint64_t *seed)
{
    static const char *const names[] = {"m.A", "m.B", "list", "dict"};
    static const char *const modules[] = {"one", "two", "three"};
    struct heap_model *m = heap_model_new();
    uint32_t objects = 1 + heap_model_random(seed, SMALL), type[4];
    for (int t = 0; t < 4; t++)
        type[t] = heap_model_type(m, names[t], NODE_TYPE);
    for (uint32_t o = 0; o < objects; o++)
        heap_model_object(m, type[heap_model_random(seed, 4)], 16 * heap_model_random(seed, 9),
                          OURO_OBJECT_TRACKED |
                              (heap_model_random(seed, 12) ? 0 : OURO_OBJECT_IMMORTAL));
    for (uint32_t e = heap_model_random(seed, 2 * objects + 1); e-- > 0;)
        heap_model_edge(m, heap_model_random(seed, objects), heap_model_random(seed, objects),
                        heap_model_random(seed, 5) ? OURO_LABEL_ATTRIBUTE : OURO_LABEL_NAMESPACE,
                        "a");
    for (uint32_t r = heap_model_random(seed, 4); r-- > 0;)
        heap_model_root(m, heap_model_random(seed, 3) ? OURO_ROOT_MODULE : OURO_ROOT_INTERPRETER,
                        heap_model_random(seed, objects), modules[r]);
    if (!heap_model_random(seed, 3))
        m->surplus[heap_model_random(seed, objects)]++;
    heap_model_finish(m);
    return m;
}

/* Summed from the definition: members without a member among their dominators. */
static void types_check(const struct snapshot *s, const struct type_order *order,
                        const struct garbage *garbage, const struct retained *r,
                        const struct retained_list *list)
{
    uint64_t before = UINT64_MAX;
    uint32_t listed = 0, wanted_count = 0;
    for (uint32_t t = 0; t < order->count; t++) {
        uint64_t wanted = 0, members = 0;
        for (uint32_t o = 0; o < s->object_count; o++) {
            if (garbage->class[o] || order->rank[s->type[o]] != t ||
                r->dominators.parent[o] == DOMINATOR_DEAD)
                continue;
            uint32_t up = r->dominators.parent[o];
            while (up < s->object_count && order->rank[s->type[up]] != t)
                up = r->dominators.parent[up];
            members++;
            wanted += up < s->object_count ? 0 : r->bytes[o];
        }
        wanted_count += wanted != 0;
        for (uint32_t i = 0; i < list->count; i++) {
            if (strcmp(list->entries[i].name, order->name[t]) != 0)
                continue;
            assert_int_equal(list->entries[i].retained, wanted);
            assert_int_equal(list->entries[i].objects, members);
            listed++;
        }
    }
    assert_int_equal(listed, list->count);
    assert_int_equal(list->count + list->more, wanted_count);
    for (uint32_t i = 0; i < list->count; i++) {
        assert_true(list->entries[i].retained <= before);
        before = list->entries[i].retained;
    }
}

static bool is_passage(const struct snapshot *s, const struct retained *r, uint32_t object)
{
    for (uint32_t o = 0; o < s->object_count; o++) {
        if (r->dominators.parent[o] == object &&
            r->bytes[o] >= r->bytes[object] - r->bytes[object] / 10)
            return true;
    }
    return false;
}

static void objects_check(const struct snapshot *s, const struct retained *r,
                          const struct retained_list *list, uint32_t most)
{
    uint64_t candidates = 0, least = UINT64_MAX;
    for (uint32_t i = 0; i < list->count; i++) {
        const struct retained_entry *e = &list->entries[i];
        assert_int_equal(e->retained, r->bytes[e->object]);
        assert_true(e->retained <= least);
        least = e->retained;
    }
    for (uint32_t i = 0; i < r->dominators.live; i++) {
        uint32_t o = r->dominators.order[i];
        bool wanted = r->bytes[o] && !is_passage(s, r, o), there = false;
        for (uint32_t l = 0; l < list->count; l++)
            there |= list->entries[l].object == o;
        candidates += wanted;
        assert_true(wanted || !there);
        assert_true(there || !wanted || (list->count == most && r->bytes[o] <= least));
    }
    assert_int_equal(list->count + list->more, candidates);
}

/* Whether the object hangs below a root of that reason or one that tells more. */
static bool below(const struct snapshot *s, const struct heap_roots *roots, const uint8_t *class,
                  uint8_t reason, uint32_t object)
{
    bool mark[SMALL];
    for (uint32_t o = 0; o < s->object_count; o++)
        mark[o] = roots->reason[o] <= reason;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t o = 0; o < s->object_count; o++) {
            for (uint64_t e = s->edge_first[o]; mark[o] && e < s->edge_first[o + 1]; e++) {
                uint32_t target = s->edge_target[e];
                if (!mark[target] && !class[target])
                    mark[target] = changed = true;
            }
        }
    }
    return mark[object];
}

static void paths_check(const struct snapshot *s, const struct garbage *garbage,
                        const struct retained *r)
{
    struct root_paths paths;
    assert_int_equal(root_paths_build(s, &r->roots, garbage->class, &paths), 0);
    for (uint32_t o = 0; o < s->object_count; o++) {
        uint32_t at = o;
        for (uint32_t steps = 0; paths.before[at] != NO_ID; steps++) {
            uint32_t from = paths.before[at];
            bool refers = false;
            for (uint64_t e = s->edge_first[from]; e < s->edge_first[from + 1]; e++)
                refers |= s->edge_target[e] == at;
            assert_true(refers);
            assert_true(steps < s->object_count);
            at = from;
        }
        uint8_t reason = r->roots.reason[at];
        if (reason == ROOT_NONE) {
            assert_int_equal(at, o);
            assert_false(below(s, &r->roots, garbage->class, ROOT_UNKNOWN, o));
        } else {
            assert_true(below(s, &r->roots, garbage->class, reason, o));
            assert_true(reason == 0 ||
                        !below(s, &r->roots, garbage->class, (uint8_t)(reason - 1), o));
        }
    }
    root_paths_free(&paths);
}

static void random_heaps_retain_what_the_definition_says(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int round = 0; round < 3000; round++) {
        struct heap_model *m = random_heap(&seed);
        const struct snapshot *s = m->snapshot;
        struct type_order order;
        struct garbage garbage;
        struct retained r;
        struct retained_list list;
        struct arena *arena = arena_new();
        uint32_t most = heap_model_random(&seed, 8);
        assert_int_equal(type_order_build(s, &order), 0);
        assert_int_equal(garbage_find(s, &garbage), 0);
        assert_int_equal(retained_find(s, &garbage, &r), 0);
        assert_int_equal(retained_groups(s, &order, NULL, &r, RETAINED_BY_TYPE, most, arena, &list),
                         0);
        types_check(s, &order, &garbage, &r, &list);
        assert_int_equal(retained_objects(s, &garbage, &r, most, arena, &list), 0);
        objects_check(s, &r, &list, most);
        paths_check(s, &garbage, &r);
        arena_free(arena);
        retained_free(&r);
        garbage_free(&garbage);
        type_order_free(&order);
        heap_model_free(m);
    }
}

/* A module with a list in its table of names, of which the third item is a long chain. */
static void paths_are_written_as_expressions(void **state)
{
    (void)state;
    struct heap_model *m = heap_model_new();
    uint32_t type = heap_model_type(m, "pkg.Node", NODE_TYPE), chain = 100;
    uint32_t module = heap_model_object(m, type, 16, 0), names = heap_model_object(m, type, 16, 0);
    uint32_t list = heap_model_object(m, type, 16, 0), other = heap_model_object(m, type, 16, 0);
    heap_model_root(m, OURO_ROOT_MODULE, module, "pkg");
    heap_model_edge(m, module, names, OURO_LABEL_NAMESPACE, NULL);
    heap_model_edge(m, names, list, OURO_LABEL_ATTRIBUTE, "nodes");
    heap_model_edge(m, list, other, OURO_LABEL_INDEX, NULL);
    heap_model_edge(m, list, other, OURO_LABEL_INDEX, NULL);
    uint32_t last = list;
    for (uint32_t i = 0; i < chain; i++) {
        uint32_t next = heap_model_object(m, type, 16, 0);
        heap_model_edge(m, last, next, i ? OURO_LABEL_ATTRIBUTE : OURO_LABEL_INDEX,
                        i ? "next" : NULL);
        last = next;
    }
    heap_model_finish(m);
    const struct snapshot *s = m->snapshot;
    struct heap_roots roots;
    struct root_paths paths;
    struct root_path path;
    struct arena *arena = arena_new();
    uint8_t *class = calloc(s->object_count, 1);
    assert_non_null(class);
    assert_int_equal(heap_roots_find(s, class, &roots), 0);
    assert_int_equal(root_paths_build(s, &roots, class, &paths), 0);
    assert_int_equal(root_path_find(&paths, other + 2, arena, &path), 0);
    assert_string_equal(path.name, "pkg.nodes[2].next");
    assert_string_equal(path.steps[0].type, "module pkg");
    assert_int_equal(path.count, 4); /* the table of names is a part of the module */
    assert_int_equal(root_path_find(&paths, last, arena, &path), 0);
    assert_int_equal(path.length, 104);
    assert_true(path.count <= 41);
    assert_non_null(strstr(path.name, "more"));
    struct object_choice by_name = object_choose(s, "Node"), by_number = object_choose(s, "#2"),
                         none = object_choose(s, "#99999");
    assert_true(object_chosen(s, &by_name, 0));
    assert_int_equal(by_number.object, 2);
    assert_int_equal(none.object, NO_ID);
    free(class);
    arena_free(arena);
    root_paths_free(&paths);
    heap_roots_free(&roots);
    heap_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_heaps_retain_what_the_definition_says),
        cmocka_unit_test(paths_are_written_as_expressions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

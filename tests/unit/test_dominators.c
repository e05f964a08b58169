/* SPDX-License-Identifier: MIT */
/* Dominators and retained sizes are those of the definition: what cannot be reached without it. */
#include "cmocka_prelude.h"

#include <stdlib.h>
#include <string.h>

#include "graph/dominator_check.h"

#include "heap_model.h"

#define SMALL 20

static struct heap_model *random_heap(uint64_t *seed, uint32_t objects, uint32_t edges)
{
    static const uint32_t kinds[] = {
        OURO_LABEL_ATTRIBUTE, OURO_LABEL_INDEX, OURO_LABEL_ATTRIBUTE | OURO_LABEL_HIDDEN,
        OURO_LABEL_INDEX,     OURO_LABEL_INDEX, OURO_LABEL_REFERENT,
    };
    struct heap_model *m = heap_model_new();
    uint32_t type = heap_model_type(m, "Node", NODE_TYPE);
    for (uint32_t o = 0; o < objects; o++)
        heap_model_object(m, type, 1 + heap_model_random(seed, 100),
                          heap_model_random(seed, 8) ? 0 : OURO_OBJECT_STATIC);
    for (uint32_t e = 0; e < edges; e++)
        heap_model_edge(m, heap_model_random(seed, objects), heap_model_random(seed, objects),
                        kinds[heap_model_random(seed, 6)], NULL);
    heap_model_finish(m);
    return m;
}

/* Marks what the marked objects lead to without `removed` and the walls. */
static void spread(const struct snapshot *s, uint32_t removed, const bool *wall, bool *mark)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t o = 0; o < s->object_count; o++) {
            for (uint64_t e = s->edge_first[o]; mark[o] && e < s->edge_first[o + 1]; e++) {
                uint32_t target = s->edge_target[e];
                if (mark[target] || target == removed || wall[target] ||
                    !edge_counts(s->edge_label[e], VIEW_STRONG))
                    continue;
                mark[target] = changed = true;
            }
        }
    }
}

/* What is reached from the start, each of which is not a wall, without one object. */
static void reach_without(const struct snapshot *s, const bool *start, uint32_t removed,
                          const bool *wall, bool *mark)
{
    for (uint32_t o = 0; o < s->object_count; o++)
        mark[o] = start[o] && o != removed;
    spread(s, removed, wall, mark);
}

/* Where the second tree begins: nothing unreached leads there that it does not lead to itself. */
static void dead_start(const struct snapshot *s, const bool *live, bool *start)
{
    bool from[SMALL][SMALL];
    for (uint32_t a = 0; a < s->object_count; a++) {
        bool one[SMALL] = {false};
        one[a] = true;
        reach_without(s, one, NO_ID, live, from[a]);
    }
    for (uint32_t b = 0; b < s->object_count; b++) {
        start[b] = !live[b];
        for (uint32_t a = 0; a < s->object_count; a++)
            start[b] &= live[a] || !from[a][b] || from[b][a];
    }
}

static uint64_t bytes_of(const struct snapshot *s, uint32_t o)
{
    return s->flags[o] & OURO_OBJECT_STATIC ? 0 : object_size(s, o);
}

static void tree_check(const struct snapshot *s, const bool *start, const bool *wall, uint32_t top,
                       const struct dominators *d, const uint64_t *retained)
{
    bool reached[SMALL], without[SMALL], dominates[SMALL][SMALL] = {{false}};
    uint32_t dominator_count[SMALL] = {0};
    reach_without(s, start, NO_ID, wall, reached);
    for (uint32_t a = 0; a < s->object_count; a++) {
        uint64_t bytes = 0;
        if (!reached[a])
            continue;
        reach_without(s, start, a, wall, without);
        for (uint32_t b = 0; b < s->object_count; b++) {
            dominates[a][b] = reached[b] && !without[b];
            dominator_count[b] += dominates[a][b];
            bytes += dominates[a][b] ? bytes_of(s, b) : 0;
        }
        assert_int_equal(retained[a], bytes);
    }
    /* Dominators of one object are a chain: the immediate one has one dominator less. */
    for (uint32_t b = 0; b < s->object_count; b++) {
        uint32_t immediate = top;
        for (uint32_t a = 0; a < s->object_count; a++) {
            if (a != b && dominates[a][b] && dominator_count[a] + 1 == dominator_count[b])
                immediate = a;
        }
        if (reached[b])
            assert_int_equal(d->parent[b], immediate);
    }
}

static void order_check(const struct dominators *d, const bool *live)
{
    uint32_t place[SMALL];
    memset(place, 0xff, sizeof place);
    for (uint32_t i = 0; i < d->nodes; i++) {
        assert_int_equal(place[d->order[i]], NO_ID);
        place[d->order[i]] = i;
        assert_int_equal(live[d->order[i]], i < d->live);
    }
    for (uint32_t o = 0; o < d->nodes; o++) {
        if (d->parent[o] < d->nodes)
            assert_true(place[d->parent[o]] < place[o]);
    }
}

static void children_check(const struct dominators *d)
{
    struct dominated tree;
    uint32_t seen = 0;
    assert_int_equal(dominated_build(d, &tree), 0);
    for (uint32_t up = 0; up < d->nodes + 2; up++) {
        for (uint32_t i = tree.first[up]; i < tree.first[up + 1]; i++, seen++) {
            uint32_t parent = d->parent[tree.object[i]];
            assert_int_equal(up, parent == DOMINATOR_ROOTS  ? d->nodes
                                 : parent == DOMINATOR_DEAD ? d->nodes + 1
                                                            : parent);
            assert_true(i == tree.first[up] || tree.object[i - 1] < tree.object[i]);
        }
    }
    assert_int_equal(seen, d->nodes);
    dominated_free(&tree);
}

/* The second algorithm agrees, and notices when one object is put elsewhere. */
static void dominator_check_check(const struct snapshot *s, const uint32_t *roots,
                                  uint32_t root_count, const uint8_t *blocked, struct dominators *d,
                                  uint64_t *seed)
{
    struct dominator_check check;
    assert_int_equal(dominators_check(s, VIEW_STRONG, roots, root_count, blocked, d, &check), 0);
    assert_int_equal(check.verdict, DOMINATORS_HOLD);
    if (!d->live)
        return;
    uint32_t o = d->order[heap_model_random(seed, d->live)], right = d->parent[o];
    d->parent[o] = right == DOMINATOR_ROOTS ? d->order[0] : DOMINATOR_ROOTS;
    assert_int_equal(dominators_check(s, VIEW_STRONG, roots, root_count, blocked, d, &check), 0);
    assert_int_equal(check.verdict, DOMINATORS_DIFFER);
    assert_int_equal(check.object, o);
    d->parent[o] = right;
}

static void random_heaps_have_the_dominators_of_the_definition(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (int round = 0; round < 6000; round++) {
        uint32_t objects = 1 + heap_model_random(&seed, SMALL);
        struct heap_model *m =
            random_heap(&seed, objects, heap_model_random(&seed, objects * 3 + 1));
        const struct snapshot *s = m->snapshot;
        bool start[SMALL] = {false}, wall[SMALL] = {false}, live[SMALL];
        uint8_t blocked[SMALL];
        uint32_t roots[SMALL], root_count = 0;
        for (uint32_t o = 0; o < objects; o++) {
            blocked[o] = wall[o] = round % 2 && !heap_model_random(&seed, 6);
            start[o] = !wall[o] && !heap_model_random(&seed, 4);
        }
        for (uint32_t o = objects; o-- > 0;) { /* in no particular order */
            if (start[o])
                roots[root_count++] = o;
        }
        struct dominators d;
        assert_int_equal(
            dominators_find(s, VIEW_STRONG, roots, root_count, round % 2 ? blocked : NULL, &d), 0);
        uint64_t *retained = dominators_retained(s, &d);
        assert_non_null(retained);
        reach_without(s, start, NO_ID, wall, live);
        tree_check(s, start, wall, DOMINATOR_ROOTS, &d, retained);
        dead_start(s, live, start);
        tree_check(s, start, live, DOMINATOR_DEAD, &d, retained);
        order_check(&d, live);
        dominator_check_check(s, roots, root_count, round % 2 ? blocked : (uint8_t[SMALL]){0}, &d,
                              &seed);
        children_check(&d);
        free(retained);
        dominators_free(&d);
        heap_model_free(m);
    }
}

/* A snapshot with nothing but a graph, of objects of one byte. */
static struct snapshot graph_new(uint32_t objects, uint64_t edges)
{
    struct snapshot s = {.object_count = objects,
                         .edge_count = edges,
                         .edge_first = calloc(objects + 1u, sizeof *s.edge_first),
                         .edge_target = calloc(edges + 1, sizeof *s.edge_target),
                         .edge_label = calloc(edges + 1, sizeof *s.edge_label),
                         .flags = calloc(objects + 1u, sizeof *s.flags),
                         .size = {.low = calloc(objects + 1u, sizeof *s.size.low)}};
    assert_true(s.edge_first && s.edge_target && s.edge_label && s.flags && s.size.low);
    for (uint32_t o = 0; o < objects; o++)
        s.size.low[o] = 1;
    return s;
}

static void graph_delete(struct snapshot *s)
{
    free(s->edge_first);
    free(s->edge_target);
    free(s->edge_label);
    free(s->flags);
    free(s->size.low);
}

static void a_list_of_ten_million_objects_needs_no_stack(void **state)
{
    (void)state;
    const uint32_t objects = 10000000;
    struct snapshot s = graph_new(objects, objects);
    for (uint32_t o = 0; o < objects; o++) {
        s.edge_first[o + 1] = o + 1;
        s.edge_target[o] = o + 1 < objects ? o + 1 : 0; /* the end leads back to the start */
    }
    struct dominators d;
    uint32_t root = 0;
    assert_int_equal(dominators_find(&s, VIEW_STRONG, &root, 1, NULL, &d), 0);
    assert_int_equal(d.live, objects);
    uint64_t *retained = dominators_retained(&s, &d);
    assert_non_null(retained);
    assert_int_equal(d.parent[0], DOMINATOR_ROOTS);
    for (uint32_t o = 0; o < objects; o++) {
        if (retained[o] != objects - o || (o && d.parent[o] != o - 1))
            fail_msg("object %u retains %llu bytes", o, (unsigned long long)retained[o]);
    }
    free(retained);
    dominators_free(&d);
    graph_delete(&s);
}

/* What a dict with ten million keys and values looks like, and then that of a set beside it that has
 * the values as well. */
static void a_wide_dict_keeps_what_nothing_else_has(void **state)
{
    (void)state;
    const uint32_t items = 2000000;
    struct snapshot s = graph_new(2 * items + 2, 3 * (uint64_t)items);
    for (uint32_t i = 0; i < 2 * items; i++)
        s.edge_target[i] = 2 + i;
    for (uint32_t i = 0; i < items; i++)
        s.edge_target[2 * items + i] = 2 + 2 * i;
    for (uint32_t o = 1; o <= s.object_count; o++)
        s.edge_first[o] = o == 1 ? 2 * items : 3 * items;
    struct dominators d;
    uint32_t roots[] = {0, 1};
    assert_int_equal(dominators_find(&s, VIEW_STRONG, roots, 2, NULL, &d), 0);
    uint64_t *retained = dominators_retained(&s, &d);
    assert_non_null(retained);
    assert_int_equal(retained[0], 1 + items);
    assert_int_equal(retained[1], 1);
    assert_int_equal(d.parent[2], DOMINATOR_ROOTS);
    assert_int_equal(d.parent[3], 0);
    free(retained);
    dominators_free(&d);
    graph_delete(&s);
}

/*
 * A chain of n dominators, and n objects, each of which the end of the chain and its start lead to:
 * every search for the nearest common ancestor goes up the whole chain.
 */
static void the_worst_case_of_searches_is_not_quadratic(void **state)
{
    (void)state;
    const uint32_t n = 100000;
    struct snapshot s = graph_new(2 * n, 3 * (uint64_t)n);
    uint32_t e = 0;
    for (uint32_t o = 0; o < 2 * n; o++) {
        s.edge_first[o] = e;
        if (o + 1 < n)
            s.edge_target[e++] = o + 1;
        for (uint32_t i = 0; i < n && (o == 0 || o == n - 1); i++)
            s.edge_target[e++] = n + i;
    }
    s.edge_first[2 * n] = e;
    struct dominators d;
    uint32_t root = 0;
    assert_int_equal(dominators_find(&s, VIEW_STRONG, &root, 1, NULL, &d), 0);
    for (uint32_t o = 1; o < 2 * n; o++)
        assert_int_equal(d.parent[o], o < n ? o - 1 : 0);
    assert_true(d.searched > n);
    assert_true(d.searched < 60 * (uint64_t)n);
    dominators_free(&d);
    graph_delete(&s);
}

static void an_empty_heap_has_no_dominators(void **state)
{
    (void)state;
    struct snapshot s = graph_new(0, 0);
    struct dominators d;
    struct dominated tree;
    assert_int_equal(dominators_find(&s, VIEW_STRONG, NULL, 0, NULL, &d), 0);
    assert_int_equal(d.live, 0);
    assert_int_equal(dominated_build(&d, &tree), 0);
    assert_int_equal(tree.first[2], 0);
    dominated_free(&tree);
    dominators_free(&d);
    graph_delete(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_heaps_have_the_dominators_of_the_definition),
        cmocka_unit_test(a_list_of_ten_million_objects_needs_no_stack),
        cmocka_unit_test(a_wide_dict_keeps_what_nothing_else_has),
        cmocka_unit_test(the_worst_case_of_searches_is_not_quadratic),
        cmocka_unit_test(an_empty_heap_has_no_dominators),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* The path shown of a cycle is the shortest, and the first of those in the order of texts. */
#include "cmocka_prelude.h"

#include <stdlib.h>
#include <string.h>

#include "cycles/cycle_roots.h"
#include "cycles/garbage.h"
#include "cycles/path.h"
#include "graph/owner_map.h"
#include "heap_model.h"

#define MOST 10

/* A heap of garbage that is one component: a ring and more references at random. */
static struct heap_model *random_component(uint64_t *seed, uint32_t nodes)
{
    static const char *const names[] = {"a", "b", "c"};
    struct heap_model *m = heap_model_new();
    uint32_t types[2] = {heap_model_type(m, "A", NODE_TYPE | OURO_TYPE_USER),
                         heap_model_type(m, "list", NODE_TYPE)};
    for (uint32_t n = 0; n < nodes; n++)
        heap_model_object(m, n ? types[heap_model_random(seed, 2)] : types[0], 48,
                          OURO_OBJECT_TRACKED);
    for (uint32_t n = 0; n < nodes; n++)
        heap_model_edge(m, n, (n + 1) % nodes, OURO_LABEL_ATTRIBUTE,
                        names[heap_model_random(seed, 3)]);
    for (uint32_t e = heap_model_random(seed, nodes * 2); e > 0; e--)
        heap_model_edge(m, heap_model_random(seed, nodes), heap_model_random(seed, nodes),
                        OURO_LABEL_ATTRIBUTE, names[heap_model_random(seed, 3)]);
    heap_model_finish(m);
    return m;
}

/* All ways of a length from a node back to start, by trying every one; keeps the first by steps. */
static bool best_way(const struct cycle_core *core, uint32_t start, uint32_t node, uint32_t length,
                     uint32_t *way)
{
    bool found = false;
    uint32_t attempt[MOST];
    for (uint64_t e = core->csr.first[node]; e < core->csr.first[node + 1]; e++) {
        attempt[0] = core->step[e];
        bool arrives = length == 1
                           ? core->csr.target[e] == start
                           : best_way(core, start, core->csr.target[e], length - 1, attempt + 1);
        if (!arrives)
            continue;
        bool better = !found;
        for (uint32_t i = 0; found && i < length; i++) {
            if (attempt[i] != way[i]) {
                better = attempt[i] < way[i];
                break;
            }
        }
        if (better)
            memcpy(way, attempt, length * sizeof *way);
        found = true;
    }
    return found;
}

static void the_path_is_the_best_of_all_there_are(void **state)
{
    (void)state;
    uint64_t seed = 40;
    uint32_t lengths = 0;
    for (int round = 0; round < 3000; round++) {
        struct heap_model *m = random_component(&seed, 2 + heap_model_random(&seed, MOST - 1));
        struct garbage garbage;
        struct cycle_roots roots;
        struct type_order order;
        struct cycle_core core;
        struct cycle_path path, wanted = {0, (uint32_t[MOST]){0}, (uint32_t[MOST]){0}};
        assert_int_equal(garbage_find(m->snapshot, &garbage), 0);
        assert_int_equal(cycle_roots_find(m->snapshot, garbage.class, &roots), 0);
        assert_int_equal(type_order_build(m->snapshot, &order), 0);
        uint32_t *owner = owner_map_build(m->snapshot);
        assert_non_null(owner);
        assert_int_equal(roots.count, 1);
        assert_int_equal(cycle_core_build(m->snapshot, &order, owner, &roots.graph, &roots.scc,
                                          roots.component, roots.count, &core),
                         0);
        struct path_finder *finder = path_finder_new(m->snapshot, &order, &core);
        assert_non_null(finder);
        assert_int_equal(path_find(finder, 0, &path), 0);

        for (uint32_t length = 1; !wanted.length && length <= MOST; length++) {
            for (uint32_t n = 0; n < core.csr.nodes; n++) {
                struct cycle_path way = {length, (uint32_t[MOST]){0}, (uint32_t[MOST]){0}};
                bool user = m->snapshot->type[core.object[n]] == 1;
                if (user && best_way(&core, n, n, length, way.step) &&
                    (!wanted.length || path_compare(&way, &wanted) < 0)) {
                    memcpy(wanted.step, way.step, length * sizeof *way.step);
                    wanted.length = length;
                }
            }
        }
        assert_int_equal(path_compare(&path, &wanted), 0);
        for (uint32_t i = 0; i < path.length; i++) { /* and it is a way in the graph */
            bool there = false;
            uint32_t next = path.node[(i + 1) % path.length];
            for (uint64_t e = core.csr.first[path.node[i]]; e < core.csr.first[path.node[i] + 1];
                 e++)
                there |= core.csr.target[e] == next && core.step[e] == path.step[i];
            assert_true(there);
        }
        lengths |= 1u << path.length;

        path_finder_free(finder);
        cycle_core_free(&core);
        free(owner);
        type_order_free(&order);
        cycle_roots_free(&roots);
        garbage_free(&garbage);
        heap_model_free(m);
    }
    assert_int_equal(lengths & 0x3e, 0x3e); /* lengths 1 to 5 came up */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_path_is_the_best_of_all_there_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

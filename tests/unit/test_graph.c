/* SPDX-License-Identifier: MIT */
/* Sub-graphs, referrers and components agree with definitions taken literally. */
#include "cmocka_prelude.h"

#include <stdlib.h>
#include <string.h>

#include "graph/graph.h"
#include "graph/scc.h"
#include "heap_model.h"

#define SMALL 24

static struct heap_model *random_heap(uint64_t *seed, uint32_t objects, uint32_t edges)
{
    static const uint32_t kinds[] = {
        OURO_LABEL_ATTRIBUTE, OURO_LABEL_INDEX, OURO_LABEL_ATTRIBUTE | OURO_LABEL_HIDDEN,
        OURO_LABEL_REFERENT,  OURO_LABEL_INDEX, OURO_LABEL_LOCAL | OURO_LABEL_BORROWED,
    };
    struct heap_model *m = heap_model_new();
    uint32_t type = heap_model_type(m, "Node", NODE_TYPE);
    for (uint32_t o = 0; o < objects; o++)
        heap_model_object(m, type, 48, OURO_OBJECT_TRACKED);
    for (uint32_t e = 0; e < edges; e++)
        heap_model_edge(m, heap_model_random(seed, objects), heap_model_random(seed, objects),
                        kinds[heap_model_random(seed, 6)], NULL);
    heap_model_finish(m);
    return m;
}

static void weak_and_borrowed_references_count_in_no_view(void **state)
{
    (void)state;
    assert_true(edge_counts(OURO_LABEL_ATTRIBUTE, VIEW_COLLECTOR));
    assert_true(edge_counts(OURO_LABEL_ATTRIBUTE | OURO_LABEL_HIDDEN, VIEW_STRONG));
    assert_false(edge_counts(OURO_LABEL_ATTRIBUTE | OURO_LABEL_HIDDEN, VIEW_COLLECTOR));
    assert_false(edge_counts(OURO_LABEL_REFERENT, VIEW_STRONG));
    assert_false(edge_counts(OURO_LABEL_LOCAL | OURO_LABEL_BORROWED, VIEW_STRONG));
    /* A payload does not look like a flag. */
    assert_true(edge_counts(OURO_LABEL_KEY | 0xffffu << OURO_LABEL_SHIFT, VIEW_COLLECTOR));
}

static void referrers_are_the_edges_turned_around(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int round = 0; round < 200; round++) {
        struct heap_model *m = random_heap(&seed, SMALL, heap_model_random(&seed, 100));
        const struct snapshot *s = m->snapshot;
        uint32_t slot[SMALL], slots = 0;
        for (uint32_t o = 0; o < SMALL; o++)
            slot[o] = heap_model_random(&seed, 3) ? slots++ : NO_ID;
        for (int some = 0; some < 2; some++) {
            for (enum edge_view view = VIEW_STRONG; view <= VIEW_COLLECTOR; view++) {
                struct referrers r;
                assert_int_equal(
                    referrers_build(s, some ? slot : NULL, some ? slots : SMALL, view, &r), 0);
                uint64_t at = 0;
                for (uint32_t target = 0; target < SMALL; target++) {
                    uint32_t index = some ? slot[target] : target;
                    if (index == NO_ID)
                        continue;
                    assert_int_equal(r.first[index], at);
                    for (uint32_t o = 0; o < SMALL; o++) {
                        for (uint64_t e = s->edge_first[o]; e < s->edge_first[o + 1]; e++) {
                            if (s->edge_target[e] != target || !edge_counts(s->edge_label[e], view))
                                continue;
                            assert_int_equal(r.source[at], o);
                            assert_int_equal(r.label[at], s->edge_label[e]);
                            at++;
                        }
                    }
                    assert_int_equal(r.first[index + 1], at);
                }
                referrers_free(&r);
            }
        }
        heap_model_free(m);
    }
}

static void a_subgraph_has_the_wanted_objects_and_the_edges_between_them(void **state)
{
    (void)state;
    uint64_t seed = 2;
    for (int round = 0; round < 200; round++) {
        struct heap_model *m = random_heap(&seed, SMALL, heap_model_random(&seed, 100));
        const struct snapshot *s = m->snapshot;
        uint8_t wanted[SMALL];
        for (uint32_t o = 0; o < SMALL; o++)
            wanted[o] = (uint8_t)heap_model_random(&seed, 2);
        struct subgraph g;
        assert_int_equal(subgraph_build(s, wanted, VIEW_COLLECTOR, &g), 0);
        uint32_t node = 0;
        for (uint32_t o = 0; o < SMALL; o++) {
            if (!wanted[o])
                continue;
            assert_int_equal(g.object[node], o);
            uint64_t at = g.csr.first[node++];
            for (uint64_t e = s->edge_first[o]; e < s->edge_first[o + 1]; e++) {
                if (!wanted[s->edge_target[e]] || !edge_counts(s->edge_label[e], VIEW_COLLECTOR))
                    continue;
                assert_int_equal(g.object[g.csr.target[at]], s->edge_target[e]);
                assert_int_equal(g.label[at++], s->edge_label[e]);
            }
            assert_int_equal(at, g.csr.first[node]);
        }
        assert_int_equal(node, g.csr.nodes);
        subgraph_free(&g);
        heap_model_free(m);
    }
}

/* Reachability by squaring: reach[a][b] after Warshall's algorithm. */
static void closure(const struct csr *csr, bool reach[SMALL][SMALL])
{
    memset(reach, 0, sizeof(bool[SMALL][SMALL]));
    for (uint32_t v = 0; v < csr->nodes; v++) {
        for (uint64_t e = csr->first[v]; e < csr->first[v + 1]; e++)
            reach[v][csr->target[e]] = true;
    }
    for (uint32_t k = 0; k < csr->nodes; k++) {
        for (uint32_t a = 0; a < csr->nodes; a++) {
            for (uint32_t b = 0; b < csr->nodes; b++)
                reach[a][b] |= reach[a][k] && reach[k][b];
        }
    }
}

static void components_are_the_sets_that_reach_each_other(void **state)
{
    (void)state;
    uint64_t seed = 3;
    bool reach[SMALL][SMALL];
    for (int round = 0; round < 3000; round++) {
        uint32_t nodes = 1 + heap_model_random(&seed, SMALL);
        struct heap_model *m = random_heap(&seed, nodes, heap_model_random(&seed, nodes * 2 + 1));
        struct csr csr = {nodes, m->snapshot->edge_first, m->snapshot->edge_target};
        struct scc scc;
        assert_int_equal(scc_find(&csr, &scc), 0);
        closure(&csr, reach);
        for (uint32_t a = 0; a < nodes; a++) {
            for (uint32_t b = 0; b < nodes; b++) {
                bool same = a == b || (reach[a][b] && reach[b][a]);
                assert_int_equal(scc.component[a] == scc.component[b], same);
                if (reach[a][b])
                    assert_true(scc.component[a] >= scc.component[b]);
            }
        }
        uint32_t members = 0;
        for (uint32_t c = 0; c < scc.count; c++) {
            assert_true(scc.first[c] < scc.first[c + 1]);
            for (uint32_t i = scc.first[c]; i < scc.first[c + 1]; i++, members++) {
                assert_int_equal(scc.component[scc.member[i]], c);
                assert_true(i == scc.first[c] || scc.member[i - 1] < scc.member[i]);
            }
        }
        assert_int_equal(members, nodes);
        scc_free(&scc);
        heap_model_free(m);
    }
}

static void lists_of_ten_million_nodes_need_no_stack(void **state)
{
    (void)state;
    const uint32_t nodes = 10000000;
    struct csr csr = {nodes, malloc((nodes + 1u) * sizeof *csr.first),
                      malloc(nodes * sizeof *csr.target)};
    assert_true(csr.first && csr.target);
    for (uint32_t v = 0; v < nodes; v++) {
        csr.first[v] = v;
        csr.target[v] = v + 1 < nodes ? v + 1 : 0;
    }
    csr.first[nodes] = nodes;
    struct scc scc;
    assert_int_equal(scc_find(&csr, &scc), 0); /* a ring */
    assert_int_equal(scc.count, 1);
    scc_free(&scc);
    csr.first[nodes] = nodes - 1; /* the last node lets go of the first */
    assert_int_equal(scc_find(&csr, &scc), 0);
    assert_int_equal(scc.count, nodes);
    scc_free(&scc);
    free(csr.first);
    free(csr.target);
}

static void an_empty_graph_has_no_components(void **state)
{
    (void)state;
    uint32_t first = 0;
    uint32_t target;
    struct csr csr = {0, &first, &target};
    struct scc scc;
    assert_int_equal(scc_find(&csr, &scc), 0);
    assert_int_equal(scc.count, 0);
    scc_free(&scc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weak_and_borrowed_references_count_in_no_view),
        cmocka_unit_test(referrers_are_the_edges_turned_around),
        cmocka_unit_test(a_subgraph_has_the_wanted_objects_and_the_edges_between_them),
        cmocka_unit_test(components_are_the_sets_that_reach_each_other),
        cmocka_unit_test(lists_of_ten_million_nodes_need_no_stack),
        cmocka_unit_test(an_empty_graph_has_no_components),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

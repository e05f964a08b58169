/* SPDX-License-Identifier: MIT */
/* Leaked cycles of random heaps: who owns which byte, whatever the order of objects; and large ones. */
#include "cmocka_prelude.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cycle_analysis.h"
#include "cycles/cycle_roots.h"
#include "heap_model.h"

#define TRACKED OURO_OBJECT_TRACKED
#define ATTRIBUTE OURO_LABEL_ATTRIBUTE
#define INDEX OURO_LABEL_INDEX
#define NAMESPACE OURO_LABEL_NAMESPACE
#define USER (NODE_TYPE | OURO_TYPE_USER)

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
        heap_model_birth(m, o, (1 + heap_model_random(seed, 1000000)) * (uint64_t)OURO_CLOCK_UNIT);
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
            dead += a.garbage.class[o] == CLASS_LIVE ? 0 : object_size(m->snapshot, o);
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
        assert_int_equal(cycle_roots_find(m->snapshot, garbage.class, &roots), 0);
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
        cmocka_unit_test(nothing_is_counted_twice_and_nothing_is_left_out),
        cmocka_unit_test(owners_are_the_only_root_cycle_that_leads_there),
        cmocka_unit_test(the_order_of_objects_changes_nothing),
        cmocka_unit_test(a_million_cycles_of_a_thousand_shapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

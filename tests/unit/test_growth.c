/* SPDX-License-Identifier: MIT */
/* What counts as growth, and the container it is in. */
#include "cmocka_prelude.h"

#include <stdlib.h>

#include "growth/container.h"
#include "growth/growth_judge.h"
#include "heap_model.h"
#include "structure/arena.h"

#define POINTS GROWTH_POINTS_MOST

static struct growth_span span_make(void)
{
    struct growth_span span = {.points = POINTS, .epochs = 100, .warm_up = 1000};
    for (uint32_t k = 0; k < POINTS; k++)
        span.clock[k] = 1000 + 1000 * (k + 1);
    span.end = span.clock[POINTS - 1];
    return span;
}

static bool steady(const double count[POINTS])
{
    struct growth_span span = span_make();
    struct growth_line line = {{0}, {0}};
    for (uint32_t k = 0; k < POINTS; k++)
        line.count[k] = count[k];
    return growth_is_steady(&span, &line);
}

static void more_at_each_point_is_growth(void **state)
{
    (void)state;
    assert_true(steady((double[]){10, 20, 30, 40, 50, 60, 70, 80, 90}));
    assert_true(steady((double[]){0, 1, 7, 8, 12, 15, 20, 21, 30})); /* drawn at random */
    assert_true(steady((double[]){0, 10, 30, 60, 100, 150, 210, 280, 360}));
    assert_true(steady((double[]){0, 5, 9, 15, 15, 21, 24, 30, 33})); /* once none, by chance */
}

static void what_stops_falls_or_fades_is_none(void **state)
{
    (void)state;
    assert_false(steady((double[]){10, 20, 30, 40, 50, 60, 70, 70, 70}));
    assert_false(steady((double[]){10, 20, 30, 40, 39, 60, 70, 80, 90}));
    assert_false(steady((double[]){0, 0, 0, 0, 500, 500, 500, 500, 500}));
    /* A cache of 1,000 entries that fills at random: each point adds half of what the one before did. */
    assert_false(steady((double[]){500, 750, 875, 937, 968, 984, 992, 996, 998}));
    assert_false(steady((double[]){1, 2, 3, 4, 5, 6, 7, 8, 9})); /* too few to speak of */
}

static enum growth_verdict ages(double grown, struct ages ages)
{
    struct growth_span span = span_make();
    struct growth_line line = {{0}, {0}};
    for (uint32_t k = 0; k < POINTS; k++)
        line.count[k] = 100 + grown * k / (POINTS - 1);
    return growth_judge_ages(&span, &line, &ages);
}

static void survivors_must_be_of_all_ages(void **state)
{
    (void)state;
    struct ages all = {.old = 50, .live = 50 + 90};
    for (uint32_t k = 0; k < POINTS; k++)
        all.born[k] = 10;
    assert_int_equal(ages(80, all), GROWTH_HELD);
    struct ages gap = all;
    gap.born[3] = 0;
    assert_int_equal(ages(80, gap), GROWTH_HELD);
    gap.born[5] = 0;
    gap.born[8] = 20;
    assert_int_equal(ages(80, gap), GROWTH_NONE);
    /* Only young ones: it comes and goes. */
    struct ages young = {.live = 90, .born = {[POINTS - 1] = 90}};
    assert_int_equal(ages(80, young), GROWTH_NONE);
}

static void what_is_gone_or_dead_is_told_apart(void **state)
{
    (void)state;
    assert_int_equal(ages(80, (struct ages){.live = 50, .old = 50}), GROWTH_RELEASED);
    assert_int_equal(ages(80, (struct ages){.dead = 80}), GROWTH_DEAD);
    /* Births that may be another's prove nothing: the counts must do. */
    assert_int_equal(ages(80, (struct ages){.live = 80, .unknown = 80}), GROWTH_HELD);
    struct growth_span span = span_make();
    assert_int_equal(growth_judge_alone(&span), GROWTH_HELD);
    span.points = GROWTH_POINTS_LEAST;
    assert_int_equal(growth_judge_alone(&span), GROWTH_NONE);
}

static void a_clock_is_in_the_point_it_lies_in(void **state)
{
    (void)state;
    struct growth_span span = span_make();
    assert_int_equal(growth_span_point(&span, 999), -1);
    assert_int_equal(growth_span_point(&span, 1000), 0);
    assert_int_equal(growth_span_point(&span, 2000), 0);
    assert_int_equal(growth_span_point(&span, 2001), 1);
    assert_int_equal(growth_span_point(&span, 1000000), POINTS - 1);
}

/* A module → (its own) list → nodes, each of which has a leaf; a second list with a few. */
struct heap {
    struct heap_model *m;
    uint32_t module, list, other, node[100], leaf[100];
};

static void heap_make(struct heap *h, uint32_t in_other)
{
    struct heap_model *m = h->m = heap_model_new();
    uint32_t module = heap_model_type(m, "module", NODE_TYPE);
    uint32_t list = heap_model_type(m, "list", NODE_TYPE);
    uint32_t node = heap_model_type(m, "app.Node", NODE_TYPE);
    h->module = heap_model_object(m, module, 64, OURO_OBJECT_TRACKED);
    h->list = heap_model_object(m, list, 64, OURO_OBJECT_TRACKED);
    h->other = heap_model_object(m, list, 64, OURO_OBJECT_TRACKED);
    heap_model_root(m, OURO_ROOT_MODULE, h->module, "app");
    heap_model_edge(m, h->module, h->list, OURO_LABEL_ATTRIBUTE, "ALL");
    heap_model_edge(m, h->module, h->other, OURO_LABEL_ATTRIBUTE, "OTHER");
    for (uint32_t n = 0; n < 100; n++) {
        h->node[n] = heap_model_object(m, node, 64, OURO_OBJECT_TRACKED);
        h->leaf[n] = heap_model_object(m, node, 64, OURO_OBJECT_TRACKED);
        heap_model_edge(m, n < in_other ? h->other : h->list, h->node[n], OURO_LABEL_INDEX, NULL);
        heap_model_edge(m, h->node[n], h->leaf[n], OURO_LABEL_ATTRIBUTE, "leaf");
    }
    m->surplus[h->module] = 1;
    heap_model_finish(m);
}

static struct container find(const struct heap *h, const uint32_t *objects, uint32_t count)
{
    struct heap_roots roots = {0};
    struct root_paths paths = {0};
    struct container_finder finder = {0};
    uint8_t *class = calloc(h->m->snapshot->object_count, 1);
    assert_int_equal(heap_roots_find(h->m->snapshot, class, &roots), 0);
    assert_int_equal(root_paths_build(h->m->snapshot, &roots, class, &paths), 0);
    assert_int_equal(container_finder_make(&paths, &finder), 0);
    struct container first = container_find(&finder, objects, count);
    struct container again = container_find(&finder, objects, count); /* scratch memory is clean */
    assert_int_equal(first.object, again.object);
    uint32_t steps = 0;
    assert_true(container_is_above(&paths, first.object, objects[count - 1], &steps));
    assert_false(container_is_above(&paths, h->leaf[0], objects[count - 1], &steps));
    container_finder_free(&finder);
    root_paths_free(&paths);
    heap_roots_free(&roots);
    free(class);
    return first;
}

static void the_container_is_where_paths_part(void **state)
{
    (void)state;
    struct heap h;
    heap_make(&h, 20);
    struct container nodes = find(&h, h.node, 100), leaves = find(&h, h.leaf, 100);
    assert_int_equal(nodes.object, h.list);
    assert_int_equal(leaves.object, h.list); /* not one of the nodes, nor the module */
    assert_true(nodes.share > 0.79 && nodes.share < 0.81);
    assert_int_equal(leaves.entry, h.node[20]);
    heap_model_free(h.m);
}

static void a_chain_begins_at_its_first_link(void **state)
{
    (void)state;
    struct heap h = {.m = heap_model_new()};
    uint32_t link = heap_model_type(h.m, "app.Link", NODE_TYPE);
    for (uint32_t n = 0; n < 100; n++) {
        h.node[n] = heap_model_object(h.m, link, 64, OURO_OBJECT_TRACKED);
        if (n)
            heap_model_edge(h.m, h.node[n - 1], h.node[n], OURO_LABEL_ATTRIBUTE, "next");
    }
    h.leaf[0] = heap_model_object(h.m, link, 64, OURO_OBJECT_TRACKED);
    heap_model_edge(h.m, h.leaf[0], h.leaf[0], OURO_LABEL_ATTRIBUTE, "me");
    heap_model_root(h.m, OURO_ROOT_MODULE, h.node[0], "app");
    heap_model_finish(h.m);
    struct container chain = find(&h, h.node, 100);
    assert_int_equal(chain.object, h.node[0]);
    assert_int_equal(chain.entry, h.node[1]);
    heap_model_free(h.m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_at_each_point_is_growth),
        cmocka_unit_test(what_stops_falls_or_fades_is_none),
        cmocka_unit_test(survivors_must_be_of_all_ages),
        cmocka_unit_test(what_is_gone_or_dead_is_told_apart),
        cmocka_unit_test(a_clock_is_in_the_point_it_lies_in),
        cmocka_unit_test(the_container_is_where_paths_part),
        cmocka_unit_test(a_chain_begins_at_its_first_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* The tree of a run's processes: links by trace and by number, and links that lead nowhere. */
#include "cmocka_prelude.h"

#include <stdlib.h>

#include "model/process_tree.h"

/* Checks the order, parents and depths of the tree of some processes. */
static void check_tree(struct process *processes, uint32_t count, const uint32_t (*expected)[3])
{
    const struct run run = {.process_count = count, .processes = processes};
    struct process_node *tree = process_tree(&run);
    assert_non_null(tree);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(tree[i].process, expected[i][0]);
        assert_int_equal(tree[i].parent, expected[i][1]);
        assert_int_equal(tree[i].depth, expected[i][2]);
    }
    free(tree);
}

static void children_stand_behind_their_parents_by_start(void **state)
{
    (void)state;
    struct process processes[] = {
        {.file = "m", .pid = 10, .parent_pid = 1, .wall = 100, .parent_trace = ""},
        {.file = "x",
         .pid = 40,
         .parent_pid = 20,
         .wall = 400,
         .parent_trace = ""}, /* started anew */
        {.file = "b", .pid = 30, .parent_pid = 10, .wall = 300, .parent_trace = "m"},
        {.file = "a", .pid = 20, .parent_pid = 10, .wall = 200, .parent_trace = "m"},
        {.file = "c",
         .pid = 50,
         .parent_pid = 99,
         .wall = 150,
         .parent_trace = ""}, /* by a shell */
    };
    check_tree(
        processes, 5,
        (const uint32_t[][3]){{0, NO_ID, 0}, {3, 0, 1}, {1, 3, 2}, {2, 0, 1}, {4, NO_ID, 0}});
}

/* Numbers are used again: the parent is the last that had it before. */
static void a_number_used_twice_is_the_last_before(void **state)
{
    (void)state;
    struct process processes[] = {
        {.file = "a", .pid = 10, .parent_pid = 1, .wall = 100, .parent_trace = ""},
        {.file = "b", .pid = 10, .parent_pid = 1, .wall = 200, .parent_trace = ""},
        {.file = "c", .pid = 10, .parent_pid = 1, .wall = 400, .parent_trace = ""},
        {.file = "d", .pid = 20, .parent_pid = 10, .wall = 300, .parent_trace = ""},
    };
    check_tree(processes, 4,
               (const uint32_t[][3]){{0, NO_ID, 0}, {1, NO_ID, 0}, {3, 1, 1}, {2, NO_ID, 0}});
}

static void rings_are_cut(void **state)
{
    (void)state;
    struct process processes[] = {
        {.file = "a", .pid = 1, .parent_pid = 2, .wall = 1, .parent_trace = "b"},
        {.file = "b", .pid = 2, .parent_pid = 3, .wall = 2, .parent_trace = "c"},
        {.file = "c", .pid = 3, .parent_pid = 1, .wall = 3, .parent_trace = "a"},
        {.file = "d", .pid = 4, .parent_pid = 4, .wall = 4, .parent_trace = "d"},
    };
    check_tree(processes, 4,
               (const uint32_t[][3]){{0, NO_ID, 0}, {2, 0, 1}, {1, 2, 2}, {3, NO_ID, 0}});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(children_stand_behind_their_parents_by_start),
        cmocka_unit_test(a_number_used_twice_is_the_last_before),
        cmocka_unit_test(rings_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

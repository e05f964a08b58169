/* SPDX-License-Identifier: MIT */
/* Which test ran when, and whose frames are whose. */
#include "cmocka_prelude.h"

#include <string.h>

#include "model/own_code.h"
#include "structure/arena.h"
#include "units/unit_sites.h"
#include "units/unit_windows.h"

static struct mark mark(uint64_t clock, const char *name)
{
    return (struct mark){clock, clock * 10, name};
}

static void tests_are_what_lies_between_their_marks(void **state)
{
    (void)state;
    struct mark marks[] = {
        mark(100, "other mark"),
        mark(1000, "test a.py::test_x[1 (b)] (setup)"),
        mark(1100, "test a.py::test_x[1 (b)] (call)"),
        mark(1200, "test a.py::test_x[1 (b)] (teardown)"),
        mark(1300, "test"),
        mark(2000, "test a.py::test_x[2] (setup)"),
        mark(2500, "test"),
        mark(2600, "test b.py::TestB::test_y (setup)"), /* ends without a mark of its end */
        mark(3000, "test b.py::test_z (setup)"),
        mark(3100, "testing"),
        mark(3200, "test"),
    };
    struct epoch epochs[] = {
        {.number = 1, .clock = 900, .live_blocks = 10, .live_bytes = 1000, .births = 99},
        {.number = 2, .clock = 1150, .live_blocks = 50, .live_bytes = 9000, .births = 70},
        {.number = 3, .clock = 1300, .live_blocks = 12, .live_bytes = 1100, .births = 30},
        {.number = 4, .clock = 3200, .live_blocks = 5, .live_bytes = 500, .births = 1},
    };
    struct process process = {.marks = marks,
                              .mark_count = sizeof marks / sizeof *marks,
                              .epochs = epochs,
                              .epoch_count = sizeof epochs / sizeof *epochs,
                              .unit = 1};
    struct units units = {.arena = arena_new()};
    assert_int_equal(unit_windows_of_marks(&process, &units), 0);
    assert_true(units.marks);
    assert_int_equal(units.count, 4);
    assert_string_equal(units.items[0].name, "a.py::test_x[1 (b)]");
    assert_string_equal(units.items[0].function, "a.py::test_x");
    assert_int_equal(units.items[0].duration, 3000);
    assert_int_equal(units.items[0].allocated, 300);
    assert_int_equal(units.items[1].run, 2);
    assert_int_equal(units.items[1].runs, 2);
    assert_string_equal(units.items[2].function, "b.py::TestB::test_y");
    assert_int_equal(units.items[2].allocated, 400);
    assert_int_equal(units.items[3].runs, 1);

    /* Only the first has an epoch that ended with it. */
    assert_true(units.items[0].measured);
    assert_int_equal(units.items[0].allocations, 100);
    assert_int_equal(units.items[0].grown_blocks, 2);
    assert_int_equal(units.items[0].grown_bytes, 100);
    assert_int_equal(units.items[0].peak_bytes, 9000);
    assert_false(units.items[1].measured);

    assert_int_equal(unit_at(&units, 999), NO_ID);
    assert_int_equal(unit_at(&units, 1000), 0);
    assert_int_equal(unit_at(&units, 1300), 0);
    assert_int_equal(unit_at(&units, 1500), NO_ID);
    assert_int_equal(unit_at(&units, 2100), 1);
    assert_int_equal(unit_at(&units, 3150), 3);
    assert_int_equal(unit_at(&units, 9999), NO_ID);
    units_free(&units);
}

static void what_the_runner_calls_is_the_tests(void **state)
{
    (void)state;
    struct function_info functions[] = {
        {"", "", 0, 0},
        {"/usr/lib/python3/dist-packages/_pytest/runner.py", "runtestprotocol", 1, 0},
        {"/usr/lib/python3/dist-packages/_pytest/python.py", "pytest_pyfunc_call", 1, 0},
        {"/home/user/test_a.py", "test_x", 1, 0},
        {"/usr/lib/python3/dist-packages/_pytest/python_api.py", "raises", 1, 0},
        {"<frozen importlib._bootstrap>", "_find_and_load", 1, 0},
        {"/usr/lib/python3.11/unittest/case.py", "TestCase._callSetUp", 1, 0},
        {"/home/user/test_a.py", "TestA.setUp", 1, 0},
        {"/usr/lib/python3/dist-packages/_pytest/reports.py", "from_item_and_call", 1, 0},
    };
    struct site sites[] = {
        {0},
        {.parent = 0, .function = 1}, /* 1: the runner */
        {.parent = 1, .function = 2}, /* 2: what calls tests */
        {.parent = 2, .function = 3}, /* 3: the test */
        {.parent = 3, .function = 4}, /* 4: the runner's own, but on behalf of the test */
        {.parent = 3, .function = 5}, /* 5: an import by it */
        {.parent = 5, .function = 3}, /* 6: the module, as it is imported */
        {.parent = 1, .function = 6}, /* 7 */
        {.parent = 7, .function = 7}, /* 8: a fixture */
        {.parent = 1, .function = 8}, /* 9: a report */
        {.parent = 2, .function = 8}, /* 10: of the runner, called by what calls tests */
    };
    const uint8_t wanted[] = {UNIT_NONE,    UNIT_NONE,   UNIT_NONE,   UNIT_TEST,
                              UNIT_TEST,    UNIT_IMPORT, UNIT_IMPORT, UNIT_NONE,
                              UNIT_FIXTURE, UNIT_NONE,   UNIT_NONE};
    struct process process = {
        .functions = functions, .function_count = 8, .sites = sites, .site_count = 10};
    struct unit_sites of;
    assert_true(own_code_find(&process));
    assert_int_equal(unit_sites_find(&process, &of), 0);
    for (uint32_t s = 0; s <= 10; s++)
        assert_int_equal(of.part[s], wanted[s]);
    assert_int_equal(of.call[4], 3);
    assert_int_equal(of.call[6], 3);
    assert_int_equal(of.call[8], 8);
    unit_sites_free(&of);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tests_are_what_lies_between_their_marks),
        cmocka_unit_test(what_the_runner_calls_is_the_tests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

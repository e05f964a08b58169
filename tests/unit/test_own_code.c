/* SPDX-License-Identifier: MIT */
/* Which code is the program's own. */
#include "cmocka_prelude.h"

#include "model/own_code.h"
#include "model/sites.h"

enum {
    NONE,
    COMMAND,   /* a command that was installed with its package */
    RUNPY,     /* python -m */
    APP_MAIN,  /* the package's first function */
    APP_WORK,  /* and what that calls */
    HELPER,    /* another package */
    STANDARD,  /* the runtime's library */
    IMPORTING, /* its machinery of importing */
    SCRIPT,    /* a file of the programmer's */
    FUNCTIONS
};

static const char *const files[FUNCTIONS] = {
    [NONE] = "",
    [COMMAND] = "/home/user/.local/bin/app",
    [RUNPY] = "<frozen runpy>",
    [APP_MAIN] = "/usr/lib/python3/dist-packages/app/main.py",
    [APP_WORK] = "/usr/lib/python3/dist-packages/app/deep/work.py",
    [HELPER] = "/usr/lib/python3/dist-packages/app_helper/help.py",
    [STANDARD] = "/usr/lib/python3.11/json/decoder.py",
    [IMPORTING] = "<frozen importlib._bootstrap>",
    [SCRIPT] = "/home/user/script.py",
};

#define OWN(function) (1u << (function))

struct stack_model {
    struct function_info functions[FUNCTIONS];
    struct site sites[1 + 4 * 16];
    struct process process;
};

/* Stacks are rows of functions, outermost first. */
static void build(const uint32_t (*stacks)[4], unsigned count, struct stack_model *m)
{
    *m = (struct stack_model){.process = {.function_count = FUNCTIONS - 1}};
    m->process.functions = m->functions;
    m->process.sites = m->sites;
    for (unsigned f = 0; f < FUNCTIONS; f++)
        m->functions[f] =
            (struct function_info){.file = files[f], .name = f == COMMAND ? "<module>" : "run"};
    for (unsigned i = 0; i < count; i++)
        for (uint32_t n = 0, parent = 0; n < 4 && stacks[i][n]; n++) {
            m->sites[++m->process.site_count] =
                (struct site){.parent = parent, .function = stacks[i][n]};
            parent = m->process.site_count;
        }
    assert_true(own_code_find(&m->process));
}

/* The set of functions that are the program's own. */
static unsigned own_of(const uint32_t (*stacks)[4], unsigned count)
{
    struct stack_model model;
    unsigned own = 0;
    build(stacks, count, &model);
    for (unsigned f = 1; f < FUNCTIONS; f++)
        own |= model.functions[f].origin < ORIGIN_STARTED ? 0 : OWN(f);
    return own;
}

static void a_script_is_and_what_is_installed_is_not(void **state)
{
    (void)state;
    static const uint32_t stacks[][4] = {{SCRIPT, APP_MAIN, APP_WORK}, {STANDARD, HELPER}};
    assert_int_equal(own_of(stacks, 2), OWN(SCRIPT) | OWN(COMMAND));
}

static void the_package_that_a_command_starts_is(void **state)
{
    (void)state;
    static const uint32_t command[][4] = {{COMMAND, APP_MAIN, APP_WORK, HELPER}};
    static const uint32_t module[][4] = {{RUNPY, RUNPY, APP_MAIN, STANDARD}};
    unsigned own = OWN(SCRIPT) | OWN(APP_MAIN) | OWN(APP_WORK);
    assert_int_equal(own_of(command, 1), own);
    assert_int_equal(own_of(module, 1), own);
}

static void what_a_command_only_imports_or_asks_is_not(void **state)
{
    (void)state;
    static const uint32_t imported[][4] = {{COMMAND, IMPORTING, HELPER}};
    static const uint32_t asked[][4] = {
        {COMMAND, HELPER, STANDARD}, {COMMAND, APP_MAIN, APP_WORK, STANDARD}, {COMMAND, SCRIPT}};
    static const uint32_t works[][4] = {{COMMAND, APP_MAIN}, {COMMAND, SCRIPT, APP_MAIN}};
    assert_int_equal(own_of(imported, 1), OWN(COMMAND) | OWN(SCRIPT));
    assert_int_equal(own_of(asked, 3), OWN(SCRIPT) | OWN(APP_MAIN) | OWN(APP_WORK));
    assert_int_equal(own_of(works, 2), OWN(COMMAND) | OWN(SCRIPT));
}

static void of_a_stack_the_programmers_file_comes_first_then_the_started_package(void **state)
{
    (void)state;
    static const uint32_t stacks[][4] = {{COMMAND, APP_MAIN, SCRIPT, APP_WORK},
                                         {COMMAND, APP_MAIN, HELPER, STANDARD},
                                         {STANDARD, HELPER, STANDARD},
                                         {STANDARD}};
    struct stack_model model;
    build(stacks, 4, &model);
    assert_int_equal(site_own_frame(&model.process, 4), 3);
    assert_int_equal(site_own_frame(&model.process, 8), 6);
    assert_int_equal(site_own_frame(&model.process, 11), 10);
    assert_int_equal(site_own_frame(&model.process, 12), 0);
}

static void special_methods_made_of_a_text_are_nobodys(void **state)
{
    (void)state;
    struct function_info functions[] = {
        {.file = "", .name = ""},
        {.file = "<string>", .name = "Point.__init__"},
        {.file = "<string>", .name = "<module>"},
        {.file = "/home/user/script.py", .name = "Point.__init__"},
    };
    struct site sites[1] = {{0}};
    struct process process = {.functions = functions, .function_count = 3, .sites = sites};
    assert_true(own_code_find(&process));
    assert_int_equal(functions[1].origin, ORIGIN_STANDARD);
    assert_int_equal(functions[2].origin, ORIGIN_PROGRAM);
    assert_int_equal(functions[3].origin, ORIGIN_PROGRAM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_script_is_and_what_is_installed_is_not),
        cmocka_unit_test(the_package_that_a_command_starts_is),
        cmocka_unit_test(what_a_command_only_imports_or_asks_is_not),
        cmocka_unit_test(of_a_stack_the_programmers_file_comes_first_then_the_started_package),
        cmocka_unit_test(special_methods_made_of_a_text_are_nobodys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

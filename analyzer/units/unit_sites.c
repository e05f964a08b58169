/* SPDX-License-Identifier: MIT */
#include "units/unit_sites.h"

#include <stdlib.h>
#include <string.h>

#include "model/sites.h"

/* Functions that call what is not the runner's, by the end of their file's name and by their own. */
static const struct {
    const char *file, *function;
    enum unit_part part;
} callers[] = {
    {"/_pytest/python.py", "pytest_pyfunc_call", UNIT_TEST},
    {"/unittest/case.py", "_callTestMethod", UNIT_TEST},
    {"/unittest/async_case.py", "_callTestMethod", UNIT_TEST},
    {"/unittest/async_case.py", "_asyncioLoopRunner", UNIT_TEST},
    {"/_pytest/fixtures.py", "call_fixture_func", UNIT_FIXTURE},
    {"/_pytest/fixtures.py", "_teardown_yield_fixture", UNIT_FIXTURE},
    {"/_pytest/fixtures.py", "finish", UNIT_FIXTURE},
    {"/_pytest/python.py", "_call_with_optional_argument", UNIT_FIXTURE},
    {"/_pytest/python.py", "xunit_setup_function_fixture", UNIT_FIXTURE},
    {"/_pytest/python.py", "xunit_setup_method_fixture", UNIT_FIXTURE},
    {"/unittest/case.py", "_callSetUp", UNIT_FIXTURE},
    {"/unittest/case.py", "_callTearDown", UNIT_FIXTURE},
    {"/unittest/case.py", "_callCleanup", UNIT_FIXTURE},
};

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && !strcmp(text + length - tail, end);
}

bool unit_file_is_runner(const char *file)
{
    return strstr(file, "/_pytest/") || strstr(file, "/pluggy/") || strstr(file, "/unittest/") ||
           ends_with(file, "/pluggy.py");
}

bool unit_file_is_standard(const char *file)
{
    if (!strncmp(file, "<frozen", 7))
        return true;
    return (strstr(file, "/lib/python") || strstr(file, "/lib64/python")) &&
           !strstr(file, "/site-packages/") && !strstr(file, "/dist-packages/");
}

/* Function → what its callees are; UNIT_NONE: it is no such function. */
static uint8_t *callers_find(const struct process *p)
{
    uint8_t *part = calloc((size_t)p->function_count + 1, 1);
    for (uint32_t f = 1; part && f <= p->function_count; f++) {
        const char *dot = strrchr(p->functions[f].name, '.');
        const char *name = dot ? dot + 1 : p->functions[f].name;
        for (size_t i = 0; i < sizeof callers / sizeof *callers; i++) {
            if (!strcmp(name, callers[i].function) &&
                ends_with(p->functions[f].file, callers[i].file))
                part[f] = (uint8_t)callers[i].part;
        }
    }
    return part;
}

int unit_sites_find(const struct process *p, struct unit_sites *sites)
{
    size_t room = (size_t)p->site_count + 1;
    *sites = (struct unit_sites){calloc(room, 1), calloc(room, sizeof *sites->call)};
    uint8_t *caller = callers_find(p);
    if (!sites->part || !sites->call || !caller) {
        free(caller);
        return -1;
    }
    for (uint32_t s = 1; s <= p->site_count; s++) { /* parents come before their children */
        const struct site *site = &p->sites[s];
        const char *file = p->functions[site->function].file;
        uint8_t above = sites->part[site->parent];
        if (above) {
            sites->part[s] = site_is_importing(p, s) ? UNIT_IMPORT : above;
            sites->call[s] = sites->call[site->parent];
        } else if (!unit_file_is_runner(file)) {
            sites->part[s] = caller[p->sites[site->parent].function];
            sites->call[s] = sites->part[s] ? s : 0;
        }
    }
    free(caller);
    return 0;
}

void unit_sites_free(struct unit_sites *sites)
{
    free(sites->part);
    free(sites->call);
    *sites = (struct unit_sites){0};
}

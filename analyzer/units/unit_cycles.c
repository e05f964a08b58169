/* SPDX-License-Identifier: MIT */
#include "units/unit_cycles.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "cycles/cycle_roots.h"
#include "model/estimate.h"
#include "structure/key_table.h"

int unit_cycles_count(const struct snapshot *snapshot, const struct garbage *garbage,
                      const uint32_t *unit_of_object, struct units *units)
{
    struct cycle_roots roots = {0};
    int status = cycle_roots_find(snapshot, garbage->class, &roots);
    for (uint32_t c = 0; !status && c < roots.count; c++) {
        uint32_t component = roots.component[c], unit = NO_ID;
        for (uint32_t m = roots.scc.first[component];
             m < roots.scc.first[component + 1] && unit == NO_ID; m++)
            unit = unit_of_object[roots.graph.object[roots.scc.member[m]]];
        if (unit != NO_ID)
            units->items[unit].cycles++;
    }
    cycle_roots_free(&roots);
    return status;
}

static const char *base_name(const char *file)
{
    const char *slash = strrchr(file, '/');
    return slash ? slash + 1 : file;
}

/* Of a file and a test in it: its class, if that is known, and its function. */
static uint64_t test_hash(const char *file, size_t file_length, const char *test)
{
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    XXH3_64bits_update(&state, file, file_length);
    XXH3_64bits_update(&state, "", 1);
    /* "TestA::test_b" as a runner writes it, "TestA.test_b" as the language does. */
    for (; *test; test++) {
        if (*test == ':' && test[1] == ':')
            continue;
        XXH3_64bits_update(&state, *test == ':' ? "." : test, 1);
    }
    return XXH3_64bits_digest(&state);
}

static const char *last_name(const char *test)
{
    const char *dot = strrchr(test, '.'), *colon = strrchr(test, ':');
    const char *last = dot > colon ? dot : colon;
    return last ? last + 1 : test;
}

struct names {
    struct key_table table;
    uint32_t *function; /* number of a name → that of the test's function */
};

static bool name_add(struct names *names, uint64_t hash, uint32_t function)
{
    uint32_t known = names->table.count, number;
    if (!key_table_add(&names->table, &hash, &number))
        return false;
    if (number == known)
        names->function[number] = function;
    return true;
}

/* Names of all test functions, with their class and without. */
static bool names_make(const struct units *units, struct names *names)
{
    key_table_init(&names->table, sizeof(uint64_t));
    names->function = malloc(((size_t)units->function_count * 2 + 1) * sizeof *names->function);
    if (!names->function)
        return false;
    for (int bare = 0; bare < 2; bare++) { /* those with a class first: they are certain */
        for (uint32_t u = 0; u < units->count; u++) {
            const struct unit *unit = &units->items[u];
            const char *test = strstr(unit->function, "::");
            if (unit->run != 1 || !test)
                continue;
            size_t length = (size_t)(test - unit->function);
            const char *file = unit->function;
            for (size_t i = 0; i < length; i++) {
                if (unit->function[i] == '/')
                    file = unit->function + i + 1;
            }
            length -= (size_t)(file - unit->function);
            test = bare ? last_name(test + 2) : test + 2;
            if (!name_add(names, test_hash(file, length, test), unit->function_number))
                return false;
        }
    }
    return true;
}

static uint32_t function_find(const struct names *names, const struct function_info *function)
{
    const char *file = base_name(function->file);
    uint32_t number;
    uint64_t hash = test_hash(file, strlen(file), function->name);
    if (key_table_find(&names->table, &hash, &number))
        return names->function[number];
    hash = test_hash(file, strlen(file), last_name(function->name));
    return key_table_find(&names->table, &hash, &number) ? names->function[number] : NO_ID;
}

int unit_cycles_collected(const struct process *process, const struct unit_sites *sites,
                          const uint32_t *unit_of_site, struct units *units)
{
    struct names names = {.function = NULL};
    int status = -1;
    uint64_t *freed = calloc((size_t)units->function_count + 1, sizeof *freed);
    if (!freed || !names_make(units, &names))
        goto out;
    for (uint32_t r = 1; r <= process->row_count; r++) {
        const struct row *row = &process->rows[r];
        if (!row->deaths[1] || !(row->flags & OURO_ROW_OBJECT) ||
            sites->part[row->site] != UNIT_TEST)
            continue;
        const struct site *call = &process->sites[sites->call[row->site]];
        uint32_t function;
        if (!unit_of_site)
            function = function_find(&names, &process->functions[call->function]);
        else
            function = unit_of_site[row->site] == NO_ID
                           ? NO_ID
                           : units->items[unit_of_site[row->site]].function_number;
        if (function != NO_ID)
            freed[function] += row->deaths[1];
    }
    for (uint32_t u = 0; u < units->count; u++) {
        struct unit *unit = &units->items[u];
        uint64_t all = estimate_whole(process, freed[unit->function_number]);
        unit->collected = all / unit->runs + (unit->run <= all % unit->runs);
    }
    status = 0;
out:
    key_table_free(&names.table);
    free(names.function);
    free(freed);
    return status;
}

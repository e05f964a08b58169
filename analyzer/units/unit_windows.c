/* SPDX-License-Identifier: MIT */
#include "units/unit_windows.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "model/estimate.h"
#include "structure/key_table.h"

#define TEST "test"

/* The test a mark names, without its phase: length 0 for its end; false: a mark of another kind. */
static bool mark_test(const char *mark, const char **name, size_t *length)
{
    if (strncmp(mark, TEST, strlen(TEST)) != 0 || (mark[strlen(TEST)] && mark[strlen(TEST)] != ' '))
        return false;
    *name = mark + strlen(TEST) + (mark[strlen(TEST)] == ' ');
    const char *phase = strrchr(*name, '(');
    *length =
        phase && phase > *name && phase[-1] == ' ' ? (size_t)(phase - *name) - 1 : strlen(*name);
    return true;
}

/* The name up to its parameters: "test_a.py::test_b" of "test_a.py::test_b[1-x]". */
static size_t function_length(const char *name)
{
    const char *test = strstr(name, "::");
    const char *parameters = strchr(test ? test : name, '[');
    size_t length = strlen(name);
    return parameters && name[length - 1] == ']' ? (size_t)(parameters - name) : length;
}

static struct unit *unit_begin(const struct mark *mark, const char *name, size_t length,
                               struct units *units)
{
    struct unit *unit = &units->items[units->count++];
    *unit = (struct unit){
        .name = arena_copy(units->arena, name, length), .start = mark->time, .clock = mark->clock};
    if (!unit->name)
        return NULL;
    unit->function = arena_copy(units->arena, unit->name, function_length(unit->name));
    return unit->function ? unit : NULL;
}

/* What the epochs between the end of the test before and that of this one say. */
static void unit_measure(const struct process *p, struct unit *unit, uint64_t after, uint64_t end,
                         uint32_t *epoch)
{
    while (*epoch < p->epoch_count && p->epochs[*epoch].clock < after)
        ++*epoch;
    uint32_t first = *epoch, last = first;
    if (first == p->epoch_count || p->epochs[first].clock > unit->clock)
        return;
    while (last + 1 < p->epoch_count && p->epochs[last + 1].clock <= end)
        last++;
    /* The last one that ended before the test began. */
    while (first + 1 <= last && p->epochs[first + 1].clock <= unit->clock)
        first++;
    if (last == first || p->epochs[last].clock < end)
        return;
    const struct epoch *before = &p->epochs[first], *at_end = &p->epochs[last];
    unit->measured = true;
    for (uint32_t e = first + 1; e <= last; e++) {
        uint64_t live = estimate_whole(p, p->epochs[e].live_bytes);
        unit->peak_bytes = live > unit->peak_bytes ? live : unit->peak_bytes;
        unit->allocations += p->epochs[e].births;
    }
    unit->allocations = estimate_whole(p, unit->allocations);
    unit->grown_blocks = (int64_t)estimate_whole(p, at_end->live_blocks) -
                         (int64_t)estimate_whole(p, before->live_blocks);
    unit->grown_bytes = (int64_t)estimate_whole(p, at_end->live_bytes) -
                        (int64_t)estimate_whole(p, before->live_bytes);
}

/* Numbers the functions, and the tests of each. */
static int runs_number(struct units *units)
{
    struct key_table functions;
    uint32_t *runs = calloc((size_t)units->count + 1, sizeof *runs), number;
    int status = runs ? 0 : -1;
    key_table_init(&functions, sizeof(uint64_t));
    for (uint32_t u = 0; !status && u < units->count; u++) {
        struct unit *unit = &units->items[u];
        uint64_t hash = XXH3_64bits(unit->function, strlen(unit->function));
        if (!key_table_add(&functions, &hash, &number)) {
            status = -1;
        } else {
            unit->function_number = number;
            unit->run = ++runs[number];
        }
    }
    for (uint32_t u = 0; !status && u < units->count; u++)
        units->items[u].runs = runs[units->items[u].function_number];
    units->function_count = functions.count;
    key_table_free(&functions);
    free(runs);
    return status;
}

int unit_windows_of_marks(const struct process *p, struct units *units)
{
    units->items = arena_alloc(units->arena, (size_t)p->mark_count + 1, sizeof *units->items);
    if (!units->items)
        return -1;
    struct unit *running = NULL;
    uint64_t after = p->start_clock;
    uint32_t epoch = 0;
    for (uint32_t m = 0; m < p->mark_count; m++) {
        const struct mark *mark = &p->marks[m];
        const char *name;
        size_t length;
        if (!mark_test(mark->name, &name, &length))
            continue;
        bool same =
            running && length == strlen(running->name) && !strncmp(name, running->name, length);
        if (running && !same) {
            running->duration = mark->time - running->start;
            running->allocated = mark->clock - running->clock;
            units->duration += running->duration;
            unit_measure(p, running, after, mark->clock, &epoch);
            after = mark->clock;
            running = NULL;
        }
        if (length && !same && !(running = unit_begin(mark, name, length, units)))
            return -1;
    }
    if (running && p->epoch_count) { /* the process ended in it */
        const struct epoch *last = &p->epochs[p->epoch_count - 1];
        running->duration = last->time > running->start ? last->time - running->start : 0;
        running->allocated = last->clock > running->clock ? last->clock - running->clock : 0;
    }
    units->marks = units->count != 0;
    return runs_number(units);
}

int unit_windows_of_sites(const struct process *p, const struct unit_sites *sites,
                          uint32_t *unit_of, struct units *units)
{
    uint32_t *of_function = malloc(((size_t)p->function_count + 1) * sizeof *of_function);
    units->items = arena_alloc(units->arena, (size_t)p->function_count + 1, sizeof *units->items);
    if (!of_function || !units->items) {
        free(of_function);
        return -1;
    }
    memset(of_function, 0xff, ((size_t)p->function_count + 1) * sizeof *of_function);
    memset(unit_of, 0xff, ((size_t)p->site_count + 1) * sizeof *unit_of);
    int status = -1;
    for (uint32_t s = 1; s <= p->site_count; s++) {
        uint32_t call = sites->call[s];
        if (!call || sites->part[call] != UNIT_TEST)
            continue;
        uint32_t f = p->sites[call].function;
        const struct function_info *function = &p->functions[f];
        if (of_function[f] == NO_ID) {
            size_t room = strlen(function->file) + strlen(function->name) + 3;
            char *name = arena_room(units->arena, room);
            if (!name)
                goto out;
            strcpy(name, function->file);
            strcat(name, "::");
            strcat(name, function->name);
            of_function[f] = units->count;
            units->items[units->count++] = (struct unit){.name = name, .function = name, .run = 1};
        }
        unit_of[s] = of_function[f];
    }
    status = runs_number(units);
out:
    free(of_function);
    return status;
}

uint32_t unit_at(const struct units *units, uint64_t clock)
{
    uint32_t low = 0, high = units->count;
    while (low < high) { /* the first that begins after it */
        uint32_t middle = low + (high - low) / 2;
        if (units->items[middle].clock > clock)
            high = middle;
        else
            low = middle + 1;
    }
    if (!low || clock > units->items[low - 1].clock + units->items[low - 1].allocated)
        return NO_ID;
    return low - 1;
}

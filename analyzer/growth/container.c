/* SPDX-License-Identifier: MIT */
#include "growth/container.h"

#include <stdlib.h>

/* Steps of all paths together. */
#define STEPS_MOST (4u << 20)
/* How many of the objects must be below the container. */
#define SHARE 0.4
/* So many objects of one type behind each other are a chain, which begins at its first one. */
#define CHAIN 16u
#define CHAIN_PARTS 3u

int container_finder_make(const struct root_paths *paths, struct container_finder *finder)
{
    size_t room = (size_t)paths->snapshot->object_count + 1;
    *finder = (struct container_finder){
        .paths = paths,
        .visits = calloc(room, sizeof *finder->visits),
        .touched = malloc(room * sizeof *finder->touched),
    };
    return finder->visits && finder->touched ? 0 : -1;
}

void container_finder_free(struct container_finder *finder)
{
    free(finder->visits);
    free(finder->touched);
    *finder = (struct container_finder){0};
}

/* Counts the objects on the way from a root, without the object itself. */
static uint32_t walk(struct container_finder *finder, uint32_t object)
{
    const uint32_t *before = finder->paths->before;
    uint32_t steps = 0;
    for (uint32_t o = before[object]; o != NO_ID; o = before[o], steps++) {
        if (!finder->visits[o]++)
            finder->touched[finder->touched_count++] = o;
    }
    return steps;
}

/* The link before an object in a chain of one type, over at most CHAIN_PARTS objects that are parts of
 * the links (a table of attributes); NO_ID: there is none. */
static uint32_t link_before(const struct root_paths *paths, uint32_t object)
{
    const struct snapshot *s = paths->snapshot;
    uint32_t o = paths->before[object];
    for (unsigned part = 0; o != NO_ID && part < CHAIN_PARTS; part++, o = paths->before[o]) {
        if (s->type[o] == s->type[object])
            return o;
    }
    return NO_ID;
}

/* The first of a long chain of objects of one type that ends here. */
static uint32_t chain_begin(const struct root_paths *paths, uint32_t object)
{
    uint32_t first = object, length = 0;
    for (uint32_t o = object; o != NO_ID; o = link_before(paths, o), length++)
        first = o;
    return length > CHAIN ? first : object;
}

struct container container_find(struct container_finder *finder, const uint32_t *objects,
                                uint32_t count)
{
    const uint32_t *before = finder->paths->before;
    struct container found = {.object = NO_ID, .entry = NO_ID};
    uint32_t looked = 0, steps = 0, most = 0, deepest = 0;
    for (; looked < count && steps < STEPS_MOST; looked++)
        steps += walk(finder, objects[looked]);
    for (uint32_t t = 0; t < finder->touched_count; t++) {
        if (finder->visits[finder->touched[t]] > most)
            most = finder->visits[finder->touched[t]];
    }
    /* The deepest that has enough of them; of two, that which has more. */
    uint32_t need = (uint32_t)((double)looked * SHARE);
    if (need > most)
        need = most;
    for (uint32_t i = 0; i < looked; i++) {
        uint32_t entry = objects[i], o = before[entry];
        while (o != NO_ID && finder->visits[o] < (need ? need : 1)) {
            entry = o;
            o = before[o];
        }
        if (o == NO_ID)
            continue;
        uint32_t depth = 0;
        for (uint32_t up = o; before[up] != NO_ID; up = before[up])
            depth++;
        bool better = depth > deepest ||
                      (depth == deepest && found.object != NO_ID &&
                       (finder->visits[o] > finder->visits[found.object] ||
                        (finder->visits[o] == finder->visits[found.object] && o < found.object)));
        if (found.object == NO_ID || better) {
            found = (struct container){
                .object = o, .entry = entry, .share = (double)finder->visits[o] / (double)looked};
            deepest = depth;
        }
    }
    if (found.object != NO_ID) {
        uint32_t first = chain_begin(finder->paths, found.object);
        if (first != found.object) {
            uint32_t entry = found.object;
            while (before[entry] != first)
                entry = before[entry];
            found.entry = entry;
            found.object = first;
            found.chain = true;
        }
    }
    while (finder->touched_count)
        finder->visits[finder->touched[--finder->touched_count]] = 0;
    return found;
}

bool container_is_above(const struct root_paths *paths, uint32_t container, uint32_t object,
                        uint32_t *steps)
{
    for (uint32_t o = paths->before[object]; o != NO_ID; o = paths->before[o], ++*steps) {
        if (o == container)
            return true;
    }
    return false;
}

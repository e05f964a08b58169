/* SPDX-License-Identifier: MIT */
#include "growth/growth_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Adds a text, up to where it begins to name a place, a thread or a key. */
static void add(XXH3_state_t *state, const char *text)
{
    size_t length = text ? strcspn(text, "([") : 0;
    if (length)
        XXH3_64bits_update(state, text, length);
    XXH3_64bits_update(state, "", 1);
}

void growth_signature(const struct process *process, struct growth_suspect *suspect)
{
    XXH3_state_t state;
    const char *file, *function;
    uint32_t line;
    XXH3_64bits_reset(&state);
    for (uint32_t i = 0; i < suspect->path.count; i++) {
        add(&state, suspect->path.steps[i].type);
        add(&state, suspect->path.steps[i].edge);
    }
    add(&state, suspect->entry_type);
    add(&state, suspect->type);
    site_place(process, suspect->members[0].site, &file, &line, &function);
    add(&state, function);
    snprintf(suspect->signature, sizeof suspect->signature, "leak:%012" PRIx64,
             (uint64_t)XXH3_64bits_digest(&state) >> 16);
}

const char *growth_verb(const struct growth_suspect *suspect)
{
    return suspect->spread ? " leads to more and more " : " gathers ";
}

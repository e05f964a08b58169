/* SPDX-License-Identifier: MIT */
/* Frames of profiles: the lines of the runtime's call stacks, each once. */
#include <stdlib.h>
#include <string.h>

#include "export/profile.h"
#include "structure/key_table.h"

bool profile_frames_make(const struct report *report, struct profile *profile)
{
    static const struct profile_frame no_lines[FRAME_FIRST] = {
        [FRAME_NO_PYTHON] = {0, 0, "(no Python line)", ""},
        [FRAME_FOLDED] = {0, 0, "(more levels of this recursion)", ""},
        [FRAME_FREE_LISTS] = {0, 0, "(free lists)", ""},
    };
    const struct process *p = report->process;
    size_t room = (size_t)p->site_count + 1;
    uint32_t *depth = calloc(room, sizeof *depth), deepest = 1;
    struct key_table keys;
    bool ok = false;
    key_table_init(&keys, 2 * sizeof(uint32_t));
    profile->frame_of = calloc(room, sizeof *profile->frame_of);
    profile->frames = malloc((room + FRAME_FIRST) * sizeof *profile->frames);
    if (!depth || !profile->frame_of || !profile->frames)
        goto out;
    memcpy(profile->frames, no_lines, sizeof no_lines);
    for (uint32_t s = 1; s <= p->site_count; s++) {
        const struct site *site = &p->sites[s];
        uint32_t key[2] = {report->sites.same_function[site->function], site->line}, number;
        depth[s] = depth[site->parent] + 1 + ((site->flags & OURO_SITE_FOLDED) != 0);
        deepest = depth[s] > deepest ? depth[s] : deepest;
        if (!site->function)
            continue;
        if (!key_table_add(&keys, key, &number))
            goto out;
        const struct function_info *function = &p->functions[key[0]];
        profile->frames[FRAME_FIRST + number] =
            (struct profile_frame){key[0], site->line, function->name, function->file};
        profile->frame_of[s] = FRAME_FIRST + number;
    }
    profile->frame_count = FRAME_FIRST + keys.count;
    profile->function_count = p->function_count;
    profile->stack = malloc(((size_t)deepest + 1) * sizeof *profile->stack);
    ok = profile->stack != NULL;
out:
    key_table_free(&keys);
    free(depth);
    return ok;
}

const uint32_t *profile_stack(const struct profile *profile, const struct profile_sample *sample,
                              uint32_t *depth)
{
    const struct process *p = profile->process;
    uint32_t n = 0;
    if (sample->stack) {
        *depth = sample->depth;
        return sample->stack;
    }
    for (uint32_t s = sample->site; s; s = p->sites[s].parent) {
        profile->stack[n++] = profile->frame_of[s];
        if (p->sites[s].flags & OURO_SITE_FOLDED)
            profile->stack[n++] = FRAME_FOLDED;
    }
    if (!n)
        profile->stack[n++] = sample->resting ? FRAME_FREE_LISTS : FRAME_NO_PYTHON;
    *depth = n;
    return profile->stack;
}

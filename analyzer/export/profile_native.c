/* SPDX-License-Identifier: MIT */
/*
 * Native memory as a profile. A stack is native frames out to the evaluation loop, then lines of the
 * runtime; stacks of the same frames are one sample, though the addresses in them differ.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/profile.h"
#include "model/estimate.h"
#include "structure/key_table.h"

static const struct measure_info infos[] = {
    [ALLOC_OBJECTS] = {"alloc_objects", "allocated native blocks", false},
    [ALLOC_SPACE] = {"alloc_space", "allocated native bytes", true},
    [INUSE_OBJECTS] = {"inuse_objects", "live native blocks", false},
    [INUSE_SPACE] = {"inuse_space", "live native bytes", true},
};
enum { NATIVE_MEASURES = sizeof infos / sizeof *infos };

struct function_key {
    const char *function, *file, *module; /* equal texts are at one address */
};

struct frame_key {
    uint32_t function, line;
};

struct work {
    const struct report *report;
    struct profile *profile;
    struct key_table functions, frames;
    uint32_t first_frame, frame_room;
    uint32_t *stack; /* at hand */
    uint32_t stack_room;
};

/* A function without a name is called by its file. */
static const char *name_of(struct work *w, const struct native_place *place)
{
    const char *slash = strrchr(place->module, '/');
    const char *base = slash ? slash + 1 : place->module;
    size_t room = strlen(base) + 3;
    if (*place->function)
        return place->function;
    char *name = arena_room(w->profile->arena, room);
    if (name)
        snprintf(name, room, "(%s)", *base ? base : "no file");
    return name;
}

/* The number of a frame, or 0: no memory. */
static uint32_t frame_of(struct work *w, const struct native_place *place)
{
    struct profile *profile = w->profile;
    const struct function_key function = {place->function, place->file, place->module};
    uint32_t number, functions = w->functions.count, frames = w->frames.count;
    if (!key_table_add(&w->functions, &function, &number))
        return 0;
    const struct frame_key key = {number, place->line};
    if (!key_table_add(&w->frames, &key, &number))
        return 0;
    uint32_t frame = w->first_frame + number;
    if (number < frames)
        return frame;
    if (frame >= w->frame_room) {
        uint32_t room = 2 * frame + 64;
        struct profile_frame *list = reallocarray(profile->frames, room, sizeof *list);
        if (!list)
            return 0;
        profile->frames = list;
        w->frame_room = room;
    }
    const char *name = name_of(w, place);
    if (!name)
        return 0;
    profile->frames[frame] = (struct profile_frame){
        w->report->process->function_count + 1 + key.function, place->line, name, place->file};
    profile->frame_count = frame + 1;
    profile->function_count += w->functions.count - functions;
    return frame;
}

static bool push(struct work *w, uint32_t *depth, uint32_t frame)
{
    if (*depth == w->stack_room) {
        uint32_t room = 2 * w->stack_room + 64;
        uint32_t *stack = reallocarray(w->stack, room, sizeof *stack);
        if (!stack)
            return false;
        w->stack = stack;
        w->stack_room = room;
    }
    w->stack[(*depth)++] = frame;
    return true;
}

/* Fills the stack of a sample. */
static bool stack_make(struct work *w, const struct native_site *site,
                       struct profile_sample *sample)
{
    uint32_t depth = 0, outer;
    for (uint32_t i = 0; i < site->count; i++) {
        const struct native_code *code = symbols_find(w->report->symbols, site->addresses[i]);
        for (uint32_t n = 0; code && n < code->count; n++) {
            uint32_t frame = frame_of(w, &code->places[n]);
            if (!frame || !push(w, &depth, frame))
                return false;
        }
        if (!code)
            return false;
    }
    if (site->site || !depth) {
        const struct profile_sample runtime = {.site = w->report->sites.canonical[site->site]};
        const uint32_t *frames = profile_stack(w->profile, &runtime, &outer);
        for (uint32_t i = 0; i < outer; i++)
            if (!push(w, &depth, frames[i]))
                return false;
    }
    uint32_t *stack = arena_alloc(w->profile->arena, depth, sizeof *stack);
    if (!stack)
        return false;
    memcpy(stack, w->stack, depth * sizeof *stack);
    sample->stack = stack;
    sample->depth = depth;
    return true;
}

/* From the outermost frame on. */
static int sample_compare(const void *left, const void *right)
{
    const struct profile_sample *a = left, *b = right;
    uint32_t shared = a->depth < b->depth ? a->depth : b->depth;
    for (uint32_t i = 1; i <= shared; i++) {
        uint32_t x = a->stack[a->depth - i], y = b->stack[b->depth - i];
        if (x != y)
            return x < y ? -1 : 1;
    }
    return (a->depth > b->depth) - (a->depth < b->depth);
}

static void samples_merge(struct profile *profile)
{
    uint32_t kept = 0;
    for (uint32_t s = 0; s < profile->sample_count; s++) {
        struct profile_sample *sample = &profile->samples[s];
        struct profile_sample *last = kept ? &profile->samples[kept - 1] : NULL;
        if (!last || sample_compare(last, sample) != 0) {
            profile->samples[kept++] = *sample;
            continue;
        }
        for (unsigned m = 0; m < NATIVE_MEASURES; m++)
            last->values[m] += sample->values[m];
    }
    profile->sample_count = kept;
}

static bool samples_make(struct work *w)
{
    const struct native_sites *sites = &w->report->native;
    struct profile *profile = w->profile;
    profile->samples = calloc((size_t)sites->count + 1, sizeof *profile->samples);
    if (!profile->samples)
        return false;
    for (uint32_t i = 0; i < sites->count; i++) {
        const struct native_site *site = &sites->list[i];
        struct profile_sample *sample = &profile->samples[profile->sample_count];
        *sample = (struct profile_sample){.site = site->site, .type = "(native memory)"};
        sample->values[ALLOC_OBJECTS] = site->blocks;
        sample->values[ALLOC_SPACE] = site->bytes;
        sample->values[INUSE_OBJECTS] = site->alive;
        sample->values[INUSE_SPACE] = site->alive_bytes;
        if (!site->blocks && !site->bytes)
            continue;
        if (!stack_make(w, site, sample))
            return false;
        profile->sample_count++;
    }
    if (profile->sample_count)
        qsort(profile->samples, profile->sample_count, sizeof *profile->samples, sample_compare);
    samples_merge(profile);
    return true;
}

/* Each stack's figures are rounded: what they miss of the report's totals goes to the largest. */
static bool totals_make(struct work *w)
{
    const struct native_sites *sites = &w->report->native;
    struct profile *profile = w->profile;
    const uint64_t totals[NATIVE_MEASURES] = {sites->blocks, sites->bytes, sites->alive,
                                              sites->alive_bytes};
    uint32_t count = profile->sample_count;
    uint64_t *weights = calloc((size_t)count + 1, 2 * sizeof *weights);
    if (!weights)
        return false;
    for (unsigned m = 0; m < NATIVE_MEASURES; m++) {
        uint64_t any = 0;
        for (uint32_t s = 0; s < count; s++) {
            weights[s] = profile->samples[s].values[m];
            any |= weights[s];
        }
        if (!any)
            continue;
        estimate_share(totals[m], weights, count, weights + count);
        for (uint32_t s = 0; s < count; s++)
            profile->samples[s].values[m] = weights[count + s];
        profile->totals[m] = totals[m];
    }
    free(weights);
    return true;
}

int profile_make_native(const struct report *report, struct profile *profile)
{
    struct work w = {.report = report, .profile = profile};
    *profile = (struct profile){.process = report->process,
                                .native = true,
                                .measures = infos,
                                .measure_count = NATIVE_MEASURES,
                                .arena = arena_new()};
    key_table_init(&w.functions, sizeof(struct function_key));
    key_table_init(&w.frames, sizeof(struct frame_key));
    bool ok = profile->arena && profile_frames_make(report, profile);
    w.first_frame = w.frame_room = profile->frame_count;
    ok = ok && samples_make(&w) && totals_make(&w);
    key_table_free(&w.functions);
    key_table_free(&w.frames);
    free(w.stack);
    return ok ? 0 : -1;
}

/* SPDX-License-Identifier: MIT */
#include "compare/source_lines.h"

#include <stdlib.h>

#include "compare/fingerprint.h"

/* A line that stands for several sites: function NO_ID for what importing makes. */
struct key {
    uint32_t function, line;
};

static const struct key importing = {NO_ID, 0};

/* Whether a line is told by itself, and not by that of a caller. */
static bool stands_alone(const struct process *process, uint32_t site, uint32_t outside)
{
    enum code_origin origin = site_origin(process, site);
    return origin == ORIGIN_PROGRAM || origin == ORIGIN_IMPORTING ||
           (origin == ORIGIN_STARTED && site_origin(process, outside) != ORIGIN_PROGRAM);
}

/* Of every site: the nearest frame outwards that is the program's own or importing; 0: none. Parents
 * come before their children. */
static void nearest_find(const struct process *process, uint32_t *nearest)
{
    for (uint32_t s = 1; s <= process->site_count; s++) {
        uint32_t outside = nearest[process->sites[s].parent];
        nearest[s] = stands_alone(process, s, outside) ? s : outside;
    }
}

static bool place_make(struct source_lines *lines, uint32_t number, const struct site *site)
{
    struct digest_place *place = &lines->places[number];
    if (!site) {
        *place = (struct digest_place){.file = DIGEST_IMPORTING, .function = ""};
        return true;
    }
    const struct function_info *function = &lines->process->functions[site->function];
    *place = (struct digest_place){.file = "", .function = ""};
    if (!site->function)
        return true;
    place->file = fingerprint_file(lines->process, function->file, lines->arena);
    place->function = fingerprint_text(function->name, lines->arena);
    place->line = site->line;
    place->first = function->first_line;
    return place->file && place->function;
}

int source_lines_build(const struct process *process, const struct site_table *sites,
                       struct source_lines *lines)
{
    uint32_t count = process->site_count;
    int status = -1;
    *lines = (struct source_lines){.process = process, .arena = arena_new()};
    key_table_init(&lines->lines, sizeof(struct key));
    uint32_t *nearest = calloc((size_t)count + 1, sizeof *nearest);
    lines->of_site = malloc(((size_t)count + 1) * sizeof *lines->of_site);
    lines->places = malloc(((size_t)count + 1) * sizeof *lines->places);
    lines->library = calloc((size_t)count + 1, sizeof *lines->library);
    if (!lines->arena || !nearest || !lines->of_site || !lines->places || !lines->library)
        goto out;
    nearest_find(process, nearest);
    for (uint32_t s = 0; s <= count; s++) {
        uint32_t shown = nearest[s] ? nearest[s] : s, known = lines->lines.count;
        const struct site *site = &process->sites[shown];
        bool import = site_is_importing(process, shown);
        struct key key = {sites->same_function[site->function], site->line};
        if (!key_table_add(&lines->lines, import ? &importing : &key, &lines->of_site[s]))
            goto out;
        if (lines->of_site[s] < known)
            continue;
        lines->library[known] = site_is_library(process, shown);
        if (!place_make(lines, known, import ? NULL : site))
            goto out;
    }
    status = 0;
out:
    free(nearest);
    return status;
}

void source_lines_free(struct source_lines *lines)
{
    key_table_free(&lines->lines);
    free(lines->of_site);
    free(lines->places);
    free(lines->library);
    arena_free(lines->arena);
    *lines = (struct source_lines){0};
}

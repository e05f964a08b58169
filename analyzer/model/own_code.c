/* SPDX-License-Identifier: MIT */
#include "model/own_code.h"

#include <stdlib.h>
#include <string.h>

/* What a site is below, where it is not a function number. */
#define ELSEWHERE 0u
#define LAUNCHER UINT32_MAX /* nothing but what starts programs */
#define ITS_OWN \
    (UINT32_MAX - 1u) /* other code that is not installed, which a launcher has called */

/* The length of the path of the package that an installed file belongs to; 0: it is not installed. */
static size_t package_length(const char *file)
{
    static const char *const folders[] = {"/site-packages/", "/dist-packages/"};
    for (unsigned i = 0; i < sizeof folders / sizeof *folders; i++) {
        const char *found = strstr(file, folders[i]);
        if (!found)
            continue;
        const char *name = found + strlen(folders[i]);
        return (size_t)(name - file) + strcspn(name, "/") + (strchr(name, '/') != NULL);
    }
    return 0;
}

/* What dataclasses and named tuples make of a text: special methods, which no programmer has written. */
static bool is_generated(const struct function_info *function)
{
    const char *dot = strrchr(function->name, '.'), *name = dot ? dot + 1 : function->name;
    size_t length = strlen(name);
    return *function->file == '<' && length > 4 && !strncmp(name, "__", 2) &&
           !strcmp(name + length - 2, "__");
}

static enum code_origin origin_of(const struct function_info *function)
{
    const char *file = function->file;
    if (!strncmp(file, "<frozen importlib", 17) || !strncmp(file, "<frozen zipimport", 17) ||
        strstr(file, "/importlib/_bootstrap"))
        return ORIGIN_IMPORTING;
    if (package_length(file))
        return ORIGIN_INSTALLED;
    return !strncmp(file, "<frozen", 7) || strstr(file, "/lib/python") ||
                   strstr(file, "/lib64/python") || is_generated(function)
               ? ORIGIN_STANDARD
               : ORIGIN_PROGRAM;
}

/* Whether the outermost frame of a stack is of code that starts programs. */
static bool is_launcher(const struct function_info *function)
{
    static const char *const folders[] = {"/bin", "/sbin", "/games"};
    const char *slash = strrchr(function->file, '/');
    if (!strcmp(function->file, "<frozen runpy>") || (slash && !strcmp(slash, "/runpy.py")))
        return true;
    for (unsigned i = 0; slash && i < sizeof folders / sizeof *folders; i++) {
        size_t length = strlen(folders[i]);
        if ((size_t)(slash - function->file) >= length &&
            !strncmp(slash - length, folders[i], length))
            return true;
    }
    return false;
}

/* What a site is below: the function of an installed package that a launcher has called, if there is one. */
static uint32_t below_of(const struct process *p, const struct site *site, uint32_t before,
                         enum code_origin origin)
{
    if (!site->parent)
        return is_launcher(&p->functions[site->function]) ? LAUNCHER : ELSEWHERE;
    if (before != LAUNCHER)
        return before;
    if (origin == ORIGIN_INSTALLED)
        return site->function;
    return origin == ORIGIN_STANDARD ? LAUNCHER : origin == ORIGIN_PROGRAM ? ITS_OWN : ELSEWHERE;
}

/*
 * The function that a launcher starts the program with, 0: there is none, or it is not an installed one. A
 * launcher may call others before (to look for the package): the one with most sites below it is it.
 */
static uint32_t started_find(const struct process *p, uint32_t *below, uint32_t *sites)
{
    uint32_t started = 0, own = 0;
    for (uint32_t s = 1; s <= p->site_count; s++) { /* parents come before their children */
        const struct site *site = &p->sites[s];
        below[s] = below_of(p, site, below[site->parent],
                            (enum code_origin)p->functions[site->function].origin);
        if (below[s] == ITS_OWN)
            own++;
        else if (below[s] != ELSEWHERE && below[s] != LAUNCHER &&
                 ++sites[below[s]] > sites[started])
            started = below[s];
    }
    return sites[started] > own ? started : 0;
}

bool own_code_find(struct process *process)
{
    uint32_t *below = calloc((size_t)process->site_count + 1, sizeof *below);
    uint32_t *sites = calloc((size_t)process->function_count + 1, sizeof *sites);
    bool found = below && sites;
    if (found) {
        for (uint32_t f = 0; f <= process->function_count; f++)
            process->functions[f].origin = (uint8_t)origin_of(&process->functions[f]);
        const char *package = process->functions[started_find(process, below, sites)].file;
        size_t length = package_length(package);
        for (uint32_t f = 0; length && f <= process->function_count; f++) {
            struct function_info *function = &process->functions[f];
            if (!strncmp(function->file, package, length))
                function->origin = ORIGIN_STARTED;
            else if (is_launcher(function) && !strcmp(function->name, "<module>"))
                function->origin = ORIGIN_STANDARD;
        }
    }
    free(below);
    free(sites);
    return found;
}

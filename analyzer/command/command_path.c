/* SPDX-License-Identifier: MIT */
/* ouro path */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/object_choice.h"
#include "command/command.h"
#include "command/options.h"
#include "command/path_all.h"
#include "command/section.h"
#include "report/json_writer.h"
#include "report/page.h"
#include "report/text_section.h"
#include "text/progress.h"
#include "text/suggest.h"

/* The object meant that is nearest to its root, live ones before dead ones, and how many are meant. */
static uint32_t nearest(const struct root_paths *paths, const uint8_t *class,
                        const struct object_choice *choice, uint32_t *meant)
{
    const struct snapshot *s = paths->snapshot;
    uint32_t best = NO_ID, least = UINT32_MAX;
    bool best_dead = true;
    *meant = 0;
    for (uint32_t o = 0; o < s->object_count; o++) {
        if (!object_chosen(s, choice, o))
            continue;
        ++*meant;
        bool dead = class[o];
        if (dead && !best_dead)
            continue;
        uint32_t bound = best_dead && !dead ? UINT32_MAX : least, depth = 0;
        for (uint32_t at = o; depth < bound && paths->before[at] != NO_ID; at = paths->before[at])
            depth++;
        if (best == NO_ID || depth < bound) {
            best = o;
            least = depth;
            best_dead = dead;
        }
    }
    return best;
}

static void print_text(const struct page *page, const struct snapshot *s,
                       const struct root_path *path, uint32_t object, uint32_t meant)
{
    char text[256];
    snprintf(text, sizeof text, "%s #%" PRIu32 " 0x%" PRIx64, s->types[s->type[object]].name,
             object, s->address[object]);
    page_wrap(page, "  ", text);
    if (meant > 1) {
        snprintf(text, sizeof text, "the nearest of %" PRIu32 "; %" PRIu32 " steps from its root",
                 meant, path->length - 1);
        page_wrap(page, "  ", text);
    }
    fputc('\n', page->out);
    for (uint32_t i = 0; i < path->count; i++) {
        fputs(i ? "    " : "  ", page->out);
        page_name(page, path->steps[i].type, PAGE_WIDTH - 4);
        fputc('\n', page->out);
        if (path->steps[i].edge[0])
            page_wrap(page, "      ", path->steps[i].edge);
    }
    fputc('\n', page->out);
    page_wrap(page, "  ", path->name);
}

static int print_json(const struct snapshot *s, const struct root_path *path, uint32_t object,
                      uint32_t meant)
{
    json_t *steps = json_array();
    for (uint32_t i = 0; i < path->count; i++) {
        const struct root_step *step = &path->steps[i];
        json_t *o = json_with(json_object(), "type", json_string(step->type));
        o = json_with(o, "edge", json_string(step->edge));
        o = json_with(o, "object", step->object == NO_ID ? json_null() : json_number(step->object));
        steps = json_append(steps, o);
    }
    json_t *o = json_with(json_object(), "name", json_string(path->name));
    o = json_with(o, "type", json_string(s->types[s->type[object]].name));
    o = json_with(o, "object", json_number(object));
    o = json_with(o, "address", json_sprintf("0x%" PRIx64, s->address[object]));
    o = json_with(o, "meant", json_number(meant));
    o = json_with(o, "path_length", json_number(path->length));
    o = json_with(json_object(), "path", json_with(o, "path", steps));
    int status = o && json_dumpf(o, stdout, JSON_COMPACT) == 0 ? 0 : -1;
    json_decref(o);
    putchar('\n');
    return status;
}

/* Says that nothing is meant by the word, and what may have been meant. */
static int nothing_meant(const struct snapshot *s, const struct object_choice *choice,
                         const char *path, const char *word)
{
    const char *guess = NULL, *dot = strrchr(word, '.');
    const char **names = choice->type ? calloc((size_t)s->type_count + 1, sizeof *names) : NULL;
    for (uint32_t t = 0; names && t < s->type_count; t++) {
        const char *name = s->types[t + 1].name, *last = strrchr(name, '.');
        names[t] = last && !dot ? last + 1 : name;
    }
    if (names)
        guess = suggest(word, names, s->type_count);
    int status =
        command_fail("%s has no object %s%s%s%s%s", path, choice->type ? "of the type " : "", word,
                     guess ? ", did you mean '" : "", guess ? guess : "", guess ? "'?" : "");
    free(names);
    return status;
}

static int all_print(const struct section *section, const struct report *report,
                     const struct root_paths *paths, const struct object_choice *choice,
                     const struct merged_bounds *bounds, const char *path, bool json)
{
    const struct snapshot *s = report->snapshot;
    struct merged_paths merged = {0};
    uint8_t *wanted = calloc((size_t)s->object_count + 1, 1);
    char what[300];
    snprintf(what, sizeof what, "%s%s", choice->type ? "of the type " : "",
             choice->type ? choice->type : s->types[s->type[choice->object]].name);
    for (uint32_t o = 0; wanted && o < s->object_count; o++)
        wanted[o] = object_chosen(s, choice, o);
    progress_begin("merging paths");
    int made =
        wanted ? merged_paths_build(paths, &report->order, wanted, bounds, report->arena, &merged)
               : -1;
    progress_end();
    int status = report->damaged ? EXIT_INCOMPLETE : EXIT_DONE;
    if (made < 0) {
        status = command_fail("%s: not enough memory", path);
    } else if (json) {
        if (path_all_json(stdout, &merged, what) < 0)
            status = command_fail("%s: the paths cannot be written", path);
    } else {
        struct page page = page_make(stdout, section->process, page_locale_is_utf8());
        text_head(&page, "OURO PATH", path);
        path_all_text(&page, &merged, what);
    }
    merged_paths_free(&merged);
    free(wanted);
    return status;
}

static int one_print(const struct section *section, const struct report *report,
                     const struct root_paths *paths, uint32_t object, uint32_t meant,
                     const char *run, bool json)
{
    struct root_path path;
    int status = report->damaged ? EXIT_INCOMPLETE : EXIT_DONE;
    if (root_path_find(paths, object, report->arena, &path) < 0)
        return command_fail("%s: not enough memory", run);
    if (!json) {
        struct page page = page_make(stdout, section->process, page_locale_is_utf8());
        text_head(&page, "OURO PATH", run);
        print_text(&page, report->snapshot, &path, object, meant);
    } else if (print_json(report->snapshot, &path, object, meant) < 0) {
        status = command_fail("%s: the path cannot be written", run);
    }
    return status;
}

/* Of all paths unless told otherwise: as many levels, as many ways on from a step, and no way that
 * less than this share of the objects takes. */
#define DEPTH_DEFAULT 20u
#define SHARE_DEFAULT 0.01

int command_path(int argc, char **argv)
{
    enum { TEXT, JSON };
    unsigned format = TEXT;
    bool all = false;
    uint64_t pid = SECTION_NO_PROCESS, depth = DEPTH_DEFAULT, top = SECTION_NO_TOP;
    const char *snapshot = NULL;
    const struct option_spec options[] = {
        {"all", 'a', NULL, "the paths to all objects of the type, as one tree", OPTION_FLAG, &all},
        {"depth", 'd', "N", "with --all: levels, at most 200 (default: 20)", OPTION_NUMBER, &depth},
        {"top", 'n', "N", "with --all: ways on from each step, 0 for all (default: 10)",
         OPTION_NUMBER, &top},
        SECTION_FORMAT_OPTION(&format),
        SECTION_PROCESS_OPTION(&pid),
        SECTION_SNAPSHOT_OPTION(&snapshot),
        {0},
    };
    const struct usage usage = {
        "path",
        "RUN OBJECT|TYPE",
        "Prints why an object is alive: a chain of references from a root, the shortest from a\n"
        "module or a variable, or else from something of the runtime.",
        options,
        2,
        2,
        "OBJECT is an address (0x...) or a number (#n), TYPE a name as 'dict', 'app.Node', 'Node': then\n"
        "the object of the type that is nearest to a root. With --all each object of the type counts\n"
        "once, on the path to it; steps that look alike are one, and without --top ways that less\n"
        "than one object in a hundred takes are left out.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    struct section section;
    struct report report;
    struct heap_roots roots = {0};
    struct root_paths paths = {0};
    if (first < 0)
        return status;
    if (depth < 1 || depth > PATH_ALL_DEPTH_MAX)
        return command_fail("path: --depth is a number from 1 to %u", PATH_ALL_DEPTH_MAX);
    if ((status = section_open_at(&section, argv[first], top, pid, snapshot)) != EXIT_DONE)
        return status;
    progress_begin("analyzing");
    int built = report_build_retained(section.run, section.process, RETAINED_BY_OBJECT, 0, &report);
    const struct snapshot *s = report.snapshot;
    if (!built && s)
        built = heap_roots_find(s, report.garbage.class, &roots) < 0 ||
                root_paths_build(s, &roots, report.garbage.class, &paths) < 0;
    progress_end();
    if (built) {
        status = command_fail("%s: not enough memory", argv[first]);
        goto out;
    }
    if (!s) {
        status = command_fail("%s has no snapshot", argv[first]);
        goto out;
    }
    struct object_choice choice = object_choose(s, argv[first + 1]);
    struct merged_bounds bounds = {
        .depth = (uint32_t)depth,
        .top = section.top == REPORT_DEFAULT ? TEXT_TOP : section.top,
        .share = section.top == REPORT_DEFAULT ? SHARE_DEFAULT : 0,
    };
    uint32_t meant, object = nearest(&paths, report.garbage.class, &choice, &meant);
    if (object == NO_ID)
        status = nothing_meant(s, &choice, argv[first], argv[first + 1]);
    else if (all)
        status =
            all_print(&section, &report, &paths, &choice, &bounds, argv[first], format == JSON);
    else
        status = one_print(&section, &report, &paths, object, meant, argv[first], format == JSON);
out:
    root_paths_free(&paths);
    heap_roots_free(&roots);
    report_free(&report);
    section_close(&section);
    return status;
}

/* SPDX-License-Identifier: MIT */
/* ouro tree */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#include "command/command.h"
#include "command/options.h"
#include "command/section.h"
#include "report/json_writer.h"
#include "report/page.h"
#include "report/text_section.h"
#include "text/human.h"
#include "text/progress.h"

#define DEPTH_DEFAULT 3u
#define DEPTH_MAX 30u

/* The children of an object, those that retain most first, as far as they are listed. */
struct level {
    uint32_t *items, count, next;
    uint64_t total;
};

struct bytes_of {
    uint64_t bytes;
    uint32_t object;
};

static int bytes_compare(const void *left, const void *right)
{
    const struct bytes_of *a = left, *b = right;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    return a->object < b->object ? -1 : a->object > b->object;
}

static int level_make(const struct retained *r, const struct dominated *tree, uint32_t up,
                      uint32_t top, struct level *level)
{
    uint32_t first = tree->first[up], count = tree->first[up + 1] - first;
    struct bytes_of *all = malloc(((size_t)count + 1) * sizeof *all);
    *level = (struct level){.total = count, .count = count < top ? count : top};
    level->items = malloc(((size_t)level->count + 1) * sizeof *level->items);
    if (!all || !level->items) {
        free(all);
        return -1;
    }
    for (uint32_t i = 0; i < count; i++)
        all[i] = (struct bytes_of){r->bytes[tree->object[first + i]], tree->object[first + i]};
    qsort(all, count, sizeof *all, bytes_compare);
    for (uint32_t i = 0; i < level->count; i++)
        level->items[i] = all[i].object;
    free(all);
    return 0;
}

/* Where the tree goes: as text to a page, or as JSON, an array for each depth. */
struct output {
    const struct report *report;
    const struct page *page;
    json_t *arrays[DEPTH_MAX + 1]; /* [0] NULL: text. The others are parts of it */
    json_t *last[DEPTH_MAX];       /* the objects that the arrays belong to, borrowed */
};

static int object_print(struct output *out, const struct retained *r, const struct root_path *path,
                        uint32_t object, uint32_t depth, uint64_t children)
{
    const struct snapshot *s = out->report->snapshot;
    const char *type = s->types[s->type[object]].name;
    if (out->arrays[0]) {
        json_t *below = json_array();
        json_t *o = json_with(json_object(), "name", json_string(path->name));
        uint64_t own = s->flags[object] & OURO_OBJECT_STATIC ? 0 : object_size(s, object);
        o = json_with(o, "type", json_string(type));
        o = json_with(o, "object", json_number(object));
        o = json_with(o, "address", json_sprintf("0x%" PRIx64, s->address[object]));
        o = json_with(o, "bytes_shallow", json_number(own));
        o = json_with(o, "bytes_retained", json_number(r->bytes[object]));
        o = json_with(o, "more", json_number(children));
        o = json_with(o, "children", below);
        out->last[depth] = o;
        out->arrays[depth + 1] = below;
        return o ? json_array_append_new(out->arrays[depth], o) : -1;
    }
    char text[1200];
    int indent = 20 + 2 * (int)depth;
    fprintf(out->page->out, "  %10s %5.1f%%%*s", human_bytes(r->bytes[object]).text,
            text_percent(r->bytes[object], out->report->heap.bytes), indent - 19, "");
    snprintf(text, sizeof text, "%s  %s", type, path->name);
    page_name(out->page, text, PAGE_WIDTH - indent);
    fputc('\n', out->page->out);
    return 0;
}

/* A level is at its end: says how many were left out. */
static void level_end(struct output *out, uint32_t depth, uint64_t more)
{
    if (out->arrays[0]) {
        if (depth)
            json_object_set_new(out->last[depth - 1], "more", json_number(more));
    } else if (more) {
        fprintf(out->page->out, "%*s%s more\n", 20 + 2 * (int)depth, "", human_count(more).text);
    }
}

/* Depth first, with a level for each depth. */
static int tree_print(struct output *out, uint32_t depth, uint32_t top, uint64_t *more)
{
    const struct report *report = out->report;
    const struct snapshot *s = report->snapshot;
    struct retained r;
    struct dominated tree = {0};
    struct root_paths paths = {0};
    struct level levels[DEPTH_MAX] = {{0}};
    int status = -1;
    uint32_t at = 0;
    if (retained_find(s, &report->garbage, &r) < 0 || dominated_build(&r.dominators, &tree) < 0 ||
        root_paths_build(s, &r.roots, report->garbage.class, &paths) < 0 ||
        level_make(&r, &tree, r.dominators.nodes, top, &levels[0]) < 0)
        goto out;
    progress_end();
    *more = levels[0].total - levels[0].count;
    if (!out->arrays[0])
        fprintf(out->page->out, "\n  %10s %6s  object\n", "retained", "share");
    for (;;) {
        struct level *level = &levels[at];
        if (level->next == level->count) {
            level_end(out, at, level->total - level->count);
            free(level->items);
            *level = (struct level){0};
            if (at == 0)
                break;
            at--;
            continue;
        }
        uint32_t o = level->items[level->next++];
        struct root_path path;
        if (root_path_find(&paths, o, report->arena, &path) < 0 ||
            object_print(out, &r, &path, o, at, tree.first[o + 1] - tree.first[o]) < 0)
            goto out;
        if (at + 1 < depth && tree.first[o + 1] > tree.first[o]) {
            if (level_make(&r, &tree, o, top, &levels[at + 1]) < 0)
                goto out;
            at++;
        }
    }
    status = 0;
out:
    for (uint32_t d = 0; d < DEPTH_MAX; d++)
        free(levels[d].items);
    root_paths_free(&paths);
    dominated_free(&tree);
    retained_free(&r);
    return status;
}

static int print_json(const struct report *report, uint32_t depth, uint32_t top)
{
    struct output out = {.report = report, .arrays = {json_array()}};
    uint64_t more = 0;
    int status = out.arrays[0] ? tree_print(&out, depth, top, &more) : -1;
    json_t *o = json_with(json_object(), "bytes", json_number(report->heap.bytes));
    o = json_with(o, "more", json_number(more));
    o = json_with(json_object(), "tree", json_with(o, "entries", out.arrays[0]));
    if (!status)
        status = o ? json_dumpf(o, stdout, JSON_COMPACT) : -1;
    json_decref(o);
    putchar('\n');
    return status;
}

static int print_text(const struct report *report, const struct page *page, const char *path,
                      uint32_t depth, uint32_t top)
{
    struct output out = {.report = report, .page = page};
    uint64_t more;
    text_head(page, "OURO TREE", path);
    return tree_print(&out, depth, top, &more);
}

int command_tree(int argc, char **argv)
{
    enum { TEXT, JSON };
    unsigned format = TEXT;
    uint64_t top = TEXT_TOP, depth = DEPTH_DEFAULT, pid = SECTION_NO_PROCESS;
    const char *snapshot = NULL;
    const struct option_spec options[] = {
        SECTION_FORMAT_OPTION(&format),
        {"depth", 'd', "N", "levels below the roots, at most 30 (default: 3)", OPTION_NUMBER,
         &depth},
        {"top", 'n', "N", "objects below each, 0 for all (default: 10)", OPTION_NUMBER, &top},
        SECTION_PROCESS_OPTION(&pid),
        SECTION_SNAPSHOT_OPTION(&snapshot),
        {0},
    };
    const struct usage usage = {
        "tree",
        "RUN",
        "Prints the dominator tree: below each object those that die with it and with nothing less.",
        options,
        1,
        1,
        NULL,
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    struct section section;
    struct report report;
    if (first < 0)
        return status;
    if (depth < 1 || depth > DEPTH_MAX)
        return command_fail("tree: --depth is a number from 1 to %u", DEPTH_MAX);
    if ((status = section_open_at(&section, argv[first], top, pid, snapshot)) != EXIT_DONE)
        return status;
    struct page page = page_make(stdout, section.process, page_locale_is_utf8());
    progress_begin("analyzing");
    if (report_build_retained(section.run, section.process, RETAINED_BY_OBJECT, 0, &report) < 0) {
        progress_end();
        status = command_fail("%s: not enough memory", argv[first]);
    } else if (!report.snapshot) {
        progress_end();
        status = command_fail("%s has no snapshot", argv[first]);
    } else {
        status = report.damaged ? EXIT_INCOMPLETE : EXIT_DONE;
        if ((format == JSON
                 ? print_json(&report, (uint32_t)depth, section.top)
                 : print_text(&report, &page, argv[first], (uint32_t)depth, section.top)) < 0)
            status = command_fail("%s: not enough memory", argv[first]);
    }
    report_free(&report);
    section_close(&section);
    return status;
}

/* SPDX-License-Identifier: MIT */
/* ouro tree */
#include <inttypes.h>
#include <stdlib.h>

#include "command/command.h"
#include "command/options.h"
#include "command/section.h"
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

/* Depth first, with a level for each depth. */
static int tree_print(const struct page *page, const struct report *report, uint32_t depth,
                      uint32_t top)
{
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
    fprintf(page->out, "\n  %10s %6s  object\n", "retained", "share");
    for (;;) {
        struct level *level = &levels[at];
        int indent = 20 + 2 * (int)at;
        if (level->next == level->count) {
            if (level->total > level->count)
                fprintf(page->out, "%*s%s more\n", indent, "",
                        human_count(level->total - level->count).text);
            free(level->items);
            *level = (struct level){0};
            if (at == 0)
                break;
            at--;
            continue;
        }
        uint32_t o = level->items[level->next++];
        struct root_path path;
        char text[1200];
        if (root_path_find(&paths, o, report->arena, &path) < 0)
            goto out;
        fprintf(page->out, "  %10s %5.1f%%%*s", human_bytes(r.bytes[o]).text,
                text_percent(r.bytes[o], report->heap.bytes), indent - 19, "");
        snprintf(text, sizeof text, "%s  %s", s->types[s->type[o]].name, path.name);
        page_name(page, text, PAGE_WIDTH - indent);
        fputc('\n', page->out);
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

int command_tree(int argc, char **argv)
{
    uint64_t top = TEXT_TOP, depth = DEPTH_DEFAULT, pid = SECTION_NO_PROCESS;
    const struct option_spec options[] = {
        {"depth", 'd', "N", "levels below the roots, at most 30 (default: 3)", OPTION_NUMBER,
         &depth},
        {"top", 'n', "N", "objects below each, 0 for all (default: 10)", OPTION_NUMBER, &top},
        {"process", 'p', "PID", "of a run of several processes, which one (default: the first)",
         OPTION_NUMBER, &pid},
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
    if ((status = section_open(&section, argv[first], top, pid)) != EXIT_DONE)
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
        text_head(&page, "OURO TREE", argv[first]);
        status = report.damaged ? EXIT_INCOMPLETE : EXIT_DONE;
        if (tree_print(&page, &report, (uint32_t)depth, section.top) < 0)
            status = command_fail("%s: not enough memory", argv[first]);
    }
    report_free(&report);
    section_close(&section);
    return status;
}

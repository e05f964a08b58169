/* SPDX-License-Identifier: MIT */
/* The processes of a run, as a tree: a section of the report. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/process_tree.h"
#include "report/text_section.h"
#include "text/human.h"

/* Its arguments, files without their folders: "python3 app.py 8000". */
static void short_arguments(const struct process *process, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < process->argument_count && used < size; i++) {
        const char *word = process->arguments[i], *slash = strrchr(word, '/');
        bool file = slash && slash[1] && !strchr(word, ' ');
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? " " : "",
                                 file ? slash + 1 : word);
    }
}

void text_process(const struct page *page, const struct process *process, uint32_t depth,
                  const char *mark, const char *figures)
{
    char name[64], text[2048];
    /* Deep trees are indented no further than there is room. */
    int indent = depth < 4 ? (int)depth : 4;
    int room = PAGE_WIDTH - 3 - TEXT_PROCESS_NAME - page_columns(figures) - 2;
    snprintf(name, sizeof name, "%*s%" PRIu64 " %s", indent, "", process->pid,
             process->origin == OURO_ORIGIN_FORK ? "fork" : "exec");
    short_arguments(process, text, sizeof text);
    page_cut(page, text, sizeof text, room);
    fprintf(page->out, "%-3s%-*s%s  %s\n", mark, TEXT_PROCESS_NAME, name, figures, text);
}

/* The highest point of a process's heap, as its epochs tell. */
static uint64_t peak_of(const struct process *process)
{
    uint64_t peak = 0;
    for (uint32_t e = 0; e < process->epoch_count; e++) {
        if (process->epochs[e].live_bytes > peak)
            peak = process->epochs[e].live_bytes;
    }
    return peak / process->unit;
}

void text_processes(const struct page *page, const struct report *report)
{
    const struct run *run = report->run;
    struct process_node *tree = run->process_count < 2 ? NULL : process_tree(run);
    if (!tree)
        return;
    text_heading(page, "PROCESSES");
    fprintf(page->out, "   %-*s%12s%12s\n", TEXT_PROCESS_NAME, "process", "objects", "peak");
    for (uint32_t i = 0; i < run->process_count; i++) {
        const struct process *p = &run->processes[tree[i].process];
        const struct snapshot *s = process_last_snapshot(p);
        char figures[96];
        snprintf(figures, sizeof figures, "%12s%12s",
                 s ? human_count(s->object_count).text : "no snapshot",
                 human_bytes(peak_of(p)).text);
        text_process(page, p, tree[i].depth, p == report->process ? "*" : "", figures);
    }
    fputs("  this report is of the one with the star, --process PID shows another, and\n"
          "  'ouro processes' all of them together\n",
          page->out);
    free(tree);
}

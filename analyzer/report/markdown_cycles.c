/* SPDX-License-Identifier: MIT */
/* Leaked cycles as Markdown, for a comment on a change. */
#include <inttypes.h>
#include <string.h>

#include "report/markdown.h"
#include "report/report.h"
#include "text/human.h"

static void place(FILE *out, const struct process *process, uint32_t site)
{
    const char *file, *function;
    uint32_t line;
    char text[512];
    if (!site) {
        fputs("not known", out);
        return;
    }
    site_place(process, site, &file, &line, &function);
    size_t directory = strlen(process->directory);
    if (directory > 1 && !strncmp(file, process->directory, directory) && file[directory] == '/')
        file += directory + 1;
    snprintf(text, sizeof text, "%s:%" PRIu32 " %s", file, line, function);
    markdown_code(out, text);
}

static void step(FILE *out, const char *type, const char *edge)
{
    char text[1024];
    snprintf(text, sizeof text, "%s%s%s", type, *edge ? " " : "", edge);
    markdown_code(out, text);
}

static void group(FILE *out, const struct report *report, const struct cycle_group *g)
{
    fprintf(out, "\n### %s %s: %s cycle%s, %s%s\n\n", g->signature, verdict_name(g->verdict),
            human_count(g->count).text, g->count == 1 ? "" : "s", human_bytes(g->bytes).text,
            g->novelty == NOVELTY_NEW ? ", new since the baseline" : "");
    for (uint32_t i = 0; i < g->path_count; i++) {
        if (i == g->fix.at)
            fputs("**", out);
        step(out, g->path[i].type, g->path[i].edge);
        fputs(i == g->fix.at ? "** → " : " → ", out);
    }
    fputs(g->path_count < g->path_length ? "… → back\n\n" : "back\n\n", out);
    fputs("* why: ", out);
    markdown_text(out, g->reason);
    if (g->fix.reason) {
        fputs("\n* cut: ", out);
        step(out, g->path[g->fix.at].type, g->path[g->fix.at].edge);
        fputs(" (", out);
        markdown_text(out, g->fix.reason);
        fputc(')', out);
        for (uint32_t i = 0; i < g->fix.other_count; i++) {
            fputs(", and ", out);
            step(out, g->fix.others[i].type, g->fix.others[i].edge);
        }
    }
    if (g->fix.hint) {
        fputs("\n* hint: ", out);
        markdown_text(out, g->fix.hint);
    }
    for (uint32_t i = 0; i < g->site_count && i < 3; i++) {
        fprintf(out, "\n* made (%.0f %%): ", 100 * g->sites[i].share);
        place(out, report->process, g->sites[i].site);
    }
    fputc('\n', out);
}

static void held(FILE *out, const struct report *report, uint32_t top)
{
    const struct held *h = &report->cycles.held;
    if (!h->group_count)
        return;
    fputs("\n## Leaked references\n\n| objects | type | unknown references | kept alive | made "
          "at |\n|---:|---|---:|---:|---|\n",
          out);
    for (uint32_t i = 0; i < h->group_count && i < top; i++) {
        fprintf(out, "| %s | ", human_count(h->groups[i].count).text);
        markdown_text(out, h->groups[i].type);
        fprintf(out, " | %s | %s | ", human_count(h->groups[i].references).text,
                human_bytes(h->groups[i].bytes).text);
        place(out, report->process, h->groups[i].site);
        fputs(" |\n", out);
    }
}

void report_cycles_markdown(FILE *out, const struct report *report, const char *path, uint32_t top)
{
    const struct cycles *c = &report->cycles;
    uint32_t leaks = c->group_count - c->pending_groups, shown = top ? top : 10;
    fputs("## Leaked cycles in ", out);
    markdown_text(out, path);
    fputs("\n\n", out);
    for (uint32_t i = 0; i < report->notice_count; i++) {
        fputs("> ", out);
        markdown_text(out, report->notices[i]);
        fputs("\n\n", out);
    }
    if (!report->snapshot) {
        fputs("There is no snapshot.\n", out);
        return;
    }
    if (!leaks)
        fputs("None.\n", out);
    else
        fputs("| kind | verdict | cycles | bytes | pattern |\n|---|---|---:|---:|---|\n", out);
    for (uint32_t i = 0; i < leaks && i < shown; i++) {
        const struct cycle_group *g = &c->groups[i];
        fprintf(out, "| `%s` | %s | %s | %s | %s |\n", g->signature, verdict_name(g->verdict),
                human_count(g->count).text, human_bytes(g->bytes).text,
                g->fix.pattern ? g->fix.pattern : "");
    }
    if (leaks > shown)
        fprintf(out, "\nAnd %s more kinds.\n", human_count(leaks - shown).text);
    for (uint32_t i = 0; i < leaks && i < shown; i++)
        group(out, report, &c->groups[i]);
    if (c->pending_groups)
        fprintf(out, "\n%s cycle%s (%s) only wait%s for the collector, which is on.\n",
                human_count(c->pending_count).text, c->pending_count == 1 ? "" : "s",
                human_bytes(c->pending_bytes).text, c->pending_count == 1 ? "s" : "");
    held(out, report, shown);
}

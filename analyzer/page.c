/* SPDX-License-Identifier: MIT */
#include "page.h"

#include <inttypes.h>
#include <langinfo.h>
#include <string.h>

#include "human.h"

struct page page_make(FILE *out, const struct process *process, bool utf8)
{
    if (utf8)
        return (struct page){out, process, "→", "←", "·", "…"};
    return (struct page){out, process, "->", "<-", "-", "..."};
}

bool page_locale_is_utf8(void)
{
    return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

int page_columns(const char *text)
{
    int columns = 0;
    for (; *text; text++)
        columns += ((unsigned char)*text & 0xc0) != 0x80;
    return columns;
}

/* The end of text that takes at most so many columns. */
static const char *tail(const char *text, int columns)
{
    for (int surplus = page_columns(text) - columns; surplus > 0; surplus--) {
        do
            text++;
        while (((unsigned char)*text & 0xc0) == 0x80);
    }
    return text;
}

void page_wrap(const struct page *page, const char *label, const char *words)
{
    int indent = page_columns(label), column = indent;
    fputs(label, page->out);
    while (*words) {
        size_t length = strcspn(words, " ");
        int columns = 0;
        for (size_t i = 0; i < length; i++)
            columns += ((unsigned char)words[i] & 0xc0) != 0x80;
        if (column > indent && column + 1 + columns > PAGE_WIDTH) {
            fprintf(page->out, "\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', page->out);
            column++;
        }
        fwrite(words, 1, length, page->out);
        column += columns;
        words += length;
        words += strspn(words, " ");
    }
    fputc('\n', page->out);
}

/* A line of the path under construction: where the mark goes is known when the line is complete. */
struct path_line {
    const struct page *page;
    int indent, column;
    int mark_at, mark_width; /* width 0: not on this line */
};

static void line_end(struct path_line *line)
{
    fputc('\n', line->page->out);
    if (line->mark_width) {
        fprintf(line->page->out, "%*s", line->mark_at, "");
        for (int i = 0; i < line->mark_width; i++)
            fputc('^', line->page->out);
        fputs(" cut here\n", line->page->out);
    }
    line->mark_width = 0;
    line->column = 0;
}

/* One piece of the path, "type edge" or what ends it, on this line if it fits. */
static void line_add(struct path_line *line, const char *type, const char *edge, const char *after,
                     bool mark)
{
    const struct page *page = line->page;
    int room = PAGE_WIDTH - line->indent - 4;
    int wide = page_columns(edge) + (*edge ? 1 : 0) + page_columns(after) + (*after ? 1 : 0);
    int type_room = room > wide + 10 ? room - wide : 10;
    const char *shown = type, *cut = "";
    if (page_columns(type) > type_room) {
        cut = page->ellipsis;
        shown = tail(type, type_room - page_columns(cut));
    }
    int columns = page_columns(cut) + page_columns(shown) + wide;
    if (line->column && line->column + 1 + columns > PAGE_WIDTH)
        line_end(line);
    if (!line->column)
        line->column = fprintf(page->out, "%*s", line->indent, "");
    else
        line->column += fputc(' ', page->out) == ' ';
    fprintf(page->out, "%s%s", cut, shown);
    line->column += page_columns(cut) + page_columns(shown);
    if (*edge) {
        fprintf(page->out, " %s", edge);
        line->column += 1 + page_columns(edge);
    }
    if (mark) {
        line->mark_width = *edge ? page_columns(edge) : page_columns(shown);
        line->mark_at = line->column - line->mark_width;
    }
    if (*after) {
        fprintf(page->out, " %s", after);
        line->column += 1 + page_columns(after);
    }
}

void page_path(const struct page *page, const struct cycle_group *group, int indent)
{
    struct path_line line = {.page = page, .indent = indent};
    char more[64] = "";
    for (uint32_t i = 0; i < group->path_count; i++)
        line_add(&line, group->path[i].type, group->path[i].edge, page->arrow, i == group->fix.at);
    if (group->path_periodic)
        snprintf(more, sizeof more, "%s (%s times) %s ", page->ellipsis,
                 human_count(group->path_length / group->path_count).text, page->arrow);
    else if (group->path_count < group->path_length)
        snprintf(more, sizeof more, "%s (%s more) %s ", page->ellipsis,
                 human_count(group->path_length - group->path_count).text, page->arrow);
    if (group->path_count) {
        char back[600];
        snprintf(back, sizeof back, "%sback to %s", more, group->path[0].type);
        line_add(&line, back, "", "", false);
        line_end(&line);
    }
}

void page_cut(const struct page *page, char *text, size_t size, int room)
{
    int columns = 0, keep = room - page_columns(page->ellipsis);
    if (page_columns(text) <= room)
        return;
    char *at = text;
    for (; *at; at++) {
        columns += ((unsigned char)*at & 0xc0) != 0x80;
        if (columns > keep)
            break;
    }
    snprintf(at, size - (size_t)(at - text), "%s", page->ellipsis);
}

void page_path_line(const struct page *page, const struct cycle_group *group, int room, char *text,
                    size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < group->path_count && used < size; i++) {
        const struct cycle_step *step = &group->path[i];
        used += (size_t)snprintf(text + used, size - used, "%s%s%s %s ", step->type,
                                 *step->edge ? " " : "", step->edge, page->arrow);
    }
    if (used < size)
        snprintf(text + used, size - used, "%s",
                 group->path_count < group->path_length ? page->ellipsis : "back");
    page_cut(page, text, size, room);
}

void page_place(const struct page *page, uint32_t site, int room, char text[PAGE_PLACE_SIZE])
{
    const char *file, *function;
    uint32_t line;
    if (!site) {
        snprintf(text, PAGE_PLACE_SIZE, "(not known)");
        return;
    }
    site_place(page->process, site, &file, &line, &function);
    size_t directory = strlen(page->process->directory);
    if (directory > 1 && !strncmp(file, page->process->directory, directory) &&
        file[directory] == '/')
        file += directory + 1;
    char rest[PAGE_PLACE_SIZE / 2];
    bool folded = page->process->sites[site].flags & OURO_SITE_FOLDED;
    snprintf(rest, sizeof rest, ":%" PRIu32 " %s%s", line, function, folded ? " (recursive)" : "");
    int file_room = room - page_columns(rest);
    if (file_room < 16)
        file_room = 16;
    if (page_columns(file) <= file_room) {
        snprintf(text, PAGE_PLACE_SIZE, "%s%s", file, rest);
        return;
    }
    /* Cut at the beginning, and at a slash if there is one. */
    const char *end = tail(file, file_room - page_columns(page->ellipsis));
    const char *slash = strchr(end, '/');
    snprintf(text, PAGE_PLACE_SIZE, "%s%s%s", page->ellipsis, slash ? slash : end, rest);
}

/* Callers of a site on one line, as many as fit and at least one. */
static void callers(const struct page *page, uint32_t site, int indent)
{
    int column = 0;
    for (site = page->process->sites[site].parent; site; site = page->process->sites[site].parent) {
        char place[PAGE_PLACE_SIZE];
        page_place(page, site, PAGE_WIDTH - indent - 2, place);
        int columns = page_columns(page->left_arrow) + 1 + page_columns(place);
        if (column && column + 1 + columns > PAGE_WIDTH)
            break;
        column += column ? fprintf(page->out, " ") : fprintf(page->out, "%*s", indent, "");
        fprintf(page->out, "%s %s", page->left_arrow, place);
        column += columns;
    }
    if (column)
        fputc('\n', page->out);
}

void page_sites(const struct page *page, const char *label, const struct site_share *sites,
                uint32_t count, uint32_t most)
{
    int indent = page_columns(label);
    for (uint32_t i = 0; i < count && i < most; i++) {
        char place[PAGE_PLACE_SIZE];
        char share[24] = "";
        if (count > 1 || sites[i].share < 1)
            snprintf(share, sizeof share, " (%.0f %%)", 100 * sites[i].share);
        page_place(page, sites[i].site, PAGE_WIDTH - indent - page_columns(share), place);
        fprintf(page->out, "%s%s%s\n", i ? "" : label, place, share);
        if (sites[i].site)
            callers(page, sites[i].site, indent + 2);
        if (i + 1 < count && i + 1 < most)
            fprintf(page->out, "%*s", indent, "");
    }
    if (count > most)
        fprintf(page->out, "%*sand %s more places\n", indent, "", human_count(count - most).text);
}

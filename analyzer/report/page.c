/* SPDX-License-Identifier: MIT */
#include "report/page.h"

#include <inttypes.h>
#include <langinfo.h>
#include <limits.h>
#include <string.h>

#include "text/human.h"

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

struct human page_count(const struct page *page, uint64_t count)
{
    return page->process->sample ? human_about(count) : human_count(count);
}

struct human page_bytes(const struct page *page, uint64_t bytes)
{
    struct human exact = human_bytes(bytes), about;
    if (!page->process->sample)
        return exact;
    snprintf(about.text, sizeof about.text, "~%s", exact.text);
    return about;
}

int page_columns(const char *text)
{
    int columns = 0;
    for (; *text; text++)
        columns += ((unsigned char)*text & 0xc0) != 0x80 && *text != '\n';
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

void page_name(const struct page *page, const char *name, int room)
{
    if (page_columns(name) <= room)
        fputs(name, page->out);
    else
        fprintf(page->out, "%s%s", page->ellipsis, tail(name, room - page_columns(page->ellipsis)));
}

/* The bytes of at most `length` that fill `room` columns; *columns gets what they take. */
static size_t fitting(const char *text, size_t length, int room, int *columns)
{
    size_t bytes = 0;
    *columns = 0;
    for (; bytes < length; bytes++) {
        bool starts = ((unsigned char)text[bytes] & 0xc0) != 0x80;
        if (starts && *columns == room)
            break;
        *columns += starts;
    }
    return bytes;
}

void page_wrap(const struct page *page, const char *label, const char *words)
{
    int indent = page_columns(label), column = indent, room = PAGE_WIDTH - indent;
    fputs(label, page->out);
    while (*words) {
        size_t length = strcspn(words, " ");
        int columns;
        fitting(words, length, INT_MAX, &columns);
        if (column > indent && column + 1 + columns > PAGE_WIDTH) {
            fprintf(page->out, "\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', page->out);
            column++;
        }
        for (;;) { /* what no line can hold is broken at the edge */
            size_t piece = fitting(words, length, room > 8 ? room : 8, &columns);
            fwrite(words, 1, piece, page->out);
            words += piece;
            length -= piece;
            if (!length)
                break;
            fprintf(page->out, "\n%*s", indent, "");
            column = indent;
        }
        column += columns;
        words += *words == ' '; /* one: further ones belong to the text */
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
        static const char words[] = "cut here";
        int room = (int)sizeof words; /* with a space */
        bool before = line->mark_at + line->mark_width + room > PAGE_WIDTH && line->mark_at >= room;
        if (before)
            fprintf(line->page->out, "%*s%s ", line->mark_at - room, "", words);
        else
            fprintf(line->page->out, "%*s", line->mark_at, "");
        for (int i = 0; i < line->mark_width; i++)
            fputc('^', line->page->out);
        fprintf(line->page->out, "%s%s\n", before ? "" : " ", before ? "" : words);
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
        snprintf(text, PAGE_PLACE_SIZE, "(no Python line)");
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
        page_cut(page, text, PAGE_PLACE_SIZE, room);
        return;
    }
    /* Cut at the beginning, and at a slash if there is one. */
    const char *end = tail(file, file_room - page_columns(page->ellipsis));
    const char *slash = strchr(end, '/');
    snprintf(text, PAGE_PLACE_SIZE, "%s%s%s", page->ellipsis, slash ? slash : end, rest);
    page_cut(page, text, PAGE_PLACE_SIZE, room);
}

uint32_t page_own_frame(const struct page *page, uint32_t site)
{
    uint32_t own = site_own_frame(page->process, site);
    return own ? own : site;
}

/* Callers of a site on lines of their own. */
static void callers(const struct page *page, uint32_t site, int indent)
{
    uint32_t own = page_own_frame(page, site), caller = page->process->sites[site].parent;
    int column = 0, lines = 1;
    bool own_shown = own == site, gap = false;
    for (; caller; caller = page->process->sites[caller].parent) {
        char place[PAGE_PLACE_SIZE];
        page_place(page, caller, PAGE_WIDTH - indent - 4, place);
        const char *between = gap ? page->ellipsis : "";
        int columns =
            page_columns(page->left_arrow) + page_columns(between) + 1 + page_columns(place);
        if (column && column + 1 + columns > PAGE_WIDTH) {
            if (own_shown || lines == 3)
                break;
            if (caller != own) { /* not here; but the frame that is the program's own must be */
                gap = true;
                continue;
            }
            fputc('\n', page->out);
            column = 0;
            lines++;
        }
        column += column ? fprintf(page->out, " ") : fprintf(page->out, "%*s", indent, "");
        fprintf(page->out, "%s%s %s", page->left_arrow, between, place);
        column += columns;
        own_shown |= caller == own;
        gap = false;
    }
    if (column)
        fputc('\n', page->out);
}

/* How many of the places are worth a line: the first, and all others of at least one per cent. */
static uint32_t worth_showing(const struct site_share *sites, uint32_t count)
{
    uint32_t worth = 0;
    while (worth < count && (worth == 0 || sites[worth].share >= 0.01))
        worth++;
    return worth;
}

void page_sites(const struct page *page, const char *label, const struct site_share *sites,
                uint32_t count, uint32_t most)
{
    int indent = page_columns(label);
    uint32_t worth = worth_showing(sites, count);
    if (most > worth)
        most = worth;
    for (uint32_t i = 0; i < most; i++) {
        char place[PAGE_PLACE_SIZE];
        char share[24] = "";
        if (sites[i].share < 1)
            snprintf(share, sizeof share, " (%s%.0f %%)", sites[i].share > 0.99 ? "over " : "",
                     sites[i].share > 0.99 ? 99.0 : 100 * sites[i].share);
        page_place(page, sites[i].site, PAGE_WIDTH - indent - page_columns(share), place);
        fprintf(page->out, "%s%s%s\n", i ? "" : label, place, share);
        if (sites[i].site)
            callers(page, sites[i].site, indent + 2);
        if (i + 1 < most)
            fprintf(page->out, "%*s", indent, "");
    }
    if (worth > most)
        fprintf(page->out, "%*sand %s more places\n", indent, "", human_count(worth - most).text);
}

/* SPDX-License-Identifier: MIT */
/*
 * How reports for people are laid out: 80 columns, arrows and dots of the terminal's character set,
 * paths of cycles with a mark under the reference to cut, places in the source.
 */
#ifndef OURO_ANALYZER_PAGE_H
#define OURO_ANALYZER_PAGE_H

#include <stdbool.h>
#include <stdio.h>

#include "cycles/cycles.h"
#include "text/human.h"

#define PAGE_WIDTH 80

struct page {
    FILE *out;
    const struct process *process;
    /* Symbols, in UTF-8 or ASCII. */
    const char *arrow, *left_arrow, *dot, *ellipsis;
};

struct page page_make(FILE *out, const struct process *process, bool utf8);

/* Whether the locale's character set is UTF-8; setlocale() has been called. */
bool page_locale_is_utf8(void);

/* A figure of the ledger: exact, or marked as the estimate that it is when allocations are sampled. */
struct human page_count(const struct page *page, uint64_t count);
struct human page_bytes(const struct page *page, uint64_t bytes);

/* Columns a UTF-8 text takes, one for each character. */
int page_columns(const char *text);

/* Writes the last so many columns of a name, marked as cut if it was longer. */
void page_name(const struct page *page, const char *name, int room);

/* Cuts text, which has room for size bytes, at its end to so many columns. */
void page_cut(const struct page *page, char *text, size_t size, int room);

/* Writes words, separated by single spaces, wrapped to the page: the first line begins with `label`, the others are indented as
 * far as it reaches. */
void page_wrap(const struct page *page, const char *label, const char *words);

/* The path of a group, wrapped, indented by `indent`, with a mark under the reference to cut. */
void page_path(const struct page *page, const struct cycle_group *group, int indent);

/* The path on one line of at most `room` columns, into text of `size` bytes. */
void page_path_line(const struct page *page, const struct cycle_group *group, int room, char *text,
                    size_t size);

/* "file:line function" of a site, cut to `room` columns from the left, into text; "(no Python line)" for
 * site 0. Files below the program's working directory are named from there. */
#define PAGE_PLACE_SIZE 512
void page_place(const struct page *page, uint32_t site, int room, char text[PAGE_PLACE_SIZE]);

/* The frame of a site's stack a programmer can change: the innermost of the program, or else of what is
 * installed, or else the innermost of all. */
uint32_t page_own_frame(const struct page *page, uint32_t site);

/* Up to `most` places with shares and the callers of each, after a label as in page_wrap(). Callers
 * that do not fit are left out, but never the innermost that is not in a library. */
void page_sites(const struct page *page, const char *label, const struct site_share *sites,
                uint32_t count, uint32_t most);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Lines of source, whoever called them: groups places (a site and a type) by the innermost frame's
 * function and line, and by type. The machinery of importing is one line for all its types: nobody can
 * change it, and spread over a dozen lines it hides what one can.
 */
#ifndef OURO_ANALYZER_LINES_H
#define OURO_ANALYZER_LINES_H

#include "model/sites.h"

enum line_kind {
    LINE_CODE,   /* of a program or a library */
    LINE_IMPORT, /* the machinery of importing, of all lines and types */
    LINE_NONE,   /* no frame was there: the start and end of the interpreter, or other languages */
};

/* What is grouped. The same type is the same pointer; NULL: not known. */
struct place {
    uint32_t site;
    const char *type;
};

/* The places of a line are members[first … first + count − 1], in the order they were given. */
struct line {
    enum line_kind kind;
    uint32_t first, count;
};

struct lines {
    const struct site_table *sites;
    struct key_table keys;
    struct line *items;
    uint32_t count;
    uint32_t *members; /* numbers of places */
    uint32_t *of;      /* place → line */
};

/* Groups places. Lines come in the order of their first places. Returns 0, or -1 without memory;
 * released by lines_free() either way. */
int lines_make(const struct site_table *sites, const struct place *places, uint32_t count,
               struct lines *lines);
void lines_free(struct lines *lines);

/* The line of a place that need not be one of those grouped; NO_ID: none of them. */
uint32_t lines_find(const struct lines *lines, struct place place);

#endif

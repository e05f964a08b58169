/* SPDX-License-Identifier: MIT */
/*
 * The items of a digest by function: runs of items of one file and function, in the order of lines, and
 * within them runs of one line. What aligning and looking for resemblance walk over.
 */
#ifndef OURO_ANALYZER_FUNCTIONS_H
#define OURO_ANALYZER_FUNCTIONS_H

#include "compare/digest.h"

/* Items of one line: digest->items[first … first + count − 1]. */
struct line_items {
    uint32_t first, count;
};

struct function_items {
    const char *file, *name;
    uint32_t first, count; /* of function_list.lines */
};

/* Of the items of one subject, one of those by line. */
struct function_list {
    const struct digest *digest;
    struct function_items *functions; /* ascending by file and name */
    uint32_t function_count;
    struct line_items *lines;
    uint32_t line_count;
};

/* Returns 0, or -1 without memory; released by function_list_free() either way. */
int function_list_make(const struct digest *digest, enum digest_subject subject,
                       struct function_list *list);
void function_list_free(struct function_list *list);

/* The line number of a line of the list, counted from the beginning of its function. */
uint32_t function_list_offset(const struct function_list *list, uint32_t line);

/*
 * How much two lines do the same, 0 … 1: the share of types that both have, weighed by how near their
 * numbers are. 0: they have no type in common.
 */
double lines_similarity(const struct function_list *left, uint32_t left_line,
                        const struct function_list *right, uint32_t right_line);

#endif

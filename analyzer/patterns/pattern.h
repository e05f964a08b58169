/* SPDX-License-Identifier: MIT */
/*
 * The catalogue of known ways to leak: data only. Each pattern says how to recognize it on the labelled
 * path of a cycle, which reference to give up, why, and shows a program before and after. Programs are
 * whole and run on every supported version: the end-to-end tests run both, and hold the catalogue to
 * what it says.
 *
 * A rule is a piece of a path as reports print it, steps separated by " -> ": "TYPE EDGE -> TYPE EDGE".
 * `*` stands for any text. The step to give up begins with "!". A rule that begins with "= " must
 * cover the whole path. Paths are rings: a rule may begin anywhere.
 */
#ifndef OURO_ANALYZER_PATTERN_H
#define OURO_ANALYZER_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PATTERN_RULES 12

struct pattern {
    const char *id;
    const char *title; /* one line */
    /* All that is given must hold: one of the rules; the cause (enum cause, 0: any) of an uncollectable
     * cycle; the end of the file's name in which most of the cycles were made, and the function. */
    const char *rule[PATTERN_RULES];
    uint32_t cause;
    const char *file, *function;
    /* Of growth suspects only: the type of the keys of what grows, and flags (enum ouro_object_flag)
     * of what piles up. */
    const char *key;
    uint32_t flags;
    bool whole;         /* to give up one reference is not the cure */
    const char *reason; /* why that reference */
    const char *hint;   /* what to write instead; {name} and {type} stand for the reference's */
    const char *explanation;
    const char *before, *after; /* programs; NULL where a C extension is needed to show it */
    const char *link;           /* documentation */
};

struct pattern_list {
    const struct pattern *patterns;
    size_t count;
};

/* In the order in which they are tried, most special first. */
extern const struct pattern_list *const pattern_lists[];
extern const size_t pattern_list_count;

/* One list a subject. */
extern const struct pattern_list patterns_of_collector, patterns_of_runtime, patterns_of_library,
    patterns_of_exceptions, patterns_of_containers, patterns_of_objects, patterns_of_generators,
    patterns_of_functions;

/* Ways to keep more and more that is not dead: matched on the path from a root to what piles up. */
extern const struct pattern_list patterns_of_growth;

/* The pattern with that id, of whichever list, or NULL. */
const struct pattern *pattern_find(const char *id);

#endif

/* SPDX-License-Identifier: MIT */
/* How a change is put into words, for all formats: figures, places, titles. */
#ifndef OURO_ANALYZER_CHANGE_WORDS_H
#define OURO_ANALYZER_CHANGE_WORDS_H

#include "compare/difference.h"

#define CHANGE_WORDS_SIZE 640

/* "200 → 1,200 objects, 12.5 KiB → 80.0 KiB"; a side that is not there is 0. */
void change_figures(const struct change *change, char text[CHANGE_WORDS_SIZE]);

/* "1,200", or "1,190 to 1,200" of several runs. */
void range_count_words(struct range range, char *text, size_t size);
void range_bytes_words(struct range range, char *text, size_t size);

/* "file:line function"; "" if the item has no place. */
void place_words(const struct digest_item *item, char text[CHANGE_WORDS_SIZE]);

/* What is below "new" and "grown": "LEAKED CYCLES", "ALIVE AT THE END, BY LINE", … */
const char *subject_title(enum digest_subject subject);

/* The same in lower case but for the first letter. */
#define SUBJECT_HEADING_SIZE 64
void subject_heading(enum digest_subject subject, char text[SUBJECT_HEADING_SIZE]);

/* What the objects of a subject are called: "cycles", "objects". */
const char *subject_objects(enum digest_subject subject);

/* A copy of text in which arrows and dots are in ASCII unless utf8. */
void words_plain(const char *text, bool utf8, char *out, size_t size);

#endif

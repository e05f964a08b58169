/* SPDX-License-Identifier: MIT */
/*
 * Private to the JSON reports: writes a document piece by piece, one element of a list a line, so that
 * memory does not grow with the report, and makes the values that several of its parts have.
 *
 * What makes a json_t returns a new reference, or NULL without memory; what takes one takes it over
 * and may be given NULL. So expressions nest, and only the writer has to look.
 */
#ifndef OURO_ANALYZER_JSON_WRITER_H
#define OURO_ANALYZER_JSON_WRITER_H

#include <jansson.h>

#include "report/report.h"

struct writer {
    FILE *out;
    const struct report *report;
    uint32_t top; /* elements of each list; REPORT_DEFAULT: as each list thinks fit */
    bool failed;
};

/* Writes text as it is. */
void writer_text(struct writer *w, const char *raw);

/* Writes text, then a value. */
void writer_member(struct writer *w, const char *before, json_t *value);

/* Writes text that ends with "[", then a list, the elements of which are made one by one. */
void writer_list(struct writer *w, const char *before, uint32_t count, uint32_t most,
                 json_t *(*element)(const struct report *report, uint32_t index));

/* How many elements to list: what was asked for, or the default. */
uint32_t writer_top(const struct writer *w, uint32_t most);

/* Adds a member to an object, an element to an array; on failure the whole is gone and NULL is
 * returned. */
json_t *json_with(json_t *object, const char *key, json_t *member);
json_t *json_append(json_t *array, json_t *element);

json_t *json_number(uint64_t n);
json_t *json_seconds(uint64_t ns);
json_t *json_text_or_null(const char *s);

/* { file, line, function } of a site's innermost frame. */
json_t *json_frame(const struct process *process, uint32_t site);

/* The whole stack of a site, the innermost frame first. */
json_t *json_stack(const struct process *process, uint32_t site);

/* Adds file, line, function and stack of a site to an object; its number, where the report has them. */
json_t *json_with_place(json_t *object, const struct report *report, uint32_t site);

/* Adds to an object the stack of native memory: file, line and function of the innermost native frame
 * with a line, native_stack, stack. */
json_t *json_with_native_place(json_t *o, const struct report *report,
                               const struct native_site *site);

/* Places as above with their shares. */
json_t *json_shares(const struct report *report, const struct site_share *sites, uint32_t count);

/* The steps of a path from a root: { type, edge } each. */
json_t *json_root_path(const struct root_path *path);

/* Of a kind of cycle: its path, and the reference to cut. */
json_t *json_cycle_path(const struct cycle_group *group);
json_t *json_cycle_break(const struct cycle_group *group);

/* Parts of the report that are subjects of their own: each writes `"name": {…}`. */
void json_run_write(struct writer *w);
void json_heap_write(struct writer *w);
void json_cycles_write(struct writer *w);
void json_shapes_write(struct writer *w); /* within "gc" */
void json_interning_write(struct writer *w);
void json_churn_write(struct writer *w);
void json_gc_write(struct writer *w);
void json_leaks_write(struct writer *w);
void json_tests_write(struct writer *w);
void json_retained_write(struct writer *w);
void json_savings_write(struct writer *w);
void json_native_write(struct writer *w);

#endif

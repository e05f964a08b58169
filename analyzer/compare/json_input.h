/* SPDX-License-Identifier: MIT */
/*
 * Reading JSON files that people write: every problem is one line that names the file, the line or the
 * key, and what was expected. The first problem counts; after it all reads give nothing.
 */
#ifndef OURO_ANALYZER_JSON_INPUT_H
#define OURO_ANALYZER_JSON_INPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_input {
    const char *path;
    char *error; /* one line, of error_size bytes */
    size_t error_size;
    bool failed;
};

/* Opens a file that is one object. Returns it, or NULL after a failure; the caller releases it. */
json_t *json_input_open(struct json_input *in, const char *path, char *error, size_t error_size);

/* Says what is wrong with `where`, a key or path of keys. */
void json_input_fail(struct json_input *in, const char *where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Fails unless all keys of an object are among the known ones, a list that ends with NULL. */
void json_input_keys(struct json_input *in, const char *where, json_t *object,
                     const char *const *known);

/* The text under a key; NULL if it is not there. */
const char *json_input_text(struct json_input *in, const char *where, json_t *object,
                            const char *key);

/* The number under a key, not negative; otherwise if it is not there. */
uint64_t json_input_number(struct json_input *in, const char *where, json_t *object,
                           const char *key, uint64_t otherwise);

/* The list under a key; NULL if it is not there. */
json_t *json_input_list(struct json_input *in, const char *where, json_t *object, const char *key);

#endif

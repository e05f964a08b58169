/* SPDX-License-Identifier: MIT */
#include "compare/json_input.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text/suggest.h"
#include "text/text.h"

static void make_printable(char *out, size_t size, const char *raw)
{
    text_escape_into(out, size, (const unsigned char *)raw, strlen(raw), TEXT_NAME);
}

void json_input_fail(struct json_input *in, const char *where, const char *format, ...)
{
    char raw[400], text[400], place[128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(raw, sizeof raw, format, arguments);
    va_end(arguments);
    if (in->failed)
        return;
    /* Both may hold what stands in the file, which may be meant to fool the terminal. */
    make_printable(text, sizeof text, raw);
    make_printable(place, sizeof place, where);
    snprintf(in->error, in->error_size, "%s: %s: %s", in->path, place, text);
    in->failed = true;
}

json_t *json_input_open(struct json_input *in, const char *path, char *error, size_t error_size)
{
    json_error_t problem;
    char text[2 * JSON_ERROR_TEXT_LENGTH];
    *in = (struct json_input){.path = path, .error = error, .error_size = error_size};
    FILE *file = fopen(path, "re");
    if (!file) {
        snprintf(error, error_size, "%s: %s", path, strerror(errno));
        in->failed = true;
        return NULL;
    }
    json_t *document = json_loadf(file, JSON_REJECT_DUPLICATES, &problem);
    fclose(file);
    if (json_is_object(document))
        return document;
    make_printable(text, sizeof text, document ? "" : problem.text);
    if (document)
        snprintf(error, error_size, "%s: this is no JSON object", path);
    else
        snprintf(error, error_size, "%s:%d:%d: %s", path, problem.line, problem.column, text);
    json_decref(document);
    in->failed = true;
    return NULL;
}

void json_input_keys(struct json_input *in, const char *where, json_t *object,
                     const char *const *known)
{
    const char *key;
    json_t *value;
    size_t count = 0;
    if (!json_is_object(object)) {
        json_input_fail(in, where, "must be an object");
        return;
    }
    while (known[count])
        count++;
    json_object_foreach(object, key, value)
    {
        size_t i = 0;
        while (i < count && strcmp(known[i], key) != 0)
            i++;
        if (i < count)
            continue;
        const char *guess = suggest(key, known, count);
        json_input_fail(in, where, "unknown key '%.60s'%s%s%s", key,
                        guess ? ", did you mean '" : "", guess ? guess : "", guess ? "'?" : "");
    }
}

const char *json_input_text(struct json_input *in, const char *where, json_t *object,
                            const char *key)
{
    json_t *value = json_object_get(object, key);
    if (value && !json_is_string(value))
        json_input_fail(in, where, "'%s' must be a text", key);
    return json_string_value(value);
}

uint64_t json_input_number(struct json_input *in, const char *where, json_t *object,
                           const char *key, uint64_t otherwise)
{
    json_t *value = json_object_get(object, key);
    if (!value)
        return otherwise;
    if (!json_is_integer(value) || json_integer_value(value) < 0) {
        json_input_fail(in, where, "'%s' must be a whole number, not negative", key);
        return otherwise;
    }
    return (uint64_t)json_integer_value(value);
}

json_t *json_input_list(struct json_input *in, const char *where, json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    if (value && !json_is_array(value)) {
        json_input_fail(in, where, "'%s' must be a list", key);
        return NULL;
    }
    return value;
}

/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "compare/baseline.h"
#include "compare/json_input.h"

static const char *const item_keys[] = {"key",           "count",   "bytes",      "file",
                                        "function",      "line",    "first_line", "path",
                                        "uncollectable", "library", NULL};

static struct range range_read(struct json_input *in, const char *where, json_t *item,
                               const char *key)
{
    json_t *value = json_object_get(item, key);
    json_t *low = json_is_array(value) ? json_array_get(value, 0) : value;
    json_t *high = json_is_array(value) ? json_array_get(value, 1) : value;
    struct range range = {(uint64_t)json_integer_value(low), (uint64_t)json_integer_value(high)};
    if (!json_is_integer(low) || !json_is_integer(high) || json_integer_value(low) < 0 ||
        range.low > range.high || (json_is_array(value) && json_array_size(value) != 2)) {
        json_input_fail(in, where, "'%s' must be a number or [low, high]", key);
        return (struct range){0, 0};
    }
    return range;
}

static bool flag_read(struct json_input *in, const char *where, json_t *item, const char *key)
{
    json_t *value = json_object_get(item, key);
    if (value && !json_is_boolean(value))
        json_input_fail(in, where, "'%s' must be true or false", key);
    return json_is_true(value);
}

static bool item_read(struct json_input *in, enum digest_subject subject, const char *where,
                      json_t *object, struct digest *digest)
{
    json_input_keys(in, where, object, item_keys);
    if (in->failed)
        return true;
    struct digest_item item = {
        .subject = subject,
        .key = json_input_text(in, where, object, "key"),
        .count = range_read(in, where, object, "count"),
        .bytes = range_read(in, where, object, "bytes"),
        .detail = json_input_text(in, where, object, "path"),
        .flags = (flag_read(in, where, object, "uncollectable") ? DIGEST_UNCOLLECTABLE : 0u) |
                 (flag_read(in, where, object, "library") ? DIGEST_LIBRARY : 0u),
    };
    const char *file = json_input_text(in, where, object, "file");
    const char *function = json_input_text(in, where, object, "function");
    uint64_t line = json_input_number(in, where, object, "line", 0);
    uint64_t first = json_input_number(in, where, object, "first_line", 0);
    if (!item.key)
        json_input_fail(in, where, "'key' is missing");
    if (line > UINT32_MAX || first > UINT32_MAX)
        json_input_fail(in, where, "there is no such line");
    if (in->failed)
        return true;
    bool placed = digest_by_line(subject) || subject == DIGEST_HELD || subject == DIGEST_LEAK;
    if (file || placed)
        item.place = (struct digest_place){file ? file : "", function ? function : "",
                                           (uint32_t)line, (uint32_t)first};
    return digest_add(digest, &item);
}

static bool subject_read(struct json_input *in, enum digest_subject subject, json_t *document,
                         struct digest *digest)
{
    const char *name = digest_subject_name(subject);
    json_t *list = json_input_list(in, "baseline", document, name);
    if (!list)
        return true;
    digest->known |= 1u << subject;
    digest->least[subject] = baseline_least(subject);
    for (size_t i = 0; i < json_array_size(list) && !in->failed; i++) {
        char where[64];
        snprintf(where, sizeof where, "%s[%zu]", name, i);
        if (!item_read(in, subject, where, json_array_get(list, i), digest))
            return false;
    }
    return true;
}

int baseline_read(const char *path, struct digest *digest, char *error, size_t error_size)
{
    const char *known[DIGEST_SUBJECTS + 4] = {"schema", "runtime", "runs"};
    struct json_input in;
    size_t names = 3;
    bool memory = digest_begin(digest) == 0;
    json_t *document = json_input_open(&in, path, error, error_size);
    if (!document)
        return -1;
    for (unsigned subject = 0; subject < DIGEST_SUBJECTS; subject++) {
        if (BASELINE_KNOWN >> subject & 1)
            known[names++] = digest_subject_name(subject);
    }
    const char *schema = json_input_text(&in, "baseline", document, "schema");
    if (!schema || strcmp(schema, "ouro.baseline/1") != 0)
        json_input_fail(&in, "schema",
                        "is '%.40s': this is no baseline that this version can read "
                        "('ouro.baseline/1')",
                        schema ? schema : "");
    json_input_keys(&in, "baseline", document, known);
    uint64_t runs = json_input_number(&in, "baseline", document, "runs", 1);
    const char *runtime = json_input_text(&in, "baseline", document, "runtime");
    if (!in.failed && memory) {
        digest->runs = runs < UINT32_MAX ? (uint32_t)runs : UINT32_MAX;
        digest->runtime =
            arena_copy(digest->arena, runtime ? runtime : "", runtime ? strlen(runtime) : 0);
        memory = digest->runtime != NULL;
    }
    for (unsigned subject = 0; subject < DIGEST_SUBJECTS && memory && !in.failed; subject++) {
        if (BASELINE_KNOWN >> subject & 1)
            memory = subject_read(&in, subject, document, digest);
    }
    json_decref(document);
    if (!memory && !in.failed)
        snprintf(error, error_size, "%s: not enough memory", path);
    if (!memory || in.failed)
        return -1;
    digest_sort(digest);
    return 0;
}

bool baseline_is(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return false;
    FILE *file = fopen(path, "re");
    int first = file ? fgetc(file) : EOF;
    while (first == ' ' || first == '\n' || first == '\r' || first == '\t')
        first = fgetc(file);
    if (file)
        fclose(file);
    return first == '{';
}

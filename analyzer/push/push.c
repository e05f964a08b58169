/* SPDX-License-Identifier: MIT */
#include "push/push.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "export/json_text.h"
#include "export/pprof.h"
#include "export/profile.h"

#define SECOND UINT64_C(1000000000)

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What servers take in the name of an application. */
static bool in_name(char c)
{
    return is_letter(c) || is_digit(c) || (c && strchr("-./", c));
}

/* The name of a run's folder, or of a trace, without what is no name. */
static char *name_of_run(const char *run)
{
    size_t length = strlen(run);
    while (length && run[length - 1] == '/')
        length--;
    const char *slash = memrchr(run, '/', length);
    const char *base = slash ? slash + 1 : run;
    size_t size = (size_t)(run + length - base);
    static const char *const endings[] = {".ouro", ".trace"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t ending = strlen(endings[i]);
        if (size > ending && strncmp(base + size - ending, endings[i], ending) == 0)
            size -= ending;
    }
    char *name = size ? strndup(base, size) : strdup("ouro");
    for (char *c = name; c && *c; c++)
        *c = in_name(*c) ? *c : '_';
    return name;
}

/* One label of a list; false: there is no more, or *bad is what cannot be one. */
static bool next_label(const char **list, size_t *key, size_t *value, const char **bad)
{
    const char *at = *list;
    *bad = NULL;
    if (!*at)
        return false;
    *key = *value = 0;
    while (is_letter(at[*key]) || (*key && (is_digit(at[*key]) || at[*key] == '.')))
        ++*key;
    const char *text = at + *key + 1;
    if (*key && at[*key] == '=')
        *value = strcspn(text, ",");
    for (size_t i = 0; i < *value; i++) {
        if ((unsigned char)text[i] < 0x20 || strchr("{}=\"", text[i]))
            *value = 0;
    }
    if (!*value)
        *bad = at;
    return *value != 0;
}

/* Looks whether all labels can be sent. */
static int labels_check(const char *labels, char *error, size_t error_size)
{
    const char *at = labels ? labels : "", *bad;
    size_t key, value;
    while (next_label(&at, &key, &value, &bad)) {
        at += key + 1 + value;
        at += *at == ',';
    }
    if (bad)
        snprintf(error, error_size,
                 "push: --labels takes key=value,..., values without {}=\" and ','; not '%s'", bad);
    return bad ? -1 : 0;
}

/* "NAME{key=value,…}" */
static char *series_make(const struct push_options *options, const char *name)
{
    char *series = NULL;
    bool some = options->labels && *options->labels;
    int length = asprintf(&series, "%s%s%s%s", name, some ? "{" : "", some ? options->labels : "",
                          some ? "}" : "");
    return length < 0 ? NULL : series;
}

/* What Pyroscope is to do with each measure: allocations of runs add up, heaps do not. */
static void measures_write(FILE *out)
{
    for (unsigned m = 0; m < MEASURES; m++) {
        const struct measure_info *info = &measure_infos[m];
        fprintf(out, "%s\"%s\": {\"units\": \"%s\", \"aggregation\": \"%s\"}", m ? ", " : "{",
                info->name, info->bytes ? "bytes" : "objects",
                m == ALLOC_OBJECTS || m == ALLOC_SPACE ? "sum" : "average");
    }
    fputc('}', out);
}

static void form_write(FILE *out, const char *boundary, const void *profile, size_t size)
{
    fprintf(out,
            "--%s\r\nContent-Disposition: form-data; name=\"sample_type_config\"; "
            "filename=\"sample_type_config.json\"\r\nContent-Type: application/json\r\n\r\n",
            boundary);
    measures_write(out);
    fprintf(out,
            "\r\n--%s\r\nContent-Disposition: form-data; name=\"profile\"; "
            "filename=\"profile.pprof\"\r\nContent-Type: application/octet-stream\r\n\r\n",
            boundary);
    fwrite(profile, 1, size, out);
    fprintf(out, "\r\n--%s--\r\n", boundary);
}

static void base64_write(FILE *out, const unsigned char *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t three = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (left > 2 ? bytes[i + 2] : 0);
        fputc(digits[three >> 18], out);
        fputc(digits[three >> 12 & 63], out);
        fputc(left > 1 ? digits[three >> 6 & 63] : '=', out);
        fputc(left > 2 ? digits[three & 63] : '=', out);
    }
}

static void parca_write(FILE *out, const struct push_options *options, const char *name,
                        const void *profile, size_t size)
{
    const char *at = options->labels ? options->labels : "", *bad;
    size_t key, value;
    fputs(
        "{\"series\": [{\"labels\": {\"labels\": [{\"name\": \"__name__\", \"value\": \"memory\"}",
        out);
    json_text(out, ", {\"name\": \"job\", \"value\": ", name);
    while (next_label(&at, &key, &value, &bad)) {
        char *text = strndup(at + key + 1, value);
        fprintf(out, "}, {\"name\": \"%.*s\"", (int)key, at);
        json_text(out, ", \"value\": ", text ? text : "");
        free(text);
        at += key + 1 + value;
        at += *at == ',';
    }
    fputs("}]}, \"samples\": [{\"rawProfile\": \"", out);
    base64_write(out, profile, size);
    fputs("\"}]}], \"normalized\": true}\n", out);
}

/* Adds a header, which it takes over; false: no memory. */
static bool header_add(struct push *push, char *text)
{
    size_t n = push->request.header_count;
    if (!text)
        return false;
    push->headers[n] = push->texts[n] = text;
    push->request.header_count++;
    return true;
}

static char *joined(const char *before, const char *text)
{
    char *both = NULL;
    return asprintf(&both, "%s%s", before, text) < 0 ? NULL : both;
}

/* Whether a text can be in a header: what controls could add another. */
static bool is_header(const char *text)
{
    for (; text && *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    }
    return true;
}

static bool headers_make(const struct push_options *options, const char *content, struct push *push)
{
    bool ok = header_add(push, joined("Content-Type: ", content)) &&
              header_add(push, strdup("Expect:")); /* no question before it */
    if (ok && options->tenant)
        ok = header_add(push, joined("X-Scope-OrgID: ", options->tenant));
    push->is_secret = options->authorization != NULL;
    if (ok && options->authorization)
        ok = header_add(push, joined("Authorization: ", options->authorization));
    return ok;
}

static bool parameters_make(const struct process *process, struct push *push)
{
    uint64_t end = process->wall + pprof_duration(process);
    uint64_t from = process->wall / SECOND, until = (end + SECOND - 1) / SECOND;
    if (asprintf(&push->numbers[0], "%" PRIu64, from) < 0 ||
        asprintf(&push->numbers[1], "%" PRIu64, until > from ? until : from + 1) < 0)
        return false;
    push->parameters[0] = (struct http_parameter){"name", push->series};
    push->parameters[1] = (struct http_parameter){"from", push->numbers[0]};
    push->parameters[2] = (struct http_parameter){"until", push->numbers[1]};
    push->parameters[3] = (struct http_parameter){"spyName", "ouro"};
    push->request.parameter_count = 4;
    return true;
}

static bool body_make(const struct push_options *options, const void *profile, size_t size,
                      struct push *push)
{
    char boundary[40], content[80];
    XXH128_hash_t hash = XXH3_128bits(profile, size);
    FILE *out = open_memstream(&push->body, &push->request.body_size);
    if (!out)
        return false;
    /* No profile has a hash of itself in it but by an accident of 2^-128. */
    snprintf(boundary, sizeof boundary, "ouro%016" PRIx64 "%016" PRIx64, hash.high64, hash.low64);
    if (options->protocol == PUSH_PYROSCOPE) {
        form_write(out, boundary, profile, size);
        snprintf(content, sizeof content, "multipart/form-data; boundary=%s", boundary);
    } else {
        parca_write(out, options, push->name, profile, size);
        snprintf(content, sizeof content, "application/json");
    }
    bool failed = ferror(out) != 0;
    failed |= fclose(out) != 0;
    push->request.body = push->body;
    return !failed && headers_make(options, content, push);
}

int push_make(const struct push_options *options, const char *run, const struct process *process,
              const void *profile, size_t size, struct push *push, char *error, size_t error_size)
{
    *push = (struct push){.request = {.url = options->url, .timeout = options->timeout}};
    push->request.headers = push->headers;
    push->request.parameters = push->parameters;
    push->request.default_path =
        options->protocol == PUSH_PYROSCOPE ? "/ingest" : "/api/profiles/writeraw";
    for (const char *c = options->name; c && (*c || c == options->name); c++) {
        if (!in_name(*c)) {
            snprintf(error, error_size, "push: --name takes letters, digits and _-./, not '%s'",
                     options->name);
            return -1;
        }
    }
    if (!is_header(options->authorization) || !is_header(options->tenant)) {
        snprintf(error, error_size, "push: %s has a control character, which no header can have",
                 is_header(options->tenant) ? "OURO_PUSH_AUTHORIZATION" : "--tenant");
        return -1;
    }
    if (labels_check(options->labels, error, error_size) < 0)
        return -1;
    push->name = options->name ? strdup(options->name) : name_of_run(run);
    push->series = push->name ? series_make(options, push->name) : NULL;
    if (push->series && body_make(options, profile, size, push) &&
        (options->protocol != PUSH_PYROSCOPE || parameters_make(process, push)))
        return 0;
    snprintf(error, error_size, "not enough memory");
    return -1;
}

void push_free(struct push *push)
{
    for (size_t i = 0; i < PUSH_HEADERS; i++)
        free(push->texts[i]);
    free(push->numbers[0]);
    free(push->numbers[1]);
    free(push->name);
    free(push->series);
    free(push->body);
    *push = (struct push){0};
}

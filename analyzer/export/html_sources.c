/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "export/html_parts.h"
#include "export/html_text.h"
#include "model/sites.h"
#include "text/text.h"

enum {
    AROUND = 4,          /* lines before and after */
    LINE_MOST = 200,     /* bytes of a line */
    EXCERPTS_MOST = 600, /* places */
    FILE_MOST = 8 << 20, /* bytes of a file that is read */
};

/* A line that is wanted, of the file of a function. */
struct wanted {
    const char *file;
    uint32_t line;
};

static int wanted_compare(const void *left, const void *right)
{
    const struct wanted *a = left, *b = right;
    int order = strcmp(a->file, b->file);
    return order ? order : (a->line > b->line) - (a->line < b->line);
}

static bool is_module(const char *file)
{
    const char *dot = strrchr(file, '.');
    return dot && (strcmp(dot, ".py") == 0 || strcmp(dot, ".pyw") == 0);
}

static void want(const struct process *process, uint32_t site, struct wanted *wanted,
                 uint32_t *count)
{
    const char *file, *function;
    uint32_t line;
    if (!site || *count >= EXCERPTS_MOST)
        return;
    site_place(process, site, &file, &line, &function);
    if (line && is_module(file))
        wanted[(*count)++] = (struct wanted){file, line};
}

enum source { SOURCE_READ, SOURCE_ABSENT, SOURCE_CHANGED };

/* The text of a file as it was when the run began, for free(); its end is a NUL. */
static enum source source_read(const struct process *process, const char *file, char **text,
                               size_t *size)
{
    char *path = NULL;
    struct stat status;
    enum source result = SOURCE_ABSENT;
    if (asprintf(&path, "%s%s%s", *file == '/' ? "" : process->directory, *file == '/' ? "" : "/",
                 file) < 0)
        return SOURCE_ABSENT;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    free(path);
    if (descriptor < 0)
        return SOURCE_ABSENT;
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= FILE_MOST) {
        uint64_t changed = (uint64_t)status.st_mtim.tv_sec * UINT64_C(1000000000) +
                           (uint64_t)status.st_mtim.tv_nsec;
        result = process->wall && changed > process->wall ? SOURCE_CHANGED : SOURCE_ABSENT;
        *text = result == SOURCE_ABSENT ? malloc((size_t)status.st_size + 1) : NULL;
        ssize_t got = 0;
        *size = 0;
        while (*text && *size < (size_t)status.st_size &&
               (got = read(descriptor, *text + *size, (size_t)status.st_size - *size)) > 0)
            *size += (size_t)got;
        if (*text && got >= 0) {
            (*text)[*size] = 0;
            result = SOURCE_READ;
        } else {
            free(*text);
        }
    }
    close(descriptor);
    return result;
}

/* The lines around the wanted ones of one file. */
static void lines_write(FILE *out, const char *text, size_t size, const struct wanted *wanted,
                        uint32_t count)
{
    const char *end = text + size, *comma = "\n", *next;
    uint32_t number = 1, at = 0;
    for (const char *line = text; line < end && at < count; line = next, number++) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        size_t length = (size_t)((stop ? stop : end) - line);
        char shown[LINE_MOST * 4 + 1];
        next = stop ? stop + 1 : end;
        while (at < count && wanted[at].line + AROUND < number)
            at++;
        if (at == count || number + AROUND < wanted[at].line)
            continue;
        if (length && line[length - 1] == '\r')
            length--;
        for (size_t i = 0, used = 0; i <= length && used < sizeof shown; i++)
            shown[used++] = 0;
        text_escape_into(shown, LINE_MOST + 1, (const unsigned char *)line, length, TEXT_VALUE);
        fprintf(out, "%s\"%" PRIu32 "\": ", comma, number);
        html_string(out, "", shown);
        comma = ",\n";
    }
}

int html_sources_write(FILE *out, const struct process *process, const uint32_t *sites,
                       uint32_t count)
{
    uint32_t wanted_count = 0;
    const char *comma = "\n";
    struct wanted *wanted = malloc((EXCERPTS_MOST + 2) * sizeof *wanted);
    if (!wanted)
        return -1;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t own = site_programs_frame(process, sites[i]);
        want(process, sites[i], wanted, &wanted_count);
        if (own != sites[i])
            want(process, own, wanted, &wanted_count);
    }
    qsort(wanted, wanted_count, sizeof *wanted, wanted_compare);
    fputs("[", out);
    for (uint32_t i = 0, n; i < wanted_count; i += n) {
        char *text = NULL;
        size_t size = 0;
        for (n = 1; i + n < wanted_count && strcmp(wanted[i].file, wanted[i + n].file) == 0;)
            n++;
        enum source result = source_read(process, wanted[i].file, &text, &size);
        if (result == SOURCE_ABSENT)
            continue;
        fprintf(out, "%s{", comma);
        html_string(out, "\"file\": ", wanted[i].file);
        fprintf(out, ", \"changed\": %s, \"lines\": {",
                result == SOURCE_CHANGED ? "true" : "false");
        if (result == SOURCE_READ)
            lines_write(out, text, size, &wanted[i], n);
        fputs("}}", out);
        free(text);
        comma = ",\n";
    }
    fputs("]", out);
    free(wanted);
    return 0;
}

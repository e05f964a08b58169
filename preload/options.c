/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options options;

void message(const char *format, ...)
{
    int saved = errno;
    char line[512] = "ouro: ";
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(line + 6, sizeof line - 7, format, arguments);
    va_end(arguments);
    if (n > 0) {
        size_t length = strnlen(line, sizeof line - 2);
        line[length++] = '\n';
        ssize_t written = write(STDERR_FILENO, line, length);
        (void)written; /* a closed stderr is the program's choice */
    }
    errno = saved;
}

static uint64_t number(const char *name, uint64_t fallback)
{
    const char *text = getenv(name);
    if (!text || !*text)
        return fallback;
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno || *end || *text == '-') {
        message("%s=%s is not a number; %llu is used", name, text, (unsigned long long)fallback);
        return fallback;
    }
    return value;
}

static bool is(const char *name, const char *value)
{
    const char *text = getenv(name);
    return text && strcmp(text, value) == 0;
}

void options_read(void)
{
    const char *folder = getenv("OURO_OUT");
    options.values = !is("OURO_VALUES", "0");
    options.snapshot_at_exit = !is("OURO_SNAPSHOT", "none");
    options.verbose = is("OURO_VERBOSE", "1");
    options.lives = is("OURO_LIVES", "1");
    options.sample = number("OURO_SAMPLE", 0);
    options.epoch = number("OURO_EPOCH", 1u << 20);
    if (options.epoch < 4096)
        options.epoch = 4096;
    options.snapshot_seconds = number("OURO_SNAPSHOT_SECONDS", 120);
    if (!folder || !*folder)
        return;
    if (folder[0] == '/') {
        if (strlen(folder) >= sizeof options.folder) {
            message("OURO_OUT is too long; nothing is recorded");
            return;
        }
        strcpy(options.folder, folder);
    } else {
        char directory[PATH_MAX];
        if (!getcwd(directory, sizeof directory) ||
            (size_t)snprintf(options.folder, sizeof options.folder, "%s/%s", directory, folder) >=
                sizeof options.folder) {
            message("OURO_OUT=%s cannot be made absolute; nothing is recorded", folder);
            return;
        }
    }
    options.active = true;
}

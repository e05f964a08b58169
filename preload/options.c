/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "quiet_signal.h"

struct options options;

/* What stderr was when the program started; the number may be another file's by now. */
static struct {
    dev_t device;
    ino_t inode;
    bool known;
} standard_error;

static bool is_standard_error(void)
{
    struct stat status;
    return standard_error.known && fstat(STDERR_FILENO, &status) == 0 &&
           status.st_dev == standard_error.device && status.st_ino == standard_error.inode;
}

void message(const char *format, ...)
{
    int saved = errno;
    struct quiet_signal quiet;
    char line[512] = "ouro: ";
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(line + 6, sizeof line - 7, format, arguments);
    va_end(arguments);
    if (n > 0) {
        size_t length = strnlen(line, sizeof line - 2);
        line[length++] = '\n';
        if (is_standard_error()) {
            quiet_signal_block(SIGPIPE, &quiet);
            ssize_t written = write(STDERR_FILENO, line, length);
            quiet_signal_restore(&quiet, written < 0 && errno == EPIPE);
        }
    }
    errno = saved;
}

/*
 * Programs that this one starts find another value. The entry is replaced in place: a shell may have a
 * setenv() of its own, which is not ready for use before main().
 */
static void tell_children(const char *name, char *entry)
{
    size_t length = strlen(name);
    for (char **at = environ; at && *at; at++)
        if (strncmp(*at, name, length) == 0 && (*at)[length] == '=')
            *at = entry;
}

bool message_of_run(void)
{
    static char entry[] = "OURO_LAUNCHER=told";
    if (!options.told)
        tell_children("OURO_LAUNCHER", entry);
    return !options.told;
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

/*
 * Decimals, as 2 or 0.05, in units of 1/scale. Not strtod(): the program's locale may have another
 * decimal point, and it is the program's to set.
 */
static uint64_t decimals(const char *name, uint64_t scale)
{
    const char *text = getenv(name), *at = text;
    if (!text || !*text)
        return 0;
    uint64_t value = 0, digit = scale;
    for (; *at >= '0' && *at <= '9' && value < UINT64_MAX / scale / 16; at++)
        value = value * 10 + (uint64_t)(*at - '0');
    value *= scale;
    if (*at == '.')
        for (at++; *at >= '0' && *at <= '9'; at++)
            value += (uint64_t)(*at - '0') * (digit /= 10);
    if (at == text || *at) {
        message("%s=%s is not a number; it is ignored", name, text);
        return 0;
    }
    return value;
}

static bool is(const char *name, const char *value)
{
    const char *text = getenv(name);
    return text && strcmp(text, value) == 0;
}

/* Programs started from another folder must find the same one. */
static void tell_folder(void)
{
    static char entry[sizeof "OURO_OUT=" + sizeof options.folder] = "OURO_OUT=";
    memcpy(entry + strlen(entry), options.folder, sizeof options.folder);
    tell_children("OURO_OUT", entry);
}

void options_read(void)
{
    struct stat status;
    if (fstat(STDERR_FILENO, &status) == 0) {
        standard_error.device = status.st_dev;
        standard_error.inode = status.st_ino;
        standard_error.known = true;
    }
    const char *folder = getenv("OURO_OUT");
    options.launched = getenv("OURO_LAUNCHER") != NULL;
    options.told = is("OURO_LAUNCHER", "told");
    options.values = !is("OURO_VALUES", "0");
    options.snapshot_at_exit = !is("OURO_SNAPSHOT", "none");
    options.verbose = is("OURO_VERBOSE", "1");
    options.numbers = !is("OURO_NUMBERS", "0");
    options.lives = is("OURO_LIVES", "1");
    options.sample = number("OURO_SAMPLE", 0);
    options.native = number("OURO_NATIVE", 0);
    options.seed = number("OURO_SEED", 0);
    options.epoch = number("OURO_EPOCH", 4u << 20);
    if (options.epoch < 4096)
        options.epoch = 4096;
    options.snapshot_seconds = number("OURO_SNAPSHOT_SECONDS", 120);
    options.snapshot_every = decimals("OURO_SNAPSHOT_EVERY", 1000000000);
    options.gc_shapes = decimals("OURO_GC_SHAPES", 10000);
    if (options.gc_shapes > 1000000)
        options.gc_shapes = 1000000;
    options.snapshot_growth = number("OURO_SNAPSHOT_GROWTH", 0);
    options.snapshot_marks = is("OURO_SNAPSHOT_MARKS", "1");
    if (!folder || !*folder)
        return;
    if (folder[0] == '/') {
        if (strlen(folder) >= sizeof options.folder) {
            message("OURO_OUT is too long; nothing is recorded");
            return;
        }
        memcpy(options.folder, folder, strlen(folder) + 1);
    } else {
        char directory[PATH_MAX];
        if (!getcwd(directory, sizeof directory) ||
            (size_t)snprintf(options.folder, sizeof options.folder, "%s/%s", directory, folder) >=
                sizeof options.folder) {
            message("OURO_OUT=%s cannot be made absolute; nothing is recorded", folder);
            return;
        }
        tell_folder();
    }
    options.active = true;
}

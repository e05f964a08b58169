/* SPDX-License-Identifier: MIT */
/* The table of targets, and what they share. */
#include "fuzz.h"

#include <errno.h>
#include <jansson.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

const struct fuzz_target fuzz_targets[] = {
    {"chunks", fuzz_chunks, true, 0},      {"trace", fuzz_trace, true, 0},
    {"commands", fuzz_commands, true, 1},  {"folder", fuzz_folder, true, 1},
    {"baseline", fuzz_baseline, false, 0}, {"policy", fuzz_policy, false, 0},
    {"words", fuzz_words, false, 0},       {NULL, NULL, false, 0},
};

static struct {
    FILE *out, *err; /* in place of stdout and stderr while capturing */
    FILE *real_out, *real_err;
    char *text, *messages;
    size_t size, messages_size;
} capture;

_Noreturn void fuzz_fail(const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (capture.out)
        stderr = capture.real_err;
    fprintf(stderr, "fuzz: %s\n", text);
    abort();
}

const char *fuzz_file(unsigned slot, const void *data, size_t size)
{
    static struct {
        int fd;
        char path[32];
    } files[2] = {{-1, ""}, {-1, ""}};
    int fd = files[slot].fd;
    if (fd < 0) {
        files[slot].fd = fd = memfd_create("fuzz", MFD_CLOEXEC);
        snprintf(files[slot].path, sizeof files[slot].path, "/proc/self/fd/%d", fd);
    }
    if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        fuzz_fail("the input cannot be written: %s", strerror(errno));
    return files[slot].path;
}

void fuzz_capture(void)
{
    /* So that arrows and dots beyond ASCII are written as well. */
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    free(capture.text);
    free(capture.messages);
    capture.text = capture.messages = NULL;
    FILE *out = open_memstream(&capture.text, &capture.size);
    FILE *err = open_memstream(&capture.messages, &capture.messages_size);
    if (!out || !err)
        fuzz_fail("no memory for what is written");
    capture.real_out = stdout;
    capture.real_err = stderr;
    capture.out = stdout = out;
    capture.err = stderr = err;
}

const char *fuzz_captured(size_t *size)
{
    stdout = capture.real_out;
    stderr = capture.real_err;
    bool failed = fclose(capture.out) != 0;
    failed = fclose(capture.err) != 0 || failed;
    capture.out = capture.err = NULL;
    if (failed)
        fuzz_fail("no memory for what was written");
    fuzz_check_text("what was written to stderr", capture.messages, capture.messages_size);
    *size = capture.size;
    return capture.text;
}

/* Bytes of the character at text, of `left` bytes; 0: it is none, or is not to be printed. */
static size_t character(const unsigned char *text, size_t left)
{
    uint32_t code = text[0];
    size_t length = code < 0x80 ? 1 : code < 0xc2 ? 0 : code < 0xe0 ? 2 : code < 0xf0 ? 3 : 4;
    if (length == 1)
        return code >= 0x20 && code != 0x7f ? 1 : code == '\n';
    if (!length || length > left || code > 0xf4)
        return 0;
    code &= 0x7fu >> length;
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3fu);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    bool valid = code >= least[length] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    bool turns = (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    return valid && !turns && code >= 0xa0 ? length : 0; /* 0x80 … 0x9f are controls, too */
}

void fuzz_check_text(const char *what, const char *text, size_t size)
{
    for (size_t i = 0, n; i < size; i += n) {
        n = character((const unsigned char *)text + i, size - i);
        if (!n)
            fuzz_fail("%s: byte %zu of the output is not printable (0x%02x)", what, i,
                      (unsigned)(unsigned char)text[i]);
    }
}

void fuzz_check_json(const char *what, const char *text, size_t size, bool lines)
{
    for (size_t end; size; text += end, size -= end) {
        const char *newline = lines ? memchr(text, '\n', size) : NULL;
        json_error_t problem;
        end = newline ? (size_t)(newline - text) + 1 : size;
        /* Numbers of any size are JSON; jansson has no integers beyond 2^63. */
        json_t *document =
            json_loadb(text, end, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &problem);
        if (!document)
            fuzz_fail("%s: the output is not JSON: %s", what, problem.text);
        json_decref(document);
    }
}

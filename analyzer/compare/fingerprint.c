/* SPDX-License-Identifier: MIT */
#include "compare/fingerprint.h"

#include <string.h>

/* What follows the last "/lib/pythonX.Y/" (or lib64) of a path, or NULL. */
static const char *below_library(const char *file)
{
    const char *found = NULL;
    for (const char *at = file; (at = strstr(at, "/lib")); at++) {
        const char *rest = at + 4;
        rest += strncmp(rest, "64", 2) == 0 ? 2 : 0;
        if (strncmp(rest, "/python", 7) != 0)
            continue;
        rest += 7;
        rest += strspn(rest, "0123456789.t");
        if (*rest == '/')
            found = rest + 1;
    }
    return found;
}

/* What follows the folder that installed packages are in, or NULL. */
static const char *below_packages(const char *file)
{
    static const char *const folders[] = {"/site-packages/", "/dist-packages/"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        const char *at = strstr(file, folders[i]);
        if (at)
            return at + strlen(folders[i]);
    }
    return NULL;
}

/* The rest of a path below a folder of so many bytes, or NULL. */
static const char *below(const char *file, const char *folder, size_t length)
{
    while (length > 1 && folder[length - 1] == '/')
        length--;
    return length > 1 && strncmp(file, folder, length) == 0 && file[length] == '/'
               ? file + length + 1
               : NULL;
}

/* The folder of the script that was started, by its length; 0: there is none. */
static const char *script_folder(const struct process *process, size_t *length)
{
    *length = 0;
    for (uint32_t i = 1; i < process->argument_count; i++) {
        const char *word = process->arguments[i], *slash = strrchr(word, '/');
        size_t size = strlen(word);
        if (word[0] == '-')
            continue;
        if (word[0] == '/' && slash && size > 3 && strcmp(word + size - 3, ".py") == 0)
            *length = (size_t)(slash - word);
        return word;
    }
    return NULL;
}

static const char *joined(struct arena *arena, const char *before, const char *text)
{
    char *room = arena_room(arena, strlen(before) + strlen(text) + 1);
    if (!room)
        return NULL;
    stpcpy(stpcpy(room, before), text);
    return room;
}

/* Whether so many letters are a number that nobody chose: digits, or hexadecimal with a digit. */
static size_t masked_run(const char *text, const char **mask)
{
    size_t digits = strspn(text, "0123456789"), hex = strspn(text, "0123456789abcdef");
    if (text[0] == '0' && text[1] == 'x') {
        size_t length = strspn(text + 2, "0123456789abcdefABCDEF");
        if (length > 3) {
            *mask = "0x*";
            return length + 2;
        }
    }
    if (hex >= 8 && strcspn(text, "0123456789") < hex) {
        *mask = "*";
        return hex;
    }
    if (digits >= 4) {
        *mask = "#";
        return digits;
    }
    return 0;
}

static bool in_word(char letter)
{
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
           (letter >= 'A' && letter <= 'Z') || letter == '_';
}

const char *fingerprint_text(const char *text, struct arena *arena)
{
    static const char temporary[] = "/tmp/";
    char *room = arena_room(arena, strlen(text) + 1), *out = room; /* masks are no longer */
    if (!room)
        return NULL;
    for (const char *at = text; *at;) {
        const char *mask;
        size_t size = 0;
        bool starts = at == text || !in_word(at[-1]);
        if (strncmp(at, temporary, sizeof temporary - 1) == 0) {
            size_t folder = strcspn(at + sizeof temporary - 1, "/'\" ");
            if (folder >= 1) {
                out = stpcpy(out, "/tmp/*");
                at += sizeof temporary - 1 + folder;
                continue;
            }
        }
        if (starts && (size = masked_run(at, &mask)) > 0) {
            out = stpcpy(out, mask);
            at += size;
            continue;
        }
        *out++ = *at++;
    }
    *out = '\0';
    return room;
}

const char *fingerprint_file(const struct process *process, const char *file, struct arena *arena)
{
    const char *rest;
    size_t length;
    if (*file == '<')
        return fingerprint_text(file, arena);
    if ((rest = below_packages(file)))
        return joined(arena, "site-packages/", rest);
    if ((rest = below_library(file)))
        return joined(arena, "python/", rest);
    if ((rest = below(file, process->directory, strlen(process->directory))))
        return joined(arena, "", rest);
    const char *script = script_folder(process, &length);
    if (script && (rest = below(file, script, length)))
        return joined(arena, "", rest);
    while (file[0] == '.' && file[1] == '/')
        file += 2;
    return fingerprint_text(file, arena);
}

bool fingerprint_same_file(const char *left, const char *right)
{
    size_t a = strlen(left), b = strlen(right);
    const char *longer = a > b ? left : right, *shorter = a > b ? right : left;
    size_t more = a > b ? a - b : b - a;
    if (strcmp(longer + more, shorter) != 0)
        return false;
    return more == 0 || longer[more - 1] == '/';
}

/* Indexes say which, not where. */
static void mask_indexes(char *text)
{
    char *out = text;
    for (char *at = text; *at;) {
        size_t digits = *at == '[' ? strspn(at + 1, "0123456789") : 0;
        if (digits && at[1 + digits] == ']') {
            *out++ = '[';
            *out++ = '*';
            at += 1 + digits;
        } else {
            *out++ = *at++;
        }
    }
    *out = '\0';
}

const char *fingerprint_path(const char *text, struct arena *arena)
{
    const char *masked = fingerprint_text(text, arena);
    char *copy = masked ? arena_copy(arena, masked, strlen(masked)) : NULL;
    if (copy)
        mask_indexes(copy);
    return copy;
}

const char *fingerprint_pair(const char *before, const char *between, const char *after,
                             struct arena *arena)
{
    size_t size = strlen(before) + strlen(between) + strlen(after) + 1;
    char *text = arena_room(arena, size);
    if (!text)
        return NULL;
    stpcpy(stpcpy(stpcpy(text, before), between), after);
    return fingerprint_text(text, arena);
}

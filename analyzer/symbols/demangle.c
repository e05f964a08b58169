/* SPDX-License-Identifier: MIT */
#include "symbols/demangle.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef char *(*demangler)(const char *name, char *buffer, size_t *length, int *status);

/* Once found the library stays: it keeps memory of its own that nobody gives back. */
static demangler find(void)
{
    static bool looked;
    static demangler found;
    if (looked)
        return found;
    looked = true;
    void *library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_LOCAL);
    void *symbol = library ? dlsym(library, "__cxa_demangle") : NULL;
    memcpy(&found, &symbol, sizeof found);
    return found;
}

/* Rust's older names are C++'s with a hash as the last part: "::h" and 16 digits. */
static void cut_hash(char *name)
{
    size_t length = strlen(name), tail = 3 + 16;
    if (length > tail && strncmp(name + length - tail, "::h", 3) == 0 &&
        strspn(name + length - 16, "0123456789abcdef") == 16)
        name[length - tail] = '\0';
}

char *demangle(const char *name)
{
    int status = -1;
    if (strncmp(name, "_Z", 2) != 0)
        return NULL;
    demangler read = find();
    char *text = read ? read(name, NULL, NULL, &status) : NULL;
    if (status != 0) {
        free(text);
        return NULL;
    }
    cut_hash(text);
    return text;
}

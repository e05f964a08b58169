/* SPDX-License-Identifier: MIT */
#include "analysis/native_asker.h"

#include <stdio.h>
#include <string.h>

/* Libraries that pass memory on to who asked for it. */
static bool is_allocator(const char *module)
{
    static const char *const names[] = {"libc",     "libstdc++",   "libc++",      "libgcc_s",
                                        "ld-linux", "libjemalloc", "libtcmalloc", "libouro"};
    const char *slash = strrchr(module, '/');
    const char *base = slash ? slash + 1 : module;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(names[i]);
        if (strncmp(base, names[i], length) == 0 && strchr(".-_", base[length]))
            return true;
    }
    return false;
}

const struct native_code *native_asker(struct symbols *symbols, const uint64_t *addresses,
                                       uint32_t count, bool *failed)
{
    *failed = false;
    for (uint32_t at = 0; at < count; at++) {
        const struct native_code *code = symbols_find(symbols, addresses[at]);
        *failed = !code;
        if (code && at && code->evaluates)
            break;
        if (!code || (*code->places->module && !is_allocator(code->places->module)))
            return code;
    }
    const struct native_code *code = count ? symbols_find(symbols, addresses[0]) : NULL;
    *failed = count && !code;
    return code;
}

const struct native_place *native_asker_place(const struct native_code *code)
{
    return &code->places[code->count - 1];
}

void native_asker_name(const struct native_place *place, char *text, size_t size)
{
    if (!place) {
        snprintf(text, size, "(native stack not known)");
        return;
    }
    const char *slash = strrchr(place->module, '/');
    const char *base = slash ? slash + 1 : place->module;
    int length = (int)strcspn(base, ".");
    snprintf(text, size, "%s in %.*s", *place->function ? place->function : "(no symbol)",
             length ? length : 9, length ? base : "(no file)");
}

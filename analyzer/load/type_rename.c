/* SPDX-License-Identifier: MIT */
#include "load/type_rename.h"

#include <stdio.h>
#include <string.h>

/* By comparing all types of the standard library, version by version. */
static const struct {
    const char *old, *new;
} renamed[] = {
    {"CArgObject", "_ctypes.CArgObject"},                            /* 3.12 */
    {"Context", "_contextvars.Context"},                             /* 3.10 */
    {"ContextVar", "_contextvars.ContextVar"},                       /* 3.10 */
    {"Struct", "_struct.Struct"},                                    /* 3.9 */
    {"Token", "_contextvars.Token"},                                 /* 3.10 */
    {"_abc_data", "_abc._abc_data"},                                 /* 3.9 */
    {"_collections._deque_iterator", "collections._deque_iterator"}, /* 3.12 */
    {"_collections._deque_reverse_iterator", "collections._deque_reverse_iterator"},
    {"_collections._tuplegetter", "collections._tuplegetter"}, /* 3.12 */
    {"_ctypes.CField", "ctypes.CField"},                       /* 3.14 */
    {"_ctypes.PyCFuncPtr", "_ctypes.CFuncPtr"},                /* 3.10 */
    {"_ssl.Session", "_ssl.SSLSession"},                       /* 3.10 */
    {"_thread.ExceptHookArgs", "_thread._ExceptHookArgs"},     /* 3.10 */
    {"asyncio.exceptions.TimeoutError", "TimeoutError"},       /* 3.11 */
    {"concurrent.futures._base.TimeoutError", "TimeoutError"}, /* 3.11 */
    {"enum.EnumMeta", "enum.EnumType"},                        /* 3.11 */
    {"enum._EnumDict", "enum.EnumDict"},                       /* 3.13 */
    {"re.error", "re.PatternError"},                           /* 3.13 */
    {"socket.timeout", "TimeoutError"},                        /* 3.10 */
    {"types.UnionType", "typing.Union"},                       /* 3.14 */
    {"unpack_iterator", "_struct.unpack_iterator"},            /* 3.9 */
    {"weakcallableproxy", "weakref.CallableProxyType"},        /* 3.10 */
    {"weakproxy", "weakref.ProxyType"},                        /* 3.10 */
    {"weakref", "weakref.ReferenceType"},                      /* 3.10 */
};

/* Whole modules that moved. */
static const struct {
    const char *old, *new;
} moved[] = {
    {"_ast.", "ast."},                    /* 3.9 */
    {"_py_warnings.", "warnings."},       /* 3.14 has the former */
    {"sre_constants.", "re._constants."}, /* 3.11 */
    {"sre_parse.", "re._parser."},        /* 3.11 */
};

const char *type_rename(struct arena *arena, const char *name)
{
    for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++) {
        if (!strcmp(name, renamed[i].old))
            return renamed[i].new;
    }
    for (size_t i = 0; i < sizeof moved / sizeof *moved; i++) {
        size_t prefix = strlen(moved[i].old);
        if (strncmp(name, moved[i].old, prefix) != 0)
            continue;
        size_t room = strlen(moved[i].new) + strlen(name + prefix) + 1;
        char *text = arena_alloc(arena, room, 1);
        if (text)
            snprintf(text, room, "%s%s", moved[i].new, name + prefix);
        return text;
    }
    return name;
}

/* SPDX-License-Identifier: MIT */
#include "trace/trace_names.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ouro/trace.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *pick(const char *const *names, size_t count, uint64_t number)
{
    return number < count && names[number] ? names[number] : "unknown";
}

const char *chunk_type_name(uint64_t type)
{
    static const char *const names[] = {
        [OURO_CHUNK_PROCESS] = "PROCESS",
        [OURO_CHUNK_STRINGS] = "STRINGS",
        [OURO_CHUNK_FUNCTIONS] = "FUNCTIONS",
        [OURO_CHUNK_SITES] = "SITES",
        [OURO_CHUNK_ROWS] = "ROWS",
        [OURO_CHUNK_TYPES] = "TYPES",
        [OURO_CHUNK_EPOCH] = "EPOCH",
        [OURO_CHUNK_COLLECTION] = "COLLECTION",
        [OURO_CHUNK_NOTE] = "NOTE",
        [OURO_CHUNK_MARK] = "MARK",
        [OURO_CHUNK_CHILD] = "CHILD",
        [OURO_CHUNK_END] = "END",
        [OURO_CHUNK_LIVES] = "LIVES",
        [OURO_CHUNK_SNAPSHOT_TAKEN] = "SNAPSHOT_TAKEN",
        [OURO_CHUNK_FOLDED] = "FOLDED",
        [OURO_CHUNK_VALUE_SAMPLES] = "VALUE_SAMPLES",
        [OURO_CHUNK_MODULES] = "MODULES",
        [OURO_CHUNK_NATIVE_STACKS] = "NATIVE_STACKS",
        [OURO_CHUNK_NATIVE] = "NATIVE",
        [OURO_CHUNK_NATIVE_KINDS] = "NATIVE_KINDS",
        [OURO_CHUNK_SNAPSHOT_BEGIN] = "SNAPSHOT_BEGIN",
        [OURO_CHUNK_SNAPSHOT_STRINGS] = "SNAPSHOT_STRINGS",
        [OURO_CHUNK_SNAPSHOT_TYPES] = "SNAPSHOT_TYPES",
        [OURO_CHUNK_SNAPSHOT_OBJECTS] = "SNAPSHOT_OBJECTS",
        [OURO_CHUNK_SNAPSHOT_ROOTS] = "SNAPSHOT_ROOTS",
        [OURO_CHUNK_SNAPSHOT_VALUES] = "SNAPSHOT_VALUES",
        [OURO_CHUNK_SNAPSHOT_MEMBERS] = "SNAPSHOT_MEMBERS",
        [OURO_CHUNK_SNAPSHOT_END] = "SNAPSHOT_END",
        [OURO_CHUNK_SNAPSHOT_EDGES] = "SNAPSHOT_EDGES",
        [OURO_CHUNK_SNAPSHOT_FOUND] = "SNAPSHOT_FOUND",
        [OURO_CHUNK_SNAPSHOT_SPARE] = "SNAPSHOT_SPARE",
        [OURO_CHUNK_SNAPSHOT_MEMORY] = "SNAPSHOT_MEMORY",
        [OURO_CHUNK_SNAPSHOT_UNREACHED] = "SNAPSHOT_UNREACHED",
        [OURO_CHUNK_SNAPSHOT_UNREACHED_BLOCKS] = "SNAPSHOT_UNREACHED_BLOCKS",
    };
    return pick(names, COUNT(names), type);
}

const char *note_name(uint64_t code)
{
    static const char *const names[] = {
        [OURO_NOTE_TRACER_LOST] = "tracer lost",
        [OURO_NOTE_SNAPSHOT_FAILED] = "snapshot failed",
        [OURO_NOTE_LIMIT] = "limit",
        [OURO_NOTE_OTHER] = "note",
    };
    return pick(names, COUNT(names), code);
}

const char *snapshot_reason_name(uint64_t reason)
{
    static const char *const names[] = {
        [OURO_SNAPSHOT_AT_EXIT] = "at exit",
        [OURO_SNAPSHOT_AT_UEXIT] = "at _exit()",
        [OURO_SNAPSHOT_ON_REQUEST] = "on request",
        [OURO_SNAPSHOT_INTERVAL] = "at an interval",
        [OURO_SNAPSHOT_GROWTH] = "on growth",
        [OURO_SNAPSHOT_MARK] = "at a mark",
        [OURO_SNAPSHOT_COLLECTION] = "before a collection",
    };
    return pick(names, COUNT(names), reason);
}

const char *snapshot_status_name(uint64_t status)
{
    static const char *const names[] = {
        [OURO_SNAPSHOT_COMPLETE] = "complete",
        [OURO_SNAPSHOT_TIME_BOUND] = "stopped at its time bound",
        [OURO_SNAPSHOT_MEMORY_BOUND] = "stopped at its memory bound",
        [OURO_SNAPSHOT_FAULT] = "stopped by a fault",
    };
    return pick(names, COUNT(names), status);
}

const char *end_reason_name(uint64_t reason)
{
    static const char *const names[] = {
        [OURO_END_EXIT] = "exit",
        [OURO_END_UEXIT] = "_exit()",
        [OURO_END_EXEC] = "exec",
        [OURO_END_SIGNAL] = "a signal it sent itself",
    };
    return pick(names, COUNT(names), reason);
}

const char *label_kind_name(uint64_t label)
{
    static const char *const names[] = {
        [OURO_LABEL_NONE] = "none",
        [OURO_LABEL_ATTRIBUTE] = "attribute",
        [OURO_LABEL_KEY] = "key",
        [OURO_LABEL_INDEX] = "index",
        [OURO_LABEL_ELEMENT] = "element",
        [OURO_LABEL_CELL] = "cell",
        [OURO_LABEL_LOCAL] = "local",
        [OURO_LABEL_KEY_OBJECT] = "key object",
        [OURO_LABEL_NAMESPACE] = "namespace",
        [OURO_LABEL_TYPE] = "type",
        [OURO_LABEL_REFERENT] = "referent",
    };
    return pick(names, COUNT(names), label & OURO_LABEL_KIND_MASK);
}

const char *root_kind_name(uint64_t kind)
{
    static const char *const names[] = {
        [OURO_ROOT_MODULE] = "module",
        [OURO_ROOT_LOCAL] = "local",
        [OURO_ROOT_STACK] = "stack",
        [OURO_ROOT_THREAD] = "thread",
        [OURO_ROOT_INTERPRETER] = "interpreter",
        [OURO_ROOT_STATIC_TYPE] = "static type",
        [OURO_ROOT_INTERNED] = "interned strings",
        [OURO_ROOT_CODE] = "running code",
        [OURO_ROOT_ATEXIT] = "atexit",
        [OURO_ROOT_SIGNAL] = "signal handler",
        [OURO_ROOT_STATIC_DATA] = "static data",
        [OURO_ROOT_MEMORY] = "memory",
    };
    return pick(names, COUNT(names), kind);
}

/* names[b] is bit b; NULL: unknown. */
static const char *join(uint64_t flags, const char *const *names, size_t count, char *out,
                        size_t size)
{
    size_t used = 0;
    for (size_t bit = 0; bit < count; bit++) {
        if (!(flags >> bit & 1) || !names[bit])
            continue;
        int n = snprintf(out + used, size - used, "%s%s", used ? "," : "", names[bit]);
        if (n < 0 || (size_t)n >= size - used)
            return out;
        used += (size_t)n;
        flags &= ~(UINT64_C(1) << bit);
    }
    if (flags || !used)
        snprintf(out + used, size - used, "%s%s%" PRIx64, used ? "," : "", flags ? "0x" : "",
                 flags);
    return out;
}

const char *type_flag_names(uint64_t flags, char *out, size_t size)
{
    static const char *const names[] = {"gc",         "traverse",   "clear", "heap",
                                        "finalizer",  "legacy-del", "user",  "atom",
                                        "attributes", "recycled"};
    return join(flags, names, COUNT(names), out, size);
}

const char *object_flag_names(uint64_t flags, char *out, size_t size)
{
    static const char *const names[] = {"tracked", "immortal",          "static",    "interned",
                                        "frozen",  "weakly-referenced", "finalized", "namespace"};
    uint64_t generation = flags >> OURO_OBJECT_GENERATION_SHIFT & 3;
    join(flags & ~(UINT64_C(3) << OURO_OBJECT_GENERATION_SHIFT), names, COUNT(names), out, size);
    size_t used = strlen(out);
    if (generation)
        snprintf(out + used, size - used, ",generation-%" PRIu64, generation - 1);
    return out;
}

const char *row_flag_names(uint64_t flags, char *out, size_t size)
{
    static const char *const names[] = {"object", "variable"};
    return join(flags, names, COUNT(names), out, size);
}

const char *site_flag_names(uint64_t flags, char *out, size_t size)
{
    static const char *const names[] = {"line-approximate", "folded"};
    return join(flags, names, COUNT(names), out, size);
}

const char *process_flag_names(uint64_t flags, char *out, size_t size)
{
    static const char *const names[] = {"no-values", "free-threaded", "approximate"};
    return join(flags, names, COUNT(names), out, size);
}

const char *value_flag_names(uint64_t flags, char *out, size_t size)
{
    static const char *const names[] = {"truncated", "bytes"};
    return join(flags, names, COUNT(names), out, size);
}

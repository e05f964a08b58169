/* SPDX-License-Identifier: MIT */
/*
 * Where objects that nothing known refers to are referred to from outside of the heap.
 */
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api.h"
#include "dying.h"
#include "layout.h"
#include "objects.h"
#include "roots.h"
#include "stack.h"
#include "surplus.h"
#include "thread_names.h"

#define POINTERS 3u          /* levels of plain blocks behind a field */
#define STACK_WORDS 64u      /* of temporaries of a frame that are looked at */
#define DISTANCE (64u << 10) /* between a frame and the next one, at most */

static uint32_t text(struct snapshot *snapshot, const char *name)
{
    return snapshot_string(snapshot, name, strlen(name));
}

/* An attribute of a module that is imported, or 0. */
static uintptr_t module_attribute(const char *name, const char *attribute)
{
    py_object *modules = api.PyImport_GetModuleDict();
    py_object *module = modules ? api.PyDict_GetItemString(modules, name) : NULL;
    if (!module || object_type((uintptr_t)module) != (uintptr_t)api.module_type)
        return 0;
    if (!attribute)
        return (uintptr_t)module;
    return *attribute ? objects_attribute((uintptr_t)module, attribute)
                      : object_namespace((uintptr_t)module);
}

/*
 * Fields of the interpreter by what they refer to: where they stand differs from patch release to
 * patch release, but what they hold can be told in another way.
 */
static const struct {
    const char *name, *module, *attribute; /* attribute NULL: the module, "": its namespace */
} interpreter_fields[] = {
    {"sysdict", "sys", ""},
    {"builtins", "builtins", ""},
    {"importlib", "_frozen_importlib", NULL},
    {"import_func", "builtins", "__import__"},
    {"garbage", "gc", "garbage"},
    {"callbacks", "gc", "callbacks"},
    {"warnings filters", "_warnings", "filters"},
    {"warnings registry", "_warnings", "_onceregistry"},
};

static bool has_key(uintptr_t dict, const char *key)
{
    return object_type(dict) == (uintptr_t)api.dict_type &&
           api.PyDict_GetItemString((void *)dict, key);
}

uintptr_t roots_exit_callback;

/* The callbacks of atexit as a list of tuples (3.14+): ours is among them. */
static bool is_exit_list(uintptr_t object)
{
    if (object_type(object) != (uintptr_t)api.list_type || !load_word(object, layout.header))
        return false;
    uintptr_t items = load_word(object, layout.header + 8u);
    for (uintptr_t i = 0; i < load_word(object, layout.header); i++) {
        uintptr_t item = load_word(items, 8 * i);
        if (item && object_type(item) == (uintptr_t)api.tuple_type &&
            load_word(item, layout.header) &&
            load_word(item, layout.tuple_items) == roots_exit_callback)
            return true;
    }
    return false;
}

/*
 * The same as a table of pointers to { function, arguments, keywords } (3.10 to 3.13). Ours was
 * registered before all others, so it is the first.
 */
static bool is_exit_table(uintptr_t at)
{
    uintptr_t table = load_word(at, 0), entry;
    return surplus_plain_block(table) && (entry = load_word(table, 0)) &&
           surplus_plain_block(entry) && load_word(entry, 0) == roots_exit_callback;
}

static void describe_field(struct snapshot *snapshot, struct snapshot_root *root, uintptr_t object,
                           uintptr_t origin)
{
    const char *name = "state", *type = (const char *)type_word(object_type(object), TP_NAME);
    if (roots_exit_callback && (is_exit_list(object) || is_exit_table(origin))) {
        root->kind = OURO_ROOT_ATEXIT;
        root->name = 0;
        return;
    }
    for (size_t i = 0; i < sizeof interpreter_fields / sizeof *interpreter_fields; i++)
        if (module_attribute(interpreter_fields[i].module, interpreter_fields[i].attribute) ==
            object)
            name = interpreter_fields[i].name;
    if ((uintptr_t)api.PyImport_GetModuleDict() == object)
        name = "modules";
    else if (has_key(object, "surrogateescape") && has_key(object, "strict"))
        name = "codec error handlers";
    else if (has_key(object, "utf_8") || has_key(object, "utf-8"))
        name = "codec cache";
    else if (object_type(object) == (uintptr_t)api.type_type)
        name = "type";
    else if (type && strcmp(type, "_contextvars.Context") == 0)
        name = "context";
    root->name = text(snapshot, name);
}

static void describe_thread(struct snapshot *snapshot, struct snapshot_root *root, uintptr_t object,
                            uintptr_t origin)
{
    (void)origin;
    uintptr_t type = object_type(object), flags = type_word(type, TP_FLAGS);
    const char *name = (const char *)type_word(type, TP_NAME);
    root->name = text(snapshot, name && strstr(name, "Context") ? "context"
                                : flags & FLAG_EXCEPTION        ? "exception"
                                : flags & FLAG_DICT             ? "dict"
                                                                : "state");
}

/* The size of a block of malloc, which interpreters and thread states mostly are. */
static size_t block_size(uintptr_t address)
{
    return dying_in_data(address) ? 0 : malloc_usable_size((void *)address);
}

/* The temporaries of a thread's frames: between the variables of one and the next one. */
static void search_frames(struct snapshot *snapshot, uintptr_t thread, uint32_t name)
{
    uintptr_t inner = 0;
    if (layout.generator_frame == LAYOUT_NONE)
        return; /* parts of frame objects */
    for (uintptr_t frame = stack_innermost(thread); frame;
         inner = frame, frame = stack_caller(frame)) {
        uintptr_t code = stack_code(frame);
        if (!code)
            continue;
        uint16_t field = layout.code_qualname;
        char function[512], file[1024];
        size_t function_size = code_utf8(load_word(code, field), function, sizeof function);
        size_t file_size = code_utf8(load_word(code, layout.code_filename), file, sizeof file);
        uint32_t offset, line;
        code_place(code, frame, stack_position(frame), &offset, &line);
        struct snapshot_root root = {.kind = OURO_ROOT_STACK,
                                     .function = snapshot_string(snapshot, function, function_size),
                                     .file = snapshot_string(snapshot, file, file_size),
                                     .thread = name,
                                     .line = line};
        uintptr_t start = frame + layout.frame_locals + 8ul * edges_local_count(code);
        uintptr_t end = start + 8ul * STACK_WORDS;
        if (inner > start && inner < end && inner - frame < DISTANCE)
            end = inner;
        surplus_search(snapshot, start, end, 0, &root, NULL);
    }
}

/* The part of a thread's C stack that is in use lies below its own data, or where it is now. */
static bool stack_of(uintptr_t inside, uintptr_t *start, uintptr_t *end)
{
    char buffer[16384], line[256];
    size_t length = 0;
    int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    bool found = false;
    if (file < 0)
        return false;
    for (ssize_t n; !found && (n = read(file, buffer, sizeof buffer)) > 0;) {
        for (ssize_t i = 0; i < n && !found; i++) {
            if (buffer[i] != '\n') {
                if (length < sizeof line - 1)
                    line[length++] = buffer[i];
                continue;
            }
            line[length] = '\0';
            length = 0;
            char *dash;
            uintptr_t low = strtoul(line, &dash, 16), high = strtoul(dash + 1, NULL, 16);
            if (low <= inside && inside < high) {
                *start = low;
                *end = high;
                found = true;
            }
        }
    }
    close(file);
    return found;
}

static void search_states(struct snapshot *snapshot, uintptr_t interpreter)
{
    for (void *thread = api.PyInterpreterState_ThreadHead((void *)interpreter);
         thread && surplus_left(); thread = api.PyThreadState_Next(thread)) {
        uintptr_t at = (uintptr_t)thread;
        struct snapshot_root root = {.kind = OURO_ROOT_THREAD, .thread = thread_name(snapshot, at)};
        size_t size = block_size(at);
        surplus_search(snapshot, at, at + (size ? size : 512), 1, &root, describe_thread);
        search_frames(snapshot, at, root.thread);
    }
}

static void search_stacks(struct snapshot *snapshot, uintptr_t interpreter)
{
    /*
     * C code of threads that wait, last. What stands on the stack of the thread that is looking may
     * be left over from anything it did: a lost reference must not look held because of that.
     */
    for (void *thread = api.PyInterpreterState_ThreadHead((void *)interpreter);
         thread && surplus_left(); thread = api.PyThreadState_Next(thread)) {
        uintptr_t identity = load_word((uintptr_t)thread, layout.tstate_thread), start, end;
        struct snapshot_root root = {.kind = OURO_ROOT_THREAD,
                                     .name = text(snapshot, "C stack"),
                                     .thread = thread_name(snapshot, (uintptr_t)thread)};
        if (identity != (uintptr_t)pthread_self() && stack_of(identity, &start, &end))
            surplus_search(snapshot, start, identity, 0, &root, NULL);
    }
}

/*
 * Tables of the interpreter in memory of malloc: _Py_hashtable_t { entries, buckets, lists,
 * 3 functions, ... } of nodes { next, hash, key, value } (Include/internal/pycore_hashtable.h).
 * Builds without the global lock keep the constants of all code in one.
 */
struct hashtable {
    uintptr_t entries, buckets, lists, functions[3];
};

static bool is_hashtable(const struct hashtable *table)
{
    if (table->buckets < 16 || table->buckets > 1u << 28 || table->buckets & (table->buckets - 1) ||
        table->entries > table->buckets || !table->lists || table->lists & 7)
        return false;
    uintptr_t code;
    memcpy(&code, &api.Py_GetVersion, sizeof code);
    for (int i = 0; i < 3; i++) {
        uintptr_t distance =
            table->functions[i] > code ? table->functions[i] - code : code - table->functions[i];
        if (distance > 64u << 20)
            return false;
    }
    return true;
}

static void search_hashtable(struct snapshot *snapshot, const struct hashtable *table)
{
    struct snapshot_root root = {.kind = OURO_ROOT_INTERPRETER,
                                 .name = text(snapshot, "constants of code")};
    for (uintptr_t i = 0; i < table->buckets; i++) {
        uintptr_t node = load_word(table->lists, 8 * i);
        for (uintptr_t bound = table->entries; node && bound; bound--) {
            surplus_search_word(snapshot, node + 16, &root);
            surplus_search_word(snapshot, node + 24, &root);
            node = load_word(node, 0);
        }
    }
}

static void search_hashtables(struct snapshot *snapshot, uintptr_t start, uintptr_t end)
{
    for (volatile uintptr_t at = start; at + 8 <= end && surplus_left(); at += 8) {
        if (sigsetjmp(snapshot->recover, 0)) {
            snapshot->guarded = 0;
            continue; /* no pointer, then */
        }
        uintptr_t word = load_word(at, 0);
        if (word & 15 || word < 65536 || word >> 47 || (word >= start && word < end))
            continue;
        snapshot->guarded = 1;
        struct hashtable table;
        memcpy(&table, (const void *)word, sizeof table);
        if (is_hashtable(&table))
            search_hashtable(snapshot, &table);
        snapshot->guarded = 0;
    }
}

static void search_libraries(struct snapshot *snapshot)
{
    uintptr_t start, end;
    const char *path;
    for (unsigned i = 0; surplus_left() && dying_data(i, &start, &end, &path); i++) {
        const char *last = strrchr(path, '/');
        struct snapshot_root root = {.kind = OURO_ROOT_STATIC_DATA,
                                     .name = text(snapshot, last    ? last + 1
                                                            : *path ? path
                                                                    : "the program")};
        surplus_search(snapshot, start, end, POINTERS, &root, NULL);
    }
}

void roots_search(struct snapshot *snapshot, uintptr_t interpreter)
{
    struct snapshot_root root = {.kind = OURO_ROOT_INTERPRETER};
    uintptr_t runtime = (uintptr_t)api.runtime;
    search_states(snapshot, interpreter);
    /* From 3.11 on the main interpreter is a part of _PyRuntime. */
    if (interpreter < runtime || interpreter >= runtime + api.runtime_size)
        surplus_search(snapshot, interpreter, interpreter + block_size(interpreter), POINTERS,
                       &root, describe_field);
    surplus_search(snapshot, runtime, runtime + api.runtime_size, POINTERS, &root, describe_field);
    if (layout.free_threaded)
        search_hashtables(snapshot, runtime, runtime + api.runtime_size);
    search_libraries(snapshot);
    surplus_search_blocks(snapshot);
    search_stacks(snapshot, interpreter);
}

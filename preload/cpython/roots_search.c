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

static uint32_t interpreter_name(struct snapshot *snapshot, uintptr_t object, uintptr_t at)
{
    (void)at;
    for (size_t i = 0; i < sizeof interpreter_fields / sizeof *interpreter_fields; i++)
        if (module_attribute(interpreter_fields[i].module, interpreter_fields[i].attribute) ==
            object)
            return text(snapshot, interpreter_fields[i].name);
    if ((uintptr_t)api.PyImport_GetModuleDict() == object)
        return text(snapshot, "modules");
    if (has_key(object, "surrogateescape") && has_key(object, "strict"))
        return text(snapshot, "codec error handlers");
    if (has_key(object, "utf_8") || has_key(object, "utf-8"))
        return text(snapshot, "codec cache");
    if (object_type(object) == (uintptr_t)api.type_type)
        return text(snapshot, "type");
    return text(snapshot, "state");
}

static uint32_t thread_field_name(struct snapshot *snapshot, uintptr_t object, uintptr_t at)
{
    (void)at;
    uintptr_t type = object_type(object), flags = type_word(type, TP_FLAGS);
    const char *name = (const char *)type_word(type, TP_NAME);
    if (name && strstr(name, "Context"))
        return text(snapshot, "context");
    return text(snapshot, flags & FLAG_EXCEPTION ? "exception"
                          : flags & FLAG_DICT    ? "dict"
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

static void search_threads(struct snapshot *snapshot, uintptr_t interpreter)
{
    for (void *thread = api.PyInterpreterState_ThreadHead((void *)interpreter);
         thread && surplus_left(); thread = api.PyThreadState_Next(thread)) {
        uintptr_t at = (uintptr_t)thread;
        struct snapshot_root root = {.kind = OURO_ROOT_THREAD, .thread = thread_name(snapshot, at)};
        size_t size = block_size(at);
        surplus_search(snapshot, at, at + (size ? size : 512), 1, &root, thread_field_name);
        search_frames(snapshot, at, root.thread);
    }
    /* C code that runs, last: what is on a C stack may be a leftover. */
    for (void *thread = api.PyInterpreterState_ThreadHead((void *)interpreter);
         thread && surplus_left(); thread = api.PyThreadState_Next(thread)) {
        uintptr_t identity = load_word((uintptr_t)thread, layout.tstate_thread), start, end;
        struct snapshot_root root = {.kind = OURO_ROOT_THREAD,
                                     .name = text(snapshot, "C stack"),
                                     .thread = thread_name(snapshot, (uintptr_t)thread)};
        uintptr_t here = (uintptr_t)__builtin_frame_address(0);
        if (identity == (uintptr_t)pthread_self()) {
            if (stack_of(here, &start, &end))
                surplus_search(snapshot, here, end, 0, &root, NULL);
        } else if (stack_of(identity, &start, &end)) {
            surplus_search(snapshot, start, identity, 0, &root, NULL);
        }
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
    /* From 3.11 on the main interpreter is a part of _PyRuntime. */
    if (interpreter < runtime || interpreter >= runtime + api.runtime_size)
        surplus_search(snapshot, interpreter, interpreter + block_size(interpreter), POINTERS,
                       &root, interpreter_name);
    surplus_search(snapshot, runtime, runtime + api.runtime_size, POINTERS, &root,
                   interpreter_name);
    search_threads(snapshot, interpreter);
    search_libraries(snapshot);
    surplus_search_blocks(snapshot);
}

/* SPDX-License-Identifier: MIT */
#include "roots.h"

#include <string.h>

#include "api.h"
#include "code.h"
#include "edges.h"
#include "layout.h"
#include "objects.h"
#include "signals.h"
#include "stack.h"
#include "thread_names.h"

static uint32_t string_of(struct snapshot *snapshot, uintptr_t string)
{
    char text[1024];
    return snapshot_string(snapshot, text, code_utf8(string, text, sizeof text));
}

/* A word of a frame as the object it owns; 0 when it owns none. From 3.14 on words are tagged. */
static uintptr_t owned_word(uintptr_t at)
{
    uintptr_t word = load_word(at, 0);
    if (layout.minor < 14)
        return word;
    return word & 1 ? 0 : word & ~LAYOUT_TAGS; /* borrowed, or a tagged integer */
}

static void put(struct snapshot *snapshot, struct snapshot_root root, uintptr_t object)
{
    if (!object)
        return;
    root.target = snapshot_index(snapshot, object);
    snapshot_root(snapshot, &root);
}

/*
 * What a frame owns beside its variables (_PyInterpreterFrame, Include/internal/pycore_frame.h and
 * pycore_interpframe_structs.h), as offsets: 3.11, then 3.12 and later.
 */
enum { OWNED = 3 };
static const struct {
    uint8_t offset;
    const char *name;
} owned_fields[2][OWNED] = {{{0, "function"}, {24, "locals"}, {40, "frame"}},
                            {{16, "function"}, {40, "locals"}, {48, "frame"}}};

/* The variables of a running frame; up to 3.10 the frame is an object and holds them itself. */
static void frame_roots(struct snapshot *snapshot, uintptr_t frame, uintptr_t code, uint32_t thread)
{
    uint16_t field = layout.code_qualname == LAYOUT_NONE ? layout.code_name : layout.code_qualname;
    uint32_t offset, line;
    code_place(code, frame, stack_position(frame), &offset, &line);
    struct snapshot_root root = {
        .flags = OURO_ROOT_COUNTED,
        .function = string_of(snapshot, load_word(code, field)),
        .file = string_of(snapshot, load_word(code, layout.code_filename)),
        .thread = thread,
        .line = line,
    };
    if (layout.generator_frame == LAYOUT_NONE) {
        root.kind = OURO_ROOT_THREAD;
        root.name = snapshot_string(snapshot, "frame", 5);
        put(snapshot, root, frame);
        return;
    }
    /* A generator's frame is part of an object, which tells what it holds as far as it can. */
    if (*(const char *)(frame + layout.frame_owner) != 0)
        root.flags = 0;
    root.kind = OURO_ROOT_CODE;
    root.name = snapshot_string(snapshot, "code", 4);
    struct snapshot_root borrowed = root;
    borrowed.flags = 0;
    uintptr_t owned_code = owned_word(frame + layout.frame_code);
    put(snapshot, owned_code ? root : borrowed, code);
    for (unsigned i = 0; i < OWNED; i++) {
        const char *name = owned_fields[layout.minor >= 12][i].name;
        root.name = snapshot_string(snapshot, name, strlen(name));
        put(snapshot, root, owned_word(frame + owned_fields[layout.minor >= 12][i].offset));
    }
    unsigned count = edges_local_count(code);
    root.kind = OURO_ROOT_LOCAL;
    for (unsigned i = 0; i < count; i++) {
        root.name = edges_local_name(snapshot, code, i);
        put(snapshot, root, owned_word(frame + layout.frame_locals + 8ul * i));
    }
}

static void thread_roots(struct snapshot *snapshot, uintptr_t interpreter)
{
    for (void *thread = api.PyInterpreterState_ThreadHead((void *)interpreter); thread;
         thread = api.PyThreadState_Next(thread)) {
        uint32_t name = thread_name(snapshot, (uintptr_t)thread);
        for (uintptr_t frame = stack_innermost((uintptr_t)thread); frame;
             frame = stack_caller(frame)) {
            uintptr_t code = stack_code(frame);
            if (code)
                frame_roots(snapshot, frame, code, name);
        }
    }
}

static void module_roots(struct snapshot *snapshot)
{
    py_object *modules = api.PyImport_GetModuleDict(), *key, *value;
    if (!modules)
        return;
    struct snapshot_root root = {.kind = OURO_ROOT_INTERPRETER,
                                 .name = snapshot_string(snapshot, "modules", 7)};
    put(snapshot, root, (uintptr_t)modules);
    root.kind = OURO_ROOT_MODULE;
    for (ptrdiff_t at = 0; object_dict_next((uintptr_t)modules, &at, &key, &value);) {
        root.name = string_of(snapshot, (uintptr_t)key);
        put(snapshot, root, (uintptr_t)value);
    }
}

void roots_write(struct snapshot *snapshot, uintptr_t interpreter)
{
    module_roots(snapshot);
    thread_roots(snapshot, interpreter);
    signals_write(snapshot);
}

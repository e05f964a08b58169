/* SPDX-License-Identifier: MIT */
#include "roots.h"

#include <string.h>

#include "api.h"
#include "code.h"
#include "edges.h"
#include "layout.h"
#include "stack.h"

static uint32_t string_of(struct snapshot *snapshot, uintptr_t string)
{
    char text[1024];
    return snapshot_string(snapshot, text, code_utf8(string, text, sizeof text));
}

/* The variables of a running frame; up to 3.10 the frame is an object and holds them itself. */
static void frame_roots(struct snapshot *snapshot, uintptr_t frame, uintptr_t code)
{
    uint16_t field = layout.code_qualname == LAYOUT_NONE ? layout.code_name : layout.code_qualname;
    uint32_t function = string_of(snapshot, load_word(code, field));
    uint32_t file = string_of(snapshot, load_word(code, layout.code_filename));
    uint32_t offset, line;
    code_place(code, frame, stack_position(frame), &offset, &line);
    if (layout.generator_frame == LAYOUT_NONE) {
        snapshot_root(snapshot, OURO_ROOT_THREAD, snapshot_index(snapshot, frame),
                      snapshot_string(snapshot, "frame", 5), function, file, line);
        return;
    }
    snapshot_root(snapshot, OURO_ROOT_CODE, snapshot_index(snapshot, code), 0, function, file,
                  line);
    unsigned count = edges_local_count(code);
    for (unsigned i = 0; i < count; i++) {
        uintptr_t value = load_word(frame, layout.frame_locals + 8ul * i);
        if (layout.minor >= 14) {
            if (value & 1)
                continue; /* borrowed, or a tagged integer */
            value &= ~7ul;
        }
        if (value)
            snapshot_root(snapshot, OURO_ROOT_LOCAL, snapshot_index(snapshot, value),
                          edges_local_name(snapshot, code, i), function, file, line);
    }
}

static void thread_roots(struct snapshot *snapshot, uintptr_t interpreter)
{
    for (void *thread = api.PyInterpreterState_ThreadHead((void *)interpreter); thread;
         thread = api.PyThreadState_Next(thread))
        for (uintptr_t frame = stack_innermost((uintptr_t)thread); frame;
             frame = stack_caller(frame)) {
            uintptr_t code = stack_code(frame);
            if (code)
                frame_roots(snapshot, frame, code);
        }
}

static void module_roots(struct snapshot *snapshot)
{
    py_object *modules = api.PyImport_GetModuleDict(), *key, *value;
    if (!modules)
        return;
    snapshot_root(snapshot, OURO_ROOT_INTERPRETER, snapshot_index(snapshot, (uintptr_t)modules),
                  snapshot_string(snapshot, "modules", 7), 0, 0, 0);
    for (ptrdiff_t at = 0; api.PyDict_Next(modules, &at, &key, &value);)
        snapshot_root(snapshot, OURO_ROOT_MODULE, snapshot_index(snapshot, (uintptr_t)value),
                      string_of(snapshot, (uintptr_t)key), 0, 0, 0);
}

void roots_write(struct snapshot *snapshot, uintptr_t interpreter)
{
    module_roots(snapshot);
    thread_roots(snapshot, interpreter);
}

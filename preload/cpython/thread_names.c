/* SPDX-License-Identifier: MIT */
#include "thread_names.h"

#include "api.h"
#include "code.h"
#include "layout.h"
#include "objects.h"

/* The dict threading._active, which has the threads by their identities; 0: no such module. */
static uintptr_t active_threads(void)
{
    py_object *modules = api.PyImport_GetModuleDict();
    py_object *module = modules ? api.PyDict_GetItemString(modules, "threading") : NULL;
    if (!module || object_type((uintptr_t)module) != (uintptr_t)api.module_type)
        return 0;
    uintptr_t active = objects_attribute((uintptr_t)module, "_active");
    return active && object_type(active) == (uintptr_t)api.dict_type ? active : 0;
}

uint32_t thread_name(struct snapshot *snapshot, uintptr_t tstate)
{
    uintptr_t active = active_threads(), identity = load_word(tstate, layout.tstate_thread);
    py_object *key, *thread;
    for (ptrdiff_t at = 0; active && object_dict_next((uintptr_t)active, &at, &key, &thread);) {
        if (object_type((uintptr_t)key) != (uintptr_t)api.long_type ||
            (uintptr_t)api.PyLong_AsLong(key) != identity)
            continue;
        char text[256];
        uintptr_t name = objects_attribute((uintptr_t)thread, "_name");
        if (name && object_type(name) == (uintptr_t)api.unicode_type)
            return snapshot_string(snapshot, text, code_utf8(name, text, sizeof text));
    }
    return 0;
}

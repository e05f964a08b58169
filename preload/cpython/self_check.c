/* SPDX-License-Identifier: MIT */
#include "self_check.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "api.h"
#include "code.h"
#include "gc_state.h"
#include "layout.h"
#include "stack.h"

#define FRAMES 64 /* as many frames of the running stack are compared */

static bool check_types(const char **reason)
{
    const struct {
        py_object *type;
        const char *name;
        unsigned long flag;
    } known[] = {
        {api.type_type, "type", FLAG_TYPE}, {api.dict_type, "dict", FLAG_DICT},
        {api.list_type, "list", FLAG_LIST}, {api.unicode_type, "str", FLAG_UNICODE},
        {api.code_type, "code", 0},         {api.tuple_type, "tuple", FLAG_TUPLE},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uintptr_t type = (uintptr_t)known[i].type;
        const char *name = (const char *)type_word(type, TP_NAME);
        if (object_type(type) != (uintptr_t)api.type_type || !name ||
            strcmp(name, known[i].name) != 0 ||
            (type_word(type, TP_FLAGS) & known[i].flag) != known[i].flag) {
            *reason = "its type objects are not laid out as expected";
            return false;
        }
    }
    return true;
}

/* Compares a str attribute of an object with what the adapter reads. */
static bool same_text(py_object *owner, const char *attribute, uintptr_t string)
{
    py_object *value = api.PyObject_GetAttrString(owner, attribute);
    bool same = (uintptr_t)value == string && object_type(string) == (uintptr_t)api.unicode_type;
    if (value)
        api.Py_DecRef(value);
    return same;
}

static bool same_number(py_object *owner, const char *attribute, long number)
{
    py_object *value = api.PyObject_GetAttrString(owner, attribute);
    bool same = value && (value == api.none || api.PyLong_AsLong(value) == number);
    if (value)
        api.Py_DecRef(value);
    return same;
}

/* One frame: frame is the interpreter's object, at our address of the same activation. */
static bool check_frame(py_object *frame, uintptr_t at, const char **reason)
{
    bool sound = false;
    uintptr_t code = stack_code(at);
    py_object *expected = api.PyObject_GetAttrString(frame, "f_code");
    *reason = "the code of a frame is not where it is expected";
    if (!code || (uintptr_t)expected != code)
        goto out;
    *reason = "code objects are not laid out as expected";
    if (!same_text(expected, "co_filename", load_word(code, layout.code_filename)) ||
        !same_text(expected, "co_name", load_word(code, layout.code_name)) ||
        (layout.code_qualname != LAYOUT_NONE &&
         !same_text(expected, "co_qualname", load_word(code, layout.code_qualname))) ||
        !same_number(expected, "co_firstlineno", load_int(code, layout.code_first_line)))
        goto out;
    uintptr_t position = stack_position(at);
    uint32_t offset, line;
    code_place(code, at, position, &offset, &line);
    bool started = layout.position_kind == POSITION_POINTER || (int)position >= 0;
    *reason = "the position within a frame is not where it is expected";
    if (!same_number(frame, "f_lasti", started ? (long)offset : -1))
        goto out;
    *reason = "lines of code are not encoded as expected";
    if (line && !same_number(frame, "f_lineno", (long)line))
        goto out;
    sound = true;
out:
    if (expected)
        api.Py_DecRef(expected);
    return sound;
}

static bool check_stack(uintptr_t tstate, const char **reason)
{
    py_object *frame = api.PyEval_GetFrame();
    uintptr_t at = stack_innermost(tstate);
    if (frame)
        api.Py_IncRef(frame);
    bool sound = frame != NULL;
    *reason = "there is no frame to compare with";
    for (int i = 0; sound && frame && i < FRAMES; i++) {
        while (at && !stack_code(at))
            at = stack_caller(at);
        *reason = "a frame's caller is not where it is expected";
        sound = at && check_frame(frame, at, reason);
        py_object *caller = api.PyObject_GetAttrString(frame, "f_back");
        api.Py_DecRef(frame);
        frame = caller;
        if (frame == api.none) {
            api.Py_DecRef(frame);
            frame = NULL;
        }
        if (sound)
            at = stack_caller(at);
    }
    if (frame)
        api.Py_DecRef(frame);
    return sound;
}

bool self_check(const char **reason)
{
    uintptr_t tstate = (uintptr_t)api.thread_state();
    *reason = "there is no thread state";
    if (!tstate || !check_types(reason))
        return false;
    uintptr_t interpreter = (uintptr_t)api.PyInterpreterState_Main();
    *reason = "thread states are not laid out as expected";
    if (load_word(tstate, layout.tstate_interp) != interpreter ||
        load_word(tstate, layout.tstate_thread) != (uintptr_t)pthread_self())
        return false;
    *reason = "the collector's state is not where it is expected";
    if (!gc_plausible(interpreter))
        return false;
    return check_stack(tstate, reason);
}

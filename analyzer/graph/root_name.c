/* SPDX-License-Identifier: MIT */
#include "graph/root_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The record that made the object a root, or NULL. */
static const struct root *record_of(const struct root_paths *paths, uint32_t object)
{
    uint32_t index = heap_roots_record(paths->roots, object);
    return index == NO_ID ? NULL : &paths->snapshot->roots[index];
}

/* The place of a frame, and the thread it runs in. */
static int frame_text(char *text, size_t size, const struct root *root)
{
    return snprintf(text, size, "%s (%s:%" PRIu32 ")%s%s", root->function, root->file, root->line,
                    *root->thread ? " in thread " : "", root->thread);
}

static void record_text(const struct root *root, char *text, size_t size, struct root_name *name)
{
    char frame[400];
    frame_text(frame, sizeof frame, root);
    switch (root->kind) {
    case OURO_ROOT_MODULE:
        name->expression = root->name;
        name->is_object = true;
        snprintf(text, size, "module %s", root->name);
        break;
    case OURO_ROOT_LOCAL:
        name->expression = root->name;
        snprintf(text, size, "local %s of %s", root->name, frame);
        break;
    case OURO_ROOT_STACK:
        snprintf(text, size, "temporary of %s", frame);
        break;
    case OURO_ROOT_CODE:
        snprintf(text, size, "running %s", frame);
        break;
    case OURO_ROOT_THREAD:
        snprintf(text, size, "thread %s%s%s", root->thread, *root->thread ? " " : "", root->name);
        break;
    case OURO_ROOT_INTERPRETER:
        snprintf(text, size, "interpreter %s", root->name);
        break;
    case OURO_ROOT_STATIC_TYPE:
        name->expression = root->name;
        snprintf(text, size, "static type %s", root->name);
        break;
    case OURO_ROOT_INTERNED:
        snprintf(text, size, "interned strings");
        break;
    case OURO_ROOT_ATEXIT:
        snprintf(text, size, "callback of atexit");
        break;
    case OURO_ROOT_SIGNAL:
        snprintf(text, size, "handler of signal %s", root->name);
        break;
    case OURO_ROOT_STATIC_DATA:
        snprintf(text, size, "static variable in %s", root->name);
        break;
    case OURO_ROOT_MEMORY:
        snprintf(text, size, "memory of C code%s%s", *root->name ? ", " : "", root->name);
        break;
    default:
        snprintf(text, size, "root %s", root->name);
    }
}

static void unknown_text(uint32_t references, char *text, size_t size)
{
    snprintf(text, size, "(unknown holder, %" PRIu32 " reference%s)", references,
             references == 1 ? "" : "s");
}

int root_name_make(const struct root_paths *paths, uint32_t object, bool several,
                   struct arena *arena, struct root_name *name)
{
    const struct snapshot *s = paths->snapshot;
    uint8_t reason = paths->roots->reason[object];
    char text[1024];
    const char *plain = NULL; /* the whole text, where nothing is put into it */
    *name = (struct root_name){.expression = ""};
    const struct root *root = record_of(paths, object);
    if (reason == ROOT_NONE)
        plain = "(unreachable)";
    else if (reason == ROOT_UNKNOWN && several)
        plain = "(unknown holder)";
    else if (reason == ROOT_UNKNOWN)
        unknown_text(heap_roots_unknown(paths->roots, object), text, sizeof text);
    else if (root)
        record_text(root, text, sizeof text, name);
    else if (!(s->flags[object] & OURO_OBJECT_IMMORTAL))
        plain = "(static)";
    else
        plain = s->flags[object] & OURO_OBJECT_INTERNED ? "(immortal, interned)" : "(immortal)";
    if (!plain)
        plain = text;
    name->text = arena_copy(arena, plain, strlen(plain));
    return name->text ? 0 : -1;
}

uint64_t root_look(const struct root_paths *paths, uint32_t object)
{
    uint8_t reason = paths->roots->reason[object];
    uint32_t record = heap_roots_record(paths->roots, object);
    if (reason == ROOT_NONE || reason == ROOT_UNKNOWN)
        return reason;
    if (record != NO_ID)
        return UINT64_C(1) << 32 | record;
    return 16 + (paths->snapshot->flags[object] & (OURO_OBJECT_IMMORTAL | OURO_OBJECT_INTERNED));
}

/* SPDX-License-Identifier: MIT */
#include "composite.h"

#include "api.h"
#include "edges.h"
#include "layout.h"
#include "objects.h"

#define ATTRIBUTES_MAX 256u /* a table of shared keys has no more */

static void tuple_parts(uintptr_t object, composite_visit visit, void *context)
{
    size_t count = load_word(object, layout.header);
    for (size_t i = 0; i < count; i++)
        visit(context, 0, load_word(object, layout.tuple_items + 8 * i), true);
}

/* PySetObject: fill, used, mask, table of { key, hash }; a deleted entry's hash is −1. */
static void set_parts(uintptr_t object, composite_visit visit, void *context)
{
    uintptr_t fields = object + layout.header, table = load_word(fields, 24);
    for (size_t i = 0; i <= load_word(fields, 16); i++) {
        uintptr_t key = load_word(table, 16 * i);
        if (key && load_word(table, 16 * i + 8) != UINTPTR_MAX)
            visit(context, 0, key, false);
    }
}

/* All words of the instance itself that a class statement made. */
static void slot_parts(uintptr_t object, composite_visit visit, void *context)
{
    uintptr_t type = object_type(object), size = type_word(type, TP_BASICSIZE);
    uintptr_t weak = type_word(type, TP_WEAKLISTOFFSET), space = type_word(type, TP_DICTOFFSET);
    for (uintptr_t at = layout.header; at + 8 <= size; at += 8)
        if (at != weak && at != space)
            visit(context, 0, load_word(object, at), true);
}

/* The values kept in the instance; their names are the class's shared keys. */
static void inline_parts(uintptr_t values, uintptr_t type, composite_visit visit, void *context)
{
    uintptr_t keys = load_word(type, layout.heap_type_keys);
    if (!keys)
        return;
    uintptr_t entries = keys + layout.keys_head + (1ul << *(const uint8_t *)(keys + 9));
    size_t count = load_word(keys, 24);
    for (size_t i = 0; i < count && i < ATTRIBUTES_MAX; i++)
        if (load_word(values, i * 8))
            visit(context, load_word(entries, i * 16), load_word(values, i * 8), false);
}

static void attribute_parts(uintptr_t object, composite_visit visit, void *context)
{
    uintptr_t type = object_type(object), values = object_inline_values(object, type);
    slot_parts(object, visit, context);
    if (values) {
        inline_parts(values, type, visit, context);
        return;
    }
    uintptr_t space = object_namespace(object);
    py_object *key, *value;
    if (space && object_type(space) == (uintptr_t)api.dict_type)
        for (ptrdiff_t at = 0; object_dict_next((uintptr_t)space, &at, &key, &value);)
            visit(context, (uintptr_t)key, (uintptr_t)value, false);
}

/*
 * What the members of a code object show: names, constants, tables. Not the instructions, which the
 * interpreter rewrites as it runs them; the table of lines goes with them.
 */
static void code_parts(uintptr_t object, composite_visit visit, void *context)
{
    uintptr_t type = (uintptr_t)api.code_type;
    for (size_t at = layout.header; at + 8 <= type_word(type, TP_BASICSIZE); at += 8)
        if (edges_member_at(type, at))
            visit(context, 0, load_word(object, at), true);
    if (layout.minor >= 11) {
        visit(context, 0, load_word(object, layout.code_local_names), true);
        visit(context, 0, load_word(object, layout.code_table), true);
    }
}

void composite_each(uintptr_t object, enum value_kind kind, composite_visit visit, void *context)
{
    uintptr_t fields = object + layout.header;
    switch (kind) {
    case VALUE_TUPLE:
        tuple_parts(object, visit, context);
        return;
    case VALUE_FROZENSET:
        set_parts(object, visit, context);
        return;
    case VALUE_SLOTS:
        slot_parts(object, visit, context);
        return;
    case VALUE_ATTRIBUTES:
        attribute_parts(object, visit, context);
        return;
    case VALUE_CODE:
        code_parts(object, visit, context);
        return;
    case VALUE_TIMEZONE: /* offset, name */
        visit(context, 0, load_word(fields, 0), true);
        visit(context, 0, load_word(fields, 8), true);
        return;
    case VALUE_TIME: /* Include/datetime.h: behind the digits, if the flag says so */
        if (*(const uint8_t *)(fields + 8))
            visit(context, 0, load_word(fields, 16), true);
        return;
    case VALUE_DATETIME:
        if (*(const uint8_t *)(fields + 8))
            visit(context, 0, load_word(fields, 24), true);
        return;
    default:
        return;
    }
}

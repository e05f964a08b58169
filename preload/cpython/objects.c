/* SPDX-License-Identifier: MIT */
#include "objects.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "../live_table.h"
#include "../sampling.h"
#include "../site_tree.h"
#include "api.h"
#include "code.h"
#include "dying.h"
#include "layout.h"
#include "photograph.h"
#include "recycled.h"
#include "sizes.h"

bool objects_in_copy;

/* tp_traverse of classes made by a class statement; learned from the first one seen. */
static uintptr_t class_statement_traverse;

/* Counts the block at address to an object unless it was counted before. */
static uint64_t claim(uintptr_t address)
{
    struct live_block block;
    if (!live_table_get(address, &block))
        return 0;
    uint32_t *word = live_table_find(address);
    if (*word & LIVE_CLAIMED)
        return 0;
    *word |= LIVE_CLAIMED;
    return sizes_block(site_tree_block_size(&block));
}

uintptr_t object_inline_values(uintptr_t object, uintptr_t type)
{
    uintptr_t flags = type_word(type, TP_FLAGS);
    if (!(flags & FLAG_MANAGED_DICT))
        return 0;
    switch (layout.values) {
    case VALUES_NONE:
        return 0;
    case VALUES_311:
        return load_word(object - 32, 0);
    case VALUES_TAGGED: {
        uintptr_t word = load_word(object - 24, 0);
        return word & 1 ? word + 1 : 0;
    }
    case VALUES_INLINE:
        if (flags & FLAG_INLINE_VALUES) {
            uintptr_t values = object + type_word(type, TP_BASICSIZE);
            return *(const uint8_t *)(values + 3) ? values + 8 : 0; /* "valid" */
        }
        return 0;
    }
    return 0;
}

static uintptr_t managed_dict(uintptr_t object)
{
    switch (layout.values) {
    case VALUES_NONE:
        return 0;
    case VALUES_311:
        return load_word(object - 24, 0);
    case VALUES_TAGGED: {
        uintptr_t word = load_word(object - 24, 0);
        return word & 1 ? 0 : word;
    }
    case VALUES_INLINE:
        return load_word(object - (layout.free_threaded ? 8 : 24), 0);
    }
    return 0;
}

uintptr_t object_namespace(uintptr_t object)
{
    uintptr_t type = object_type(object), flags = type_word(type, TP_FLAGS);
    if (flags & FLAG_TYPE) {
        uintptr_t dict = type_word(object, TP_DICT);
        if (!dict && api.PyType_GetDict && !(type_word(object, TP_FLAGS) & FLAG_HEAPTYPE) &&
            type_word(object, TP_SUBCLASSES)) {
            dict = (uintptr_t)api.PyType_GetDict((void *)object); /* of static types from 3.12 on */
            if (dict)
                api.Py_DecRef((void *)dict); /* a new reference: the other one remains */
        }
        return dict;
    }
    if (flags & FLAG_MANAGED_DICT)
        return managed_dict(object);
    intptr_t offset = (intptr_t)type_word(type, TP_DICTOFFSET);
    if (offset < 0 && !(flags & FLAG_LONG)) {
        /* Counted from the end of a var-sized object (PyObject_GetDictPtr, Objects/object.c). */
        intptr_t items = (intptr_t)load_word(object, layout.header);
        uint64_t size = type_word(type, TP_BASICSIZE) +
                        (uint64_t)(items < 0 ? -items : items) * type_word(type, TP_ITEMSIZE);
        offset += (intptr_t)((size + 7) & ~7ul);
    }
    return offset > 0 ? load_word(object, (size_t)offset) : 0;
}

/* Whether a str object is this text. */
static bool is_text(uintptr_t string, const char *text)
{
    char have[64];
    size_t length = string ? code_utf8(string, have, sizeof have) : 0;
    return length == strlen(text) && memcmp(have, text, length) == 0;
}

uintptr_t objects_attribute(uintptr_t object, const char *name)
{
    uintptr_t dict = object_namespace(object), type = object_type(object);
    if (dict) {
        py_object *key, *value;
        for (ptrdiff_t at = 0; object_dict_next((uintptr_t)dict, &at, &key, &value);)
            if (object_type((uintptr_t)key) == (uintptr_t)api.unicode_type &&
                is_text((uintptr_t)key, name))
                return (uintptr_t)value;
        return 0;
    }
    uintptr_t values = object_inline_values(object, type);
    uintptr_t keys = values ? load_word(type, layout.heap_type_keys) : 0;
    if (!keys)
        return 0;
    uintptr_t entries = keys + layout.keys_head + (1ul << *(const uint8_t *)(keys + 9));
    size_t count = load_word(keys, 24);
    for (size_t i = 0; i < count && i < 256; i++)
        if (is_text(load_word(entries, i * 16), name))
            return load_word(values, i * 8);
    return 0;
}

/* Memory blocks an object points at from its own structure: list items, dict keys, buffers. */
static uint64_t owned_bytes(uintptr_t object, uintptr_t type, uintptr_t block, uint64_t size)
{
    uint64_t bytes = 0;
    uintptr_t flags = type_word(type, TP_FLAGS);
    if (flags & FLAG_DICT) {
        uintptr_t keys = load_word(object, layout.header + 16u);
        uintptr_t values = load_word(object, layout.header + 24u);
        if (!values)
            bytes += claim(keys);
        else if (layout.values == VALUES_NONE || layout.values == VALUES_INLINE)
            bytes += claim(values); /* embedded ones are no block of their own */
        else
            bytes += claim(values - ((const uint8_t *)values)[-1]);
        return bytes;
    }
    if (type == (uintptr_t)api.bytearray_type) /* ob_bytes: its domain differs between versions */
        return claim(load_word(object, layout.header + 16u));
    if (layout.free_threaded && flags & FLAG_LIST) /* _PyListArray: a count before the items */
        return claim(load_word(object, layout.header + 8u) - 8);
    uintptr_t inline_values = object_inline_values(object, type);
    if (inline_values && layout.values != VALUES_INLINE)
        bytes += claim(inline_values - ((const uint8_t *)inline_values)[-1]);
    if (flags & (FLAG_UNICODE | FLAG_BYTES | FLAG_LONG | FLAG_TUPLE))
        return bytes;
    for (uintptr_t at = object + layout.header; at + 8 <= block + size; at += 8) {
        uintptr_t word = load_word(at, 0);
        struct live_block owned;
        if (word & 15 || !word || !live_table_get(word, &owned))
            continue;
        bool buffer = !(site_tree.rows[owned.row].flags & OURO_ROW_OBJECT);
        if (buffer || (flags & FLAG_TYPE && at == object + layout.heap_type_keys))
            bytes += claim(word);
    }
    return bytes;
}

void objects_type_name(uintptr_t type, char *name, size_t size)
{
    const char *plain = (const char *)type_word(type, TP_NAME);
    if (!plain) /* a structure sequence that the runtime has finalized */
        plain = "";
    if (!(type_word(type, TP_FLAGS) & FLAG_HEAPTYPE)) {
        snprintf(name, size, "%s", strncmp(plain, "builtins.", 9) == 0 ? plain + 9 : plain);
        return;
    }
    char module[256] = "", qualified[256] = "";
    uintptr_t qualname = load_word(type, layout.heap_type_keys - 8u); /* ht_qualname */
    qualified[code_utf8(qualname, qualified, sizeof qualified - 1)] = '\0';
    uintptr_t dict = type_word(type, TP_DICT);
    py_object *key, *value;
    for (ptrdiff_t at = 0; dict && object_dict_next((uintptr_t)dict, &at, &key, &value);) {
        char text[32];
        size_t length = code_utf8((uintptr_t)key, text, sizeof text);
        if (length == 10 && memcmp(text, "__module__", 10) == 0) {
            module[code_utf8((uintptr_t)value, module, sizeof module - 1)] = '\0';
            break;
        }
    }
    const char *last = strrchr(plain, '.');
    if (!qualified[0])
        snprintf(qualified, sizeof qualified, "%s", last ? last + 1 : plain);
    if (!module[0] && last) /* made by C code that gave the module in the name */
        snprintf(name, size, "%s", plain);
    else if (!module[0] || strcmp(module, "builtins") == 0)
        snprintf(name, size, "%s", qualified);
    else
        snprintf(name, size, "%s.%s", module, qualified);
}

uint32_t objects_type(struct snapshot *snapshot, uintptr_t type)
{
    uint32_t id = snapshot_type_known(snapshot, type);
    if (id)
        return id;
    char name[OBJECTS_TYPE_NAME];
    objects_type_name(type, name, sizeof name);
    uintptr_t flags = type_word(type, TP_FLAGS);
    uint32_t neutral = 0;
    if (flags & FLAG_GC)
        neutral |= OURO_TYPE_GC;
    if (type_word(type, TP_TRAVERSE))
        neutral |= OURO_TYPE_TRAVERSE;
    if (type_word(type, TP_CLEAR))
        neutral |= OURO_TYPE_CLEAR;
    if (flags & FLAG_HEAPTYPE)
        neutral |= OURO_TYPE_HEAP;
    if (type_word(type, TP_FINALIZE))
        neutral |= OURO_TYPE_FINALIZER;
    if (type_word(type, TP_DEL))
        neutral |= OURO_TYPE_LEGACY_DEL;
    if (objects_is_class_statement(type))
        neutral |= OURO_TYPE_USER;
    const py_object *const atoms[] = {api.unicode_type, api.bytes_type,   api.long_type,
                                      api.float_type,   api.complex_type, api.bool_type};
    for (size_t i = 0; i < sizeof atoms / sizeof *atoms; i++)
        if (type == (uintptr_t)atoms[i])
            neutral |= OURO_TYPE_ATOM;
    if (recycled(type))
        neutral |= OURO_TYPE_RECYCLED;
    if (type == (uintptr_t)api.dict_type)
        neutral |= OURO_TYPE_ATTRIBUTES;
    if (type == (uintptr_t)api.code_type)
        neutral |= OURO_TYPE_FIXED;
    return snapshot_type(snapshot, type, name, neutral, type_word(type, TP_BASICSIZE),
                         type_word(type, TP_ITEMSIZE));
}

uint64_t objects_refcount(uintptr_t object, bool *immortal)
{
    *immortal = false;
    if (layout.free_threaded) { /* ob_ref_local, ob_ref_shared: Include/object.h */
        uint32_t local = *(const uint32_t *)(object + 12);
        int64_t shared = (int64_t)load_word(object, 16);
        *immortal = local == UINT32_MAX;
        int64_t count = (int64_t)local + (shared >> 2);
        /* Deferred counting adds to it; the collector takes that off as well (3.13: update_refs(),
         * Python/gc_free_threading.c; _Py_REF_DEFERRED from 3.14 on). */
        if (*(const uint8_t *)(object + GC_BITS) & GC_BIT_DEFERRED)
            count -= layout.minor >= 14 ? INT64_MAX / 8 : 1;
        return *immortal || count < 0 ? 0 : (uint64_t)count;
    }
    if (layout.minor >= 12) {
        uint32_t count = *(const uint32_t *)object;
        *immortal = count >> 31; /* PEP 683 */
        return *immortal ? 0 : count;
    }
    uint64_t count = load_word(object, 0);
    *immortal = layout.minor == 11 && count > 500000000; /* static objects start at 999999999 */
    return *immortal ? 0 : count;
}

/* Of an object that the collector knows: bit 0 of _gc_prev, in front of it (Include/internal/
 * pycore_gc.h, _PyGC_PREV_MASK_FINALIZED). */
static bool finalized(uintptr_t object)
{
    if (layout.free_threaded)
        return *(const uint8_t *)(object + GC_BITS) & GC_BIT_FINALIZED;
    return *(const uint64_t *)(object - 8) & 1;
}

void objects_describe(struct snapshot *snapshot, struct snapshot_object *object, uint8_t mark)
{
    uintptr_t address = object->address, type = object_type(address);
    bool immortal;
    object->type = objects_type(snapshot, type);
    object->refcount = objects_refcount(address, &immortal);
    object->flags = (mark & MARK_TRACKED ? OURO_OBJECT_TRACKED : 0u) |
                    (mark & MARK_FROZEN ? OURO_OBJECT_FROZEN : 0u) |
                    (mark & MARK_NAMESPACE ? OURO_OBJECT_NAMESPACE : 0u) |
                    (immortal ? OURO_OBJECT_IMMORTAL : 0u) |
                    (uint32_t)(mark >> MARK_GENERATION_SHIFT) << OURO_OBJECT_GENERATION_SHIFT;
    if (mark & MARK_TRACKED && finalized(address))
        object->flags |= OURO_OBJECT_FINALIZED;
    if (type == (uintptr_t)api.unicode_type) {
        uint32_t state = *(const uint32_t *)(address + layout.string_state);
        if (state & ((1u << layout.string_interned_bits) - 1))
            object->flags |= OURO_OBJECT_INTERNED;
    }
    uintptr_t block = address - object_head(address);
    struct live_block life;
    if (!live_table_get(block, &life) && sampling.mean && !dying_in_data(address)) {
        uint64_t owned = sizes_owned(address);
        object->size = sizes_block(sizes_own(address)) + (owned ? sizes_block(owned) : 0);
        return;
    }
    if (!live_table_get(block, &life)) {
        object->flags |= OURO_OBJECT_STATIC;
        object->size = type_word(type, TP_BASICSIZE);
        return;
    }
    uint64_t size = site_tree_block_size(&life);
    uint64_t now = snapshot->clock / OURO_CLOCK_UNIT;
    object->row = life.row;
    if (life.flags & LIVE_BORN) {
        /* Without a global lock others go on, and the newest may be younger than the snapshot. */
        uint64_t age = live_table_age(&life, now);
        object->birth = age < now ? now - age : now;
    }
    object->size = claim(block);
    if (!object->size) /* claimed as another's buffer before it was known to be an py_object */
        object->size = sizes_block(size);
    object->size += owned_bytes(address, type, block, size);
}

uintptr_t objects_in_block(const struct snapshot *snapshot, uintptr_t block, uint64_t size)
{
    const uint32_t *word = live_table_find(block);
    if (!word || *word & LIVE_CLAIMED)
        return 0;
    for (uintptr_t head = 0; head <= 32; head += 16) {
        uintptr_t object = block + head;
        if (head + layout.header > size)
            break;
        uintptr_t type = object_type(object);
        if (!type || type % 8 || !snapshot_type_known(snapshot, type))
            continue;
        /* A block in a free list is no object: its count is 0 or the list's link is in its place. */
        bool immortal;
        if (!objects_refcount(object, &immortal) && !immortal)
            continue;
        if (!layout.free_threaded &&
            load_word(object, 0) >> 32 & (layout.minor >= 14 ? 0xffff : 0xffffffff))
            continue;
        struct live_block link; /* a list's link may look like a count in a low address range */
        if (live_table_get(load_word(object, 0) & ~15ul, &link))
            continue;
        /* What the collector could know, it has told; it may also be half made. */
        if (type_word(type, TP_FLAGS) & FLAG_GC)
            continue;
        if (object_head(object) != head || snapshot_known(snapshot, object) != UINT32_MAX)
            continue;
        return object;
    }
    return 0;
}

bool objects_is_class_statement(uintptr_t type)
{
    return type_word(type, TP_FLAGS) & FLAG_HEAPTYPE && class_statement_traverse &&
           type_word(type, TP_TRAVERSE) == class_statement_traverse;
}

void objects_learn_class(uintptr_t type)
{
    class_statement_traverse = type_word(type, TP_TRAVERSE);
}

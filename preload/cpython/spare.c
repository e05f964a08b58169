/* SPDX-License-Identifier: MIT */
#include "spare.h"

#include "../id_table.h"
#include "../snapshot_spare.h"
#include "../snapshot_stream.h"
#include "api.h"
#include "layout.h"
#include "objects.h"
#include "photograph.h"
#include "sizes.h"
#include "value_kind.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#define GC_HEAD (layout.free_threaded ? 0u : 16u)
#define LEAST 16u           /* bytes below which nothing is noted */
#define NUMBERS_LEAST 64u   /* items of a list that could be an array */
#define KEYS_MOST 32u       /* of a dict that could be a record */
#define RECORDS_LEAST 10u   /* dicts of equal keys */
#define ATTRIBUTES_MOST 60u /* above, they are data */
#define WIDE_LEAST 16u      /* characters of a str that is looked through */
#define WIDE_SHARE 50u      /* one wide character in so many is few */
#define ARRAY_OBJECT 64u    /* arrayobject: Modules/arraymodule.c */

/* While it is written. */
static struct {
    uint16_t *attributes; /* by type: most attributes of an instance + 1; 0: not a candidate */
    uint8_t *weak;        /* by type: an instance is weakly referenced */
    uint32_t *record;     /* by object: number of the set of keys */
    struct id_table keys;
    uint64_t *key_hash; /* by number */
    uint32_t *key_count;
    uint32_t key_sets;
} work;

static void note(struct snapshot *snapshot, uint32_t index, enum ouro_spare_kind kind, uint64_t now,
                 uint64_t then, uint64_t detail)
{
    if (now >= then + LEAST)
        snapshot_spare(snapshot, index, kind, now - then, detail);
}

/* The blocks of an object: its own, and what it points at. */
static uint64_t blocks(uintptr_t object)
{
    uint64_t owned = sizes_owned(object);
    return sizes_block(sizes_own(object)) + (owned ? sizes_block(owned) : 0);
}

/* All exact floats, or all int that fit 64 bits: of the detail for SPARE_NUMBERS; −1: neither. */
static int numbers(uintptr_t items, uint64_t count)
{
    int found = -1;
    for (uint64_t i = 0; i < count; i++) {
        uintptr_t item = load_word(items, i * 8), type = item ? object_type(item) : 0;
        int is = type == (uintptr_t)api.float_type ? 0 : type == (uintptr_t)api.long_type ? 1 : -1;
        if (is < 0 || (found >= 0 && is != found))
            return -1;
        struct value_content content;
        if (is == 1 && (!value_content(item, VALUE_INT, &content) || content.length > 2))
            return -1;
        found = is;
    }
    return found;
}

static void look_at_sequence(struct snapshot *snapshot, uint32_t index, uintptr_t object, bool list)
{
    uint64_t count = load_word(object, layout.header), now = blocks(object);
    uint64_t extra = layout.free_threaded ? 8 : 0; /* _PyListArray counts its items */
    uintptr_t items = list ? load_word(object, layout.header + 8u) : object + layout.tuple_items;
    if (count >= NUMBERS_LEAST) {
        int kind = numbers(items, count);
        uint64_t array =
            sizes_block(GC_HEAD + layout.header + ARRAY_OBJECT - 16u) + sizes_block(count * 8);
        if (kind >= 0) {
            snapshot_spare(snapshot, index, OURO_SPARE_NUMBERS, now > array ? now - array : 0,
                           (uint64_t)kind);
            return;
        }
    }
    if (!list)
        return;
    if (!count)
        snapshot_spare(snapshot, index, OURO_SPARE_EMPTY, now, 0);
    else
        note(snapshot, index, OURO_SPARE_ROOM, sizes_block(sizes_owned(object) + extra),
             sizes_block(count * 8 + extra), 0);
}

static void look_at_set(struct snapshot *snapshot, uint32_t index, uintptr_t object)
{
    uint64_t used = load_word(object, layout.header + 8u), owned = sizes_owned(object), slots = 8;
    while (slots <= used * 2) /* what a copy gets: set_table_resize, Objects/setobject.c */
        slots *= 2;
    if (!used)
        snapshot_spare(snapshot, index, OURO_SPARE_EMPTY, blocks(object), 0);
    else if (owned)
        note(snapshot, index, OURO_SPARE_ROOM, sizes_block(owned),
             used <= 4 ? 0 : sizes_block(slots * 16), 0);
}

/* The number of the set of keys of a dict, 0 when it is no record. */
static uint32_t key_set(struct snapshot *snapshot, uintptr_t dict)
{
    uint64_t sum = 0, used = load_word(dict, layout.header);
    struct value_content content;
    py_object *key, *value;
    if (!used || used > KEYS_MOST || load_word(dict, layout.header + 24u))
        return 0;
    for (ptrdiff_t at = 0; object_dict_next((uintptr_t)dict, &at, &key, &value);) {
        if (object_type((uintptr_t)key) != (uintptr_t)api.unicode_type ||
            !value_content((uintptr_t)key, VALUE_STR, &content))
            return 0;
        sum += id_table_mix(XXH3_64bits_withSeed(content.data, content.size, content.tag));
    }
    sum = id_table_mix(sum + used);
    uint64_t probe = sum >> 32;
    uint32_t id;
    while ((id = id_table_next(&work.keys, sum, &probe)))
        if (work.key_hash[id] == sum)
            break;
    if (!id) {
        id = work.key_sets + 1;
        if (id >= snapshot_limit(snapshot) / 4 || !id_table_add(&work.keys, sum, id))
            snapshot_out_of_memory(snapshot);
        work.key_hash[id] = sum;
        work.key_sets = id;
    }
    work.key_count[id]++;
    return id;
}

static void look_at_dict(struct snapshot *snapshot, uint32_t index, uintptr_t dict)
{
    uint64_t used = load_word(dict, layout.header), owned = sizes_owned(dict);
    uint32_t record = work.record[index];
    if (!used) {
        snapshot_spare(snapshot, index, OURO_SPARE_EMPTY, blocks(dict), 0);
    } else if (record && work.key_count[record] >= RECORDS_LEAST) {
        /* An instance with a slot for each key. */
        note(snapshot, index, OURO_SPARE_RECORD, blocks(dict),
             sizes_block(GC_HEAD + layout.header + 8 * used), record);
    } else if (owned && !load_word(dict, layout.header + 24u)) {
        note(snapshot, index, OURO_SPARE_ROOM, sizes_block(owned),
             sizes_block(sizes_keys_least(dict)), 0);
    }
}

/* Characters that alone force the width of a str, if they are few: the next narrower width. */
static void look_at_text(struct snapshot *snapshot, uint32_t index, uintptr_t string)
{
    struct value_content content;
    if (!value_content(string, VALUE_STR, &content) || content.tag == 1 ||
        content.length < WIDE_LEAST)
        return;
    uint64_t wide = 0, few = content.length / WIDE_SHARE + 1;
    uint32_t limit = content.tag == 2 ? 0xff : 0xffff, most = 0;
    for (uint64_t i = 0; i < content.length && wide <= few; i++) {
        uint32_t c = content.tag == 2 ? ((const uint16_t *)content.data)[i]
                                      : ((const uint32_t *)content.data)[i];
        wide += c > limit;
        most = c <= limit && c > most ? c : most;
    }
    if (wide > few)
        return;
    uint64_t head = most < 0x80 ? layout.string_ascii : layout.string_compact;
    note(snapshot, index, OURO_SPARE_WIDE, blocks(string),
         sizes_block(head + (content.length + 1) * (most > 0xff ? 2 : 1)), wide);
}

/* The attributes of an instance of a class that could have __slots__; −1: it could not. */
static int attribute_count(uintptr_t object, uintptr_t type)
{
    uintptr_t values = object_inline_values(object, type);
    if (values) {
        uintptr_t keys = load_word(type, layout.heap_type_keys);
        int count = 0;
        for (size_t i = 0; keys && i < load_word(keys, 24) && i < 256; i++)
            count += load_word(values, i * 8) != 0;
        return count;
    }
    uintptr_t dict = object_namespace(object);
    bool immortal;
    if (!dict)
        return 0;
    if (object_type(dict) != (uintptr_t)api.dict_type || objects_refcount(dict, &immortal) != 1)
        return -1; /* somebody uses it as a dict */
    return (int)load_word(dict, layout.header);
}

/* Whether the type and all its bases but object come from class statements, and there is a dict. */
static bool could_have_slots(uintptr_t type)
{
    if (type_word(type, TP_FLAGS) & FLAG_TYPE || !objects_is_class_statement(type))
        return false;
    if (!(type_word(type, TP_FLAGS) & FLAG_MANAGED_DICT) && !type_word(type, TP_DICTOFFSET))
        return false;
    uintptr_t base = type;
    while (base && objects_is_class_statement(base))
        base = type_word(base, TP_BASE);
    return base == (uintptr_t)api.object_type;
}

static void count_attributes(struct snapshot *snapshot, uintptr_t object, uintptr_t type)
{
    uint32_t id = snapshot_type_known(snapshot, type);
    int count = attribute_count(object, type);
    if (!id || count < 0)
        return;
    if (work.attributes[id] < count + 1)
        work.attributes[id] = (uint16_t)(count + 1);
    uintptr_t weak = type_word(type, TP_WEAKLISTOFFSET);
    bool managed = type_word(type, TP_FLAGS) & FLAG_MANAGED_WEAKREF;
    if (managed ? load_word(object - (layout.free_threaded ? 16 : 32), 0)
                : (intptr_t)weak > 0 && load_word(object, weak))
        work.weak[id] = 1;
}

static void look_at_instance(struct snapshot *snapshot, uint32_t index, uintptr_t object,
                             uintptr_t type)
{
    uint32_t id = snapshot_type_known(snapshot, type);
    if (!id || !work.attributes[id] || work.attributes[id] > ATTRIBUTES_MOST + 1 ||
        attribute_count(object, type) < 0)
        return;
    uint64_t now = blocks(object), own = type_word(type, TP_BASICSIZE);
    uintptr_t dict = object_namespace(object);
    if (dict) {
        now += blocks(dict);
        uintptr_t values = load_word(dict, layout.header + 24u);
        if (values && layout.values == VALUES_NONE) /* shared keys: one value for each */
            now += sizes_block(sizes_split_values(dict));
    }
    if (!(type_word(type, TP_FLAGS) & FLAG_MANAGED_DICT))
        own -= 8;
    if (!(type_word(type, TP_FLAGS) & FLAG_MANAGED_WEAKREF) && type_word(type, TP_WEAKLISTOFFSET))
        own -= 8;
    uint64_t slots = 8u * (work.attributes[id] - 1u) + (work.weak[id] ? 8u : 0u);
    note(snapshot, index, OURO_SPARE_SLOTS, now, sizes_block(GC_HEAD + own + slots), 0);
}

static void look(struct snapshot *snapshot, uint32_t index, bool first)
{
    uintptr_t object = snapshot_address(snapshot, index), type = object_type(object);
    bool is_namespace = *snapshot_marks(snapshot, index) & MARK_NAMESPACE;
    if (first) {
        if (type == (uintptr_t)api.dict_type && !is_namespace)
            work.record[index] = key_set(snapshot, object);
        else if (could_have_slots(type))
            count_attributes(snapshot, object, type);
        return;
    }
    if (type == (uintptr_t)api.dict_type) {
        if (!is_namespace)
            look_at_dict(snapshot, index, object);
    } else if (type == (uintptr_t)api.unicode_type) {
        look_at_text(snapshot, index, object);
    } else if (type == (uintptr_t)api.list_type || type == (uintptr_t)api.tuple_type) {
        look_at_sequence(snapshot, index, object, type == (uintptr_t)api.list_type);
    } else if (type == (uintptr_t)api.set_type) {
        look_at_set(snapshot, index, object);
    } else if (could_have_slots(type)) {
        look_at_instance(snapshot, index, object, type);
    }
}

void spare_write(struct snapshot *snapshot)
{
    size_t limit = snapshot_limit(snapshot);
    work.attributes = snapshot_reserve(snapshot, limit / 8 * sizeof *work.attributes);
    work.weak = snapshot_reserve(snapshot, limit / 8);
    work.record = snapshot_reserve(snapshot, limit * sizeof *work.record);
    work.key_hash = snapshot_reserve(snapshot, limit / 4 * sizeof *work.key_hash);
    work.key_count = snapshot_reserve(snapshot, limit / 4 * sizeof *work.key_count);
    for (int pass = 0; pass < 2; pass++) {
        static volatile uint32_t index; /* survives a fault */
        for (index = 0; index < snapshot_count(snapshot); index++) {
            if (!sigsetjmp(snapshot->recover, 0)) {
                snapshot->guarded = 1;
                look(snapshot, index, pass == 0);
            }
            snapshot->guarded = 0;
        }
    }
    snapshot_spare_end(snapshot);
}

/* SPDX-License-Identifier: MIT */
#include "hidden.h"

#include <string.h>

#include "api.h"
#include "layout.h"
#include "objects.h"

/* The class of this name among a type and its bases, or 0. */
static uintptr_t base_named(uintptr_t type, const char *wanted)
{
    for (unsigned depth = 0; type && depth < 16; depth++, type = type_word(type, TP_BASE)) {
        const char *plain = (const char *)type_word(type, TP_NAME);
        if (plain && strcmp(plain, wanted) == 0)
            return type;
    }
    return 0;
}

/*
 * Fields behind an object's header. Sources: Modules/_datetimemodule.c and Include/datetime.h
 * (datetime and time have a tzinfo if the flag behind the hash is set), Modules/_asynciomodule.c,
 * Include/cpython/funcobject.h, Include/cpython/descrobject.h,
 * Objects/moduleobject.c, CPython 3.8 to 3.15. numpy.ndarray: PyArrayObject_fields,
 * numpy/_core/include/numpy/ndarraytypes.h, numpy 1.24 to 2.4.
 */
struct hidden_field {
    const char *type;
    uint8_t offset, flag; /* after the header; flag 0: none */
    uint8_t from, until;  /* minor versions */
    bool owned;           /* else tp_traverse reports it, and only its name is missing */
    const char *name;
};

static const struct hidden_field fields[] = {
    {"function", 0, 0, 8, 9, false, "__code__"},
    {"function", 16, 0, 8, 9, false, "__defaults__"},
    {"function", 24, 0, 8, 9, false, "__kwdefaults__"},
    {"function", 80, 0, 8, 9, false, "__annotations__"},
    {"function", 32, 0, 10, 15, false, "__code__"},
    {"function", 40, 0, 10, 15, false, "__defaults__"},
    {"function", 48, 0, 10, 15, false, "__kwdefaults__"},
    {"function", 96, 0, 10, 15, false, "__annotations__"},
    {"datetime.datetime", 24, 8, 8, 15, true, "tzinfo"},
    {"datetime.time", 16, 8, 8, 15, true, "tzinfo"},
    {"datetime.timezone", 0, 0, 8, 15, true, "offset"},
    {"datetime.timezone", 8, 0, 8, 15, true, "name"},
    {"_io.IncrementalNewlineDecoder", 0, 0, 8, 15, true, "decoder"},
    {"_io.IncrementalNewlineDecoder", 8, 0, 8, 15, true, "errors"},
    {"wrapper_descriptor", 8, 0, 8, 15, true, "__name__"},
    {"wrapper_descriptor", 16, 0, 8, 15, true, "__qualname__"},
    {"method_descriptor", 8, 0, 8, 15, true, "__name__"},
    {"method_descriptor", 16, 0, 8, 15, true, "__qualname__"},
    {"classmethod_descriptor", 8, 0, 8, 15, true, "__name__"},
    {"classmethod_descriptor", 16, 0, 8, 15, true, "__qualname__"},
    {"getset_descriptor", 8, 0, 8, 15, true, "__name__"},
    {"getset_descriptor", 16, 0, 8, 15, true, "__qualname__"},
    {"member_descriptor", 8, 0, 8, 15, true, "__name__"},
    {"member_descriptor", 16, 0, 8, 15, true, "__qualname__"},
    {"module", 32, 0, 8, 14, true, "__name__"},
    {"_asyncio.Future", 0, 0, 8, 15, false, "_loop"},
    {"_asyncio.Future", 24, 0, 8, 15, false, "_callbacks"},
    {"_asyncio.Future", 32, 0, 8, 15, false, "_exception"},
    {"_asyncio.Future", 40, 0, 8, 10, false, "_result"},
    {"_asyncio.Future", 48, 0, 11, 15, false, "_result"},
    {"_asyncio.Task", 0, 0, 8, 15, false, "_loop"},
    {"_asyncio.Task", 24, 0, 8, 15, false, "_callbacks"},
    {"_asyncio.Task", 32, 0, 8, 15, false, "_exception"},
    {"_asyncio.Task", 40, 0, 8, 10, false, "_result"},
    {"_asyncio.Task", 48, 0, 11, 15, false, "_result"},
    {"numpy.ndarray", 32, 0, 8, 15, true, "base"},
    {"numpy.ndarray", 40, 0, 8, 15, true, "dtype"},
};
#define FIELDS (sizeof fields / sizeof *fields)
#define FIELDS_OF_TYPE 5u

/* What a type's name says of it, remembered by address: types do not change in the copy. */
struct traits {
    uintptr_t type;
    bool sequence; /* what has no other name are its items, in order */
    bool cache;    /* functools.lru_cache's wrapper */
    bool link;     /* an entry of such a cache, whose wrapper tells its class */
    bool task;
    bool array; /* of numpy */
    const struct hidden_field *fields[FIELDS_OF_TYPE];
};

static const struct traits *traits_of(uintptr_t type)
{
    static struct traits memory[256];
    struct traits *t = &memory[(type >> 4 ^ type >> 12) % 256];
    if (t->type == type)
        return t;
    *t = (struct traits){.type = type};
    t->sequence = type_word(type, TP_FLAGS) & FLAG_TUPLE || base_named(type, "collections.deque");
    t->cache = base_named(type, "functools._lru_cache_wrapper");
    t->link = base_named(type, "functools._lru_list_elem");
    t->task = base_named(type, "_asyncio.Task");
    t->array = base_named(type, "numpy.ndarray");
    unsigned count = 0;
    for (size_t i = 0; i < FIELDS && count < FIELDS_OF_TYPE; i++) {
        uintptr_t base = base_named(type, fields[i].type);
        if (base && layout.minor >= fields[i].from && layout.minor <= fields[i].until &&
            type_word(base, TP_BASICSIZE) >= layout.header + fields[i].offset + 8u)
            t->fields[count++] = &fields[i];
    }
    return t;
}

bool hidden_is_sequence(uintptr_t type)
{
    return traits_of(type)->sequence;
}

bool hidden_is_array(uintptr_t type)
{
    return traits_of(type)->array;
}

bool hidden_is_buffer(uintptr_t type)
{
    static const char *const names[] = {"collections.deque", "array.array", "_io.BytesIO",
                                        "_io.StringIO"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (base_named(type, names[i]))
            return true;
    return false;
}

/* From 3.10 on the wrapper visits the class of each entry in the entries' place. */
bool hidden_class_is_told(uintptr_t type)
{
    return traits_of(type)->link && layout.minor >= 10;
}

/*
 * The entries of functools.lru_cache: a ring through the wrapper, which owns them
 * (lru_list_elem, Modules/_functoolsmodule.c: links to the previous and next one).
 */
static void name_cache(struct edge_list *list, uintptr_t wrapper)
{
    uint64_t with = edges_label(OURO_LABEL_ELEMENT, 0);
    uintptr_t class = object_type(wrapper);
    uintptr_t link = load_word(wrapper, layout.header + 8u);
    size_t bound = list->capacity - list->count;
    if (!link || !traits_of(class)->cache)
        return;
    for (; link != wrapper && bound; bound--) {
        uintptr_t next = load_word(link, layout.header + 8u);
        if (!traits_of(object_type(link))->link)
            break;
        edges_add_hidden(list, link, with);
        link = next;
    }
    uintptr_t wrapped = objects_attribute(wrapper, "__wrapped__");
    /* What is left to name are the dict, the function, and keys and values of the entries. */
    for (size_t i = 0; i < list->count; i++) {
        uintptr_t type = object_type(list->targets[i]);
        if (list->edges[i].label == EDGE_UNNAMED && type == (uintptr_t)api.dict_type)
            list->edges[i].label = edges_attribute(list, "cache");
        else if (list->targets[i] == wrapped)
            list->edges[i].label = edges_attribute(list, "__wrapped__");
        else if (list->edges[i].label == EDGE_UNNAMED && list->targets[i] != class)
            list->edges[i].label = with;
    }
}

/*
 * The names of attributes that a class's instances share belong to the class's keys
 * (PyDictKeysObject, Include/internal/pycore_dict.h, Objects/dict-common.h up to 3.10).
 */
static void name_shared_keys(struct edge_list *list, uintptr_t type)
{
    uintptr_t keys = load_word(type, layout.heap_type_keys);
    if (!keys)
        return;
    size_t count, entry, index_bytes, key_at;
    if (layout.values == VALUES_NONE) {
        size_t size = load_word(keys, 8);
        count = load_word(keys, 32);
        entry = 24, key_at = 8;
        index_bytes = size * (size <= 0xff ? 1 : size <= 0xffff ? 2 : 4);
    } else {
        count = load_word(keys, 24);
        bool general = *(const uint8_t *)(keys + 10) == 0;
        entry = general ? 24 : 16, key_at = general ? 8 : 0;
        index_bytes = 1ul << *(const uint8_t *)(keys + 9);
    }
    uintptr_t entries = keys + layout.keys_head + index_bytes;
    for (size_t i = 0; i < count && i < 256; i++) {
        uintptr_t key = load_word(entries, i * entry + key_at);
        if (key)
            edges_add_hidden(list, key, edges_label(OURO_LABEL_KEY_OBJECT, 0));
    }
}

/* PyHeapTypeObject: ht_name, ht_slots, ht_qualname, ht_cached_keys, ht_module (3.9+). */
static void name_heap_type(struct edge_list *list, uintptr_t type)
{
    static const char *const names[] = {"__name__", "__slots__", "__qualname__"};
    uintptr_t at = type + layout.heap_type_keys - 24u;
    for (unsigned i = 0; i < 3; i++, at += 8)
        edges_name(list, load_word(at, 0), edges_attribute(list, names[i]), true);
    if (layout.minor >= 9)
        edges_name(list, load_word(type, layout.heap_type_keys + 8u),
                   edges_attribute(list, "__module__"), false);
    name_shared_keys(list, type);
}

/* What a task refers to beyond a future's fields is told by what it is. */
static void name_task(struct edge_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        uintptr_t type = object_type(list->targets[i]);
        if (list->edges[i].label != EDGE_UNNAMED)
            continue;
        if (type == (uintptr_t)api.coroutine_type || type == (uintptr_t)api.generator_type)
            list->edges[i].label = edges_attribute(list, "_coro");
        else if (base_named(type, "_asyncio.Future"))
            list->edges[i].label = edges_attribute(list, "_fut_waiter");
        else if (type == (uintptr_t)api.unicode_type)
            list->edges[i].label = edges_attribute(list, "_name");
    }
}

/* The kinds of variables: 3.11+ (PyCodeObject, Include/cpython/code.h), behind their names. */
static void name_code(struct edge_list *list, uintptr_t code)
{
    if (layout.generator_frame != LAYOUT_NONE)
        edges_name(list, load_word(code, layout.code_local_names + 8u),
                   edges_attribute(list, "co_localspluskinds"), true);
}

#define ARRAY_BYTES 64u /* of the fields that are read, behind the header */
#define ARRAY_DIMENSIONS 64
#define ARRAY_OWNS_DATA 4u
#define ARRAY_OF_OBJECTS 17 /* NPY_OBJECT */

bool hidden_owns_data(uintptr_t array)
{
    return (unsigned)load_int(array, layout.header + 48u) & ARRAY_OWNS_DATA;
}

/*
 * The items of an array of objects, which numpy tells nobody: they belong to the array that owns the
 * memory, as many as its shape says, in the order of memory. Behind the header (sources above):
 * data, nd, dimensions, strides, base, descr, flags; of the descriptor: a class, four characters, and
 * the number of its type.
 */
static void name_object_array(struct edge_list *list, uintptr_t array, uintptr_t type)
{
    uintptr_t own = array + layout.header;
    if (type_word(type, TP_BASICSIZE) < layout.header + ARRAY_BYTES)
        return;
    uintptr_t items = load_word(own, 0), dimensions = load_word(own, 16),
              description = load_word(own, 40);
    int depth = *(const int *)(own + 8);
    if (!items || !description || !hidden_owns_data(array) || depth < 0 ||
        depth > ARRAY_DIMENSIONS || (depth && !dimensions) ||
        *(const int *)(description + layout.header + 12) != ARRAY_OF_OBJECTS)
        return;
    uint64_t count = 1;
    for (int i = 0; i < depth; i++)
        if (__builtin_mul_overflow(count, load_word(dimensions, 8 * (size_t)i), &count))
            return;
    if (count > list->capacity - list->count)
        count = list->capacity - list->count;
    uint64_t expected = 0;
    for (uint64_t i = 0; i < count; i++) {
        uintptr_t item = load_word(items, 8 * i);
        if (item) {
            edges_add_hidden(list, item,
                             edges_label(OURO_LABEL_INDEX, ouro_zigzag((int64_t)(i - expected))));
            expected = i + 1;
        }
    }
}

void hidden_name(struct edge_list *list, uintptr_t object, uintptr_t type)
{
    const struct traits *t = traits_of(type);
    for (unsigned i = 0; i < FIELDS_OF_TYPE && t->fields[i]; i++) {
        const struct hidden_field *field = t->fields[i];
        if (!field->flag || *(const uint8_t *)(object + layout.header + field->flag))
            edges_name(list, load_word(object, layout.header + field->offset),
                       edges_attribute(list, field->name), field->owned);
    }
    if (t->cache)
        name_cache(list, object);
    if (t->task)
        name_task(list);
    if (t->array)
        name_object_array(list, object, type);
    if (type == (uintptr_t)api.code_type)
        name_code(list, object);
    if (type_word(type, TP_FLAGS) & FLAG_TYPE && type_word(object, TP_FLAGS) & FLAG_HEAPTYPE)
        name_heap_type(list, object);
}

/* Strings that the table holds are mortal and interned, and each is its own value. */
bool hidden_is_interned_table(uintptr_t object)
{
    static uintptr_t table;
    if (table || object_type(object) != (uintptr_t)api.dict_type ||
        load_word(object, layout.header) < 256)
        return object == table;
    py_object *key, *value;
    unsigned seen = 0;
    for (ptrdiff_t at = 0; seen < 64 && object_dict_next((uintptr_t)object, &at, &key, &value);
         seen++)
        if (key != value || object_type((uintptr_t)key) != (uintptr_t)api.unicode_type ||
            !(*(const uint32_t *)((uintptr_t)key + layout.string_state) & 3))
            return false;
    if (seen == 64)
        table = object;
    return object == table;
}

/* SPDX-License-Identifier: MIT */
#include "edges.h"

#include <stdio.h>
#include <string.h>

#include "../live_table.h"
#include "../memory.h"
#include "../options.h"
#include "api.h"
#include "code.h"
#include "dying.h"
#include "hidden.h"
#include "layout.h"
#include "objects.h"
#include "photograph.h"

#define SEARCH 64u     /* how far a label may stand from its edge in tp_traverse's order */
#define MISSES 64u     /* searches among all references of an object that has more than that */
#define NAMED_KEYS 64u /* dicts of data up to this size have their keys named */
#define KEY_BYTES 64u
#define NAME_BYTES 256u

bool edges_create(struct edge_list *list, size_t capacity)
{
    *list = (struct edge_list){0};
    list->targets = memory_reserve(capacity * sizeof *list->targets);
    list->edges = memory_reserve(capacity * sizeof *list->edges);
    list->capacity = capacity;
    return list->targets && list->edges;
}

uint64_t edges_label(enum ouro_label_kind kind, uint64_t payload)
{
    return kind | payload << OURO_LABEL_SHIFT;
}

static void add(struct edge_list *list, uintptr_t target, uint64_t with)
{
    if (list->count == list->capacity)
        snapshot_end(list->snapshot, OURO_SNAPSHOT_MEMORY_BOUND,
                     "an object holds more references than a snapshot takes");
    list->targets[list->count] = target;
    list->edges[list->count++].label = with;
}

static int visit(py_object *referent, void *argument)
{
    add(argument, (uintptr_t)referent, EDGE_UNNAMED);
    return 0;
}

static size_t find(const struct edge_list *list, uintptr_t target, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (list->targets[i] == target && list->edges[i].label == EDGE_UNNAMED)
            return i;
    return list->count;
}

/* Gives the edge that find() found its name; false if it found none. */
static bool give(struct edge_list *list, size_t found, uint64_t with)
{
    if (found == list->count)
        return false;
    list->edges[found].label = with;
    list->cursor = found + 1;
    return true;
}

/* Gives the reference to target its name: the next edge in tp_traverse's order as a rule. */
static bool name_near(struct edge_list *list, uintptr_t target, uint64_t with)
{
    size_t end = list->cursor + SEARCH < list->count ? list->cursor + SEARCH : list->count;
    size_t found = find(list, target, list->cursor, end);
    if (found == list->count)
        found = find(list, target, 0, list->cursor < SEARCH ? list->cursor : SEARCH);
    return give(list, found, with);
}

/*
 * The same; what is not found there is a real reference all the same and is added as hidden, unless
 * owned is false.
 */
static void name(struct edge_list *list, uintptr_t target, uint64_t with, bool owned)
{
    if (target && !name_near(list, target, with) && owned)
        add(list, target, with | OURO_LABEL_HIDDEN);
}

/*
 * A value of a dict. An OrderedDict tells its keys first, so it may be far away: it is looked for
 * among all references, though not often for one object; a value is always told.
 */
static void name_value(struct edge_list *list, uintptr_t target, uint64_t with, bool owned)
{
    if (!target || name_near(list, target, with))
        return;
    if (list->count > 2 * SEARCH && list->misses++ < MISSES &&
        give(list, find(list, target, 0, list->count), with))
        return;
    if (owned && list->misses < MISSES)
        add(list, target, with | OURO_LABEL_HIDDEN);
}

/* The same for one of few references of an object: it may be anywhere among the others. */
void edges_name(struct edge_list *list, uintptr_t target, uint64_t with, bool owned)
{
    if (!target)
        return;
    for (size_t i = 0; i < list->count; i++)
        if (list->targets[i] == target &&
            (list->edges[i].label & ~(uint64_t)OURO_LABEL_HIDDEN) == with)
            return; /* the same reference, found in another way */
    size_t found = find(list, target, list->cursor, list->count);
    if (found == list->count)
        found = find(list, target, 0, list->cursor);
    if (!give(list, found, with) && owned)
        add(list, target, with | OURO_LABEL_HIDDEN);
}

uint64_t edges_attribute(struct edge_list *list, const char *text)
{
    return edges_label(OURO_LABEL_ATTRIBUTE, snapshot_string(list->snapshot, text, strlen(text)));
}

void edges_add_hidden(struct edge_list *list, uintptr_t target, uint64_t with)
{
    add(list, target, with | OURO_LABEL_HIDDEN);
}

/* Elements of a list or tuple, complete and in order: the same set tp_traverse reports. */
static void collect_items(struct edge_list *list, uintptr_t items, size_t count)
{
    size_t expected = 0;
    for (size_t i = 0; i < count; i++) {
        uintptr_t item = load_word(items, i * 8);
        if (!item)
            continue;
        add(list, item, edges_label(OURO_LABEL_INDEX, ouro_zigzag((int64_t)(i - expected))));
        expected = i + 1;
    }
}

/* Items of a subclass of list: tp_traverse reports them from the last to the first. */
static void name_items(struct edge_list *list, uintptr_t items, size_t count)
{
    int64_t expected = 0;
    for (size_t i = count; i-- > 0;) {
        uintptr_t item = load_word(items, i * 8);
        if (!item)
            continue;
        name(list, item, edges_label(OURO_LABEL_INDEX, ouro_zigzag((int64_t)i - expected)), false);
        expected = (int64_t)i + 1;
    }
}

static uint32_t name_string(struct snapshot *snapshot, uintptr_t string)
{
    char text[NAME_BYTES];
    return snapshot_string(snapshot, text, code_utf8(string, text, sizeof text));
}

/* A key of a dict of data, written so that str keys and others cannot be confused. */
static uint64_t key_label(struct edge_list *list, uintptr_t key, bool names)
{
    if (!names)
        return edges_label(OURO_LABEL_KEY, 0);
    char text[KEY_BYTES + 40];
    size_t length = 0;
    uintptr_t type = object_type(key);
    if (type == (uintptr_t)api.unicode_type) {
        text[0] = '\'';
        length = 1 + code_utf8(key, text + 1, KEY_BYTES);
        text[length++] = '\'';
    } else if (key == (uintptr_t)api.none) {
        length = (size_t)snprintf(text, sizeof text, "None");
    } else {
        length =
            (size_t)snprintf(text, sizeof text, "<%s>", (const char *)type_word(type, TP_NAME));
        if (length >= sizeof text)
            length = sizeof text - 1;
    }
    return edges_label(OURO_LABEL_KEY, snapshot_string(list->snapshot, text, length));
}

static void name_dict(struct edge_list *list, uintptr_t dict, bool is_namespace)
{
    size_t size = load_word(dict, layout.header);
    bool split = load_word(dict, layout.header + 24u) != 0; /* keys belong to the class */
    bool names = is_namespace || (options.values && size <= NAMED_KEYS);
    py_object *key, *value;
    for (ptrdiff_t at = 0; object_dict_next((uintptr_t)dict, &at, &key, &value);) {
        uint64_t with;
        if (is_namespace && object_type((uintptr_t)key) == (uintptr_t)api.unicode_type)
            with = edges_label(OURO_LABEL_ATTRIBUTE, name_string(list->snapshot, (uintptr_t)key));
        else
            with = key_label(list, (uintptr_t)key, names);
        name_value(list, (uintptr_t)value, with, !split);
        name(list, (uintptr_t)key, edges_label(OURO_LABEL_KEY_OBJECT, 0), !split);
    }
}

/*
 * Attribute values kept in the instance. Their names are the entries of the class's shared keys:
 * PyDictKeysObject, Include/internal/pycore_dict.h; unicode entries of key and value from 3.11.
 */
static void name_inline_values(struct edge_list *list, uintptr_t values, uintptr_t type)
{
    uintptr_t keys = load_word(type, layout.heap_type_keys);
    if (!keys)
        return;
    unsigned index_bytes = 1u << *(const uint8_t *)(keys + 9); /* dk_log2_index_bytes */
    size_t count = load_word(keys, 24);                        /* dk_nentries */
    uintptr_t entries = keys + layout.keys_head + index_bytes;
    for (size_t i = 0; i < count && i < 256; i++) {
        uintptr_t key = load_word(entries, i * 16), value = load_word(values, i * 8);
        if (key && value)
            name(list, value, edges_label(OURO_LABEL_ATTRIBUTE, name_string(list->snapshot, key)),
                 false);
    }
}

#define MEMBER_BYTES 40u /* PyMemberDef: name, type, offset, flags, doc */
#define MEMBER_OBJECT 6
#define MEMBER_OBJECT_EX 16
#define MEMBER_RELATIVE 8 /* offset from the end of the base's structure, 3.12+ */

/*
 * __slots__ and the members C types declare; the base classes' too. Several members may show one
 * field (classmethod's __func__ and __wrapped__), and the attribute table is named elsewhere. What
 * a type shows and does not report it may have borrowed (sqlite3.Connection.Error): whether it is
 * owned is then left to what the counts say (surplus.h).
 */
static void name_members(struct edge_list *list, uintptr_t object, uintptr_t type, bool owned)
{
    size_t seen[64], count = 0;
    uintptr_t space = object_namespace(object);
    for (unsigned depth = 0; type && depth < 256; depth++, type = type_word(type, TP_BASE)) {
        uintptr_t member = type_word(type, TP_MEMBERS);
        bool heap = type_word(type, TP_FLAGS) & FLAG_HEAPTYPE;
        for (; member && load_word(member, 0); member += MEMBER_BYTES) {
            int kind = load_int(member, 8), flags = load_int(member, 24);
            if ((kind != MEMBER_OBJECT && kind != MEMBER_OBJECT_EX) || flags & MEMBER_RELATIVE)
                continue;
            size_t offset = load_word(member, 16), i = 0;
            uintptr_t value = load_word(object, offset);
            const char *text = (const char *)load_word(member, 0);
            while (i < count && seen[i] != offset)
                i++;
            if (i < count || count == 64 || value == space ||
                (heap && strncmp(text, "__weaklist", 10) == 0))
                continue;
            seen[count++] = offset;
            edges_name(list, value, edges_attribute(list, text), owned);
            if (value)
                snapshot_index(list->snapshot, value); /* whoever owns it, it is an object */
        }
    }
}

const char *edges_member_at(uintptr_t type, size_t offset)
{
    for (unsigned depth = 0; type && depth < 256; depth++, type = type_word(type, TP_BASE)) {
        uintptr_t member = type_word(type, TP_MEMBERS);
        for (; member && load_word(member, 0); member += MEMBER_BYTES) {
            int kind = load_int(member, 8);
            if ((kind == MEMBER_OBJECT || kind == MEMBER_OBJECT_EX) &&
                load_word(member, 16) == offset)
                return (const char *)load_word(member, 0);
        }
    }
    return NULL;
}

/* References at known offsets of one C type, where it has no members to tell. */
struct field {
    uint16_t offset; /* after the header */
    const char *name;
};

static void name_fields(struct edge_list *list, uintptr_t object, const struct field *fields)
{
    for (; fields->name; fields++)
        name(list, load_word(object, layout.header + fields->offset),
             edges_attribute(list, fields->name), false);
}

static const struct field exception_fields_38[] = {
    {8, "args"}, {16, "__traceback__"}, {24, "__context__"}, {32, "__cause__"}, {0, NULL}};
static const struct field exception_fields_311[] = {{8, "args"},           {16, "__notes__"},
                                                    {24, "__traceback__"}, {32, "__context__"},
                                                    {40, "__cause__"},     {0, NULL}};
static const struct field traceback_fields[] = {{0, "tb_next"}, {8, "tb_frame"}, {0, NULL}};
static const struct field cell_fields[] = {{0, "cell_contents"}, {0, NULL}};
static const struct field type_fields[] = {
    {240, "__base__"}, {320, "__bases__"}, {328, "__mro__"}, {344, "__subclasses__"}, {0, NULL}};
#define STATIC_BUILTIN (1ul << 1) /* 3.12+: the interpreter has its dict and its subclasses */

unsigned edges_local_count(uintptr_t code)
{
    if (layout.generator_frame != LAYOUT_NONE)
        return (unsigned)load_int(code, layout.code_local_count);
    uintptr_t names = load_word(code, layout.code_local_names);
    return (unsigned)load_word(names, 16);
}

uint32_t edges_local_name(struct snapshot *snapshot, uintptr_t code, unsigned index)
{
    uintptr_t names = load_word(code, layout.code_local_names);
    if (!names || index >= load_word(names, layout.header))
        return 0;
    return name_string(snapshot, load_word(names, layout.tuple_items + 8ul * index));
}

static void name_locals(struct edge_list *list, uintptr_t code, uintptr_t locals)
{
    unsigned count = edges_local_count(code);
    for (unsigned i = 0; i < count; i++) {
        uintptr_t value = load_word(locals, 8ul * i);
        if (layout.minor >= 14) {
            if (value & 1)
                continue; /* borrowed */
            value &= ~7ul;
        }
        name(list, value, edges_label(OURO_LABEL_LOCAL, edges_local_name(list->snapshot, code, i)),
             false);
    }
}

/* The code of a frame that need not be running; 0 when it has none. */
static uintptr_t frame_code(uintptr_t frame)
{
    uintptr_t code = frame ? load_word(frame, layout.frame_code) & ~7ul : 0;
    return code && object_type(code) == (uintptr_t)api.code_type ? code : 0;
}

static void name_frame(struct edge_list *list, uintptr_t object)
{
    uintptr_t frame = object;
    if (layout.frameobject_frame != LAYOUT_NONE)
        frame = load_word(object, layout.frameobject_frame);
    uintptr_t code = frame_code(frame);
    name(list, load_word(object, layout.header), edges_attribute(list, "f_back"), false);
    if (!code)
        return;
    name_locals(list, code, frame + layout.frame_locals);
    name(list, code, edges_attribute(list, "f_code"), false);
}

static void name_generator(struct edge_list *list, uintptr_t object)
{
    if (layout.generator_frame == LAYOUT_NONE)
        return; /* its frame is an object of its own */
    uintptr_t frame = object + layout.generator_frame;
    uintptr_t code = frame_code(frame);
    if (code)
        name_locals(list, code, frame + layout.frame_locals);
}

/*
 * Classes; those that are static own the same and are not asked. Only the base that their source
 * gives them they do not count (type_ready_set_bases, Objects/typeobject.c).
 */
static void name_type(struct edge_list *list, uintptr_t type)
{
    uintptr_t flags = type_word(type, TP_FLAGS);
    for (const struct field *field = type_fields; field->name; field++) {
        uintptr_t value = load_word(type, layout.header + field->offset);
        bool subclasses = field[1].name == NULL; /* a dict of weak references, never reported */
        if (!(flags & STATIC_BUILTIN && layout.minor >= 12 && subclasses))
            edges_name(
                list, value,
                edges_attribute(list, field->name) |
                    (field == type_fields && !(flags & FLAG_HEAPTYPE) ? OURO_LABEL_BORROWED : 0),
                subclasses || !(flags & FLAG_HEAPTYPE));
    }
}

static void name_by_type(struct edge_list *list, uintptr_t object, uintptr_t type, uintptr_t flags,
                         uint8_t mark)
{
    if (flags & FLAG_DICT)
        name_dict(list, object, mark & MARK_NAMESPACE);
    else if (flags & FLAG_LIST)
        name_items(list, load_word(object, layout.header + 8u), load_word(object, layout.header));
    else if (flags & FLAG_EXCEPTION)
        name_fields(list, object, layout.minor >= 11 ? exception_fields_311 : exception_fields_38);
    else if (flags & FLAG_TYPE)
        name_type(list, object);
    else if (type == (uintptr_t)api.cell_type)
        name_fields(list, object, cell_fields);
    else if (type == (uintptr_t)api.frame_type)
        name_frame(list, object);
    else if (type == (uintptr_t)api.generator_type || type == (uintptr_t)api.coroutine_type ||
             type == (uintptr_t)api.async_generator_type)
        name_generator(list, object);
    else if (type == (uintptr_t)api.traceback_type)
        name_fields(list, object, traceback_fields);
    else if (type == (uintptr_t)api.code_type && layout.generator_frame != LAYOUT_NONE)
        name(list, load_word(object, layout.code_local_names),
             edges_attribute(list, "co_localsplusnames"), true);
    else if (type == (uintptr_t)api.bytearray_type && layout.minor >= 15)
        name(list, load_word(object, layout.header + 40u), edges_attribute(list, "ob_bytes_object"),
             true);
}

static void name_instance(struct edge_list *list, uintptr_t object, uintptr_t type)
{
    uintptr_t values = object_inline_values(object, type);
    if (values)
        name_inline_values(list, values, type);
    uintptr_t space = object_namespace(object);
    edges_name(list, space, edges_label(OURO_LABEL_NAMESPACE, 0), true);
    if (space && object_type(space) == (uintptr_t)api.dict_type) /* in time if it comes later */
        *snapshot_marks(list->snapshot, snapshot_index(list->snapshot, space)) |= MARK_NAMESPACE;
}

/* What is still unnamed: the object's class, members of a set, or simply a reference. */
static void name_rest(struct edge_list *list, uintptr_t type)
{
    bool sequence = hidden_is_sequence(type);
    bool set = type == (uintptr_t)api.set_type || type == (uintptr_t)api.frozenset_type;
    for (size_t i = 0; i < list->count; i++) {
        if (list->edges[i].label != EDGE_UNNAMED)
            continue;
        if (list->targets[i] == type)
            list->edges[i].label = OURO_LABEL_TYPE;
        else
            list->edges[i].label = sequence ? OURO_LABEL_INDEX
                                   : set    ? OURO_LABEL_ELEMENT
                                            : OURO_LABEL_NONE;
    }
}

static bool is_atom(uintptr_t type)
{
    return type == (uintptr_t)api.unicode_type || type == (uintptr_t)api.bytes_type ||
           type == (uintptr_t)api.long_type || type == (uintptr_t)api.float_type;
}

void edges_collect(struct snapshot *snapshot, uintptr_t object, uint8_t mark,
                   struct edge_list *list)
{
    list->snapshot = snapshot;
    list->count = list->cursor = list->misses = 0;
    uintptr_t type = object_type(object), flags = type_word(type, TP_FLAGS);
    if (type == (uintptr_t)api.list_type) {
        collect_items(list, load_word(object, layout.header + 8u),
                      load_word(object, layout.header));
    } else if (type == (uintptr_t)api.tuple_type) {
        collect_items(list, object + layout.tuple_items, load_word(object, layout.header));
    } else {
        traverser traverse = NULL;
        /* A static type has its metatype's tp_traverse, which must not be called for it. */
        bool collected = !(flags & FLAG_TYPE) || type_word(object, TP_FLAGS) & FLAG_HEAPTYPE;
        if (flags & FLAG_GC && collected) {
            uintptr_t function = type_word(type, TP_TRAVERSE);
            memcpy(&traverse, &function, sizeof traverse);
        }
        object_unlock(object);
        if (traverse)
            traverse((void *)object, visit, list);
        if (traverse || !is_atom(type)) {
            name_instance(list, object, type);
            list->cursor = 0;
            name_members(list, object, type, type == (uintptr_t)api.code_type);
            list->cursor = 0;
            name_by_type(list, object, type, flags, mark);
            hidden_name(list, object, type);
            name_rest(list, type);
        }
    }
    /* Up to 3.8 instances of heap types own a reference to their class without telling. */
    if (flags & FLAG_HEAPTYPE && !hidden_class_is_told(type)) {
        bool told = false;
        for (size_t i = 0; i < list->count && !told; i++)
            told = list->targets[i] == type;
        if (!told)
            add(list, type, OURO_LABEL_TYPE | OURO_LABEL_HIDDEN);
    }
    if (type == (uintptr_t)api.weakref_type) {
        uintptr_t referent = load_word(object, layout.header);
        if (referent && referent != (uintptr_t)api.none)
            add(list, referent, OURO_LABEL_REFERENT);
    }
    bool fixed = dying_in_data(object), interned = hidden_is_interned_table(object);
    for (size_t i = 0; i < list->count; i++) {
        /* Initialised data refers to other such data without counting, and so does the table of
         * interned strings to its strings. */
        if ((fixed && dying_in_data(list->targets[i])) || interned)
            list->edges[i].label |= OURO_LABEL_BORROWED;
        list->edges[i].target = snapshot_index(snapshot, list->targets[i]);
    }
}

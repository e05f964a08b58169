/* SPDX-License-Identifier: MIT */
/* Tables of the snapshot: objects and their types. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sql/place.h"
#include "structure/sorted.h"

static uint64_t heap_bytes(const struct snapshot *heap, uint32_t object)
{
    return heap->flags[object] & OURO_OBJECT_STATIC ? 0 : object_size(heap, object);
}

static uint32_t site_of(const struct sql_source *source, uint32_t object)
{
    uint32_t row = source->heap->row[object];
    return row <= source->process->row_count ? source->process->rows[row].site : 0;
}

/* --- objects -------------------------------------------------------------------------------- */

enum object_column {
    OBJECT_ID,
    OBJECT_ADDRESS,
    OBJECT_TYPE,
    OBJECT_TYPE_ID,
    OBJECT_SIZE,
    OBJECT_RETAINED,
    OBJECT_DOMINATOR,
    OBJECT_REFCOUNT,
    OBJECT_SITE,
    OBJECT_FILE,
    OBJECT_LINE,
    OBJECT_FUNCTION,
    OBJECT_BIRTH,
    OBJECT_AGE,
    OBJECT_DEAD,
    OBJECT_TRACKED,
    OBJECT_IMMORTAL,
    OBJECT_STATIC,
    OBJECT_INTERNED,
    OBJECT_VALUE_ID,
    OBJECT_VALUE,
    OBJECT_ADDRESS_NUMBER
};

static const struct sql_column object_columns[] = {
    {"id", "INTEGER", "number in the snapshot"},
    {"address", "TEXT", "as other commands take it: 0x7f…"},
    {"type", "TEXT", "name"},
    {"type_id", "INTEGER", "types.id"},
    {"size", "INTEGER", "heap bytes; 0 for static objects"},
    {"retained", "INTEGER", "bytes that die with it"},
    {"dominator", "INTEGER", "objects.id of what keeps it alive alone"},
    {"refcount", "INTEGER", "NULL: immortal"},
    {"site", "INTEGER", "sites.id of its allocation; 0: not known"},
    {"file", "TEXT", "of that site"},
    {"line", "INTEGER", ""},
    {"function", "TEXT", ""},
    {"birth", "INTEGER", "on the allocation clock, bytes"},
    {"age", "INTEGER", "bytes allocated since then"},
    {"dead", "TEXT", "garbage, hanging, uncollectable, saved; NULL: alive"},
    {"tracked", "INTEGER", "1: the collector knows it"},
    {"immortal", "INTEGER", ""},
    {"static", "INTEGER", "1: no block of the heap"},
    {"interned", "INTEGER", ""},
    {"value_id", "INTEGER", "the same for equal values; NULL: nobody has the same"},
    {"value", "TEXT", "the beginning of that value"},
    {"address_number", "INTEGER HIDDEN", ""},
};

static int objects_count(struct sql_source *source, uint64_t *rows)
{
    *rows = source->heap->object_count;
    return 0;
}

static uint64_t objects_estimate(const struct sql_source *source)
{
    return source->heap->object_count;
}

/* The value that an object shares with others; 0: none. */
static uint32_t value_of(const struct snapshot *heap, uint32_t object)
{
    uint32_t at = sorted_find(heap->member_object, heap->member_count, object);
    return at < heap->member_count ? heap->member_value[at] : 0;
}

static int object_address(const struct snapshot *heap, uint32_t object, sqlite3_context *context)
{
    char text[24];
    snprintf(text, sizeof text, "0x%" PRIx64, heap->address[object]);
    return sql_text_copy(context, text);
}

static int object_dead(struct sql_source *source, uint32_t object, sqlite3_context *context)
{
    static const char *const names[CLASS_COUNT] = {NULL, "garbage", "hanging", "uncollectable",
                                                   "saved"};
    if (sql_source_garbage(source) < 0)
        return -1;
    return sql_text(context, names[source->garbage.class[object]]);
}

static int object_kept(struct sql_source *source, uint32_t object, bool dominator,
                       sqlite3_context *context)
{
    if (sql_source_retained(source) < 0)
        return -1;
    if (!dominator)
        return sql_number(context, source->retained.bytes[object]);
    uint32_t parent = source->retained.dominators.parent[object];
    return parent < source->heap->object_count ? sql_number(context, parent) : 0;
}

static int object_clock(const struct snapshot *heap, uint32_t object, bool age,
                        sqlite3_context *context)
{
    uint64_t birth = object_birth(heap, object);
    if (!birth || (age && birth > heap->clock))
        return 0;
    return sql_number(context, age ? heap->clock - birth : birth);
}

static int object_type(struct sql_source *source, uint32_t object, bool number,
                       sqlite3_context *context)
{
    uint32_t type = source->heap->type[object];
    if (!number)
        return sql_text(context, type ? source->heap->types[type].name : "");
    if (sql_source_order(source) < 0)
        return -1;
    return sql_number(context, source->order.rank[type]);
}

static int object_value(const struct sql_source *source, uint32_t object, bool number,
                        sqlite3_context *context)
{
    uint32_t value = value_of(source->heap, object);
    if (!value)
        return 0;
    const struct value_info *info = &source->heap->values[value];
    if (number)
        return sql_number(context, value);
    return *info->preview || !info->length ? sql_text(context, info->preview) : 0;
}

static int objects_value(struct sql_source *source, uint64_t row, int column,
                         sqlite3_context *context)
{
    const struct snapshot *heap = source->heap;
    uint32_t o = (uint32_t)row, flags = heap->flags[o];
    switch ((enum object_column)column) {
    case OBJECT_ID:
        return sql_number(context, o);
    case OBJECT_ADDRESS:
        return object_address(heap, o, context);
    case OBJECT_TYPE:
    case OBJECT_TYPE_ID:
        return object_type(source, o, column == OBJECT_TYPE_ID, context);
    case OBJECT_SIZE:
        return sql_number(context, heap_bytes(heap, o));
    case OBJECT_RETAINED:
    case OBJECT_DOMINATOR:
        return object_kept(source, o, column == OBJECT_DOMINATOR, context);
    case OBJECT_REFCOUNT:
        return flags & OURO_OBJECT_IMMORTAL ? 0 : sql_number(context, heap->refcount[o]);
    case OBJECT_SITE:
        return sql_number(context, site_of(source, o));
    case OBJECT_FILE:
    case OBJECT_LINE:
    case OBJECT_FUNCTION:
        return sql_place(source, site_of(source, o), column - OBJECT_FILE, context);
    case OBJECT_BIRTH:
    case OBJECT_AGE:
        return object_clock(heap, o, column == OBJECT_AGE, context);
    case OBJECT_DEAD:
        return object_dead(source, o, context);
    case OBJECT_TRACKED:
        return sql_number(context, !!(flags & OURO_OBJECT_TRACKED));
    case OBJECT_IMMORTAL:
        return sql_number(context, !!(flags & OURO_OBJECT_IMMORTAL));
    case OBJECT_STATIC:
        return sql_number(context, !!(flags & OURO_OBJECT_STATIC));
    case OBJECT_INTERNED:
        return sql_number(context, !!(flags & OURO_OBJECT_INTERNED));
    case OBJECT_VALUE_ID:
    case OBJECT_VALUE:
        return object_value(source, o, column == OBJECT_VALUE_ID, context);
    case OBJECT_ADDRESS_NUMBER:
        return sql_number(context, heap->address[o]);
    }
    return 0;
}

static int objects_by_id(struct sql_source *source, const struct sql_key *key,
                         struct sql_rows *rows)
{
    *rows = sql_row(key->number, source->heap->object_count);
    return 0;
}

static int objects_by_address(struct sql_source *source, const struct sql_key *key,
                              struct sql_rows *rows)
{
    char *end;
    uint64_t address = strtoull(key->text, &end, 16);
    if (*end || sql_source_addresses(source) < 0)
        return *end ? 0 : -1;
    uint32_t low = 0, high = source->heap->object_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (source->heap->address[source->by_address[middle]] < address)
            low = middle + 1;
        else
            high = middle;
    }
    *rows = (struct sql_rows){source->by_address, low, low};
    while (rows->end < source->heap->object_count &&
           source->heap->address[source->by_address[rows->end]] == address)
        rows->end++;
    return 0;
}

static uint32_t group_type(const struct sql_source *source, uint32_t row)
{
    return source->order.rank[source->heap->type[row]];
}

static int by_type(struct sql_source *source)
{
    if (sql_source_order(source) < 0)
        return -1;
    return sql_groups_build(&source->by_type, source, source->order.count,
                            source->heap->object_count, group_type);
}

/* Numbers of types are in the order of their names: this is both. */
static int objects_in_types(struct sql_source *source, struct sql_rows *rows)
{
    if (by_type(source) < 0)
        return -1;
    *rows = sql_groups_all(&source->by_type);
    return 0;
}

static int objects_by_type_id(struct sql_source *source, const struct sql_key *key,
                              struct sql_rows *rows)
{
    if (by_type(source) < 0)
        return -1;
    *rows = sql_groups_rows(&source->by_type, key->number);
    return 0;
}

static int objects_by_type(struct sql_source *source, const struct sql_key *key,
                           struct sql_rows *rows)
{
    if (sql_source_order(source) < 0)
        return -1;
    const struct sql_key number = {.number = sql_source_type(source, key->text)};
    return objects_by_type_id(source, &number, rows);
}

static int by_site(struct sql_source *source)
{
    return sql_groups_build(&source->by_site, source, source->process->site_count + 1,
                            source->heap->object_count, site_of);
}

static int objects_in_sites(struct sql_source *source, struct sql_rows *rows)
{
    if (by_site(source) < 0)
        return -1;
    *rows = sql_groups_all(&source->by_site);
    return 0;
}

static int objects_by_site(struct sql_source *source, const struct sql_key *key,
                           struct sql_rows *rows)
{
    if (by_site(source) < 0)
        return -1;
    *rows = sql_groups_rows(&source->by_site, key->number);
    return 0;
}

static uint32_t group_dominator(const struct sql_source *source, uint32_t row)
{
    return source->retained.dominators.parent[row];
}

static int objects_by_dominator(struct sql_source *source, const struct sql_key *key,
                                struct sql_rows *rows)
{
    uint32_t objects = source->heap->object_count;
    if (sql_source_retained(source) < 0 ||
        sql_groups_build(&source->by_dominator, source, objects, objects, group_dominator) < 0)
        return -1;
    *rows = sql_groups_rows(&source->by_dominator, key->number);
    return 0;
}

static uint32_t group_value(const struct sql_source *source, uint32_t row)
{
    uint32_t value = value_of(source->heap, row);
    return value ? value : NO_ID;
}

static int objects_by_value(struct sql_source *source, const struct sql_key *key,
                            struct sql_rows *rows)
{
    if (sql_groups_build(&source->by_value, source, source->heap->value_count + 1,
                         source->heap->object_count, group_value) < 0)
        return -1;
    *rows = sql_groups_rows(&source->by_value, key->number);
    return 0;
}

static const struct sql_index object_indexes[] = {
    {OBJECT_ID, true, objects_by_id, NULL},
    {OBJECT_ADDRESS, true, objects_by_address, NULL},
    {OBJECT_TYPE_ID, false, objects_by_type_id, objects_in_types},
    {OBJECT_TYPE, false, objects_by_type, objects_in_types},
    {OBJECT_SITE, false, objects_by_site, objects_in_sites},
    {OBJECT_DOMINATOR, false, objects_by_dominator, NULL},
    {OBJECT_VALUE_ID, false, objects_by_value, NULL},
};

const struct sql_table sql_table_objects = {
    "objects",
    "the objects of the snapshot",
    object_columns,
    COUNT(object_columns),
    true,
    object_indexes,
    COUNT(object_indexes),
    objects_count,
    objects_estimate,
    objects_value,
};

/* --- types ---------------------------------------------------------------------------------- */

enum type_column { TYPE_ID, TYPE_NAME, TYPE_OBJECTS, TYPE_BYTES, TYPE_TRACKED, TYPE_RETAINED };

static const struct sql_column type_columns[] = {
    {"id", "INTEGER", ""},
    {"name", "TEXT", "with its module: app.Node; builtins bare"},
    {"objects", "INTEGER", ""},
    {"bytes", "INTEGER", "of the heap"},
    {"tracked", "INTEGER", "objects that the collector knows"},
    {"retained", "INTEGER", "bytes that die with all of them"},
};

static int types_count(struct sql_source *source, uint64_t *rows)
{
    if (sql_source_totals(source) < 0)
        return -1;
    *rows = source->order.count;
    return 0;
}

static uint64_t types_estimate(const struct sql_source *source)
{
    return source->heap->type_count;
}

static int types_value(struct sql_source *source, uint64_t row, int column,
                       sqlite3_context *context)
{
    uint32_t place = source->type_total[row];
    const struct heap_type *total = place ? &source->totals.types[place - 1] : NULL;
    switch ((enum type_column)column) {
    case TYPE_ID:
        return sql_number(context, row);
    case TYPE_NAME:
        return sql_text(context, source->order.name[row]);
    case TYPE_OBJECTS:
        return sql_number(context, total ? total->count : 0);
    case TYPE_BYTES:
        return sql_number(context, total ? total->bytes : 0);
    case TYPE_TRACKED:
        return sql_number(context, total ? total->tracked : 0);
    case TYPE_RETAINED:
        if (sql_source_type_retained(source) < 0)
            return -1;
        return sql_number(context, source->type_retained[row]);
    }
    return 0;
}

static int types_by_id(struct sql_source *source, const struct sql_key *key, struct sql_rows *rows)
{
    *rows = sql_row(key->number, source->order.count);
    return 0;
}

static int types_by_name(struct sql_source *source, const struct sql_key *key,
                         struct sql_rows *rows)
{
    uint32_t type = sql_source_type(source, key->text);
    *rows = sql_row(type == NO_ID ? -1 : (int64_t)type, source->order.count);
    return 0;
}

static const struct sql_index type_indexes[] = {
    {TYPE_ID, true, types_by_id, NULL},
    {TYPE_NAME, true, types_by_name, NULL},
};

const struct sql_table sql_table_types = {
    "types",      "the types of these objects", type_columns, COUNT(type_columns), true,
    type_indexes, COUNT(type_indexes),          types_count,  types_estimate,      types_value,
};

/* SPDX-License-Identifier: MIT */
/* Tables of the snapshot: references, and how they look. */
#include "graph/edge_label.h"
#include "ouro/varint.h"
#include "sql/place.h"
#include "trace/trace_names.h"

/* --- edges ---------------------------------------------------------------------------------- */

enum edge_column {
    EDGE_SOURCE,
    EDGE_TARGET,
    EDGE_KIND,
    EDGE_NAME,
    EDGE_POSITION,
    EDGE_LABEL,
    EDGE_LABEL_ID,
    EDGE_STRONG,
    EDGE_HIDDEN
};

static const struct sql_column edge_columns[] = {
    {"source", "INTEGER", "objects.id"},
    {"target", "INTEGER", "objects.id"},
    {"kind", "TEXT", "attribute, key, index, element, cell, local, …"},
    {"name", "TEXT", "of an attribute or variable; a key as a program writes it"},
    {"position", "INTEGER", "of kind index"},
    {"label", "TEXT", "as reports print it: .name, ['key'], [*]"},
    {"label_id", "INTEGER", "labels.id"},
    {"strong", "INTEGER", "1: it keeps its target alive"},
    {"hidden", "INTEGER", "1: the collector is not told of it"},
};

static int edges_count(struct sql_source *source, uint64_t *rows)
{
    *rows = source->heap->edge_count;
    return 0;
}

static uint64_t edges_estimate(const struct sql_source *source)
{
    return source->heap->edge_count;
}

/* The object that has an edge. Rows are mostly asked for in order. */
static uint32_t edge_source(struct sql_source *source, uint64_t edge)
{
    const struct snapshot *heap = source->heap;
    uint32_t o = source->hint_edge_object;
    if (o < heap->object_count && edge >= heap->edge_first[o]) {
        for (int near = 0; near < 8 && o < heap->object_count; near++, o++) {
            if (edge < heap->edge_first[o + 1])
                return source->hint_edge_object = o;
        }
    }
    uint32_t low = 0, high = heap->object_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (heap->edge_first[middle] <= edge)
            low = middle;
        else
            high = middle;
    }
    return source->hint_edge_object = low;
}

/* The index that a label of that kind means: differences are added up from the object's first edge. */
static int64_t edge_position(struct sql_source *source, uint64_t edge)
{
    const struct snapshot *heap = source->heap;
    uint32_t object = edge_source(source, edge);
    uint64_t e = heap->edge_first[object];
    int64_t index = -1;
    if (source->hint_index.object == object && source->hint_index.edge > e &&
        source->hint_index.edge <= edge) {
        e = source->hint_index.edge;
        index = source->hint_index.index;
    }
    for (; e <= edge; e++) {
        uint32_t label = heap->edge_label[e];
        if ((label & OURO_LABEL_KIND_MASK) == OURO_LABEL_INDEX)
            index += 1 + ouro_unzigzag(label >> OURO_LABEL_SHIFT);
    }
    source->hint_index.edge = e;
    source->hint_index.object = object;
    source->hint_index.index = index;
    return index;
}

static int edges_value(struct sql_source *source, uint64_t row, int column,
                       sqlite3_context *context)
{
    const struct snapshot *heap = source->heap;
    uint32_t label = heap->edge_label[row], key = sql_label_key(label), number;
    switch ((enum edge_column)column) {
    case EDGE_SOURCE:
        return sql_number(context, edge_source(source, row));
    case EDGE_TARGET:
        return sql_number(context, heap->edge_target[row]);
    case EDGE_KIND:
        return sql_text(context, label_kind_name(label));
    case EDGE_NAME:
        return *edge_label_name(heap, label) ? sql_text(context, edge_label_name(heap, label)) : 0;
    case EDGE_POSITION:
        if ((label & OURO_LABEL_KIND_MASK) == OURO_LABEL_INDEX)
            sqlite3_result_int64(context, edge_position(source, row));
        return 0;
    case EDGE_LABEL:
    case EDGE_LABEL_ID:
        if (sql_source_labels(source) < 0 || !key_table_find(&source->labels, &key, &number))
            return -1;
        return column == EDGE_LABEL ? sql_text(context, source->label_text[number])
                                    : sql_number(context, number);
    case EDGE_STRONG:
        return sql_number(context, edge_counts(label, VIEW_STRONG));
    case EDGE_HIDDEN:
        return sql_number(context, !!(label & OURO_LABEL_HIDDEN));
    }
    return 0;
}

static int edges_by_source(struct sql_source *source, const struct sql_key *key,
                           struct sql_rows *rows)
{
    if (key->number < 0 || key->number >= source->heap->object_count)
        return 0;
    *rows = (struct sql_rows){NULL, source->heap->edge_first[key->number],
                              source->heap->edge_first[key->number + 1]};
    return 0;
}

static uint32_t group_target(const struct sql_source *source, uint32_t row)
{
    return source->heap->edge_target[row];
}

static int by_target(struct sql_source *source)
{
    return sql_groups_build(&source->by_target, source, source->heap->object_count,
                            (uint32_t)source->heap->edge_count, group_target);
}

static int edges_in_targets(struct sql_source *source, struct sql_rows *rows)
{
    if (by_target(source) < 0)
        return -1;
    *rows = sql_groups_all(&source->by_target);
    return 0;
}

static int edges_by_target(struct sql_source *source, const struct sql_key *key,
                           struct sql_rows *rows)
{
    if (by_target(source) < 0)
        return -1;
    *rows = sql_groups_rows(&source->by_target, key->number);
    return 0;
}

static const struct sql_index edge_indexes[] = {
    {EDGE_SOURCE, false, edges_by_source, NULL},
    {EDGE_TARGET, false, edges_by_target, edges_in_targets},
};

const struct sql_table sql_table_edges = {
    "edges",      "the references between them", edge_columns, COUNT(edge_columns), false,
    edge_indexes, COUNT(edge_indexes),           edges_count,  edges_estimate,      edges_value,
};

/* --- labels --------------------------------------------------------------------------------- */

enum label_column { LABEL_ID, LABEL_KIND, LABEL_NAME, LABEL_LABEL, LABEL_STRONG, LABEL_HIDDEN };

static const struct sql_column label_columns[] = {
    {"id", "INTEGER", ""}, {"kind", "TEXT", "as of edges"}, {"name", "TEXT", ""},
    {"label", "TEXT", ""}, {"strong", "INTEGER", ""},       {"hidden", "INTEGER", ""},
};

static int labels_count(struct sql_source *source, uint64_t *rows)
{
    if (sql_source_labels(source) < 0)
        return -1;
    *rows = source->labels.count;
    return 0;
}

static uint64_t labels_estimate(const struct sql_source *source)
{
    return source->heap->string_count;
}

static int labels_value(struct sql_source *source, uint64_t row, int column,
                        sqlite3_context *context)
{
    uint32_t label = *(const uint32_t *)key_table_key(&source->labels, (uint32_t)row);
    const char *name = edge_label_name(source->heap, label);
    switch ((enum label_column)column) {
    case LABEL_ID:
        return sql_number(context, row);
    case LABEL_KIND:
        return sql_text(context, label_kind_name(label));
    case LABEL_NAME:
        return *name ? sql_text(context, name) : 0;
    case LABEL_LABEL:
        return sql_text(context, source->label_text[row]);
    case LABEL_STRONG:
        return sql_number(context, edge_counts(label, VIEW_STRONG));
    case LABEL_HIDDEN:
        return sql_number(context, !!(label & OURO_LABEL_HIDDEN));
    }
    return 0;
}

static int labels_by_id(struct sql_source *source, const struct sql_key *key, struct sql_rows *rows)
{
    *rows = sql_row(key->number, source->labels.count);
    return 0;
}

static const struct sql_index label_indexes[] = {{LABEL_ID, true, labels_by_id, NULL}};

const struct sql_table sql_table_labels = {
    "labels",
    "how references look: those of edges, once each",
    label_columns,
    COUNT(label_columns),
    true,
    label_indexes,
    COUNT(label_indexes),
    labels_count,
    labels_estimate,
    labels_value,
};

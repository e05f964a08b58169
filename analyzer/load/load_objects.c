/* SPDX-License-Identifier: MIT */
/*
 * Objects and edges of a snapshot: the columns, which are by far the most of a trace. Tight loops
 * over one column each; a chunk counts only once all of it has proved valid.
 */
#include "load/loader.h"

/* Says what is wrong with a chunk. */
static enum load_status damaged(struct loader *loader, const char *detail)
{
    loader->detail = detail;
    return LOAD_DAMAGED;
}

/* Reads { varint length, bytes } × columns. */
static bool columns_split(struct cursor *c, struct cursor *columns, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        columns[i] = cursor_part(c);
    return !c->failed;
}

/* A column was read to its end and nothing was wrong. */
static bool column_done(const struct cursor *c)
{
    return !c->failed && c->at == c->end;
}

/* Room for count more objects in every array of the model. */
static bool reserve_objects(struct loader *loader, struct snapshot_load *load, uint32_t count)
{
    struct snapshot *s = &load->model;
    uint32_t old = load->object_room;
    uint64_t need = (uint64_t)s->object_count + count + 1; /* + 1 for edge_first */
    struct {
        void *array;
        size_t size;
    } arrays[] = {
        {&s->address, sizeof *s->address},     {&s->type, sizeof *s->type},
        {&s->size.low, sizeof *s->size.low},   {&s->refcount, sizeof *s->refcount},
        {&s->flags, sizeof *s->flags},         {&s->row, sizeof *s->row},
        {&s->birth.low, sizeof *s->birth.low}, {&s->edge_first, sizeof *s->edge_first},
    };
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        uint32_t room = old;
        if (!load_grow(loader, arrays[i].array, &room, need, arrays[i].size))
            return false;
        load->object_room = room;
    }
    return true;
}

uint64_t load_edges_most(const struct snapshot_load *load)
{
    return EDGES_MOST - load->model.edge_count - load->found_count;
}

bool load_reserve_edges(struct loader *loader, struct snapshot_load *load, uint64_t count)
{
    struct snapshot *s = &load->model;
    size_t need = (size_t)(s->edge_count + count);
    if (need <= load->edge_room)
        return true;
    size_t room = load->edge_room + load->edge_room / 2;
    if (room < need)
        room = need;
    uint32_t *targets = arena_resize(loader->arena, s->edge_target, room, sizeof *targets);
    if (targets)
        s->edge_target = targets;
    uint32_t *labels = arena_resize(loader->arena, s->edge_label, room, sizeof *labels);
    if (labels)
        s->edge_label = labels;
    if (!targets || !labels)
        return false;
    load->edge_room = room;
    return true;
}

static bool read_addresses(struct cursor *c, uint64_t *address, uint32_t count)
{
    uint64_t previous = 0;
    for (uint32_t i = 0; i < count; i++) {
        previous += (uint64_t)cursor_svarint(c);
        address[i] = previous;
    }
    return column_done(c);
}

/* What one column became: COLUMN_WRONG if it does not hold as many values as it must. */
enum column_status { COLUMN_READ, COLUMN_WRONG, COLUMN_MEMORY };

/* Stores a number of a compact column. */
static bool compact_set(struct loader *loader, struct compact *column, uint32_t *far_room,
                        uint32_t at, uint64_t value)
{
    column->low[at] = compact_low(column, value);
    if (column->low[at] != COMPACT_FAR)
        return true;
    if (!load_grow(loader, &column->far, far_room, (uint64_t)column->far_count + 1,
                   sizeof *column->far))
        return false;
    column->far[column->far_count++] = (struct compact_far){value, at};
    return true;
}

static enum column_status read_births(struct loader *loader, struct snapshot_load *load,
                                      struct cursor *c, uint32_t count)
{
    struct snapshot *s = &load->model;
    uint64_t previous = 0;
    for (uint32_t i = 0; i < count; i++) {
        previous += (uint64_t)cursor_svarint(c);
        if (previous > UINT64_MAX / OURO_CLOCK_UNIT)
            return COLUMN_WRONG;
        if (!compact_set(loader, &s->birth, &load->birth_room, s->object_count + i, previous))
            return COLUMN_MEMORY;
    }
    return column_done(c) ? COLUMN_READ : COLUMN_WRONG;
}

static bool read_types(struct cursor *c, uint32_t *type, uint32_t count, uint32_t type_count)
{
    for (uint32_t i = 0; i < count; i++) {
        type[i] = cursor_id(c, type_count);
        if (type[i] == 0)
            return false;
    }
    return column_done(c);
}

static enum column_status read_sizes(struct loader *loader, struct snapshot_load *load,
                                     struct cursor *c, uint32_t count)
{
    struct snapshot *s = &load->model;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t size = cursor_bounded(c, (uint64_t)1 << 48);
        if (!compact_set(loader, &s->size, &load->size_room, s->object_count + i, size))
            return COLUMN_MEMORY;
    }
    return column_done(c) ? COLUMN_READ : COLUMN_WRONG;
}

static bool read_refcounts(struct cursor *c, uint32_t *refcount, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        refcount[i] = cursor_saturated(c);
    return column_done(c);
}

static bool read_flags(struct cursor *c, uint16_t *flags, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        flags[i] = (uint16_t)cursor_varint(c);
    return column_done(c);
}

static bool read_rows(struct cursor *c, uint32_t *row, uint32_t count, uint64_t *max_row)
{
    uint32_t max = 0;
    for (uint32_t i = 0; i < count; i++) {
        row[i] = cursor_id(c, NO_ID - 1);
        if (row[i] > max)
            max = row[i];
    }
    if (!column_done(c))
        return false;
    if (max > *max_row)
        *max_row = max;
    return true;
}

/* Fills first[1 … count] from first[0] and the numbers of edges. limit bounds the sum. */
static bool read_edge_counts(struct cursor *c, uint32_t *first, uint32_t count, uint64_t limit)
{
    uint64_t left = limit;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t edges = (uint32_t)cursor_bounded(c, left);
        left -= edges;
        first[i + 1] = first[i] + edges;
    }
    return column_done(c);
}

/* Targets of the edges of one object. Returns false when one is no possible index. */
static bool read_targets(struct cursor *c, uint32_t *target, uint64_t count, uint32_t own,
                         uint32_t *max)
{
    for (uint64_t i = 0; i < count; i++) {
        uint64_t index = own + (uint64_t)cursor_svarint(c);
        if (index >= NO_ID)
            return false;
        target[i] = (uint32_t)index;
        if (target[i] > *max)
            *max = target[i];
    }
    return !c->failed;
}

bool load_label_names(uint32_t label)
{
    switch (label & OURO_LABEL_KIND_MASK) {
    case OURO_LABEL_ATTRIBUTE:
    case OURO_LABEL_KEY:
    case OURO_LABEL_CELL:
    case OURO_LABEL_LOCAL:
        return true;
    default:
        return false;
    }
}

static bool read_labels(struct cursor *c, uint32_t *label, uint64_t count, uint32_t string_count)
{
    for (uint64_t i = 0; i < count; i++) {
        uint32_t value = cursor_id(c, UINT32_MAX);
        if (load_label_names(value) && value >> OURO_LABEL_SHIFT > string_count)
            return false;
        label[i] = value;
    }
    return column_done(c);
}

/* The columns that have one value for each object, but the numbers of edges and the rows. */
static const char *read_fixed(struct snapshot *s, struct cursor *columns, uint32_t count)
{
    uint32_t base = s->object_count;
    if (!read_addresses(&columns[OURO_COLUMN_ADDRESS], s->address + base, count))
        return "addresses";
    if (!read_types(&columns[OURO_COLUMN_TYPE], s->type + base, count, s->type_count))
        return "types";
    if (!read_refcounts(&columns[OURO_COLUMN_REFCOUNT], s->refcount + base, count))
        return "reference counts";
    if (!read_flags(&columns[OURO_COLUMN_FLAGS], s->flags + base, count))
        return "flags";
    return NULL;
}

/* The columns of sizes and births. What was kept of a chunk that proves wrong is forgotten. */
static enum load_status read_compact(struct loader *loader, struct snapshot_load *load,
                                     struct cursor *columns, uint32_t count)
{
    enum column_status status = read_sizes(loader, load, &columns[OURO_COLUMN_SIZE], count);
    if (status == COLUMN_WRONG)
        return damaged(loader, "sizes");
    if (status == COLUMN_READ)
        status = read_births(loader, load, &columns[OURO_COLUMN_BIRTH], count);
    if (status == COLUMN_WRONG)
        return damaged(loader, "births");
    return status == COLUMN_READ ? LOAD_OK : LOAD_MEMORY;
}

/* Births are close to the clock of the snapshot, if not close to 0. */
static void births_prepare(struct snapshot *s)
{
    const uint64_t later = 1u << 20; /* births while the snapshot began */
    uint64_t clock = s->clock / OURO_CLOCK_UNIT;
    s->birth.base = clock > COMPACT_FAR - later ? clock - (COMPACT_FAR - later) : 0;
}

/* Reads a chunk behind the objects that are there; they are not counted yet. */
static enum load_status read_objects(struct loader *loader, struct snapshot_load *load,
                                     struct cursor *c)
{
    struct snapshot *s = &load->model;
    struct cursor columns[OURO_COLUMN_COUNT];
    uint64_t first = cursor_varint(c);
    uint32_t count = cursor_count(c, OURO_COLUMN_TARGET);
    if (c->failed || first != s->object_count || !columns_split(c, columns, OURO_COLUMN_COUNT))
        return damaged(loader, "it does not continue the objects before it");
    /* Every value takes at least a byte: no more is allocated than the columns can fill. */
    for (unsigned i = OURO_COLUMN_ADDRESS; i <= OURO_COLUMN_EDGES; i++) {
        if (cursor_left(&columns[i]) < count)
            return damaged(loader, "a column is too short");
    }
    if (count >= NO_ID - s->object_count)
        return damaged(loader, "there are too many objects");
    if (!reserve_objects(loader, load, count))
        return LOAD_MEMORY;

    uint32_t base = s->object_count;
    uint32_t *edge_first = s->edge_first + base;
    if (base == 0)
        births_prepare(s);
    const char *wrong = read_fixed(s, columns, count);
    if (wrong)
        return damaged(loader, wrong);
    enum load_status status = read_compact(loader, load, columns, count);
    if (status != LOAD_OK)
        return status;
    struct cursor *targets = &columns[OURO_COLUMN_TARGET];
    uint64_t edges_most = load_edges_most(load);
    if (edges_most > cursor_left(targets))
        edges_most = cursor_left(targets);
    if (!read_edge_counts(&columns[OURO_COLUMN_EDGES], edge_first, count, edges_most))
        return damaged(loader, "numbers of references");

    uint32_t edges = edge_first[count] - edge_first[0];
    if (!load_reserve_edges(loader, load, edges))
        return LOAD_MEMORY;
    uint32_t max_target = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!read_targets(targets, s->edge_target + edge_first[i],
                          edge_first[i + 1] - edge_first[i], base + i, &max_target))
            return damaged(loader, "targets of references");
    }
    if (!column_done(targets))
        return damaged(loader, "targets of references");
    if (!read_labels(&columns[OURO_COLUMN_LABEL], s->edge_label + edge_first[0], edges,
                     s->string_count))
        return damaged(loader, "labels of references");
    if (!read_rows(&columns[OURO_COLUMN_ROW], s->row + base, count, &load->max_row))
        return damaged(loader, "rows");

    if (max_target > load->max_target)
        load->max_target = max_target;
    s->object_count += count;
    s->edge_count += edges;
    return LOAD_OK;
}

enum load_status load_objects(struct loader *loader, struct snapshot_load *load, struct cursor *c)
{
    struct snapshot *s = &load->model;
    uint32_t sizes = s->size.far_count, births = s->birth.far_count;
    enum load_status status = read_objects(loader, load, c);
    if (status != LOAD_OK) {
        s->size.far_count = sizes;
        s->birth.far_count = births;
    }
    return status;
}

enum load_status load_more_edges(struct loader *loader, struct snapshot_load *load,
                                 struct cursor *c)
{
    struct snapshot *s = &load->model;
    struct cursor columns[2];
    uint64_t object = cursor_varint(c);
    uint32_t count = cursor_count(c, 2), max_target = 0;
    if (c->failed || object + 1 != s->object_count || !columns_split(c, columns, 2) ||
        cursor_left(&columns[0]) < count || cursor_left(&columns[1]) < count ||
        count > load_edges_most(load))
        return LOAD_DAMAGED;
    if (!load_reserve_edges(loader, load, count))
        return LOAD_MEMORY;
    if (!read_targets(&columns[0], s->edge_target + s->edge_count, count, (uint32_t)object,
                      &max_target) ||
        !column_done(&columns[0]) ||
        !read_labels(&columns[1], s->edge_label + s->edge_count, count, s->string_count))
        return LOAD_DAMAGED;
    if (max_target > load->max_target)
        load->max_target = max_target;
    s->edge_count += count;
    s->edge_first[s->object_count] = (uint32_t)s->edge_count;
    return LOAD_OK;
}

/*
 * The label of an index is relative to that of the index before it, so what is dropped is added to
 * the next one that stays. Returns the new label; *carry is the distance not yet accounted for.
 */
static uint32_t label_moved(uint32_t label, int64_t *carry)
{
    uint64_t step = ouro_zigzag(ouro_unzigzag(label >> OURO_LABEL_SHIFT) + *carry);
    if (step > UINT32_MAX >> OURO_LABEL_SHIFT)
        step = 0; /* further than a label can say: close to 2^25 elements were dropped */
    *carry = 0;
    return (label & ((1u << OURO_LABEL_SHIFT) - 1)) | (uint32_t)step << OURO_LABEL_SHIFT;
}

/* Removes the edges whose target is not there. */
static void drop_edges(struct snapshot *s)
{
    uint32_t kept = 0, edge = 0;
    for (uint32_t i = 0; i < s->object_count; i++) {
        uint32_t end = s->edge_first[i + 1];
        int64_t carry = 0;
        s->edge_first[i] = kept;
        for (; edge < end; edge++) {
            uint32_t label = s->edge_label[edge];
            bool index = (label & OURO_LABEL_KIND_MASK) == OURO_LABEL_INDEX;
            if (s->edge_target[edge] < s->object_count) {
                s->edge_target[kept] = s->edge_target[edge];
                s->edge_label[kept++] = index && carry ? label_moved(label, &carry) : label;
            } else if (index) {
                carry += ouro_unzigzag(label >> OURO_LABEL_SHIFT) + 1;
            }
        }
    }
    s->edge_first[s->object_count] = kept;
    s->edge_count = kept;
}

void load_objects_finish(struct loader *loader, struct snapshot_load *load)
{
    struct snapshot *s = &load->model;
    uint32_t n = s->object_count;
    if (load->max_target >= n)
        drop_edges(s);
    load_shrink(loader, &s->address, n, sizeof *s->address);
    load_shrink(loader, &s->type, n, sizeof *s->type);
    load_shrink(loader, &s->size.low, n, sizeof *s->size.low);
    load_shrink(loader, &s->size.far, s->size.far_count, sizeof *s->size.far);
    load_shrink(loader, &s->refcount, n, sizeof *s->refcount);
    load_shrink(loader, &s->flags, n, sizeof *s->flags);
    load_shrink(loader, &s->row, n, sizeof *s->row);
    load_shrink(loader, &s->birth.low, n, sizeof *s->birth.low);
    load_shrink(loader, &s->birth.far, s->birth.far_count, sizeof *s->birth.far);
    load_shrink(loader, &s->edge_first, (uint64_t)n + 1, sizeof *s->edge_first);
    load_shrink(loader, &s->edge_target, s->edge_count, sizeof *s->edge_target);
    load_shrink(loader, &s->edge_label, s->edge_count, sizeof *s->edge_label);
}

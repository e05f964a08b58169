/* SPDX-License-Identifier: MIT */
#include "surplus.h"

#include <string.h>

#include "../address_set.h"
#include "../live_table.h"
#include "../site_tree.h"
#include "api.h"
#include "dying.h"
#include "hidden.h"
#include "layout.h"
#include "objects.h"
#include "owners.h"

/* An object with unexplained references. */
struct wanted {
    uintptr_t address;
    uint32_t index, left;
};

static struct surplus {
    struct wanted *table; /* hash table by address */
    uint64_t mask;
    uint64_t left;             /* references that are still unexplained */
    uint64_t filter[1u << 12]; /* a bit for each hash of an address that is in the table */
    struct edge_list *list;
    struct address_set blocks; /* plain ones that were searched through a pointer: not twice */
} surplus;

static uint64_t hash_of(uintptr_t address)
{
    return (address >> 3) * 0x9e3779b97f4a7c15u >> 16;
}

static struct wanted *find(uintptr_t address)
{
    uint64_t hash = hash_of(address);
    if (!(surplus.filter[hash >> 6 & 0xfff] >> (hash & 63) & 1))
        return NULL;
    for (uint64_t at = hash;; at++) {
        struct wanted *entry = &surplus.table[at & surplus.mask];
        if (!entry->address)
            return NULL;
        if (entry->address == address)
            return entry;
    }
}

/* The word at an address as a pointer to a wanted object, or NULL. */
static struct wanted *wanted_at(uintptr_t at)
{
    uintptr_t word = load_word(at, 0);
    struct wanted *entry = word & 7 ? NULL : find(word);
    return entry && entry->left ? entry : NULL;
}

/* Unexplained references to an object of the heap. */
static uint64_t unexplained(const struct snapshot *snapshot, uint32_t index)
{
    uintptr_t object = snapshot_address(snapshot, index);
    bool immortal;
    uint64_t count = objects_refcount(object, &immortal);
    uint64_t known = snapshot_references(snapshot, index);
    return immortal || count <= known || dying_in_data(object) ? 0 : count - known;
}

void surplus_begin(struct snapshot *snapshot, struct edge_list *list)
{
    uint64_t count = 0, room = 1024;
    for (uint32_t i = 0; i < snapshot_count(snapshot); i++)
        count += unexplained(snapshot, i) != 0;
    while (room < 2 * count)
        room *= 2;
    surplus.list = list;
    surplus.table = memory_reserve(room * sizeof *surplus.table);
    surplus.mask = room - 1;
    surplus.left = 0;
    if (!address_set_create(&surplus.blocks) || !surplus.table)
        return;
    for (uint32_t i = 0; i < snapshot_count(snapshot); i++) {
        uint64_t left = unexplained(snapshot, i);
        if (!left)
            continue;
        uintptr_t address = snapshot_address(snapshot, i);
        uint64_t hash = hash_of(address), at = hash;
        surplus.filter[hash >> 6 & 0xfff] |= 1ul << (hash & 63);
        while (surplus.table[at & surplus.mask].address)
            at++;
        surplus.table[at & surplus.mask] =
            (struct wanted){address, i, left > UINT32_MAX ? UINT32_MAX : (uint32_t)left};
        surplus.left += left;
    }
}

bool surplus_left(void)
{
    return surplus.left != 0;
}

static void explained(struct wanted *entry)
{
    entry->left--;
    surplus.left--;
}

uint64_t surplus_plain_block(uintptr_t address)
{
    struct live_block block;
    if (address & 15 || !address || !live_table_get(address, &block) ||
        block.flags & LIVE_DORMANT || site_tree.rows[block.row].flags & OURO_ROW_OBJECT)
        return 0;
    return site_tree_block_size(&block);
}

/*
 * The types all of whose references are known: their readers are complete, and what else their
 * memory holds (items beyond the end of a list, characters) is none.
 */
static bool known_type(uintptr_t type)
{
    const py_object *const known[] = {api.unicode_type,   api.bytes_type,      api.long_type,
                                      api.float_type,     api.complex_type,    api.bool_type,
                                      api.list_type,      api.tuple_type,      api.dict_type,
                                      api.set_type,       api.cell_type,       api.weakref_type,
                                      api.bytearray_type, api.method_type,     api.frozenset_type,
                                      api.function_type,  api.c_function_type, api.object_type};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (type == (uintptr_t)known[i])
            return true;
    return false;
}

/* Class statements add attributes and slots, all of which are known, to what their bases have. */
bool surplus_complete(uintptr_t type)
{
    static struct {
        uintptr_t type;
        bool complete;
    } memory[1024];
    unsigned at = (type >> 4 ^ type >> 14) % 1024;
    if (memory[at].type == type)
        return memory[at].complete;
    uintptr_t base = type;
    for (unsigned depth = 0; base && depth < 256 && objects_is_class_statement(base); depth++)
        base = type_word(base, TP_BASE);
    memory[at].type = type;
    memory[at].complete = base && (known_type(base) || hidden_is_buffer(base));
    return memory[at].complete;
}

#define TYPE_SIZE 392u /* PyTypeObject behind its header, 3.8 */

/* Memory of one object: its own block and plain blocks that it leads to. */
#define RANGES 64u
struct ranges {
    struct {
        uintptr_t start, end;
    } range[RANGES];
    unsigned count;
};

static void ranges_add(struct ranges *ranges, uintptr_t start, uint64_t size)
{
    for (unsigned i = 0; i < ranges->count; i++)
        if (ranges->range[i].start == start)
            return;
    if (ranges->count == RANGES)
        return;
    ranges->range[ranges->count].start = start;
    ranges->range[ranges->count++].end = start + (size & ~7ul);
}

static void ranges_of(uintptr_t object, uintptr_t type, struct ranges *ranges)
{
    ranges->count = 0;
    uintptr_t block = object - object_head(object);
    struct live_block life;
    uint64_t size = type_word(type, TP_BASICSIZE);
    if (live_table_get(block, &life))
        size = site_tree_block_size(&life) - (object - block);
    else if (!dying_in_data(object))
        return;
    if (type_word(type, TP_FLAGS) & FLAG_TYPE && !(type_word(object, TP_FLAGS) & FLAG_HEAPTYPE))
        size = TYPE_SIZE + layout.header; /* what comes next is something else's */
    /* Behind the bytecode of code are caches of what is held elsewhere. */
    if (type == (uintptr_t)api.code_type && layout.position_kind == POSITION_POINTER &&
        size > layout.code_bytes)
        size = layout.code_bytes;
    ranges_add(ranges, object + layout.header, size - layout.header);
    /* What else a type has in memory it knows how to tell, if it tells anything. */
    if (type_word(type, TP_TRAVERSE) && type != (uintptr_t)api.module_type)
        return;
    for (unsigned r = 0; r < ranges->count && r < 16; r++) {
        for (uintptr_t at = ranges->range[r].start; at < ranges->range[r].end; at += 8) {
            uintptr_t word = load_word(at, 0);
            uint64_t plain = surplus_plain_block(word);
            if (plain && ranges->count < RANGES && address_set_add(&surplus.blocks, word))
                ranges_add(ranges, word, plain);
        }
    }
}

/* References of the object to target that are known. */
static uint32_t known_edges(const struct edge_list *list, uintptr_t target)
{
    uint32_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        count += list->targets[i] == target &&
                 (list->edges[i].label & OURO_LABEL_KIND_MASK) != OURO_LABEL_REFERENT;
    return count;
}

/* How often the address stands in the memory of the object. */
static uint32_t words_found(const struct ranges *ranges, uintptr_t target)
{
    uint32_t count = 0;
    for (unsigned r = 0; r < ranges->count; r++)
        for (uintptr_t at = ranges->range[r].start; at < ranges->range[r].end; at += 8)
            count += load_word(at, 0) == target;
    return count;
}

static void search_object(struct snapshot *snapshot, uint32_t index)
{
    uintptr_t object = snapshot_address(snapshot, index), type = object_type(object);
    if (surplus_complete(type))
        return;
    struct ranges ranges;
    ranges_of(object, type, &ranges);
    bool collected = false;
    for (unsigned r = 0; r < ranges.count; r++) {
        for (uintptr_t at = ranges.range[r].start; at < ranges.range[r].end; at += 8) {
            struct wanted *entry = wanted_at(at);
            if (!entry || entry->address == type)
                continue;
            if (!collected)
                edges_collect(snapshot, object, *snapshot_marks(snapshot, index), surplus.list);
            collected = true;
            uint32_t known = known_edges(surplus.list, entry->address);
            uint32_t found = words_found(&ranges, entry->address);
            uint64_t label = OURO_LABEL_HIDDEN;
            const char *member = edges_member_at(type, at - object);
            if (member && r == 0)
                label |= edges_attribute(surplus.list, member);
            for (; found > known && entry->left; known++) {
                snapshot_found(snapshot, index, entry->index, label);
                explained(entry);
                edges_add_hidden(surplus.list, entry->address, label);
            }
        }
    }
}

void surplus_search_objects(struct snapshot *snapshot)
{
    uint32_t count = snapshot_count(snapshot);
    for (volatile uint32_t i = 0; i < count; i++) {
        owners_write_held(snapshot, i);
        if (!surplus.left)
            continue;
        if (sigsetjmp(snapshot->recover, 0)) {
            snapshot->guarded = 0;
            continue;
        }
        snapshot->guarded = 1;
        search_object(snapshot, i);
        snapshot->guarded = 0;
    }
}

/* Where a search outside of objects is: a range for each level of pointers. */
struct search {
    struct {
        uintptr_t at, end, origin;
    } stack[8];
    unsigned depth;
    const struct snapshot_root *root;
    surplus_describe describe;
};

void surplus_search_word(struct snapshot *snapshot, uintptr_t at, const struct snapshot_root *root)
{
    struct wanted *entry = wanted_at(at);
    if (!entry)
        return;
    struct snapshot_root found = *root;
    found.target = entry->index;
    found.flags = OURO_ROOT_COUNTED | OURO_ROOT_FOUND;
    snapshot_root(snapshot, &found);
    explained(entry);
}

static void search_memory(struct snapshot *snapshot, struct search *search)
{
    unsigned level = 0;
    for (;;) {
        if (search->stack[level].at >= search->stack[level].end) {
            if (level-- == 0)
                return;
            continue;
        }
        uintptr_t at = search->stack[level].at;
        search->stack[level].at += 8;
        uintptr_t origin = level ? search->stack[level].origin : at;
        struct wanted *entry = wanted_at(at);
        if (entry) {
            struct snapshot_root root = *search->root;
            if (search->describe)
                search->describe(snapshot, &root, entry->address, origin);
            surplus_search_word(snapshot, at, &root);
        } else if (level < search->depth && level < 7) {
            uintptr_t word = load_word(at, 0);
            uint64_t size = surplus_plain_block(word);
            if (size && address_set_add(&surplus.blocks, word)) {
                level++;
                search->stack[level].at = word;
                search->stack[level].end = word + (size & ~7ul);
                search->stack[level].origin = origin;
            }
        }
    }
}

void surplus_search(struct snapshot *snapshot, uintptr_t start, uintptr_t end, unsigned depth,
                    const struct snapshot_root *root, surplus_describe describe)
{
    struct search search = {
        .stack = {{(start + 7) & ~7ul, end & ~7ul, 0}},
        .depth = depth,
        .root = root,
        .describe = describe,
    };
    if (!surplus.left)
        return;
    if (!sigsetjmp(snapshot->recover, 0)) {
        snapshot->guarded = 1;
        search_memory(snapshot, &search);
    }
    snapshot->guarded = 0;
}

/*
 * A block for objects that is none's, so it waits in a free list: nothing but its class is left to
 * refer to.
 */
static void search_dead(struct snapshot *snapshot, uintptr_t block, uint64_t size)
{
    struct snapshot_root root = {.kind = OURO_ROOT_MEMORY,
                                 .name = snapshot_string(snapshot, "free list", 9)};
    for (uintptr_t head = 0; head <= 32 && head + layout.header <= size; head += 16)
        surplus_search(snapshot, block + head + layout.header - 8u, block + head + layout.header, 0,
                       &root, NULL);
}

void surplus_search_blocks(struct snapshot *snapshot)
{
    struct snapshot_root root = {.kind = OURO_ROOT_MEMORY};
    struct live_walk walk;
    struct live_block life;
    uintptr_t block;
    live_walk_begin(&walk);
    while (surplus.left && live_walk_next(&walk, &block, &life)) {
        const struct site_row *row = &site_tree.rows[life.row];
        uint64_t size = surplus_plain_block(block);
        if (life.flags & LIVE_CLAIMED)
            continue;
        if (size && address_set_add(&surplus.blocks, block))
            surplus_search(snapshot, block, block + size, 0, &root, NULL);
        else if (row->flags & OURO_ROW_OBJECT && row->size)
            search_dead(snapshot, block, row->size);
    }
    live_walk_end(&walk);
}

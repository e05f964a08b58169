/* SPDX-License-Identifier: MIT */
#include "dying.h"

#include <link.h>
#include <string.h>

#include "../live_table.h"
#include "../memory.h"
#include "../site_tree.h"
#include "api.h"
#include "hooks.h"
#include "objects.h"

#define CACHE 4096u
#define SEGMENTS 1024u
#define TYPE_SIZE 400u /* no type object is smaller: PyTypeObject, all versions */

/* Types met, by address: direct-mapped, an entry that was replaced is simply found again. */
static struct met_type {
    uintptr_t address;
    uint32_t id;
} * met;

/* Writable data of all loaded libraries: where static types are. */
static struct {
    struct {
        uintptr_t start, end;
        const char *path; /* the loader's; libraries that hold objects are not unloaded */
    } range[SEGMENTS];
    unsigned count;
    unsigned long long loaded; /* dlpi_adds when they were listed */
} segments;

bool dying_setup(void)
{
    met = memory_reserve(CACHE * sizeof *met);
    if (!met || !type_table_create())
        return false;
    type_table.addresses[0] = UINTPTR_MAX; /* of no type, which no block holds */
    return true;
}

static int list_segments(struct dl_phdr_info *info, size_t size, void *first)
{
    (void)size;
    if (*(bool *)first) {
        *(bool *)first = false;
        if (info->dlpi_adds == segments.loaded)
            return 1; /* nothing was loaded since */
        segments.loaded = info->dlpi_adds;
        segments.count = 0;
    }
    for (int i = 0; i < info->dlpi_phnum && segments.count < SEGMENTS; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type != PT_LOAD || !(header->p_flags & PF_W))
            continue;
        uintptr_t start = info->dlpi_addr + header->p_vaddr;
        segments.range[segments.count].start = start;
        segments.range[segments.count].path = info->dlpi_name;
        segments.range[segments.count++].end = start + header->p_memsz;
    }
    return 0;
}

void dying_list_libraries(void)
{
    bool first = true;
    dl_iterate_phdr(list_segments, &first);
}

bool dying_in_data(uintptr_t address)
{
    for (unsigned i = 0; i < segments.count; i++)
        if (address >= segments.range[i].start && address < segments.range[i].end)
            return true;
    return false;
}

bool dying_data(unsigned index, uintptr_t *start, uintptr_t *end, const char **path)
{
    if (index >= segments.count)
        return false;
    *start = segments.range[index].start;
    *end = segments.range[index].end;
    *path = segments.range[index].path ? segments.range[index].path : "";
    return true;
}

static bool in_segments(uintptr_t address)
{
    for (unsigned i = 0; i < segments.count; i++)
        if (address >= segments.range[i].start && address + TYPE_SIZE <= segments.range[i].end)
            return true;
    return false;
}

/* Whether memory at address may be read as a type object, though it need not be one. */
static bool readable(uintptr_t address)
{
    if (address % 8 || address < 4096 || address >> LIVE_ADDRESS_BITS)
        return false;
    struct live_block block;
    for (uintptr_t head = 0; head <= 32; head += 16)
        if (live_table_get(address - head, &block))
            return site_tree_block_size(&block) >= TYPE_SIZE;
    return in_segments(address);
}

bool dying_is_type(uintptr_t address)
{
    if (!readable(address))
        return false;
    if (!type_word(address, TP_NAME)) /* finalized: structure sequences, from 3.12 on */
        return false;
    uintptr_t metatype = object_type(address);
    if (metatype == (uintptr_t)api.type_type)
        return true;
    return readable(metatype) && object_type(metatype) == (uintptr_t)api.type_type &&
           type_word(metatype, TP_FLAGS) & FLAG_TYPE;
}

static struct met_type *slot_of(uintptr_t type)
{
    return &met[(type >> 4 ^ type >> 16) % CACHE];
}

/* The identifier of a type object; its death is watched so that its address may be reused. */
static uint32_t type_id(uintptr_t type)
{
    site_tree_lock();
    struct met_type *slot = slot_of(type);
    uint32_t id = slot->id;
    if (slot->address != type) {
        char name[OBJECTS_TYPE_NAME];
        objects_type_name(type, name, sizeof name);
        id = type_table_add(name, (uint32_t)strlen(name));
        *slot = (struct met_type){type, id};
        hooks_watch(type - object_head(type));
    }
    if (id)
        type_table.addresses[id] = type;
    site_tree_unlock();
    return id;
}

void dying_type(uintptr_t block)
{
    for (uintptr_t head = 0; head <= 32; head += 16) {
        struct met_type *slot = slot_of(block + head);
        if (slot->address != block + head)
            continue;
        site_tree_lock();
        if (slot->id && type_table.addresses[slot->id] == slot->address)
            type_table.addresses[slot->id] = 0;
        *slot = (struct met_type){0, 0};
        site_tree_unlock();
    }
}

uint32_t dying_known(struct ledger *ledger, uint32_t row, uintptr_t type, uint32_t head,
                     uint64_t weight)
{
    struct counter *counter = &ledger->counters[row];
    uint32_t entry = typed_deaths_by_address(ledger, row, type);
    if (!entry) {
        uint32_t id = type_id(type);
        entry = id ? typed_deaths_entry(ledger, row, id) : 0;
    }
    if (!entry)
        return 0;
    WORD_ADD(ledger->typed[entry].deaths, weight);
    if (ledger->typed[entry].type != counter->last_type) {
        typed_deaths_turn(ledger, row, ledger->typed[entry].type);
        counter->type_at = (uint8_t)(head + layout.header - 8u);
    }
    return counter->last_type;
}

uint32_t dying_look_up(struct ledger *ledger, uint32_t row, uintptr_t block, uint64_t size,
                       uint64_t weight)
{
    static const uintptr_t heads[] = {16, 0, 32};
    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < 3; i++) {
            if (heads[i] + layout.header > size)
                continue;
            uintptr_t type = load_word(block, heads[i] + layout.header - 8u);
            if (!type || (slot_of(type)->address != type && (!pass || !dying_is_type(type))))
                continue;
            /* What only looks like a type object ends before the flags that would tell its head. */
            if (type_word(type, TP_FLAGS) & FLAG_TYPE && heads[i] + TYPE_SIZE > size)
                continue;
            if (object_head(block + heads[i]) != heads[i])
                continue;
            return dying_known(ledger, row, type, (uint32_t)heads[i], weight);
        }
        if (!pass) { /* not met yet: libraries may have come since the segments were listed */
            dying_list_libraries();
        }
    }
    if (ledger->counters[row].untyped < DYING_PATIENCE)
        ledger->counters[row].untyped++;
    return 0;
}

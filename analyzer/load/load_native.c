/* SPDX-License-Identifier: MIT */
/* Native memory: modules, native stacks, and what was allocated from each. */
#include "load/loader.h"
#include "model/epoch_changes.h"
#include "text/text.h"

#define DEPTH_MOST 4096u

static enum load_status load_modules(struct loader *loader, struct cursor *c)
{
    struct process *p = loader->process;
    uint64_t first = cursor_varint(c);
    uint32_t count = cursor_count(c, 5);
    if (c->failed || first != (uint64_t)p->module_count + 1)
        return LOAD_DAMAGED;
    if (!load_grow(loader, &p->modules, &loader->module_room, (uint64_t)p->module_count + count,
                   sizeof *p->modules))
        return LOAD_MEMORY;
    for (; count; count--) {
        struct module_info module = {.bias = cursor_varint(c)};
        module.start = cursor_varint(c);
        module.end = cursor_varint(c);
        struct cursor path = cursor_part(c), id = cursor_part(c);
        if (c->failed || module.start > module.end || cursor_left(&id) > sizeof module.build_id)
            return LOAD_DAMAGED;
        module.path = arena_copy(loader->arena, (const char *)path.at, cursor_left(&path));
        module.name = text_escape(loader->arena, path.at, cursor_left(&path), TEXT_NAME);
        if (!module.path || !module.name)
            return LOAD_MEMORY;
        module.build_id_size = (uint32_t)cursor_left(&id);
        for (uint32_t i = 0; i < module.build_id_size; i++)
            module.build_id[i] = id.at[i];
        p->modules[p->module_count++] = module;
    }
    return LOAD_OK;
}

static enum load_status load_stacks(struct loader *loader, struct cursor *c)
{
    struct process *p = loader->process;
    uint64_t first = cursor_varint(c);
    uint32_t count = cursor_count(c, 2);
    if (c->failed || first != (uint64_t)p->native_count + 1)
        return LOAD_DAMAGED;
    if (!load_grow(loader, &p->native_stacks, &loader->native_room,
                   (uint64_t)p->native_count + count, sizeof *p->native_stacks))
        return LOAD_MEMORY;
    for (; count; count--) {
        struct native_stack stack = {.site = cursor_id(c, p->site_count)};
        stack.count = cursor_count(c, 1);
        stack.first = p->native_address_count;
        if (c->failed || stack.count > DEPTH_MOST)
            return LOAD_DAMAGED;
        if (!load_grow(loader, &p->native_addresses, &loader->address_room,
                       (uint64_t)stack.first + stack.count, sizeof *p->native_addresses))
            return LOAD_MEMORY;
        uint64_t address = 0;
        for (uint32_t i = 0; i < stack.count; i++) {
            address += (uint64_t)cursor_svarint(c);
            p->native_addresses[p->native_address_count++] = address;
        }
        if (c->failed) {
            p->native_address_count = stack.first;
            return LOAD_DAMAGED;
        }
        p->native_stacks[p->native_count++] = stack;
    }
    return LOAD_OK;
}

/* Remembers by how much a stack's memory grew or shrank in the epoch that ended last. */
static bool add_change(struct loader *loader, uint32_t stack, const struct native_counts *before,
                       const struct native_counts *now)
{
    struct process *p = loader->process;
    const struct native_change change = {
        stack,
        (int64_t)(now->births - now->deaths) - (int64_t)(before->births - before->deaths),
        (int64_t)(now->bytes - now->dead_bytes) - (int64_t)(before->bytes - before->dead_bytes),
    };
    if (loader->native_changes_room - loader->native_bytes < ROW_CHANGE_MAX) {
        size_t room = loader->native_changes_room + loader->native_changes_room / 2 + 4096;
        unsigned char *moved = arena_resize(loader->arena, p->native_changes, room, 1);
        if (!moved)
            return false;
        p->native_changes = moved;
        loader->native_changes_room = room;
    }
    loader->native_bytes += native_change_put(p->native_changes + loader->native_bytes, &change);
    if (p->native_stacks[stack].kind != OURO_NATIVE_ARENA)
        loader->native_clock += now->bytes - before->bytes;
    return true;
}

static enum load_status load_counts(struct loader *loader, struct cursor *c)
{
    struct process *p = loader->process;
    const uint64_t most = UINT64_C(1) << 60;
    cursor_varint(c); /* clock */
    cursor_varint(c); /* time */
    uint64_t stack = 0;
    for (uint32_t count = cursor_count(c, 5); count; count--) {
        uint64_t step = cursor_varint(c);
        struct native_counts counts = {.births = cursor_bounded(c, most)};
        counts.bytes = cursor_bounded(c, most);
        counts.deaths = cursor_bounded(c, most);
        counts.dead_bytes = cursor_bounded(c, most);
        if (c->failed || !step || step > p->native_count - stack || counts.deaths > counts.births ||
            counts.dead_bytes > counts.bytes)
            return LOAD_DAMAGED;
        stack += step;
        struct native_counts *known = &p->native_stacks[stack - 1].counts;
        if (counts.births < known->births || counts.bytes < known->bytes)
            return LOAD_DAMAGED; /* what was born stays so; a death may be taken back */
        if (!add_change(loader, (uint32_t)stack - 1, known, &counts))
            return LOAD_MEMORY;
        *known = counts;
    }
    if (p->epoch_count) {
        p->epochs[p->epoch_count - 1].native_end = loader->native_bytes;
        p->epochs[p->epoch_count - 1].native_clock = loader->native_clock;
    }
    return c->failed ? LOAD_DAMAGED : LOAD_OK;
}

static enum load_status load_kinds(struct loader *loader, struct cursor *c)
{
    struct process *p = loader->process;
    uint64_t stack = 0;
    for (uint32_t count = cursor_count(c, 2); count; count--) {
        uint64_t step = cursor_varint(c), kind = cursor_varint(c);
        if (c->failed || !step || step > p->native_count - stack)
            return LOAD_DAMAGED;
        stack += step;
        /* One that this version does not know is memory all the same. */
        p->native_stacks[stack - 1].kind =
            kind < OURO_NATIVE_KINDS ? (uint32_t)kind : OURO_NATIVE_MAPPING;
    }
    return c->failed ? LOAD_DAMAGED : LOAD_OK;
}

enum load_status load_native(struct loader *loader, uint16_t type, struct cursor *c)
{
    return type == OURO_CHUNK_MODULES         ? load_modules(loader, c)
           : type == OURO_CHUNK_NATIVE_STACKS ? load_stacks(loader, c)
           : type == OURO_CHUNK_NATIVE_KINDS  ? load_kinds(loader, c)
                                              : load_counts(loader, c);
}

/* SPDX-License-Identifier: MIT */
/* What the process's resident memory is made of. */
#include "load/loader.h"

/* Far above any address space, and far enough below 2^64 for sums. */
#define MEMORY_MOST (UINT64_C(1) << 56)

enum load_status load_memory(struct loader *loader, struct snapshot_load *load, struct cursor *c)
{
    struct memory_use memory = {.known = true, .resident = cursor_bounded(c, MEMORY_MOST)};
    uint64_t last = 0;
    if (load->model.memory.known)
        return LOAD_DAMAGED;
    for (uint32_t count = cursor_count(c, 4); count; count--) {
        uint64_t kind = cursor_varint(c);
        struct memory_kind use = {.resident = cursor_bounded(c, MEMORY_MOST >> 8)};
        use.extent = cursor_bounded(c, MEMORY_MOST >> 8);
        use.pieces = cursor_varint(c);
        if (c->failed || kind <= last)
            return LOAD_DAMAGED;
        last = kind;
        if (kind < OURO_MEMORY_KINDS) {
            memory.kinds[kind] = use;
        } else if (memory.unnamed < MEMORY_MOST) {
            memory.unnamed += use.resident;
        }
    }
    uint32_t count = cursor_count(c, 4);
    memory.pools = count ? arena_alloc(loader->arena, count, sizeof *memory.pools) : NULL;
    if (count && !memory.pools)
        return LOAD_MEMORY;
    for (; memory.pool_count < count; memory.pool_count++) {
        struct memory_pools *pools = &memory.pools[memory.pool_count];
        pools->size = cursor_bounded(c, UINT64_C(1) << 20);
        pools->pools = cursor_bounded(c, UINT64_C(1) << 36);
        pools->used = cursor_bounded(c, UINT64_C(1) << 40);
        pools->room = cursor_bounded(c, UINT64_C(1) << 40);
        if (c->failed || !pools->size || pools->used > pools->room)
            return LOAD_DAMAGED;
    }
    if (c->failed)
        return LOAD_DAMAGED;
    load->model.memory = memory;
    return LOAD_OK;
}

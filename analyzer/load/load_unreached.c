/* SPDX-License-Identifier: MIT */
/* Blocks of malloc that nothing leads to. */
#include "load/loader.h"

/* Far above any address space. */
#define BYTES_MOST (UINT64_C(1) << 56)

static enum load_status load_totals(struct unreached *u, struct cursor *c)
{
    struct unreached totals = {.known = true, .status = cursor_saturated(c)};
    totals.threads = cursor_saturated(c);
    totals.searched = cursor_saturated(c);
    totals.searched_bytes = cursor_bounded(c, BYTES_MOST);
    totals.blocks = cursor_bounded(c, totals.searched);
    totals.bytes = cursor_bounded(c, totals.searched_bytes);
    if (c->failed || u->known)
        return LOAD_DAMAGED;
    *u = totals;
    return LOAD_OK;
}

static enum load_status load_blocks(struct loader *loader, struct snapshot_load *load,
                                    struct cursor *c)
{
    struct unreached *u = &load->model.unreached;
    uint64_t first = cursor_varint(c), address = 0;
    uint32_t count = cursor_count(c, 3);
    if (c->failed || first != u->count || count > u->blocks - u->count)
        return LOAD_DAMAGED;
    if (!load_grow(loader, &u->list, &load->unreached_room, (uint64_t)u->count + count,
                   sizeof *u->list))
        return LOAD_MEMORY;
    uint64_t least = u->count ? u->list[u->count - 1].address + 1 : 0;
    for (; count; count--) {
        address += cursor_bounded(c, UINT64_MAX - address);
        struct unreached_block block = {
            .address = address, .size = cursor_bounded(c, u->bytes - load->unreached_bytes)};
        block.stack = cursor_saturated(c);
        block.asked = block.stack ? cursor_bounded(c, block.size) : 0;
        if (c->failed || address < least || address == UINT64_MAX)
            return LOAD_DAMAGED;
        least = address + 1;
        load->unreached_bytes += block.size;
        u->list[u->count++] = block;
    }
    return LOAD_OK;
}

static enum load_status load_leads(struct loader *loader, struct snapshot_load *load,
                                   struct cursor *c)
{
    struct unreached *u = &load->model.unreached;
    uint32_t count = cursor_count(c, 2), from = 0;
    uint32_t least = u->lead_count ? u->leads[u->lead_count - 1].from : 0;
    if (c->failed)
        return LOAD_DAMAGED;
    if (!load_grow(loader, &u->leads, &load->lead_room, (uint64_t)u->lead_count + count,
                   sizeof *u->leads))
        return LOAD_MEMORY;
    for (; count; count--) {
        from += cursor_id(c, NO_ID - 1 - from);
        uint32_t to = cursor_saturated(c);
        if (c->failed || from < least || from >= u->count || to >= u->count)
            return LOAD_DAMAGED;
        u->leads[u->lead_count++] = (struct unreached_lead){from, to};
        least = from;
    }
    return LOAD_OK;
}

enum load_status load_unreached(struct loader *loader, struct snapshot_load *load, uint16_t type,
                                struct cursor *c)
{
    if (type == OURO_CHUNK_SNAPSHOT_UNREACHED)
        return load_totals(&load->model.unreached, c);
    enum load_status status = load_blocks(loader, load, c);
    return status == LOAD_OK ? load_leads(loader, load, c) : status;
}

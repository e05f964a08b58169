/* SPDX-License-Identifier: MIT */
/* Bytes that objects could do without. */
#include "load/loader.h"

enum load_status load_spare(struct loader *loader, struct snapshot_load *load, struct cursor *c)
{
    struct snapshot *s = &load->model;
    uint32_t count = cursor_count(c, 4);
    if (c->failed)
        return LOAD_DAMAGED;
    if (!load_grow(loader, &s->spares, &load->spare_room, (uint64_t)s->spare_count + count,
                   sizeof *s->spares))
        return LOAD_MEMORY;
    uint64_t object = 0;
    uint64_t least = s->spare_count ? (uint64_t)s->spares[s->spare_count - 1].object + 1 : 0;
    for (; count; count--) {
        struct spare spare;
        object += cursor_bounded(c, NO_ID - 1 - object);
        spare.object = (uint32_t)object;
        spare.kind = cursor_saturated(c);
        spare.bytes = cursor_bounded(c, UINT64_C(1) << 48);
        spare.detail = cursor_saturated(c);
        if (c->failed || object < least || object >= s->object_count)
            return LOAD_DAMAGED;
        s->spares[s->spare_count++] = spare;
        least = object + 1;
    }
    return LOAD_OK;
}

/* SPDX-License-Identifier: MIT */
/*
 * EPOCH chunks: totals of rows, and what each epoch changed.
 */
#include "load/loader.h"
#include "model/epoch_changes.h"
#include "trace/epoch_record.h"

/* Remembers by how much a row grew or shrank. */
static bool add_change(struct loader *loader, const struct row_change *change, bool variable)
{
    struct process *p = loader->process;
    if (!change->blocks && !change->bytes)
        return true;
    if (loader->change_room - loader->change_bytes < ROW_CHANGE_MAX) {
        size_t room = loader->change_room + loader->change_room / 2 + 4096;
        unsigned char *moved = arena_resize(loader->arena, p->changes, room, 1);
        if (!moved)
            return false;
        p->changes = moved;
        loader->change_room = room;
    }
    loader->change_bytes +=
        row_change_put(p->changes + loader->change_bytes, loader->change_row, change, variable);
    loader->change_row = change->row;
    return true;
}

/* Adds one record to its row. */
static bool add_record(struct loader *loader, uint32_t number, const struct epoch_record *record)
{
    struct row *row = &loader->process->rows[number];
    bool variable = (row->flags & OURO_ROW_VARIABLE) != 0;
    uint64_t deaths = record->deaths[0] + record->deaths[1] + record->deaths[2];
    uint64_t born = variable ? record->born_bytes : record->births * row->size;
    uint64_t died = variable ? record->died_bytes : deaths * row->size;
    struct row_change change = {number, (int64_t)(record->births - deaths), (int64_t)(born - died)};
    row->births += record->births;
    row->born_bytes += born;
    for (unsigned cause = 0; cause < 3; cause++)
        row->deaths[cause] += record->deaths[cause];
    row->died_bytes += died;
    return add_change(loader, &change, variable) && load_deaths(loader, number, record);
}

/* The epoch of that number: the last one, which goes on in this chunk, or a new one. */
static struct epoch *epoch_of(struct loader *loader, uint64_t number)
{
    struct process *p = loader->process;
    if (p->epoch_count && p->epochs[p->epoch_count - 1].number == number)
        return &p->epochs[p->epoch_count - 1];
    if (!load_grow(loader, &p->epochs, &loader->epoch_room, (uint64_t)p->epoch_count + 1,
                   sizeof *p->epochs))
        return NULL;
    loader->change_row = 0;
    p->epochs[p->epoch_count].births = 0;
    p->epochs[p->epoch_count].native_end = loader->native_bytes;
    p->epochs[p->epoch_count].native_clock = loader->native_clock;
    return &p->epochs[p->epoch_count++];
}

enum load_status load_epoch(struct loader *loader, struct cursor *c)
{
    struct process *p = loader->process;
    struct epoch head = {.number = cursor_varint(c)};
    head.clock = cursor_varint(c);
    head.time = cursor_varint(c);
    head.live_blocks = cursor_varint(c);
    head.live_bytes = cursor_varint(c);
    uint32_t count = cursor_count(c, 2);
    if (c->failed)
        return LOAD_DAMAGED;
    struct epoch *epoch = epoch_of(loader, head.number);
    if (!epoch)
        return LOAD_MEMORY;
    if (p->end_reason == OURO_END_EXEC)
        p->ended = false; /* the exec failed, and the process went on */

    uint64_t row = 0;
    head.births = epoch->births; /* of the chunks before, if it goes on */
    head.native_end = epoch->native_end;
    head.native_clock = epoch->native_clock;
    *epoch = head;
    for (uint32_t i = 0; i < count && !c->failed; i++) {
        struct epoch_record record;
        uint64_t step = cursor_bounded(c, p->row_count - row);
        uint64_t mask = cursor_bounded(c, OURO_EPOCH_FIELDS);
        if (i > 0 && step == 0)
            cursor_fail(c);
        row += step;
        epoch_record_read(c, mask, p->type_count, &record);
        if (!c->failed && !add_record(loader, (uint32_t)row, &record))
            return LOAD_MEMORY;
        epoch->births += c->failed ? 0 : record.births;
    }
    epoch->changes_end = loader->change_bytes;
    return c->failed ? LOAD_DAMAGED : LOAD_OK;
}

bool load_epochs_finish(struct loader *loader)
{
    struct process *p = loader->process;
    uint32_t groups = p->row_count + 1;
    load_shrink(loader, &p->epochs, p->epoch_count, sizeof *p->epochs);
    load_shrink(loader, &p->changes, loader->change_bytes, 1);
    load_shrink(loader, &p->native_changes, loader->native_bytes, 1);
    return pair_counts_finish(&loader->lifetimes, loader->arena, groups, &p->lifetimes) &&
           pair_counts_finish(&loader->deaths, loader->arena, groups, &p->deaths) &&
           pair_counts_finish(&loader->named, loader->arena, groups, &p->named);
}

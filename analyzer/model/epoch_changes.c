/* SPDX-License-Identifier: MIT */
#include "model/epoch_changes.h"

#include "ouro/varint.h"

struct row_changes row_changes_of(const struct process *process, uint32_t epoch)
{
    size_t begin = epoch ? process->epochs[epoch - 1].changes_end : 0;
    return (struct row_changes){
        .process = process,
        .at = process->changes + begin,
        .end = process->changes + process->epochs[epoch].changes_end,
    };
}

/* The loader wrote what is read here: it is known to be valid. */
static uint64_t get_varint(const unsigned char **at, const unsigned char *end)
{
    uint64_t value = 0;
    ouro_varint_get(at, end, &value);
    return value;
}

static uint64_t get(struct row_changes *changes)
{
    return get_varint(&changes->at, changes->end);
}

bool row_changes_next(struct row_changes *changes, struct row_change *change)
{
    if (changes->at == changes->end)
        return false;
    changes->row += (uint32_t)get(changes);
    const struct row *row = &changes->process->rows[changes->row];
    change->row = changes->row;
    change->blocks = ouro_unzigzag(get(changes));
    if (row->flags & OURO_ROW_VARIABLE)
        change->bytes = ouro_unzigzag(get(changes));
    else
        change->bytes = (int64_t)((uint64_t)change->blocks * row->size);
    return true;
}

size_t row_change_put(unsigned char *at, uint32_t previous, const struct row_change *change,
                      bool variable)
{
    size_t length = ouro_varint_put(at, change->row - previous);
    length += ouro_varint_put(at + length, ouro_zigzag(change->blocks));
    if (variable)
        length += ouro_varint_put(at + length, ouro_zigzag(change->bytes));
    return length;
}

struct native_changes native_changes_of(const struct process *process, uint32_t epoch)
{
    size_t begin = epoch ? process->epochs[epoch - 1].native_end : 0;
    return (struct native_changes){process->native_changes + begin,
                                   process->native_changes + process->epochs[epoch].native_end};
}

bool native_changes_next(struct native_changes *changes, struct native_change *change)
{
    if (changes->at == changes->end)
        return false;
    change->stack = (uint32_t)get_varint(&changes->at, changes->end);
    change->blocks = ouro_unzigzag(get_varint(&changes->at, changes->end));
    change->bytes = ouro_unzigzag(get_varint(&changes->at, changes->end));
    return true;
}

size_t native_change_put(unsigned char *at, const struct native_change *change)
{
    size_t length = ouro_varint_put(at, change->stack);
    length += ouro_varint_put(at + length, ouro_zigzag(change->blocks));
    return length + ouro_varint_put(at + length, ouro_zigzag(change->bytes));
}

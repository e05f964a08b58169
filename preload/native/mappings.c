/* SPDX-License-Identifier: MIT */
/*
 * The mappings that are alive: pieces of address space, of which a mapping has one until a part within
 * it goes. They are sorted with the highest first, as the kernel gives out addresses downwards: what is
 * mapped is put at the end as a rule.
 */
#include <string.h>

#include "native_state.h"
#include "ouro/trace.h"

#define PIECES (1u << 18) /* the kernel lets a process have 65,530 by default, neighbours as one */
#define BYTES_MOST (UINT64_C(1) << 58) /* of a stack, in its units: readers add them up */

struct piece {
    uintptr_t start, end;
    uint32_t mapping, padding;
};

struct mapping {
    uint32_t stack, pieces; /* of one that is free: the next free one, 0 */
};

static struct {
    struct piece *pieces;
    struct mapping *mappings; /* from 1 */
    uint32_t count, used, free;
} table;

bool mappings_setup(void)
{
    table.pieces = native.host->reserve(PIECES * sizeof *table.pieces);
    table.mappings = native.host->reserve(PIECES * sizeof *table.mappings);
    return table.pieces && table.mappings;
}

/* The first piece that begins below an address. */
static uint32_t below(uintptr_t address)
{
    uint32_t low = 0, high = table.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (table.pieces[middle].start < address)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static void dead(const struct piece *piece, uintptr_t start, uintptr_t end)
{
    struct native_counts *counts = stacks_counts(table.mappings[piece->mapping].stack);
    counts->dead_bytes += (uint64_t)(end - start) * OURO_SAMPLE_UNIT;
}

/* A piece is gone as a whole; with the last one its mapping is. */
static void drop(const struct piece *piece)
{
    struct mapping *mapping = &table.mappings[piece->mapping];
    if (--mapping->pieces)
        return;
    stacks_counts(mapping->stack)->deaths += OURO_SAMPLE_UNIT;
    mapping->stack = table.free;
    table.free = piece->mapping;
}

static void insert(uint32_t at, const struct piece *piece)
{
    memmove(&table.pieces[at + 1], &table.pieces[at], (table.count - at) * sizeof *table.pieces);
    table.pieces[at] = *piece;
    table.count++;
}

void mappings_remove(uintptr_t start, uintptr_t end)
{
    uint32_t first = below(end), last = first;
    uint32_t kept = first;
    for (; last < table.count && table.pieces[last].end > start; last++) {
        struct piece piece = table.pieces[last], upper = piece;
        dead(&piece, piece.start > start ? piece.start : start, piece.end < end ? piece.end : end);
        if (piece.end > end && piece.start < start) { /* the only one, and in two now */
            upper.start = end;
            table.pieces[last].end = start;
            if (table.count < PIECES) {
                insert(last, &upper);
                table.mappings[piece.mapping].pieces++;
            }
            return;
        }
        if (piece.end > end)
            piece.start = end;
        else if (piece.start < start)
            piece.end = start;
        else {
            drop(&piece);
            continue;
        }
        table.pieces[kept++] = piece;
    }
    if (kept == last)
        return;
    memmove(&table.pieces[kept], &table.pieces[last], (table.count - last) * sizeof *table.pieces);
    table.count -= last - kept;
}

void mappings_add(uintptr_t start, uintptr_t end, uint32_t stack)
{
    mappings_remove(start, end);
    struct native_counts *counts = stacks_counts(stack);
    uint64_t bytes = (uint64_t)(end - start) * OURO_SAMPLE_UNIT;
    uint32_t mapping = table.free ? table.free : table.used + 1;
    if (table.count == PIECES || mapping == PIECES || start >= end || bytes > BYTES_MOST ||
        counts->bytes > BYTES_MOST - bytes)
        return;
    if (table.free)
        table.free = table.mappings[mapping].stack;
    else
        table.used = mapping;
    table.mappings[mapping] = (struct mapping){stack, 1};
    counts->births += OURO_SAMPLE_UNIT;
    counts->bytes += bytes;
    const struct piece piece = {start, end, mapping, 0};
    insert(below(start), &piece);
}

uint32_t mappings_find(uintptr_t address)
{
    uint32_t at = below(address + 1);
    return at < table.count && table.pieces[at].end > address
               ? table.mappings[table.pieces[at].mapping].stack
               : 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * What type a dying object has. Its header is intact when its block is freed, but where in the
 * block it starts depends on the type: a row's objects are nearly always of one type, so the type
 * last seen there is tried first, and only what differs is looked up.
 *
 * From 3.13 on the reference tracer tells the object itself (tracer.h) and nothing is guessed.
 */
#ifndef OURO_CPYTHON_DYING_H
#define OURO_CPYTHON_DYING_H

#include <stdbool.h>
#include <stdint.h>

#include "../ledger.h"
#include "../type_table.h"
#include "layout.h"

bool dying_setup(void);

/* Whether a type object is at address. Safe for any value, but only sees libraries listed so far. */
bool dying_is_type(uintptr_t address);
/* Whether address lies in a loaded library's data: a static object. */
bool dying_in_data(uintptr_t address);
/* The ranges of that data: false when there are no more. path is the library's, "" the program's. */
bool dying_data(unsigned index, uintptr_t *start, uintptr_t *end, const char **path);
/* Lists the loaded libraries' data, where static types are. */
void dying_list_libraries(void);

/*
 * Counts weight deaths of the object in a block of the object domain; slow path. Returns its type,
 * 0 when it is not known or no object.
 */
uint32_t dying_look_up(struct ledger *ledger, uint32_t row, uintptr_t block, uint64_t size,
                       uint64_t weight);

/* The same where the address of the type object is known. */
uint32_t dying_known(struct ledger *ledger, uint32_t row, uintptr_t type, uint32_t head,
                     uint64_t weight);

/* A watched block dies: forgets the type object that was in it, if there was one. */
void dying_type(uintptr_t block);

/* Deaths of an unknown type after which a row's blocks are taken for no objects at all. */
#define DYING_PATIENCE 32u

/* Counts the type of the object that dies in a block of a row, if it has one; or returns 0. */
static inline uint32_t dying_count(struct ledger *ledger, uint32_t row, uintptr_t block,
                                   uint64_t size, uint64_t weight)
{
    const struct counter *counter = &ledger->counters[row];
    uintptr_t type = load_word(block, counter->type_at);
    if (counter->last_type && type == type_table.addresses[counter->last_type])
        return dying_known(ledger, row, type, counter->type_at + 8u - layout.header, weight);
    return counter->untyped < DYING_PATIENCE ? dying_look_up(ledger, row, block, size, weight) : 0;
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A set of addresses of a fixed size, in the snapshot process: what was looked at before.
 */
#ifndef OURO_ADDRESS_SET_H
#define OURO_ADDRESS_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "memory.h"

#define ADDRESS_SET_SLOTS (1u << 22)

struct address_set {
    uintptr_t *slots;
    uint32_t count;
};

static inline bool address_set_create(struct address_set *set)
{
    set->count = 0;
    set->slots = memory_reserve(ADDRESS_SET_SLOTS * sizeof *set->slots);
    return set->slots != NULL;
}

/* Whether an address, not 0, was not in the set; it is then. When the set is full none is new. */
static inline bool address_set_add(struct address_set *set, uintptr_t address)
{
    if (set->count >= ADDRESS_SET_SLOTS / 2)
        return false;
    for (uint64_t at = (address >> 3) * 0x9e3779b97f4a7c15u >> 16;; at++) {
        uintptr_t *slot = &set->slots[at % ADDRESS_SET_SLOTS];
        if (*slot == address)
            return false;
        if (!*slot) {
            *slot = address;
            set->count++;
            return true;
        }
    }
}

#endif

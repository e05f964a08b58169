/* SPDX-License-Identifier: MIT */
/*
 * The types of dead objects: names by identifier, and for every ledger how many objects of which
 * type died in which row. The runtime's adapter says what type a dying object has; this file only
 * counts.
 */
#ifndef OURO_TYPE_TABLE_H
#define OURO_TYPE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "private.h"

struct counter;
struct ledger;

/* Deaths of one type in one row. Entries of a row are chained, the newest first. */
struct typed_deaths {
    uint64_t deaths, written;
    uint32_t row, type;
    uint32_t next; /* entry of the same row, 0: none */
};

struct type_table {
    uint32_t *names;      /* strings of the site tree, by type */
    uintptr_t *addresses; /* of the type object last seen under this name, 0 once it is gone */
    uint32_t count;
    uint32_t capacity;
};

extern PRIVATE struct type_table type_table;

bool type_table_create(void);

/* The identifier of a type by name, 0 when the table is full. Site tree lock held. */
uint32_t type_table_add(const char *name, uint32_t length);

/* The entry of (row, type); made when absent, 0 when out of room. */
uint32_t typed_deaths_entry(struct ledger *ledger, uint32_t row, uint32_t type);

/*
 * How many died since what was written, those included that the row's counter has not handed over yet:
 * less than 2^31, but for sampled ones. From any thread.
 */
uint64_t typed_deaths_news(const struct counter *counter, const struct typed_deaths *entry);

/* From here on what dies in the row without more ado is of this type. */
void typed_deaths_turn(struct ledger *ledger, uint32_t row, uint32_t type);

/* The entry of a row whose type is at this address, 0: none. */
uint32_t typed_deaths_by_address(const struct ledger *ledger, uint32_t row, uintptr_t address);

#endif

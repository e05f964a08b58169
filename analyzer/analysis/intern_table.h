/* SPDX-License-Identifier: MIT */
/*
 * What the table costs that keeps the one copy of each value. The runtime's table of interned
 * strings and a cache of one's own (cache.setdefault(x, x)) are hash tables with open addressing that
 * double when they are two thirds full, so the cost comes in steps.
 */
#ifndef OURO_ANALYZER_INTERN_TABLE_H
#define OURO_ANALYZER_INTERN_TABLE_H

#include <stdbool.h>
#include <stdint.h>

struct intern_table {
    uint64_t used;  /* entries */
    uint64_t room;  /* entries that fit before it grows */
    uint64_t slots; /* a power of two; 0: there is no table yet */
    uint64_t entry_bytes;
};

/* Bytes of a new table of so many entries, of entry_bytes each. */
uint64_t intern_table_bytes(uint64_t entries, uint64_t entry_bytes);

/* Bytes by which a table grows when so many entries are added. */
uint64_t intern_table_growth(const struct intern_table *table, uint64_t added);

/* Bytes of an entry: tables of str alone keep no hashes from 3.11 on. */
uint64_t intern_table_entry(const char *runtime_version, bool str);

#endif

/* SPDX-License-Identifier: MIT */
#include "analysis/intern_table.h"

#include <stdlib.h>
#include <string.h>

#define TABLE_HEAD 40u /* before the indices, Objects/dict-common.h and pycore_dict.h: 32 or 40 */
#define TABLE_LEAST 8u
#define SLOTS_MOST (UINT64_C(1) << 40)
#define GROWTH \
    3u /* times the entries, the next power of two: GROWTH_RATE of Objects/dictobject.c */

static uint64_t bytes_of(uint64_t slots, uint64_t entry_bytes)
{
    uint64_t index = slots < 256 ? 1 : slots < 65536 ? 2 : slots <= UINT32_MAX ? 4 : 8;
    return slots ? TABLE_HEAD + slots * index + slots * 2 / 3 * entry_bytes : 0;
}

static struct intern_table grown(struct intern_table table, uint64_t added)
{
    while (added > table.room) {
        added -= table.room;
        table.used += table.room;
        table.slots = TABLE_LEAST;
        while (table.slots < SLOTS_MOST && table.slots < table.used * GROWTH)
            table.slots *= 2;
        table.room = table.slots * 2 / 3 > table.used ? table.slots * 2 / 3 - table.used : 1;
    }
    return table;
}

uint64_t intern_table_bytes(uint64_t entries, uint64_t entry_bytes)
{
    const struct intern_table none = {.entry_bytes = entry_bytes};
    return intern_table_growth(&none, entries);
}

uint64_t intern_table_growth(const struct intern_table *table, uint64_t added)
{
    uint64_t old = bytes_of(table->slots, table->entry_bytes);
    uint64_t new = bytes_of(grown(*table, added).slots, table->entry_bytes);
    return new > old ? new - old : 0;
}

uint64_t intern_table_entry(const char *runtime_version, bool str)
{
    bool known = strncmp(runtime_version, "3.", 2) == 0;
    unsigned long minor = known ? strtoul(runtime_version + 2, NULL, 10) : 0;
    return str && minor >= 11 ? 16 : 24;
}

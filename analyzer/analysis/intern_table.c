/* SPDX-License-Identifier: MIT */
#include "analysis/intern_table.h"

#include <stdio.h>

#define TABLE_HEAD 40u /* before the indices, Objects/dict-common.h and pycore_dict.h: 32 or 40 */
#define TABLE_LEAST 8u

uint64_t intern_table_bytes(uint64_t entries, uint64_t entry_bytes)
{
    uint64_t slots = TABLE_LEAST;
    while (slots * 2 / 3 < entries)
        slots *= 2;
    uint64_t index = slots < 256 ? 1 : slots < 65536 ? 2 : slots <= UINT32_MAX ? 4 : 8;
    return TABLE_HEAD + slots * index + slots * 2 / 3 * entry_bytes;
}

uint64_t intern_table_growth(uint64_t before, uint64_t added, uint64_t entry_bytes)
{
    if (!added)
        return 0;
    uint64_t old = before ? intern_table_bytes(before, entry_bytes) : 0;
    return intern_table_bytes(before + added, entry_bytes) - old;
}

uint64_t intern_table_entry(const char *runtime_version, bool str)
{
    unsigned minor = 0;
    if (sscanf(runtime_version, "3.%u", &minor) != 1)
        return 24;
    return str && minor >= 11 ? 16 : 24;
}

/* SPDX-License-Identifier: MIT */
#include "type_table.h"

#include "id_table.h"
#include "ledger.h"
#include "memory.h"
#include "options.h"
#include "site_tree.h"

#define TYPES (1u << 20)

struct type_table type_table;

static struct id_table by_name;

bool type_table_create(void)
{
    type_table.names = memory_reserve(TYPES * sizeof *type_table.names);
    type_table.addresses = memory_reserve(TYPES * sizeof *type_table.addresses);
    type_table.capacity = TYPES;
    return type_table.names && type_table.addresses;
}

uint32_t type_table_add(const char *name, uint32_t length)
{
    uint32_t string = site_tree_string(name, length);
    uint64_t hash = id_table_mix(string), probe = hash >> 32;
    uint32_t id;
    while ((id = id_table_next(&by_name, hash, &probe)))
        if (type_table.names[id] == string)
            return id;
    id = type_table.count + 1;
    if (!string || id == type_table.capacity || !id_table_add(&by_name, hash, id))
        return 0;
    type_table.names[id] = string;
    type_table.count = id;
    return id;
}

uint32_t typed_deaths_entry(struct ledger *ledger, uint32_t row, uint32_t type)
{
    struct counter *counter = &ledger->counters[row];
    for (uint32_t i = counter->types; i; i = ledger->typed[i].next)
        if (ledger->typed[i].type == type)
            return i;
    if (ledger->typed_count + 1 >= site_tree.capacity)
        return 0;
    uint32_t i = ledger->typed_count + 1;
    ledger->typed[i] = (struct typed_deaths){.row = row, .type = type, .next = counter->types};
    ledger->typed_count = i;
    __atomic_store_n(&counter->types, i, __ATOMIC_RELEASE); /* the entry is there */
    return i;
}

uint32_t typed_deaths_by_address(const struct ledger *ledger, uint32_t row, uintptr_t address)
{
    for (uint32_t i = ledger->counters[row].types; i; i = ledger->typed[i].next)
        if (type_table.addresses[ledger->typed[i].type] == address)
            return i;
    return 0;
}

/* What the counter owes to the entry of its last type. */
static uint32_t owed(const struct counter *counter)
{
    uint32_t deaths = (uint32_t)WORD_READ(counter->deaths[DEATH_REFCOUNT]);
    return deaths - WORD_READ(counter->settled);
}

/*
 * In this order: one that is handed over at this moment is missed, not counted twice, and so is one that
 * dies; the difference may then be below zero. What is owed goes round at 2^32 in a long run, so only
 * the lower half of the difference counts. Nothing is owed of samples, which are counted by the
 * thousand.
 */
uint64_t typed_deaths_news(const struct counter *counter, const struct typed_deaths *entry)
{
    uint64_t deaths = WORD_READ(entry->deaths);
    if (options.sample)
        return deaths - entry->written;
    if (WORD_READ(counter->last_type) == entry->type)
        deaths += owed(counter);
    int32_t news = (int32_t)(uint32_t)(deaths - entry->written);
    return news > 0 ? (uint64_t)news : 0;
}

void typed_deaths_turn(struct ledger *ledger, uint32_t row, uint32_t type)
{
    struct counter *counter = &ledger->counters[row];
    uint32_t count = owed(counter);
    uint32_t entry = counter->last_type ? typed_deaths_entry(ledger, row, counter->last_type) : 0;
    WORD_ADD(counter->settled, count);
    WORD_ADD(ledger->typed[entry].deaths, count);
    WORD_WRITE(counter->last_type, type);
}

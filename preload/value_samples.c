/* SPDX-License-Identifier: MIT */
#include "value_samples.h"

#include <stdatomic.h>
#include <string.h>

#include "memory.h"

#define ROWS 4096u /* powers of two; half of each table is used at most */
#define ENTRIES 8192u
#define SEEN 16384u /* values that were sampled once, the newer in the place of the older */

struct row_total {
    uint32_t row;
    uint64_t samples, objects;
};

struct entry {
    struct value_sample value;
    uint64_t samples, objects;
};

static struct {
    struct row_total rows[ROWS];
    struct entry entries[ENTRIES];
    uint64_t seen[SEEN];
    uint32_t row_count, entry_count;
} * table;

static atomic_flag in_use = ATOMIC_FLAG_INIT;

static struct row_total *row_of(uint32_t row)
{
    uint32_t at = row * 0x9e3779b1u;
    for (;; at++) {
        struct row_total *total = &table->rows[at % ROWS];
        if (total->row == row)
            return total;
        if (total->row)
            continue;
        if (table->row_count >= ROWS / 2)
            return NULL;
        table->row_count++;
        total->row = row;
        return total;
    }
}

/* The entry of a value; NULL: this is its first sample, or there is no room. */
static struct entry *entry_of(const struct value_sample *sample)
{
    uint64_t key = sample->hash[0] ^ sample->row * 0x9e3779b97f4a7c15u;
    for (uint64_t at = key;; at++) {
        struct entry *entry = &table->entries[at % ENTRIES];
        if (entry->value.row == sample->row && entry->value.hash[0] == sample->hash[0] &&
            entry->value.hash[1] == sample->hash[1])
            return entry;
        if (entry->value.row)
            continue;
        uint64_t *seen = &table->seen[(key >> 32) % SEEN];
        if (*seen != key || table->entry_count >= ENTRIES / 2) {
            *seen = key;
            return NULL;
        }
        table->entry_count++;
        *entry = (struct entry){.value = *sample};
        entry->samples = 1; /* the first */
        entry->objects = VALUE_SAMPLES_EVERY / sample->size;
        return entry;
    }
}

void value_samples_add(const struct value_sample *sample)
{
    if (!sample->row || !sample->size || atomic_flag_test_and_set(&in_use))
        return;
    uint64_t objects = VALUE_SAMPLES_EVERY / sample->size;
    if (!table)
        table = memory_reserve(sizeof *table);
    struct row_total *total = table ? row_of(sample->row) : NULL;
    if (total) {
        total->samples++;
        total->objects += objects;
        struct entry *entry = sample->hash[0] ? entry_of(sample) : NULL;
        if (entry) {
            entry->samples++;
            entry->objects += objects;
        }
    }
    atomic_flag_clear(&in_use);
}

bool value_samples_put(struct payload *payload)
{
    bool some = table && table->row_count && !atomic_flag_test_and_set(&in_use);
    if (!some)
        return false;
    payload_varint(payload, VALUE_SAMPLES_EVERY);
    payload_varint(payload, table->row_count);
    for (uint32_t i = 0; i < ROWS; i++) {
        const struct row_total *total = &table->rows[i];
        if (!total->row)
            continue;
        payload_varint(payload, total->row);
        payload_varint(payload, total->samples);
        payload_varint(payload, total->objects);
    }
    payload_varint(payload, table->entry_count);
    for (uint32_t i = 0; i < ENTRIES; i++) {
        const struct entry *entry = &table->entries[i];
        if (!entry->value.row)
            continue;
        payload_varint(payload, entry->value.row);
        payload_varint(payload, entry->samples);
        payload_varint(payload, entry->objects);
        payload_varint(payload, entry->value.length);
        payload_varint(payload, entry->value.flags);
        payload_counted(payload, entry->value.preview, entry->value.preview_length);
    }
    atomic_flag_clear(&in_use);
    return true;
}

void value_samples_reset(void)
{
    atomic_flag_clear(&in_use);
    if (table)
        memory_release(table, sizeof *table);
    table = NULL;
}

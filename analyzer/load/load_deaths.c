/* SPDX-License-Identifier: MIT */
/*
 * How the deaths of a row in one epoch go together. The recorder counts them by cause, by lifetime and
 * by type, each on its own. A row is blocks of one size from one instruction, so mostly of one type,
 * and then that is all there is to know. Where several types died in the same epoch, causes and
 * lifetimes are shared out among them in proportion; done epoch by epoch that mixes much less than
 * over the whole run.
 */
#include <string.h>

#include "load/loader.h"
#include "model/estimate.h"
#include "trace/epoch_record.h"

static bool room_for(struct loader *loader, uint32_t count)
{
    return load_grow(loader, &loader->shares, &loader->share_room, count, sizeof *loader->shares) &&
           load_grow(loader, &loader->weights, &loader->weight_room, count,
                     sizeof *loader->weights) &&
           load_grow(loader, &loader->parts, &loader->part_room, count, sizeof *loader->parts);
}

/* The types of the record into loader->shares; the first is for deaths of unknown type. */
static bool types_read(struct loader *loader, uint32_t row, const struct epoch_record *record,
                       uint64_t deaths, uint32_t *count)
{
    struct cursor list = record->types;
    uint64_t named = 0;
    *count = 1;
    if (!room_for(loader, record->type_count + 1))
        return false;
    for (uint32_t n = 0; n < record->type_count; n++) {
        uint32_t type = (uint32_t)cursor_varint(&list);
        uint64_t dead = cursor_varint(&list);
        if (!pair_counts_add(&loader->named, loader->arena, row, type, dead))
            return false;
        loader->shares[(*count)++] = (struct load_share){type, dead, 0};
        named = named + dead < named ? UINT64_MAX : named + dead;
    }
    loader->shares[0] = (struct load_share){0, deaths > named ? deaths - named : 0, 0};
    if (named <= deaths)
        return true;
    /* Named now, but died in an epoch before: as many as died in this one, the analysis knows the
     * rest from loader->named. */
    for (uint32_t n = 0; n < *count; n++)
        loader->weights[n] = loader->shares[n].deaths;
    estimate_share(deaths, loader->weights, *count, loader->parts);
    for (uint32_t n = 0; n < *count; n++)
        loader->shares[n].deaths = loader->parts[n];
    return true;
}

/* All deaths are to be shared out from the beginning. */
static void begin(struct loader *loader, uint32_t count)
{
    for (uint32_t n = 0; n < count; n++)
        loader->shares[n].left = loader->shares[n].deaths;
}

/* Gives part of the deaths of every type to an item, `key` among those of the type. */
static bool give(struct loader *loader, struct pair_counts *pairs, uint32_t row, uint32_t count,
                 uint64_t deaths, unsigned bits, uint32_t key)
{
    if (!deaths)
        return true;
    for (uint32_t n = 0; n < count; n++)
        loader->weights[n] = loader->shares[n].left;
    estimate_share(deaths, loader->weights, count, loader->parts);
    for (uint32_t n = 0; n < count; n++) {
        uint32_t type = loader->shares[n].type;
        loader->shares[n].left -= loader->parts[n];
        if (type >> (32 - bits)) /* far beyond what a real trace has */
            type = 0;
        if (!pair_counts_add(pairs, loader->arena, row, type << bits | key, loader->parts[n]))
            return false;
    }
    return true;
}

bool load_deaths(struct loader *loader, uint32_t row, const struct epoch_record *record)
{
    uint64_t deaths = record->deaths[0] + record->deaths[1] + record->deaths[2];
    uint64_t buckets[OURO_LIFETIME_BUCKETS] = {0};
    struct cursor list = record->lifetimes;
    uint32_t count;
    if (!deaths && !record->type_count)
        return true;
    if (!types_read(loader, row, record, deaths, &count))
        return false;
    begin(loader, count);
    for (unsigned cause = 0; cause < 3; cause++) {
        if (!give(loader, &loader->deaths, row, count, record->deaths[cause], DEATHS_BITS, cause))
            return false;
    }
    for (uint32_t n = 0; n < record->lifetime_count; n++) {
        uint32_t bucket = (uint32_t)cursor_varint(&list);
        buckets[bucket] += cursor_varint(&list);
    }
    if (loader->process->unit > 1) { /* recorded blocks become what they stand for */
        uint64_t recorded[OURO_LIFETIME_BUCKETS];
        memcpy(recorded, buckets, sizeof recorded);
        estimate_share(deaths, recorded, OURO_LIFETIME_BUCKETS, buckets);
    }
    begin(loader, count);
    for (uint32_t b = 0; b < OURO_LIFETIME_BUCKETS; b++) {
        if (!give(loader, &loader->lifetimes, row, count, buckets[b], LIFETIMES_BITS, b))
            return false;
    }
    return true;
}

/* SPDX-License-Identifier: MIT */
/*
 * Which values a place makes over and over: samples of what died, counted by the row of the ledger
 * and the value. Bounded: a value has an entry from its second sample on, as long as there is room.
 * The adapter takes the samples; safe from any thread, a sample that finds the table in use is lost.
 */
#ifndef OURO_VALUE_SAMPLES_H
#define OURO_VALUE_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#include "payload.h"

/* Bytes of allocation between two samples, on average. */
#define VALUE_SAMPLES_EVERY 32768u

#define VALUE_SAMPLES_PREVIEW 40u

struct value_sample {
    uint32_t row;
    uint64_t size;    /* bytes of the block */
    uint64_t hash[2]; /* of value and type */
    uint64_t length;  /* in the type's own units */
    uint32_t flags;   /* enum ouro_value_flag */
    char preview[VALUE_SAMPLES_PREVIEW];
    size_t preview_length;
};

/* Counts a sample; one whose value is not known (hash 0) only for its row. */
void value_samples_add(const struct value_sample *sample);

/* Appends all to the payload of OURO_CHUNK_VALUE_SAMPLES. False when there is nothing to say. */
bool value_samples_put(struct payload *payload);

/* In a forked child: forgets the parent's. */
void value_samples_reset(void);

#endif

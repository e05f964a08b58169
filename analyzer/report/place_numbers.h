/* SPDX-License-Identifier: MIT */
/*
 * Places by number: a document that has the calling-context tree as a table of its own refers to it
 * instead of writing whole stacks, which are most of a report.
 */
#ifndef OURO_ANALYZER_PLACE_NUMBERS_H
#define OURO_ANALYZER_PLACE_NUMBERS_H

#include <stdint.h>

struct place_numbers {
    const uint32_t *of_site; /* site → number */
    uint8_t *used;           /* number → whether the document refers to it */
    uint32_t *sites;         /* those referred to, in the order of the document */
    uint32_t count;
};

/* The number of a site, which is noted as used. */
static inline uint32_t place_number_use(struct place_numbers *numbers, uint32_t site)
{
    uint32_t number = numbers->of_site[site];
    if (!numbers->used[number])
        numbers->sites[numbers->count++] = site;
    numbers->used[number] = 1;
    return number;
}

#endif

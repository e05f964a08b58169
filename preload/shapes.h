/* SPDX-License-Identifier: MIT */
/*
 * Which cycles a collection is about to free (--gc-shapes): small photographs of the generations that
 * are due, as many as a share of the run's time allows. What one costs is measured, and the next has
 * to wait until the share has room for it.
 */
#ifndef OURO_SHAPES_H
#define OURO_SHAPES_H

#include <stdbool.h>
#include <stdint.h>

/* Objects of each generation, the older ones included in those of the younger: about. */
struct shapes_due {
    unsigned count;      /* generations, from the youngest, that will be collected: 1 to 3 */
    uint64_t objects[3]; /* that are looked at if the first so many are */
};

/* The recording has begun. */
void shapes_begin(void);

/* A collection is near, on its thread. Takes a photograph or does not. */
void shapes_look(const struct shapes_due *due);

/* ns of the program's and the copies' time that photographs took so far, as it is accounted. */
uint64_t shapes_spent(void);

/* In a forked child. */
void shapes_forked(void);

#endif

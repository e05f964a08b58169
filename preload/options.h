/* SPDX-License-Identifier: MIT */
/*
 * What the environment asks of the shim. Read once in the constructor; malformed values are
 * reported in one line and their defaults used.
 */
#ifndef OURO_OPTIONS_H
#define OURO_OPTIONS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "private.h"

struct options {
    bool active;               /* OURO_OUT is set: record */
    char folder[PATH_MAX];     /* OURO_OUT, made absolute */
    bool values;               /* OURO_VALUES=0 switches values off */
    bool snapshot_at_exit;     /* OURO_SNAPSHOT=none switches it off */
    bool verbose;              /* OURO_VERBOSE=1 */
    uint64_t sample;           /* OURO_SAMPLE: mean bytes between samples; 0: every block */
    uint64_t seed;             /* OURO_SEED: of the sample; 0: another one each time */
    uint64_t native;           /* OURO_NATIVE: mean bytes between samples of malloc; 0: none */
    bool launched;             /* OURO_LAUNCHER is set: `ouro run` waits for the snapshots */
    bool told;                 /* OURO_LAUNCHER=told: a parent said what holds for the run */
    bool numbers;              /* OURO_NUMBERS=0: do not follow int and float through free lists */
    bool lives;                /* OURO_LIVES=1: one record per life */
    uint64_t epoch;            /* OURO_EPOCH: least bytes between epochs */
    uint64_t snapshot_seconds; /* OURO_SNAPSHOT_SECONDS: time bound of the copy */
    uint64_t snapshot_every;   /* OURO_SNAPSHOT_EVERY: ns between snapshots; 0: none */
    uint64_t gc_shapes; /* OURO_GC_SHAPES, a percentage, in millionths of the run's time; 0: off */
    uint64_t snapshot_growth; /* OURO_SNAPSHOT_GROWTH: bytes the heap grows between; 0: none */
    bool snapshot_marks;      /* OURO_SNAPSHOT_MARKS=1: one at the end of each test */
};

extern PRIVATE struct options options;

/* Fills options from the environment. */
void options_read(void);

/* One line on stderr, "ouro: …", written with one write(2); used for what the user must know. */
void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Before a message() of what holds for all programs of a run: whether it is for this one to say. Those
 * that it starts from then on find it said, as somebody may read what they print.
 */
bool message_of_run(void);

#endif

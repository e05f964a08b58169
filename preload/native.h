/* SPDX-License-Identifier: MIT */
/*
 * What libouro.so (the host: recorder, trace, the runtime's stacks) and libouro-native.so (the source:
 * malloc and its kin, mmap and its, native stacks) want of each other. The second is preloaded only when asked for,
 * finds the first by its one exported function, and does nothing without it. Each side calls the other
 * through the tables below.
 */
#ifndef OURO_NATIVE_H
#define OURO_NATIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "payload.h"

struct native_wishes {
    uint64_t mean;  /* bytes between samples on the average, 1: every block */
    uint64_t seed;  /* of the sample; 0: none is given */
    uint64_t epoch; /* bytes of native memory between two epochs, at least */
};

struct native_source {
    /* Starts; the runtime runs. */
    void (*begin)(const struct native_wishes *wishes);
    /* In a copy of the process: from now on calls only pass through. */
    void (*stop)(void);
    void (*fork_prepare)(void);
    void (*fork_parent)(void);
    void (*fork_child)(void); /* what is alive was born now, and nothing of it was written */
    /*
     * The payload of the next chunk of a kind, as much as fits; false: there is nothing new. Modules
     * and stacks come before what refers to them.
     */
    bool (*put_modules)(struct payload *out);
    bool (*put_stacks)(struct payload *out);
    bool (*put_kinds)(struct payload *out); /* of stacks that were put */
    bool (*put_counts)(struct payload *out, uint64_t clock, uint64_t time);
    /* In a copy: the stack that a sampled block came from, and the bytes asked for; false: it is none. */
    bool (*find)(uintptr_t block, uint64_t *size, uint32_t *stack);
};

struct native_host {
    void *(*reserve)(size_t size); /* memory.h */
    void (*release)(void *start, size_t size);
    /* The site where the calling thread stands in the runtime; 0: it is not there, or is within us. */
    uint32_t (*site)(void);
    /* So much was allocated that an epoch should end; it does with the runtime's next block. */
    void (*epoch_due)(void);
    void (*message)(const char *format, ...) __attribute__((format(printf, 1, 2)));
};

/* Exported by libouro.so. The table must live as long as the process. */
const struct native_host *ouro_native_register(const struct native_source *source);

/* Of the host, for its own files; all do nothing where there is no source. */
void native_begin(void);
void native_stop(void);
bool native_find(uintptr_t block, uint64_t *size, uint32_t *stack); /* in a copy */
void native_write(void); /* with the recorder's lock held; see recorder_state.h */
void native_fork_prepare(void);
void native_fork_parent(void);
void native_fork_child(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A runtime made up for the stress program: blocks, objects with types and call stacks that it draws at
 * random, recorded through the shim's core as an adapter records them. With a global lock, whose threads
 * share one ledger, or without, where each thread has its own.
 */
#ifndef OURO_FAKE_RUNTIME_H
#define OURO_FAKE_RUNTIME_H

#include <stdbool.h>
#include <stdint.h>

#define FAKE_BLOCKS 16384u /* that can be alive at once */

struct fake_thread {
    uint64_t random;                /* state of the generator, not 0 */
    uint64_t births, deaths, bytes; /* of this thread so far */
    uint32_t blocks[1024];          /* that it holds */
    unsigned count;
};

/* Before there are threads: starts the recording. False: no trace could be made. */
bool fake_start(bool global_lock);

/* The calling thread begins and ends to use the runtime. */
void fake_enter(struct fake_thread *thread);
void fake_leave(struct fake_thread *thread);

/* One step: a birth, a death, a block given to another thread, or something rarer. */
void fake_step(struct fake_thread *thread);

/* Everything the thread holds dies. */
void fake_clear(struct fake_thread *thread);

/* fork() as the runtime does it, with its lock held. */
int fake_fork(struct fake_thread *thread);

/* Draws a number below a limit. */
uint32_t fake_draw(struct fake_thread *thread, uint32_t limit);

/* Blocks that the live table follows, to compare. No thread may be at work. */
uint64_t fake_followed(void);

#endif

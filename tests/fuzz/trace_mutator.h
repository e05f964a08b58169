/* SPDX-License-Identifier: MIT */
/*
 * Changes traces so that most of them stay traces: chunk by chunk, with sizes, sequence numbers and
 * checksums made right again, because what only breaks a checksum gets no further than the first
 * check. Every change depends on the seed alone.
 */
#ifndef OURO_TRACE_MUTATOR_H
#define OURO_TRACE_MUTATOR_H

#include <stddef.h>
#include <stdint.h>

/* Changes bytes in place; returns how many there are then, at most room. */
typedef size_t (*mutate_bytes)(uint8_t *data, size_t size, size_t room);

/*
 * Changes the size bytes of a trace at data, which has room for `room`; returns the new size. The
 * contents of a chunk are changed by `bytes`, or if that is NULL by changes of the mutator's own.
 */
size_t mutate_trace(uint8_t *data, size_t size, size_t room, uint32_t seed, mutate_bytes bytes);

/* A number below `below` (> 0); the state, not 0, changes. */
uint32_t mutate_random(uint64_t *state, uint32_t below);

#endif

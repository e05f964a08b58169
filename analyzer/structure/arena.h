/* SPDX-License-Identifier: MIT */
/*
 * Memory that is released all at once: small pieces that never move, and large blocks that can be
 * resized while they are being filled. Keeps count of what it holds and refuses to go above a limit,
 * so that a hostile trace cannot take the machine's memory.
 */
#ifndef OURO_ANALYZER_ARENA_H
#define OURO_ANALYZER_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* A new, empty arena without a limit, or NULL when there is no memory. */
struct arena *arena_new(void);

/* Releases the arena and everything in it. NULL is allowed. */
void arena_free(struct arena *arena);

/* Bytes held, and the limit on them (SIZE_MAX: none). Allocation beyond the limit returns NULL. */
size_t arena_used(const struct arena *arena);
void arena_set_limit(struct arena *arena, size_t limit);

/* Whether an allocation was refused because of the limit. */
bool arena_was_limited(const struct arena *arena);

/*
 * Zeroed room for count items of size bytes each, aligned for any type; NULL when there is no memory,
 * the limit is reached, or count × size overflows. A count or size of 0 gives a valid pointer.
 */
void *arena_alloc(struct arena *arena, size_t count, size_t size);

/* Room for size bytes of text, not initialised and not aligned; NULL as above. */
char *arena_room(struct arena *arena, size_t size);

/* A NUL-terminated copy of length bytes, or NULL as above. */
char *arena_copy(struct arena *arena, const void *bytes, size_t length);

/*
 * A block of its own for count items of size bytes, aligned for any type, that can be resized; what
 * is new in it is not initialised. block is NULL or comes from this function; it moves. On failure
 * (as above) returns NULL and the block stays as it was.
 */
void *arena_resize(struct arena *arena, void *block, size_t count, size_t size);

/* Releases one block made by arena_resize() before its time. NULL is allowed. */
void arena_release(struct arena *arena, void *block);

#endif

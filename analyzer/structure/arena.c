/* SPDX-License-Identifier: MIT */
#include "structure/arena.h"

#include <stdlib.h>
#include <string.h>

#define SLAB_BYTES ((size_t)64 << 10)
#define ALIGNMENT _Alignof(max_align_t)

/* In front of every piece of memory taken from malloc(): slabs and resizable blocks alike. */
struct piece {
    _Alignas(max_align_t) struct piece *next;
    struct piece *previous;
    size_t bytes; /* this header included */
};

struct arena {
    struct piece pieces; /* head of the circular list of all pieces */
    char *free, *end;    /* room left in the newest slab: structures from below, text from above */
    size_t used, limit;
    bool limited; /* an allocation went above the limit */
};

struct arena *arena_new(void)
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (!arena)
        return NULL;
    arena->pieces.next = arena->pieces.previous = &arena->pieces;
    arena->limit = SIZE_MAX;
    return arena;
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    for (struct piece *piece = arena->pieces.next, *next; piece != &arena->pieces; piece = next) {
        next = piece->next;
        free(piece);
    }
    free(arena);
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}

void arena_set_limit(struct arena *arena, size_t limit)
{
    arena->limit = limit;
}

bool arena_was_limited(const struct arena *arena)
{
    return arena->limited;
}

/* Resizes a piece (NULL: a new one) to payload bytes after its header. */
static struct piece *piece_resize(struct arena *arena, struct piece *piece, size_t payload)
{
    size_t held = piece ? piece->bytes : 0;
    if (payload > SIZE_MAX - sizeof *piece)
        return NULL;
    size_t bytes = sizeof *piece + payload;
    if (bytes > held && (arena->used > arena->limit || bytes - held > arena->limit - arena->used)) {
        arena->limited = true;
        return NULL;
    }
    struct piece *moved = realloc(piece, bytes);
    if (!moved)
        return NULL;
    if (!piece) {
        moved->next = &arena->pieces;
        moved->previous = arena->pieces.previous;
    }
    moved->next->previous = moved;
    moved->previous->next = moved;
    moved->bytes = bytes;
    arena->used += bytes - held;
    return moved;
}

/* Makes sure that the newest slab has room for bytes, which is at most SLAB_BYTES. */
static int slab_reserve(struct arena *arena, size_t bytes)
{
    if (arena->free && bytes <= (size_t)(arena->end - arena->free))
        return 1;
    struct piece *slab = piece_resize(arena, NULL, SLAB_BYTES);
    if (!slab)
        return 0;
    arena->free = (char *)(slab + 1);
    arena->end = arena->free + SLAB_BYTES;
    return 1;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - ALIGNMENT)
        return NULL;
    bytes = (bytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    if (bytes > SLAB_BYTES / 8) {
        void *block = arena_resize(arena, NULL, 1, bytes);
        return block ? memset(block, 0, bytes) : NULL;
    }
    if (!slab_reserve(arena, bytes))
        return NULL;
    void *room = arena->free;
    arena->free += bytes;
    return memset(room, 0, bytes);
}

char *arena_room(struct arena *arena, size_t size)
{
    if (size > SLAB_BYTES / 8)
        return arena_resize(arena, NULL, 1, size);
    /* From the upper end of the slab, which needs no alignment: most strings are short. */
    return slab_reserve(arena, size) ? (arena->end -= size) : NULL;
}

char *arena_copy(struct arena *arena, const void *bytes, size_t length)
{
    char *copy = length < SIZE_MAX ? arena_room(arena, length + 1) : NULL;
    if (!copy)
        return NULL;
    if (length)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

void *arena_resize(struct arena *arena, void *block, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    struct piece *piece = piece_resize(arena, block ? (struct piece *)block - 1 : NULL, bytes);
    return piece ? piece + 1 : NULL;
}

void arena_release(struct arena *arena, void *block)
{
    if (!block)
        return;
    struct piece *piece = (struct piece *)block - 1;
    piece->next->previous = piece->previous;
    piece->previous->next = piece->next;
    arena->used -= piece->bytes;
    free(piece);
}

/* SPDX-License-Identifier: MIT */
/*
 * What the hooks have to know of an interpreter's layout. Known when they are compiled it costs
 * nothing, so there are hooks for some versions and others that read the layout each time, for
 * whatever differs from all of them.
 */
#ifndef OURO_CPYTHON_HOT_H
#define OURO_CPYTHON_HOT_H

#include <stdbool.h>
#include <stdint.h>

#include "layout.h"
#include "thread_state.h"

struct hot_layout {
    uint8_t state;         /* enum thread_state_way */
    uint8_t header;        /* as the following, see layout.h */
    uint8_t position_kind; /* enum layout_position */
    uint16_t tstate_frame, cframe_frame, frame_previous, frame_position, mark;
    uint64_t mark_mask, mark_set; /* mark_set 0: the layout's, an address */
};

/* The layout as it is, read when it is needed. */
static inline __attribute__((always_inline)) struct hot_layout hot_any(void)
{
    return (struct hot_layout){
        .state = layout.minor >= 12 ? STATE_TLS : STATE_WORD,
        .header = (uint8_t)layout.header,
        .position_kind = (uint8_t)layout.position_kind,
        .tstate_frame = layout.tstate_frame,
        .cframe_frame = layout.cframe_frame,
        .frame_previous = layout.frame_previous,
        .frame_position = layout.frame_position,
        .mark = layout.mark,
        .mark_mask = layout.mark_mask,
    };
}

/* Those of some versions, as layout.c has them. */
#define HOT(version, ...)                                                              \
    static inline __attribute__((always_inline)) struct hot_layout hot_##version(void) \
    {                                                                                  \
        return (struct hot_layout){__VA_ARGS__};                                       \
    }
HOT(311, STATE_WORD, 16, POSITION_POINTER, 56, 8, 48, 56, 64, 0x0000ff00ffffffff, 0xfffffffe)
HOT(312, STATE_TLS, 16, POSITION_POINTER, 56, 0, 8, 56, 64, 0x00ff0000ffffffff, 0xfffffffe)
HOT(313, STATE_TLS, 16, POSITION_POINTER, 72, LAYOUT_NONE, 8, 56, 40, UINT64_MAX, 0)
HOT(314, STATE_TLS, 16, POSITION_POINTER, 72, LAYOUT_NONE, 8, 56, 72, 0xffff0000, 0x01000000)
#undef HOT

/* X(version) for each that there are hooks for; the last fits all. */
#define HOT_VERSIONS(X) X(311) X(312) X(313) X(314) X(any)

/* Whether the hooks made for a layout fit the interpreter. */
static inline bool hot_fits(const struct hot_layout hot)
{
    const struct hot_layout now = hot_any(); /* hot_any() itself fits */
    return now.state == hot.state && now.header == hot.header &&
           now.position_kind == hot.position_kind && now.frame_previous == hot.frame_previous &&
           now.tstate_frame == hot.tstate_frame && now.cframe_frame == hot.cframe_frame &&
           now.frame_position == hot.frame_position && now.mark == hot.mark &&
           now.mark_mask == hot.mark_mask && (!hot.mark_set || layout.mark_set == hot.mark_set);
}

/* The innermost frame of a thread state, or 0. */
static inline uintptr_t hot_innermost(uintptr_t tstate, const struct hot_layout hot)
{
    uintptr_t frame = load_word(tstate, hot.tstate_frame);
    if (hot.cframe_frame != LAYOUT_NONE && frame)
        frame = load_word(frame, hot.cframe_frame);
    return frame;
}

/* The place of a frame whose position does not tell its code object: up to 3.10. */
uint64_t hot_numbered_place(uintptr_t frame);

/* Where a frame stands, as the ledger's caches want it: never 0. */
static inline uint64_t hot_place(uintptr_t frame, const struct hot_layout hot)
{
    if (__builtin_expect(hot.position_kind == POSITION_POINTER, 1))
        return load_word(frame, hot.frame_position);
    return hot_numbered_place(frame);
}

/* Whether the frame carries a mark (activation.h). */
static inline bool hot_marked(uintptr_t frame, const struct hot_layout hot)
{
    uintptr_t word = load_word(frame, hot.mark) & hot.mark_mask;
    return word == (hot.mark_set ? hot.mark_set : layout.mark_set);
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The call stack of the running thread as a site. Reads frames by address; called inside allocator
 * hooks, on every allocation, so this is the shim's hottest code.
 *
 * Each thread remembers the last stack it saw, frame by frame, and of each frame whether it was
 * marked as that activation (activation.h). The walk goes outwards from the innermost frame to the
 * first that is remembered and still carries its mark: outside of it nothing can have changed, so
 * only what was called since is looked at. Remembered frames that cannot be marked are compared
 * with their memory, caller and place; they are read only after their callee was found to name
 * them still, so never after they were freed. The result is exact, and its cost is that of the
 * calls made since the last allocation, not of the depth.
 */
#ifndef OURO_CPYTHON_STACK_H
#define OURO_CPYTHON_STACK_H

#include <stdbool.h>
#include <stdint.h>

#include "../ledger.h"
#include "../thread.h"
#include "activation.h"
#include "code.h"
#include "hot.h"
#include "layout.h"

/* The innermost frame of a thread state, or 0. */
static inline uintptr_t stack_innermost(uintptr_t tstate)
{
    return hot_innermost(tstate, hot_any());
}

/* The caller of a frame, or 0. */
static inline uintptr_t stack_caller(uintptr_t frame)
{
    return load_word(frame, layout.frame_previous);
}

/* The frame's code object, or 0 when the frame is the interpreter's own and not Python code. */
uintptr_t stack_code(uintptr_t frame);
uintptr_t stack_position(uintptr_t frame);

static inline uint64_t stack_place(uintptr_t frame)
{
    return hot_place(frame, hot_any());
}

/* The row of a block of size bytes allocated while no Python code runs. */
uint32_t stack_row_outside(struct ledger *ledger, uint64_t size, bool object);

/*
 * The row of a block of size bytes that the thread allocates at present; tstate is its own thread
 * state. 0 when the tables are full.
 */
uint32_t stack_row(struct thread *thread, struct ledger *ledger, uintptr_t tstate, uint64_t size,
                   bool object);

/* The site where the thread stands, likewise; 0 where no Python code runs. */
uint32_t stack_site_now(struct thread *thread, struct ledger *ledger, uintptr_t tstate);

/* The same of a thread that has let go of its state; nothing of it is remembered. */
uint32_t stack_site_detached(struct thread *thread, uintptr_t tstate);

#endif

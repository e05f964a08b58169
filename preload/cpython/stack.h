/* SPDX-License-Identifier: MIT */
/*
 * The call stack of the running thread as a site. Reads frames by address; called inside allocator
 * hooks, on every allocation, so this is the shim's hottest code.
 *
 * Each thread remembers the last stack it saw. A frame that is still at its place, with the same
 * caller and the same position, need not be looked up again; whether it is so is checked for every
 * remembered frame by loads whose addresses come from the memory, not from the previous load, so
 * they overlap. The result is exact.
 */
#ifndef OURO_CPYTHON_STACK_H
#define OURO_CPYTHON_STACK_H

#include <stdint.h>

#include "../ledger.h"
#include "../thread.h"

/* The site of the thread's present stack; 0 when no Python code is running. tstate is its own. */
uint32_t stack_site(struct thread *thread, struct ledger *ledger, uintptr_t tstate);

/* The innermost frame of a thread state, or 0. */
uintptr_t stack_innermost(uintptr_t tstate);
/* The caller of a frame, or 0. */
uintptr_t stack_caller(uintptr_t frame);
/* The frame's code object, or 0 when the frame is the interpreter's own and not Python code. */
uintptr_t stack_code(uintptr_t frame);
uintptr_t stack_position(uintptr_t frame);

#endif

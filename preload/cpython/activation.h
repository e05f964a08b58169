/* SPDX-License-Identifier: MIT */
/*
 * Whether the frame at an address is still the activation that was seen there.
 *
 * A function that returns and another that is called in its stead may have their frames at one
 * address, with the same caller. To tell them apart a frame that was seen is marked, in a field
 * that every push of a frame writes and that nobody reads for the value that the mark gives it:
 *
 *   3.8–3.10      f_trace_lines, a truth value: 1 when pushed, 3 when marked. Assigning to the
 *                 attribute removes the mark.
 *   3.11, 3.12    stacktop: how many stack slots are in use, or −1 while the frame executes, so
 *                 that the collector sees none; −2 when marked. Calling a Python function removes
 *                 the mark, calling C does not.
 *   3.13          f_locals, the namespace of modules and class bodies, which is NULL in functions
 *                 since frame.f_locals is a proxy (PEP 667); None when marked. A function's is only
 *                 read by the import statement, which takes NULL for None, and when it returns,
 *                 which releases it.
 *   3.14.5, 3.15  visited, a byte of the incremental collector of 3.14.0 to 3.14.4, which stopped
 *                 its own walk of the stack at a frame it had visited. Unused since it was taken
 *                 out again, but every push still clears it.
 *
 * So a frame with the mark is the one that got it. Losing a mark costs time, not exactness.
 *
 * Only functions are marked: a generator may be resumed by another caller. And none that runs on
 * behalf of a trace function, which may move its caller to another line (frame.f_lineno). Thus,
 * while a marked frame lives, nothing outside of it changes; only its own position may.
 */
#ifndef OURO_CPYTHON_ACTIVATION_H
#define OURO_CPYTHON_ACTIVATION_H

#include <stdbool.h>
#include <stdint.h>

/* Once, after the layout was selected and the API resolved. */
void activation_setup(void);

/* Marks the frame. False when it cannot be marked. tstate is the thread's own. */
bool activation_mark(uintptr_t tstate, uintptr_t frame);

#endif

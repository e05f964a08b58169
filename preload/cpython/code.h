/* SPDX-License-Identifier: MIT */
/*
 * Code objects: which function of the trace one is, and which line a position in it belongs to.
 * Reads memory only, never calls the interpreter, so it may be used inside an allocator hook.
 *
 * Addresses of code objects are used again after they are freed: a known one is watched through
 * the live table, and its death bumps code_generation, which voids whatever was cached by address.
 */
#ifndef OURO_CPYTHON_CODE_H
#define OURO_CPYTHON_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../private.h"

extern PRIVATE uint32_t code_generation;

bool code_setup(void);

/* The function of a code object; 0 when the tables are full. Site tree lock held. */
uint32_t code_function(uintptr_t code);

/* A watched block dies: forgets the code object that was there, if it was one. */
void code_died(uintptr_t address);

/*
 * The offset in bytes of a frame's position from the first bytecode, and its line; line 0 when the
 * code object says there is none. A frame that has not begun stands at its first line.
 * line may be NULL: decoding it is slow.
 */
void code_place(uintptr_t code, uintptr_t frame, uintptr_t position, uint32_t *offset,
                uint32_t *line);

/*
 * A str object as UTF-8 (surrogates as three bytes each, like "surrogatepass"). Writes at most
 * size bytes and returns the length written; 0 when it is not a str the adapter can read.
 */
size_t code_utf8(uintptr_t string, char *out, size_t size);

#endif

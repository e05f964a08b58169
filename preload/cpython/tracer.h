/* SPDX-License-Identifier: MIT */
/*
 * The reference tracer of CPython 3.13 and later (PyRefTracer, Include/cpython/object.h): births
 * and deaths that free lists hide from the allocator, and the types of dying objects.
 *
 * Blocks are the truth. DESTROY closes a life and leaves its block dormant until it is freed or
 * used again; CREATE on a block that was not born just now opens a new life at the present site.
 * Numbers can be left out (OURO_NUMBERS=0): arithmetic recycles them by the million, each costs as
 * much as the operation that makes it. Then a recycled number keeps the line of an earlier one.
 * Where DESTROY is lost (3.13.0 to 3.13.2, the trashcan of early 3.14) CREATE still closes the
 * life it replaces, and an object's block closes it otherwise.
 */
#ifndef OURO_CPYTHON_TRACER_H
#define OURO_CPYTHON_TRACER_H

#include <stdbool.h>

#include "../private.h"

/* Whether DESTROY events are complete: not in 3.13.0 to 3.13.2. Set by the adapter. */
extern PRIVATE bool tracer_told_deaths;

/* Takes the tracer slot if the interpreter has one and it is free. At a safe point. */
bool tracer_install(void);

/* Whether it is still ours; tracemalloc.start() takes it without asking. At a safe point. */
bool tracer_holds(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The shim as a whole: which runtime was found, and the moments at which it is looked for.
 */
#ifndef OURO_SHIM_H
#define OURO_SHIM_H

struct runtime;

/* The runtime that was attached to, or NULL. */
const struct runtime *shim_runtime(void);

/* Looks for a runtime, or sees to it that its hooks are in place. Cheap once done. */
void shim_poll(void);

/*
 * The runtime runs. From here on the exit status can be learned: handlers registered in the
 * constructor would run after the library's own destructor.
 */
void shim_runtime_ready(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Functions and lines of native code, found offline in the files that the trace names, by libdw. An
 * address stands for several where the compiler put functions into others. A file that is another build
 * than the recorded one is not used. Debug files are looked for where the distribution installs them, and
 * nowhere else: nothing is asked of a server.
 */
#ifndef OURO_ANALYZER_SYMBOLS_H
#define OURO_ANALYZER_SYMBOLS_H

#include "model/model.h"

struct symbols;

struct native_place {
    const char *function; /* of C++ with its parameters; "" where the file has no symbol there */
    const char *file;     /* of the source, "" where there are no lines */
    uint32_t line;
    const char *module; /* name of the file, "" for code of none */
    bool inlined;       /* it is part of the next one */
};

/* What an address stands for. */
struct native_code {
    const struct native_place *places; /* the innermost first */
    uint32_t count;                    /* at least 1 */
    bool evaluates;                    /* it is in the runtime's evaluation loop */
};

/* NULL: no memory. The process must outlive it. */
struct symbols *symbols_open(const struct process *process);
void symbols_close(struct symbols *symbols);

/* Valid until the next call; places and texts live as long as the symbols, and equal texts are at one
 * address. NULL: no memory. */
const struct native_code *symbols_find(struct symbols *symbols, uint64_t address);

/*
 * Modules that places were looked for in without full success, in order: the name of the next one, NULL
 * behind the last. *next begins with 0 and is this function's; *why: what is wrong with it.
 */
const char *symbols_missing(const struct symbols *symbols, uint32_t *next, const char **why);

#endif

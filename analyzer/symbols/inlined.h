/* SPDX-License-Identifier: MIT */
/* Functions that the compiler put into others at an address, by the debug information. */
#ifndef OURO_ANALYZER_INLINED_H
#define OURO_ANALYZER_INLINED_H

#include <elfutils/libdwfl.h>
#include <stdint.h>

#define INLINED_MOST 32u /* levels told of one address */

struct inlined {
    const char *name; /* as the linker would see it, if it is known; NULL: it has no name */
    const char *
        call_file; /* where it was called, in the next level or the function itself; NULL: not known */
    uint32_t call_line; /* 0: not known */
};

/* The innermost first; returns how many. Texts are the module's. */
uint32_t inlined_find(Dwfl_Module *module, uint64_t address, struct inlined found[INLINED_MOST]);

#endif

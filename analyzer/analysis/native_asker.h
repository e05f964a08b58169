/* SPDX-License-Identifier: MIT */
/*
 * Who asked for native memory: of the frames that lead to malloc the innermost that is not of a library
 * which passes memory on. Known without debug information.
 */
#ifndef OURO_ANALYZER_NATIVE_ASKER_H
#define OURO_ANALYZER_NATIVE_ASKER_H

#include "symbols/symbols.h"

/*
 * The code of that frame among count addresses, the innermost first; of those up to the evaluation loop.
 * Valid until the next call of symbols_find(). NULL: there is no native frame, or (*failed) no memory.
 */
const struct native_code *native_asker(struct symbols *symbols, const uint64_t *addresses,
                                       uint32_t count, bool *failed);

/* The function that stands for the code where it is compiled into others: the outermost one. */
const struct native_place *native_asker_place(const struct native_code *code);

/* "take in forgetful": the library's name up to the first dot, as the rest is of versions. */
void native_asker_name(const struct native_place *place, char *text, size_t size);

#endif

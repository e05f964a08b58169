/* SPDX-License-Identifier: MIT */
/*
 * The name of a kind of leaked cycle, the same between runs, machines and interpreter versions: a
 * hash of the set of steps (type, label, type) of the path that is shown for it. Two cycles have the
 * same signature if and only if their paths use the same steps, so a ring of three and a ring of
 * three thousand, or trees of different sizes, are one kind. docs/reports.md says why.
 */
#ifndef OURO_ANALYZER_SIGNATURE_H
#define OURO_ANALYZER_SIGNATURE_H

#include "cycles/path.h"

#define SIGNATURE_TEXT_SIZE sizeof "cycle:0123456789ab"

/* Stores 48 bits. Returns 0, or -1 without memory. */
int signature_of_path(const struct cycle_core *core, const struct cycle_path *path,
                      uint64_t *signature);

void signature_text(uint64_t signature, char text[SIGNATURE_TEXT_SIZE]);

#endif

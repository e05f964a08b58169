/* SPDX-License-Identifier: MIT */
/* Previews of values: what a programmer would write, as far as there is room. */
#ifndef OURO_CPYTHON_VALUE_TEXT_H
#define OURO_CPYTHON_VALUE_TEXT_H

#include "../snapshot_values.h"

/* A snapshot_preview. */
uint32_t value_text(uintptr_t address, char *out, size_t size, size_t *length);

#endif

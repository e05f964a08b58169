/* SPDX-License-Identifier: MIT */
/*
 * What objects could do without: room in containers, attribute tables that __slots__ would replace,
 * wide characters, dicts used as records, boxed numbers. In the copy only, after all objects.
 */
#ifndef OURO_CPYTHON_SPARE_H
#define OURO_CPYTHON_SPARE_H

#include "../snapshot.h"

void spare_write(struct snapshot *snapshot);

#endif

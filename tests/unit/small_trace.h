/* SPDX-License-Identifier: MIT */
/* A small trace with every kind of chunk that a recording of five objects and of native memory has: for
 * tests that change its bytes. */
#ifndef OURO_SMALL_TRACE_H
#define OURO_SMALL_TRACE_H

#include "trace_builder.h"

struct builder *small_trace(bool compressed);

#endif

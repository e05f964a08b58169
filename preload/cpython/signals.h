/* SPDX-License-Identifier: MIT */
/* The handlers of signals. In the copy only. */
#ifndef OURO_CPYTHON_SIGNALS_H
#define OURO_CPYTHON_SIGNALS_H

#include "../snapshot.h"

/* Writes a root for every handler that is an object of the program. */
void signals_write(struct snapshot *snapshot);

#endif

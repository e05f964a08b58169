/* SPDX-License-Identifier: MIT */
/* What threads are called in the program. In the copy only. */
#ifndef OURO_CPYTHON_THREAD_NAMES_H
#define OURO_CPYTHON_THREAD_NAMES_H

#include "../snapshot.h"

/* The name of threading.Thread for a thread state, a string of the snapshot; 0: it has none. */
uint32_t thread_name(struct snapshot *snapshot, uintptr_t tstate);

#endif

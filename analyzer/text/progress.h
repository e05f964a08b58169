/* SPDX-License-Identifier: MIT */
/*
 * A progress line on stderr while the user waits: only when stderr is a terminal, only after a
 * second, and gone before anything else is printed.
 */
#ifndef OURO_ANALYZER_PROGRESS_H
#define OURO_ANALYZER_PROGRESS_H

#include <stdint.h>

/* Begins a piece of work: what is being done, a few words that stay valid. Ends the previous one. */
void progress_begin(const char *what);

/* The work has several parts, of which number part (from 0) begins; its updates count for one. */
void progress_part(uint64_t part, uint64_t parts);

/* How far it is; total 0: that cannot be told. Cheap: may be called for every chunk. Does nothing outside a piece of work. */
void progress_update(uint64_t done, uint64_t total);

/* Ends it and clears the line. */
void progress_end(void);

#endif

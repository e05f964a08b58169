/* SPDX-License-Identifier: MIT */
/*
 * Waiting for a trace that is still being written. The copy that writes a snapshot may outlive the
 * program; it holds a shared lock (flock) on the trace until it is done.
 */
#ifndef OURO_ANALYZER_TRACE_WAIT_H
#define OURO_ANALYZER_TRACE_WAIT_H

#include <stdbool.h>

/*
 * Returns once nobody holds a lock on the trace at path, true, or after *seconds, false. What was
 * waited is taken off *seconds. A file that cannot be opened or locked is nothing to wait for.
 */
bool trace_wait(const char *path, double *seconds);

#endif

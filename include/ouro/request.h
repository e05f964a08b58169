/* SPDX-License-Identifier: MIT */
/*
 * How `ouro snapshot` asks a process for a snapshot. The second thing that shim and analyzer share,
 * beside the trace.
 *
 * The request is a queued signal (rt_tgsigqueueinfo) to the process's first thread with the code
 * SI_QUEUE and the value below. Signal 32 is the first of two that the C library keeps for itself:
 * its sigaction() and sigprocmask() refuse or pass over it, so no program can own or block it. The
 * shim's handler hands on what is not for it. The answer is in the trace: SNAPSHOT_TAKEN with the
 * reason ON_REQUEST, then the snapshot itself, or a NOTE.
 */
#ifndef OURO_REQUEST_H
#define OURO_REQUEST_H

#define OURO_REQUEST_SIGNAL 32
#define OURO_REQUEST_SNAPSHOT 0x4f55524f /* "OURO" */

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Wiring: the constructor, the fork handlers, the end of the process.
 */
#include "shim.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "libc.h"
#include "occasion.h"
#include "options.h"
#include "recorder.h"
#include "request.h"
#include "resident.h"
#include "runtime.h"
#include "shapes.h"
#include "snapshot.h"

#define RUNTIMES 1u
static const struct runtime *const runtimes[RUNTIMES] = {&cpython_runtime};

static _Atomic(const struct runtime *) attached;

const struct runtime *shim_runtime(void)
{
    return atomic_load_explicit(&attached, memory_order_acquire);
}

void shim_poll(void)
{
    if (!options.active)
        return;
    const struct runtime *runtime = shim_runtime();
    for (unsigned i = 0; !runtime && i < RUNTIMES; i++)
        if (runtimes[i]->attach()) {
            runtime = runtimes[i];
            atomic_store_explicit(&attached, runtime, memory_order_release);
        }
    if (runtime)
        runtime->refresh();
}

static void fork_prepare(void)
{
    if (shim_runtime())
        recorder_fork_prepare();
}

static void fork_parent(void)
{
    if (shim_runtime())
        recorder_fork_parent();
}

static void fork_child(void)
{
    if (!shim_runtime())
        return;
    recorder_fork_child();
    shim_runtime()->forked();
    snapshot_forked();
    occasion_forked();
    shapes_forked();
}

static int exit_status = -1;

static void note_status(int status, void *argument)
{
    (void)argument;
    exit_status = status & 0xff;
}

void shim_runtime_ready(void)
{
    static bool done;
    if (!done)
        on_exit(note_status, NULL);
    done = true;
}

static __attribute__((constructor)) void begin(void)
{
    libc_resolve();
    options_read();
    if (!options.active)
        return;
    occasion_setup();
    request_setup();
    resident_setup();
    shim_poll();
    pthread_atfork(fork_prepare, fork_parent, fork_child);
}

/* After the program's own exit handlers; allocations of later destructors are not counted. */
static __attribute__((destructor)) void end(void)
{
    if (shim_runtime())
        recorder_end(OURO_END_EXIT, exit_status >= 0, exit_status);
}

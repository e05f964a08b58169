/* SPDX-License-Identifier: MIT */
#include "native.h"

#include "ledger.h"
#include "memory.h"
#include "options.h"
#include "recorder_state.h"
#include "runtime.h"
#include "shim.h"
#include "thread.h"

#define EXPORTED __attribute__((visibility("default")))

static const struct native_source *source;
static struct payload chunk;

static uint32_t site(void)
{
    const struct runtime *runtime = shim_runtime();
    /* Within the recorder its locks may be held. */
    return runtime && recorder.running && !this_thread.inside ? runtime->site() : 0;
}

static void epoch_due(void)
{
    for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next)
        ledger_set_next_epoch(ledger, 0);
}

EXPORTED const struct native_host *ouro_native_register(const struct native_source *from)
{
    static const struct native_host host = {memory_reserve, memory_release, site, epoch_due,
                                            message};
    source = from;
    return &host;
}

void native_begin(void)
{
    if (source && options.native)
        source->begin(&(struct native_wishes){options.native, options.seed, options.epoch});
}

void native_stop(void)
{
    if (source)
        source->stop();
}

static void append(enum ouro_chunk type)
{
    if (recorder.running && !trace_file_append(&recorder.file, type, 0, 0, &recorder.file.sequence,
                                               chunk.data, chunk.size, chunk.size))
        recorder.running = false;
    payload_clear(&chunk);
}

/* The sites that stacks name may be younger than the tables that were written last. */
void native_write(void)
{
    if (!source || !options.native ||
        (!chunk.data && !payload_create(&chunk, 2 * (size_t)CHUNK_BYTES)))
        return;
    while (source->put_modules(&chunk))
        append(OURO_CHUNK_MODULES);
    while (source->put_stacks(&chunk)) {
        epoch_write_tables();
        append(OURO_CHUNK_NATIVE_STACKS);
    }
    while (source->put_kinds(&chunk))
        append(OURO_CHUNK_NATIVE_KINDS);
    while (source->put_counts(&chunk, recorder_clock(), recorder_time()))
        append(OURO_CHUNK_NATIVE);
}

bool native_find(uintptr_t block, uint64_t *size, uint32_t *stack)
{
    return source && options.native && source->find(block, size, stack);
}

void native_fork_prepare(void)
{
    if (source)
        source->fork_prepare();
}

void native_fork_parent(void)
{
    if (source)
        source->fork_parent();
}

void native_fork_child(void)
{
    if (source)
        source->fork_child();
}

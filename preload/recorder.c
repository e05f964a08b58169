/* SPDX-License-Identifier: MIT */
#include "recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "ledger.h"
#include "memory.h"
#include "native.h"
#include "options.h"
#include "recorder_state.h"
#include "seccomp.h"
#include "shapes.h"
#include "site_tree.h"
#include "thread.h"
#include "type_table.h"
#include "value_samples.h"

struct recorder_state recorder = {.lock = PTHREAD_MUTEX_INITIALIZER};

void (*recorder_watch)(void);

static void take(void)
{
    this_thread.inside++;
    pthread_mutex_lock(&recorder.lock);
}

static void give(void)
{
    pthread_mutex_unlock(&recorder.lock);
    this_thread.inside--;
}

uint64_t recorder_time(void)
{
    return clock_now(CLOCK_MONOTONIC) - recorder.began;
}

uint64_t recorder_clock(void)
{
    uint64_t clock = 0;
    for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next)
        if (WORD_READ(ledger->clock) > clock)
            clock = WORD_READ(ledger->clock);
    return clock;
}

bool recorder_running(void)
{
    return recorder.running && !recorder.file.failed;
}

void recorder_flush(enum ouro_chunk type)
{
    if (!trace_file_flush(&recorder.file, type, &recorder.payload))
        recorder.running = false;
}

/* Reads a small file of /proc whole; returns its length. */
static size_t slurp(const char *path, char *buffer, size_t size)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    size_t length = 0;
    if (descriptor < 0)
        return 0;
    for (;;) {
        ssize_t n = read(descriptor, buffer + length, size - length);
        if (n <= 0)
            break;
        length += (size_t)n;
    }
    close(descriptor);
    return length;
}

static void write_process(enum ouro_origin origin)
{
    static char text[65536];
    struct payload *p = &recorder.payload;
    payload_field_integer(p, OURO_PROCESS_VERSION, OURO_TRACE_VERSION);
    payload_field_integer(p, OURO_PROCESS_PID, (uint64_t)getpid());
    payload_field_integer(p, OURO_PROCESS_PARENT_PID, (uint64_t)getppid());
    payload_field_integer(p, OURO_PROCESS_WALL, recorder.wall);
    payload_field_string(p, OURO_PROCESS_RUNTIME, recorder.process.runtime);
    payload_field_string(p, OURO_PROCESS_RUNTIME_VERSION, recorder.process.version);
    payload_field_string(p, OURO_PROCESS_BUILD, recorder.process.build);
    ssize_t n = readlink("/proc/self/exe", text, sizeof text - 1);
    if (n > 0) {
        text[n] = '\0';
        payload_field_string(p, OURO_PROCESS_EXECUTABLE, text);
    }
    if (getcwd(text, sizeof text))
        payload_field_string(p, OURO_PROCESS_DIRECTORY, text);
    size_t length = slurp("/proc/self/cmdline", text, sizeof text - 1);
    text[length] = '\0';
    for (size_t at = 0; at < length; at += strlen(text + at) + 1)
        payload_field_string(p, OURO_PROCESS_ARGUMENT, text + at);
    if (recorder.parent_trace[0])
        payload_field_string(p, OURO_PROCESS_PARENT_TRACE, recorder.parent_trace);
    payload_field_integer(p, OURO_PROCESS_ORIGIN, origin);
    payload_field_integer(p, OURO_PROCESS_FLAGS,
                          recorder.process.flags | (options.values ? 0 : OURO_PROCESS_NO_VALUES) |
                              (options.lives ? OURO_PROCESS_LIVES : 0) |
                              (options.numbers ? OURO_PROCESS_NUMBERS : 0));
    if (options.sample)
        payload_field_integer(p, OURO_PROCESS_SAMPLE, options.sample);
    if (options.native)
        payload_field_integer(p, OURO_PROCESS_NATIVE, options.native);
    if (options.gc_shapes)
        payload_field_integer(p, OURO_PROCESS_GC_SHAPES, options.gc_shapes);
    payload_field_string(p, OURO_PROCESS_SHIM, OURO_VERSION);
    payload_field_integer(p, OURO_PROCESS_CLOCK, recorder_clock());
    recorder_flush(OURO_CHUNK_PROCESS);
}

/*
 * The next epoch is due after 1/64 of what was allocated so far, at least options.epoch bytes:
 * the number of epochs grows with the logarithm of the run's length, so the trace stays small. The
 * most is far from what could make a counter of 32 bits turn over between two. An epoch looks at every
 * row, so a program with very many of them has fewer epochs.
 */
#define MOST_STEP (UINT64_C(16) << 30)
#define MANY_ROWS (64u << 10)

static void schedule(void)
{
    uint64_t clock = recorder_clock();
    uint64_t step = clock / 64 < MOST_STEP ? clock / 64 : MOST_STEP;
    uint64_t least = options.epoch * (1 + recorder.rows_written / MANY_ROWS);
    if (step < least)
        step = least;
    for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next)
        ledger_set_next_epoch(ledger, recorder.running ? clock + step : UINT64_MAX);
}

/* Chunks end at CHUNK_BYTES, give or take one string; more room where it costs nothing. */
static size_t payload_room(void)
{
    return memory_budget() == UINT64_MAX ? OURO_CHUNK_MAX : 2 * CHUNK_BYTES;
}

static bool start(enum ouro_origin origin)
{
    if (origin == OURO_ORIGIN_EXEC) {
        recorder.wall = clock_now(CLOCK_REALTIME);
        recorder.began = clock_now(CLOCK_MONOTONIC);
    }
    recorder.running = trace_file_create(&recorder.file, options.folder, recorder.wall,
                                         /* a server that dropped its rights would say it at
                                            every fork */
                                         origin == OURO_ORIGIN_FORK);
    if (recorder.running)
        write_process(origin);
    schedule();
    return recorder.running;
}

/* The kernel is asked, for a C library may remember the parent's answer. */
bool recorder_borrowed(void)
{
    return recorder.owner != (int)syscall(SYS_getpid);
}

/*
 * Most forked children are replaced by exec or leave at once; a trace is made for those only that
 * get as far as an epoch, a snapshot or an end of their own. A child that no fork handler saw
 * (vfork, clone by its number) has our state but not our trace: nothing is recorded of it.
 */
static bool ready(void)
{
    if (!recorder.running || recorder_borrowed())
        return false;
    if (recorder.unborn) {
        recorder.unborn = false;
        start(OURO_ORIGIN_FORK);
    }
    return recorder.running;
}

void recorder_epoch(void)
{
    take();
    if (ready())
        epoch_write();
    schedule();
    give();
}

static void on_epoch(struct ledger *ledger)
{
    (void)ledger;
    if (recorder_watch)
        recorder_watch();
    this_thread.inside++;
    if (pthread_mutex_trylock(&recorder.lock) != 0) {
        this_thread.inside--;
        return; /* another thread is at it */
    }
    if (ready())
        epoch_write();
    schedule();
    give();
}

bool recorder_start(const struct recorder_process *process)
{
    take();
    recorder.process = *process;
    recorder.owner = (int)getpid();
    ledger_on_epoch =
        on_epoch; /* first: another thread's ledger may get there as soon as one is due */
    recorder.changed = memory_reserve(site_tree.capacity / 8u + sizeof *recorder.changed);
    bool started = recorder.changed && payload_create(&recorder.payload, payload_room()) &&
                   start(OURO_ORIGIN_EXEC);
    give();
    return started;
}

void recorder_collection(const struct recorder_collection *collection)
{
    take();
    if (recorder.collection_count == COLLECTIONS && ready())
        epoch_write_collections();
    if (recorder.collection_count == COLLECTIONS)
        recorder.collection_count = 0;
    recorder.collections[recorder.collection_count++] = *collection;
    give();
}

void recorder_lives(const struct life *lives, uint32_t count)
{
    take();
    if (ready() && (recorder.column.data || payload_create(&recorder.column, 4u << 20))) {
        epoch_write_tables();
        epoch_put_lives(lives, count);
        size_t bound = ZSTD_compressBound(recorder.payload.size);
        if (!recorder.compressor) {
            size_t workspace = ZSTD_estimateCCtxSize(1);
            void *memory = memory_reserve(workspace);
            recorder.compressor = memory ? ZSTD_initStaticCCtx(memory, workspace) : NULL;
            recorder.compressed = memory_reserve(16u << 20);
        }
        size_t size = 0;
        if (recorder.compressor && recorder.compressed && bound <= 16u << 20)
            size = ZSTD_compressCCtx(recorder.compressor, recorder.compressed, 16u << 20,
                                     recorder.payload.data, recorder.payload.size, 1);
        if (size && !ZSTD_isError(size)) {
            if (!trace_file_append(&recorder.file, OURO_CHUNK_LIVES, OURO_CHUNK_ZSTD, 0,
                                   &recorder.file.sequence, recorder.compressed, size,
                                   recorder.payload.size))
                recorder.running = false;
            payload_clear(&recorder.payload);
        } else {
            recorder_flush(OURO_CHUNK_LIVES);
        }
    }
    give();
}

bool recorder_forked(void)
{
    return recorder.forked;
}

bool recorder_unborn(void)
{
    return recorder.unborn;
}

#define WORTH_A_SNAPSHOT (1u << 20) /* bytes a forked child must have allocated */

bool recorder_worth_a_snapshot(void)
{
    return !recorder.forked || recorder_clock() - recorder.clock_at_start >= WORTH_A_SNAPSHOT;
}

void recorder_child(uint64_t pid)
{
    take();
    if (ready()) {
        payload_varint(&recorder.payload, pid);
        payload_varint(&recorder.payload, recorder_time());
        recorder_flush(OURO_CHUNK_CHILD);
    }
    give();
}

static void put_note(enum ouro_note code, const char *text)
{
    payload_varint(&recorder.payload, code);
    payload_varint(&recorder.payload, recorder_clock());
    payload_varint(&recorder.payload, recorder_time());
    payload_bytes(&recorder.payload, text, strlen(text));
    recorder_flush(OURO_CHUNK_NOTE);
}

void recorder_note(enum ouro_note code, const char *text)
{
    take();
    if (ready())
        put_note(code, text);
    give();
}

void recorder_suspend(const char *why)
{
    take();
    if (!recorder.unborn && ready()) { /* a child that has no trace yet gets none */
        epoch_write();
        put_note(OURO_NOTE_OTHER, why);
    }
    recorder.suspended = recorder.running;
    recorder.running = false;
    schedule();
    give();
}

void recorder_resume(const char *why)
{
    take();
    recorder.running = recorder.suspended;
    if (!recorder.unborn && ready())
        put_note(OURO_NOTE_OTHER, why);
    schedule();
    give();
}

/* An epoch looks at every row: those that marks bring about must not take more than an eighth of the
 * time, however short the stretches between marks are. */
#define MARK_EPOCHS 8u

void recorder_mark(const char *name, bool end)
{
    take();
    if (ready()) {
        if (end && recorder_time() - recorder.epoch_time >= MARK_EPOCHS * recorder.epoch_cost)
            epoch_write();
        payload_varint(&recorder.payload, recorder_clock());
        payload_varint(&recorder.payload, recorder_time());
        payload_bytes(&recorder.payload, name, strlen(name));
        recorder_flush(OURO_CHUNK_MARK);
        schedule();
    }
    give();
}

uint64_t recorder_freeze(bool end_epoch)
{
    take();
    if (!ready())
        return recorder.epoch;
    if (end_epoch)
        epoch_write();
    else
        epoch_write_tables();
    schedule();
    return recorder.epoch;
}

int recorder_hold(int keep[3])
{
    int held = open(recorder.file.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int writer = recorder.file.descriptor;
    if (held < 0) {
        keep[0] = writer;
        keep[1] = -1;
        return -1;
    }
    flock(held, LOCK_SH | LOCK_NB);
    keep[0] = held < writer ? held : writer;
    keep[1] = held < writer ? writer : held;
    keep[2] = -1;
    return held;
}

void recorder_thaw(void)
{
    give();
}

bool recorder_copying(void)
{
    int held = recorder.unborn ? -1 : open(recorder.file.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool copying = held >= 0 && flock(held, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (held >= 0)
        close(held);
    return copying;
}

void recorder_snapshot_taken(uint32_t number, uint64_t pause, enum ouro_snapshot_reason reason)
{
    take();
    if (ready()) {
        payload_varint(&recorder.payload, number);
        payload_varint(&recorder.payload, pause);
        payload_varint(&recorder.payload, recorder_clock());
        payload_varint(&recorder.payload, recorder_time());
        payload_varint(&recorder.payload, reason);
        recorder_flush(OURO_CHUNK_SNAPSHOT_TAKEN);
    }
    give();
}

bool recorder_append_snapshot(enum ouro_chunk type, unsigned flags, uint32_t stream,
                              uint32_t *sequence, const void *payload, uint64_t stored,
                              uint64_t raw)
{
    return trace_file_append(&recorder.file, type, flags, stream, sequence, payload, stored, raw);
}

/* Peak resident memory, from the kernel (VmHWM, kB). */
static uint64_t peak_rss(void)
{
    char text[4096];
    text[slurp("/proc/self/status", text, sizeof text - 1)] = '\0';
    const char *line = strstr(text, "VmHWM:");
    return line ? strtoull(line + 6, NULL, 10) * 1024 : 0;
}

/* What the recorder itself holds in memory: tables by their use, the live table by the kernel. */
static uint64_t own_bytes(void)
{
    site_tree_lock();
    uint64_t bytes = site_tree_bytes() + live_table_resident();
    for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next)
        bytes += site_tree.row_count * 2 * sizeof *ledger->counters +
                 ledger->typed_count * sizeof *ledger->typed +
                 SITE_CACHE_SIZE * sizeof *ledger->site_cache +
                 ROW_CACHE_SIZE * sizeof *ledger->row_cache;
    site_tree_unlock();
    return bytes;
}

void recorder_end(enum ouro_end_reason reason, bool known, int status)
{
    if (options.lives && recorder.running && reason != OURO_END_EXEC)
        lives_flush_all();
    take();
    bool nothing_yet = recorder.unborn && reason == OURO_END_EXEC;
    if (!nothing_yet && ready()) {
        epoch_write();
        uint64_t births = 0, deaths = 0, unknown = 0;
        for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next) {
            unknown += WORD_READ(ledger->unknown_frees);
            for (uint32_t row = 1; row <= recorder.rows_written; row++) {
                const struct counter *c = &ledger->counters[row];
                births += WORD_READ(c->births);
                for (int cause = 0; cause < DEATH_CAUSES; cause++)
                    deaths += WORD_READ(c->deaths[cause]);
            }
        }
        struct payload *p = &recorder.payload;
        if (value_samples_put(p))
            recorder_flush(OURO_CHUNK_VALUE_SAMPLES);
        payload_field_integer(p, OURO_END_REASON, reason);
        if (known)
            payload_field_integer(p, OURO_END_EXIT_STATUS, (uint64_t)(uint32_t)status);
        payload_field_integer(p, OURO_END_CLOCK, recorder_clock());
        payload_field_integer(p, OURO_END_TIME, recorder_time());
        payload_field_integer(p, OURO_END_BIRTHS, births);
        payload_field_integer(p, OURO_END_DEATHS, deaths);
        payload_field_integer(p, OURO_END_UNKNOWN_FREES, unknown);
        payload_field_integer(p, OURO_END_PEAK_RSS, peak_rss());
        payload_field_integer(p, OURO_END_OWN_BYTES, own_bytes());
        if (options.gc_shapes)
            payload_field_integer(p, OURO_END_SHAPES_SPENT, shapes_spent());
        recorder_flush(OURO_CHUNK_END);
    }
    give();
}

void recorder_fork_prepare(void)
{
    take();
    recorder.fork_wall = clock_now(CLOCK_REALTIME);
    recorder.fork_began = clock_now(CLOCK_MONOTONIC);
    site_tree_lock();
    native_fork_prepare();
}

void recorder_fork_parent(void)
{
    native_fork_parent();
    site_tree_unlock();
    give();
}

void recorder_fork_child(void)
{
    native_fork_child();
    site_tree_reset_lock();
    this_thread.inside = 0;
    recorder.lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    recorder.forked = true;
    if (seccomp_forbidden(SECCOMP_RECORDING))
        return;
    recorder.owner = (int)getpid();
    recorder.clock_at_start = recorder_clock();
    ledger_inherit();
    value_samples_reset();
    if (!recorder.running)
        return;
    trace_file_close(&recorder.file);
    if (seccomp_forbidden(SECCOMP_BEGINNING)) {
        recorder.running = false;
        return;
    }
    if (!recorder.unborn) /* else the parent itself has no trace: its parent is named instead */
        memcpy(recorder.parent_trace, recorder.file.name, sizeof recorder.parent_trace);
    recorder.wall = recorder.fork_wall;
    recorder.began = recorder.fork_began;
    recorder.epoch = 0;
    recorder.strings_written = recorder.functions_written = 0;
    recorder.sites_written = recorder.rows_written = recorder.types_written = 0;
    recorder.folded_written = 0;
    recorder.live_blocks = recorder.live_bytes = 0;
    recorder.unborn = true;
    recorder.collection_count = 0;
    payload_clear(&recorder.payload);
    schedule();
}

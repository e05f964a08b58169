/* SPDX-License-Identifier: MIT */
#include "recorder.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#include "ledger.h"
#include "memory.h"
#include "options.h"
#include "payload.h"
#include "site_tree.h"
#include "thread.h"
#include "trace_file.h"
#include "type_table.h"

#define CHUNK_BYTES (4u << 20) /* a table is split into chunks of about this size */

static struct {
    pthread_mutex_t lock;
    bool running;
    bool unborn; /* a forked child whose trace is made when there is something to write */
    bool forked;  /* the process began by fork() */
    uint64_t clock_at_start;
    int owner; /* process id */
    struct trace_file file;
    struct payload payload, column;
    ZSTD_CCtx *compressor; /* of LIVES chunks, made on first use */
    void *compressed;
    struct recorder_process process;
    char parent_trace[64];
    uint64_t wall;
    uint64_t epoch;
    uint32_t strings_written, functions_written, sites_written, rows_written, types_written;
} recorder = {.lock = PTHREAD_MUTEX_INITIALIZER};

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

static uint64_t now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t recorder_time(void)
{
    uint64_t t = now(CLOCK_REALTIME);
    return t > recorder.wall ? t - recorder.wall : 0; /* the wall clock may be set back */
}

uint64_t recorder_clock(void)
{
    uint64_t clock = 0;
    for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next)
        if (ledger->clock > clock)
            clock = ledger->clock;
    return clock;
}

bool recorder_running(void)
{
    return recorder.running && !recorder.file.failed;
}

static void flush(enum ouro_chunk type)
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
                              (options.lives ? OURO_PROCESS_LIVES : 0));
    if (options.sample)
        payload_field_integer(p, OURO_PROCESS_SAMPLE, options.sample);
    payload_field_string(p, OURO_PROCESS_SHIM, OURO_VERSION);
    payload_field_integer(p, OURO_PROCESS_CLOCK, recorder_clock());
    flush(OURO_CHUNK_PROCESS);
}

static void write_strings(void)
{
    while (recorder.strings_written < site_tree.string_count && recorder.running) {
        uint32_t first = recorder.strings_written + 1, last = first;
        uint64_t bytes = 0;
        while (last < site_tree.string_count && bytes < CHUNK_BYTES)
            bytes += site_tree.strings[last++].length + 4;
        payload_varint(&recorder.payload, first);
        payload_varint(&recorder.payload, last - first + 1);
        for (uint32_t id = first; id <= last; id++)
            payload_counted(&recorder.payload, site_tree.strings[id].text,
                            site_tree.strings[id].length);
        flush(OURO_CHUNK_STRINGS);
        recorder.strings_written = last;
    }
}

/* Writes a table of varints in chunks: item() appends one element. */
static void write_table(enum ouro_chunk type, uint32_t *written, uint32_t count,
                        void (*item)(uint32_t id))
{
    while (*written < count && recorder.running) {
        uint32_t first = *written + 1;
        uint32_t last = count - first < CHUNK_BYTES / 16 ? count : first + CHUNK_BYTES / 16;
        payload_varint(&recorder.payload, first);
        payload_varint(&recorder.payload, last - first + 1);
        for (uint32_t id = first; id <= last; id++)
            item(id);
        flush(type);
        *written = last;
    }
}

static void put_function(uint32_t id)
{
    const struct site_function *f = &site_tree.functions[id];
    payload_varint(&recorder.payload, f->file);
    payload_varint(&recorder.payload, f->name);
    payload_varint(&recorder.payload, f->first_line);
}

static void put_site(uint32_t id)
{
    const struct site_node *s = &site_tree.sites[id];
    payload_varint(&recorder.payload, s->parent);
    payload_varint(&recorder.payload, s->function);
    payload_varint(&recorder.payload, s->line);
    payload_varint(&recorder.payload, s->offset);
    payload_varint(&recorder.payload, s->flags);
}

static void put_row(uint32_t id)
{
    const struct site_row *r = &site_tree.rows[id];
    payload_varint(&recorder.payload, r->site);
    payload_varint(&recorder.payload, r->size);
    payload_varint(&recorder.payload, r->flags);
}

static void put_type(uint32_t id)
{
    payload_varint(&recorder.payload, type_table.names[id]);
}

/* Types of a row whose deaths have changed in any ledger; with put, writes and remembers them. */
static unsigned row_types(uint32_t row, bool put)
{
    unsigned changed = 0;
    for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next)
        for (uint32_t i = ledger->counters[row].types; i; i = ledger->typed[i].next) {
            struct typed_deaths *entry = &ledger->typed[i];
            uint64_t deaths = entry->deaths;
            /* A type met after the tables were written waits for the next epoch. */
            if (deaths == entry->written || entry->type > recorder.types_written)
                continue;
            changed++;
            if (!put)
                continue;
            payload_varint(&recorder.payload, entry->type);
            payload_varint(&recorder.payload, deaths - entry->written);
            entry->written = deaths;
        }
    return changed;
}

/* The increments of one row over all ledgers since the last epoch. */
static bool row_changes(uint32_t row, struct counter *change, struct lifetimes *lifetimes)
{
    bool changed = false;
    *change = (struct counter){0};
    *lifetimes = (struct lifetimes){{0}};
    for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next) {
        struct counter now_counter = ledger->counters[row];
        struct counter *was = &ledger->written[row];
        if (memcmp(&now_counter, was, offsetof(struct counter, types)) == 0)
            continue;
        changed = true;
        change->births += now_counter.births - was->births;
        change->born_bytes += now_counter.born_bytes - was->born_bytes;
        change->died_bytes += now_counter.died_bytes - was->died_bytes;
        uint64_t deaths = 0;
        for (int cause = 0; cause < DEATH_CAUSES; cause++) {
            uint64_t n = now_counter.deaths[cause] - was->deaths[cause];
            change->deaths[cause] += n;
            deaths += n;
        }
        *was = now_counter;
        if (!deaths)
            continue;
        for (unsigned b = 0; b < OURO_LIFETIME_BUCKETS; b++) {
            uint32_t count = ledger->lifetimes[row].bucket[b];
            lifetimes->bucket[b] += count - ledger->lifetimes_written[row].bucket[b];
            ledger->lifetimes_written[row].bucket[b] = count;
        }
    }
    return changed || row_types(row, false);
}

static void put_changes(uint32_t row, const struct counter *change,
                        const struct lifetimes *lifetimes)
{
    struct payload *p = &recorder.payload;
    const uint64_t fields[] = {change->births,    change->born_bytes, change->deaths[0],
                               change->deaths[1], change->deaths[2],  change->died_bytes};
    uint64_t mask = 0;
    for (unsigned i = 0; i < 6; i++)
        if (fields[i])
            mask |= 1u << i;
    unsigned buckets = 0;
    if (change->deaths[0] || change->deaths[1] || change->deaths[2])
        for (unsigned b = 0; b < OURO_LIFETIME_BUCKETS; b++)
            buckets += lifetimes->bucket[b] != 0;
    if (buckets)
        mask |= OURO_EPOCH_LIFETIMES;
    unsigned types = row_types(row, false);
    if (types)
        mask |= OURO_EPOCH_TYPES;
    payload_varint(p, mask);
    for (unsigned i = 0; i < 6; i++)
        if (fields[i])
            payload_varint(p, fields[i]);
    if (buckets) {
        payload_varint(p, buckets);
        for (unsigned b = 0; b < OURO_LIFETIME_BUCKETS; b++)
            if (lifetimes->bucket[b]) {
                payload_varint(p, b);
                payload_varint(p, lifetimes->bucket[b]);
            }
    }
    if (types) {
        payload_varint(p, types);
        row_types(row, true);
    }
}

/*
 * The count of changed rows comes before them in the chunk but is known after: the records are
 * gathered in the upper half of the payload's memory and the head written in front of them.
 */
static void write_epoch_chunk(uint32_t *row, uint32_t rows, uint64_t blocks, uint64_t bytes)
{
    struct payload *p = &recorder.payload;
    const size_t head_room = 128;
    p->size = head_room;
    uint64_t count = 0;
    uint32_t previous = 0;
    struct counter change;
    struct lifetimes lifetimes;
    for (; *row <= rows && p->size < CHUNK_BYTES; ++*row) {
        if (!row_changes(*row, &change, &lifetimes))
            continue;
        payload_varint(p, *row - previous);
        put_changes(*row, &change, &lifetimes);
        previous = *row;
        count++;
    }
    unsigned char head[8 * OURO_VARINT_MAX];
    size_t n = 0;
    n += ouro_varint_put(head + n, recorder.epoch);
    n += ouro_varint_put(head + n, recorder_clock());
    n += ouro_varint_put(head + n, recorder_time());
    n += ouro_varint_put(head + n, blocks);
    n += ouro_varint_put(head + n, bytes);
    n += ouro_varint_put(head + n, count);
    unsigned char *start = p->data + head_room - n;
    memcpy(start, head, n);
    size_t size = p->size - (head_room - n);
    if (!trace_file_append(&recorder.file, OURO_CHUNK_EPOCH, 0, 0, &recorder.file.sequence, start,
                           size, size))
        recorder.running = false;
    payload_clear(p);
}

/* Everything later chunks may name; returns the last row written. */
static uint32_t write_tables(void)
{
    site_tree_lock(); /* the tables below must not grow while their prefix is written */
    write_strings();
    write_table(OURO_CHUNK_FUNCTIONS, &recorder.functions_written, site_tree.function_count,
                put_function);
    write_table(OURO_CHUNK_SITES, &recorder.sites_written, site_tree.site_count, put_site);
    write_table(OURO_CHUNK_ROWS, &recorder.rows_written, site_tree.row_count, put_row);
    write_table(OURO_CHUNK_TYPES, &recorder.types_written, type_table.count, put_type);
    uint32_t rows = site_tree.row_count;
    site_tree_unlock();
    return rows;
}

static void write_epoch(void)
{
    uint32_t rows = write_tables();
    uint64_t blocks = 0, bytes = 0;
    for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next) {
        blocks += ledger->live_blocks;
        bytes += ledger->live_bytes;
    }
    recorder.epoch++;
    uint32_t row = 1;
    do
        write_epoch_chunk(&row, rows, blocks, bytes);
    while (row <= rows && recorder.running);
}

/*
 * The next epoch is due after 1/128 of what was allocated so far, at least options.epoch bytes:
 * the number of epochs grows with the logarithm of the run's length, so the trace stays small.
 */
static void schedule(void)
{
    uint64_t clock = recorder_clock();
    uint64_t step = clock / 128 > options.epoch ? clock / 128 : options.epoch;
    for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next)
        ledger->next_epoch = recorder.running ? clock + step : UINT64_MAX;
}

/* Chunks end at CHUNK_BYTES, give or take one string; more room where it costs nothing. */
static size_t payload_room(void)
{
    return memory_budget() == UINT64_MAX ? OURO_CHUNK_MAX : 2 * CHUNK_BYTES;
}

static bool start(enum ouro_origin origin)
{
    if (origin == OURO_ORIGIN_EXEC)
        recorder.wall = now(CLOCK_REALTIME);
    recorder.running = trace_file_create(&recorder.file, options.folder, recorder.wall,
                                         /* a server that dropped its rights would say it at
                                            every fork */
                                         origin == OURO_ORIGIN_FORK);
    if (recorder.running)
        write_process(origin);
    schedule();
    return recorder.running;
}

/*
 * Most forked children are replaced by exec or leave at once; a trace is made for those only that
 * get as far as an epoch, a snapshot or an end of their own.
 */
static bool ready(void)
{
    if (recorder.running && recorder.unborn) {
        recorder.unborn = false;
        start(OURO_ORIGIN_FORK);
    }
    return recorder.running;
}

void recorder_epoch(void)
{
    take();
    if (ready())
        write_epoch();
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
        write_epoch();
    schedule();
    give();
}

bool recorder_start(const struct recorder_process *process)
{
    take();
    recorder.process = *process;
    recorder.owner = (int)getpid();
    bool started = payload_create(&recorder.payload, payload_room()) && start(OURO_ORIGIN_EXEC);
    ledger_on_epoch = on_epoch;
    give();
    return started;
}

static void put_lives(const struct life *lives, uint32_t count)
{
    struct payload *column = &recorder.column, *out = &recorder.payload;
    payload_varint(out, count);
    for (int c = 0; c < OURO_LIFE_COLUMN_COUNT; c++) {
        uint32_t row = 0, death = 0;
        for (uint32_t i = 0; i < count; i++) {
            const struct life *life = &lives[i];
            if (c == OURO_LIFE_ROW)
                payload_svarint(column, (int64_t)life->row - row);
            else if (c == OURO_LIFE_TYPE)
                payload_varint(column, life->type);
            else if (c == OURO_LIFE_SIZE && site_tree.rows[life->row].flags & OURO_ROW_VARIABLE)
                payload_varint(column, life->size);
            else if (c == OURO_LIFE_DEATH)
                payload_svarint(column, (int32_t)(life->death - death));
            else if (c == OURO_LIFE_AGE)
                payload_varint(column, life->age);
            else if (c == OURO_LIFE_CAUSE)
                payload_bytes(column, &life->cause, 1);
            row = life->row;
            death = life->death;
        }
        payload_counted(out, column->data, column->size);
        payload_clear(column);
    }
}

void recorder_lives(const struct life *lives, uint32_t count)
{
    take();
    if (ready() && (recorder.column.data || payload_create(&recorder.column, 4u << 20))) {
        write_tables();
        put_lives(lives, count);
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
            flush(OURO_CHUNK_LIVES);
        }
    }
    give();
}

bool recorder_forked(void)
{
    return recorder.forked;
}

bool recorder_worth_a_snapshot(void)
{
    return !recorder.forked || recorder_clock() - recorder.clock_at_start >= options.epoch;
}

void recorder_child(uint64_t pid)
{
    take();
    if (ready()) {
        payload_varint(&recorder.payload, pid);
        payload_varint(&recorder.payload, recorder_time());
        flush(OURO_CHUNK_CHILD);
    }
    give();
}

void recorder_note(enum ouro_note code, const char *text)
{
    take();
    if (ready()) {
        payload_varint(&recorder.payload, code);
        payload_varint(&recorder.payload, recorder_clock());
        payload_varint(&recorder.payload, recorder_time());
        payload_bytes(&recorder.payload, text, strlen(text));
        flush(OURO_CHUNK_NOTE);
    }
    give();
}

uint64_t recorder_freeze(void)
{
    take();
    if (ready())
        write_epoch();
    schedule();
    return recorder.epoch;
}

int recorder_owner(void)
{
    return recorder.owner;
}

int recorder_hold(int keep[3])
{
    int held = open(recorder.file.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (held < 0)
        return -1;
    flock(held, LOCK_SH | LOCK_NB);
    int writer = recorder.file.descriptor;
    keep[0] = held < writer ? held : writer;
    keep[1] = held < writer ? writer : held;
    keep[2] = -1;
    return held;
}

void recorder_thaw(void)
{
    give();
}

void recorder_snapshot_taken(uint32_t number, uint64_t pause)
{
    take();
    if (ready()) {
        payload_varint(&recorder.payload, number);
        payload_varint(&recorder.payload, pause);
        payload_varint(&recorder.payload, recorder_clock());
        payload_varint(&recorder.payload, recorder_time());
        flush(OURO_CHUNK_SNAPSHOT_TAKEN);
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
    unsigned long long kilobytes = 0;
    if (line)
        sscanf(line + 6, "%llu", &kilobytes);
    return kilobytes * 1024;
}

void recorder_end(enum ouro_end_reason reason, bool known, int status)
{
    if (options.lives && recorder.running && reason != OURO_END_EXEC)
        lives_flush_all();
    take();
    bool nothing_yet = recorder.unborn && reason == OURO_END_EXEC;
    if (!nothing_yet && ready()) {
        write_epoch();
        uint64_t births = 0, deaths = 0, unknown = 0;
        for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next) {
            unknown += ledger->unknown_frees;
            for (uint32_t row = 1; row <= recorder.rows_written; row++) {
                const struct counter *c = &ledger->counters[row];
                births += c->births;
                deaths += c->deaths[0] + c->deaths[1] + c->deaths[2];
            }
        }
        struct payload *p = &recorder.payload;
        payload_field_integer(p, OURO_END_REASON, reason);
        if (known)
            payload_field_integer(p, OURO_END_EXIT_STATUS, (uint64_t)(uint32_t)status);
        payload_field_integer(p, OURO_END_CLOCK, recorder_clock());
        payload_field_integer(p, OURO_END_TIME, recorder_time());
        payload_field_integer(p, OURO_END_BIRTHS, births);
        payload_field_integer(p, OURO_END_DEATHS, deaths);
        payload_field_integer(p, OURO_END_UNKNOWN_FREES, unknown);
        payload_field_integer(p, OURO_END_PEAK_RSS, peak_rss());
        payload_field_integer(p, OURO_END_OWN_BYTES, memory_reserved());
        flush(OURO_CHUNK_END);
    }
    give();
}

void recorder_fork_prepare(void)
{
    take();
    site_tree_lock();
}

void recorder_fork_parent(void)
{
    site_tree_unlock();
    give();
}

void recorder_fork_child(void)
{
    site_tree_reset_lock();
    this_thread.inside = 0;
    recorder.lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    recorder.owner = (int)getpid();
    recorder.forked = true;
    recorder.clock_at_start = recorder_clock();
    if (!recorder.running)
        return;
    trace_file_close(&recorder.file);
    if (!recorder.unborn) /* else the parent itself has no trace: its parent is named instead */
        memcpy(recorder.parent_trace, recorder.file.name, sizeof recorder.parent_trace);
    recorder.wall = now(CLOCK_REALTIME);
    recorder.epoch = 0;
    recorder.strings_written = recorder.functions_written = 0;
    recorder.sites_written = recorder.rows_written = recorder.types_written = 0;
    recorder.unborn = true;
    ledger_inherit();
    payload_clear(&recorder.payload);
    schedule();
}

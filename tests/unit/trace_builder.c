/* SPDX-License-Identifier: MIT */
#include "trace_builder.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zstd.h>

#include "builder.h"
#include "load/load.h"

struct builder_function {
    uint32_t file, name, first_line;
};

struct builder_site {
    uint32_t parent, function, line;
};

struct builder_dead {
    uint32_t type;
    uint64_t count;
};

struct builder_row {
    uint32_t site, flags;
    uint64_t size;
    struct builder_delta delta; /* since the last epoch */
    uint64_t lifetimes[OURO_LIFETIME_BUCKETS];
    struct builder_dead *dead;
    size_t dead_count, dead_room;
};

struct builder_stream {
    uint32_t stream, sequence;
};

struct builder {
    struct payload out;
    bool begun, compressed, has_argument;
    struct payload fields; /* of the process chunk, as set by the test */
    uint64_t set;          /* bit n: field n is among them */
    struct builder_strings strings;
    struct builder_function *functions;
    size_t function_count, function_room, functions_written;
    struct builder_site *sites;
    size_t site_count, site_room, sites_written;
    struct builder_row *rows;
    size_t row_count, row_room, rows_written;
    uint32_t *types; /* names */
    size_t type_count, type_room, types_written;
    struct builder_stream *streams;
    size_t stream_count, stream_room;
    struct builder_snapshot **snapshots;
    size_t snapshot_count, snapshot_room;
    uint64_t epochs, clock, time, births, deaths;
};

void *builder_resize(void *array, size_t count, size_t size)
{
    void *moved = reallocarray(array, count, size);
    if (!moved)
        abort();
    return moved;
}

_Noreturn void builder_misuse(const char *what)
{
    fprintf(stderr, "trace builder: %s\n", what);
    abort();
}

uint32_t builder_strings_add(struct builder_strings *strings, const char *text)
{
    if (!text || !*text)
        return 0;
    for (size_t i = 0; i < strings->count; i++) {
        if (strcmp(strings->text[i], text) == 0)
            return (uint32_t)i + 1;
    }
    char *copy = strdup(text);
    if (!copy)
        abort();
    BUILDER_PUSH(strings->text, strings->count, strings->room, copy);
    return (uint32_t)strings->count;
}

void builder_strings_flush(struct builder *b, struct builder_strings *strings, uint16_t type,
                           uint32_t stream)
{
    struct payload p = {0};
    if (strings->written == strings->count)
        return;
    payload_varint(&p, strings->written + 1);
    payload_varint(&p, strings->count - strings->written);
    for (; strings->written < strings->count; strings->written++)
        payload_text(&p, strings->text[strings->written]);
    builder_emit(b, type, stream, &p);
}

void builder_strings_free(struct builder_strings *strings)
{
    for (size_t i = 0; i < strings->count; i++)
        free(strings->text[i]);
    free(strings->text);
}

struct builder *build_new(void)
{
    struct builder *b = calloc(1, sizeof *b);
    if (!b)
        abort();
    BUILDER_PUSH(b->rows, b->row_count, b->row_room, (struct builder_row){0});
    return b;
}

void build_free(struct builder *b)
{
    if (!b)
        return;
    for (size_t i = 0; i < b->snapshot_count; i++)
        builder_snapshot_free(b->snapshots[i]);
    builder_strings_free(&b->strings);
    payload_clear(&b->fields);
    payload_clear(&b->out);
    free(b->functions);
    free(b->sites);
    for (size_t i = 0; i < b->row_count; i++)
        free(b->rows[i].dead);
    free(b->rows);
    free(b->types);
    free(b->streams);
    free(b->snapshots);
    free(b);
}

/* The next sequence number of a stream, which it takes. */
static uint32_t take_sequence(struct builder *b, uint32_t stream)
{
    for (size_t i = 0; i < b->stream_count; i++) {
        if (b->streams[i].stream == stream)
            return b->streams[i].sequence++;
    }
    struct builder_stream new = {stream, 1};
    BUILDER_PUSH(b->streams, b->stream_count, b->stream_room, new);
    return 0;
}

void build_skip(struct builder *b, uint32_t stream)
{
    take_sequence(b, stream);
}

void build_garbage(struct builder *b, const void *bytes, size_t size)
{
    payload_bytes(&b->out, bytes, size);
}

static void put(unsigned char *out, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        out[i] = (unsigned char)(value >> (8 * i));
}

void build_chunk(struct builder *b, uint16_t type, uint16_t flags, uint32_t stream,
                 const void *payload, size_t size)
{
    unsigned char header[sizeof(struct ouro_chunk_header)];
    void *compressed = NULL;
    size_t stored = size;
    if (flags & OURO_CHUNK_ZSTD) {
        stored = ZSTD_compressBound(size);
        compressed = malloc(stored);
        stored = compressed ? ZSTD_compress(compressed, stored, payload, size, 1) : 0;
        if (!compressed || ZSTD_isError(stored))
            abort();
        payload = compressed;
    }
    put(header, OURO_TRACE_MAGIC, 4);
    put(header + 4, type, 2);
    put(header + 6, flags, 2);
    put(header + 8, stored, 4);
    put(header + 12, size, 4);
    put(header + 16, stream, 4);
    put(header + 20, take_sequence(b, stream), 4);
    put(header + 24, XXH3_64bits_withSeed(payload, stored, XXH3_64bits(header, 24)), 8);
    payload_bytes(&b->out, header, sizeof header);
    payload_bytes(&b->out, payload, stored);
    free(compressed);
}

void build_fix_checksum(unsigned char *chunk)
{
    size_t size = chunk[8] | (size_t)chunk[9] << 8 | (size_t)chunk[10] << 16;
    put(chunk + 24,
        XXH3_64bits_withSeed(chunk + sizeof(struct ouro_chunk_header), size,
                             XXH3_64bits(chunk, 24)),
        8);
}

void builder_emit(struct builder *b, uint16_t type, uint32_t stream, struct payload *payload)
{
    build_chunk(b, type, b->compressed ? OURO_CHUNK_ZSTD : 0, stream, payload->bytes,
                payload->size);
    payload_clear(payload);
}

void build_compress(struct builder *b, bool on)
{
    b->compressed = on;
}

void build_process_int(struct builder *b, enum ouro_process_field field, uint64_t value)
{
    if (b->begun)
        builder_misuse("the process chunk is written already");
    payload_int_field(&b->fields, field, value);
    b->set |= UINT64_C(1) << (field & 63);
}

void build_process_text(struct builder *b, enum ouro_process_field field, const char *text)
{
    if (b->begun)
        builder_misuse("the process chunk is written already");
    payload_text_field(&b->fields, field, text);
    b->set |= UINT64_C(1) << (field & 63);
}

/* The process chunk: the version, defaults for what the test did not set, then what it did. */
static void begin(struct builder *b)
{
    static const struct {
        enum ouro_process_field field;
        uint64_t number;
        const char *text;
    } defaults[] = {
        {OURO_PROCESS_PID, 1000, NULL},
        {OURO_PROCESS_PARENT_PID, 1, NULL},
        {OURO_PROCESS_WALL, UINT64_C(1700000000000000000), NULL},
        {OURO_PROCESS_RUNTIME, 0, "cpython"},
        {OURO_PROCESS_RUNTIME_VERSION, 0, "3.11.2"},
        {OURO_PROCESS_BUILD, 0, "3.11.2 (main) [GCC 12.2.0]"},
        {OURO_PROCESS_EXECUTABLE, 0, "/usr/bin/python3"},
        {OURO_PROCESS_DIRECTORY, 0, "/home/user/app"},
        {OURO_PROCESS_ARGUMENT, 0, "python3"},
        {OURO_PROCESS_SHIM, 0, "0.1.0"},
    };
    struct payload p = {0};
    if (b->begun)
        return;
    b->begun = true;
    if (!(b->set & 1u << OURO_PROCESS_VERSION))
        payload_int_field(&p, OURO_PROCESS_VERSION, OURO_TRACE_VERSION);
    payload_bytes(&p, b->fields.bytes, b->fields.size);
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
        if (b->set & UINT64_C(1) << defaults[i].field)
            continue;
        if (defaults[i].text)
            payload_text_field(&p, defaults[i].field, defaults[i].text);
        else
            payload_int_field(&p, defaults[i].field, defaults[i].number);
    }
    if (!(b->set & UINT64_C(1) << OURO_PROCESS_ARGUMENT))
        payload_text_field(&p, OURO_PROCESS_ARGUMENT, "app.py");
    builder_emit(b, OURO_CHUNK_PROCESS, 0, &p);
}

uint32_t build_string(struct builder *b, const char *text)
{
    return builder_strings_add(&b->strings, text);
}

uint32_t build_function(struct builder *b, const char *file, const char *name, uint32_t first_line)
{
    struct builder_function f = {build_string(b, file), build_string(b, name), first_line};
    for (size_t i = 0; i < b->function_count; i++) {
        if (memcmp(&b->functions[i], &f, sizeof f) == 0)
            return (uint32_t)i + 1;
    }
    BUILDER_PUSH(b->functions, b->function_count, b->function_room, f);
    return (uint32_t)b->function_count;
}

uint32_t build_site(struct builder *b, uint32_t parent, uint32_t function, uint32_t line)
{
    struct builder_site site = {parent, function, line};
    BUILDER_PUSH(b->sites, b->site_count, b->site_room, site);
    return (uint32_t)b->site_count;
}

uint32_t build_row(struct builder *b, uint32_t site, uint64_t size, uint32_t flags)
{
    struct builder_row row = {.site = site, .flags = flags, .size = size};
    BUILDER_PUSH(b->rows, b->row_count, b->row_room, row);
    return (uint32_t)b->row_count - 1;
}

void builder_flush(struct builder *b)
{
    struct payload p = {0};
    begin(b);
    builder_strings_flush(b, &b->strings, OURO_CHUNK_STRINGS, 0);
    if (b->functions_written < b->function_count) {
        payload_varint(&p, b->functions_written + 1);
        payload_varint(&p, b->function_count - b->functions_written);
        for (; b->functions_written < b->function_count; b->functions_written++) {
            const struct builder_function *f = &b->functions[b->functions_written];
            payload_varint(&p, f->file);
            payload_varint(&p, f->name);
            payload_varint(&p, f->first_line);
        }
        builder_emit(b, OURO_CHUNK_FUNCTIONS, 0, &p);
    }
    if (b->sites_written < b->site_count) {
        payload_varint(&p, b->sites_written + 1);
        payload_varint(&p, b->site_count - b->sites_written);
        for (; b->sites_written < b->site_count; b->sites_written++) {
            const struct builder_site *s = &b->sites[b->sites_written];
            payload_varint(&p, s->parent);
            payload_varint(&p, s->function);
            payload_varint(&p, s->line);
            payload_varint(&p, s->line * 2); /* offset */
            payload_varint(&p, 0);           /* flags */
        }
        builder_emit(b, OURO_CHUNK_SITES, 0, &p);
    }
    if (b->rows_written + 1 < b->row_count) {
        payload_varint(&p, b->rows_written + 1);
        payload_varint(&p, b->row_count - 1 - b->rows_written);
        for (; b->rows_written + 1 < b->row_count; b->rows_written++) {
            const struct builder_row *r = &b->rows[b->rows_written + 1];
            payload_varint(&p, r->site);
            payload_varint(&p, r->size);
            payload_varint(&p, r->flags);
        }
        builder_emit(b, OURO_CHUNK_ROWS, 0, &p);
    }
    if (b->types_written < b->type_count) {
        payload_varint(&p, b->types_written + 1);
        payload_varint(&p, b->type_count - b->types_written);
        while (b->types_written < b->type_count)
            payload_varint(&p, b->types[b->types_written++]);
        builder_emit(b, OURO_CHUNK_TYPES, 0, &p);
    }
}

uint32_t build_dead_type(struct builder *b, const char *name)
{
    uint32_t string = build_string(b, name);
    for (size_t i = 0; i < b->type_count; i++) {
        if (b->types[i] == string)
            return (uint32_t)i + 1;
    }
    BUILDER_PUSH(b->types, b->type_count, b->type_room, string);
    return (uint32_t)b->type_count;
}

void build_dead(struct builder *b, uint32_t row, const char *type, uint64_t count)
{
    struct builder_dead dead = {build_dead_type(b, type), count};
    if (row >= b->row_count)
        builder_misuse("no such row");
    struct builder_row *r = &b->rows[row];
    BUILDER_PUSH(r->dead, r->dead_count, r->dead_room, dead);
}

void build_lifetime(struct builder *b, uint32_t row, uint32_t bucket, uint64_t count)
{
    if (row >= b->row_count || bucket >= OURO_LIFETIME_BUCKETS)
        builder_misuse("no such row or bucket");
    b->rows[row].lifetimes[bucket] += count;
}

void build_delta(struct builder *b, uint32_t row, struct builder_delta delta)
{
    if (row >= b->row_count)
        builder_misuse("no such row");
    struct builder_delta *sum = &b->rows[row].delta;
    sum->births += delta.births;
    sum->born_bytes += delta.born_bytes;
    sum->deaths_refcount += delta.deaths_refcount;
    sum->deaths_collector += delta.deaths_collector;
    sum->deaths_shutdown += delta.deaths_shutdown;
    sum->died_bytes += delta.died_bytes;
}

/* One record of an epoch: the fields that are not 0. Returns false if there are none. */
static bool put_row(struct builder *b, struct payload *p, uint64_t step, struct builder_row *row)
{
    const struct builder_delta *d = &row->delta;
    const uint64_t fields[] = {d->births,           d->born_bytes,      d->deaths_refcount,
                               d->deaths_collector, d->deaths_shutdown, d->died_bytes};
    uint64_t mask = 0, buckets = 0;
    for (unsigned i = 0; i < 6; i++)
        mask |= (uint64_t)(fields[i] != 0) << i;
    for (unsigned i = 0; i < OURO_LIFETIME_BUCKETS; i++)
        buckets += row->lifetimes[i] != 0;
    mask |= buckets ? OURO_EPOCH_LIFETIMES : 0;
    mask |= row->dead_count ? OURO_EPOCH_TYPES : 0;
    if (!mask)
        return false;
    payload_varint(p, step);
    payload_varint(p, mask);
    for (unsigned i = 0; i < 6; i++) {
        if (fields[i])
            payload_varint(p, fields[i]);
    }
    if (buckets)
        payload_varint(p, buckets);
    for (unsigned i = 0; i < OURO_LIFETIME_BUCKETS; i++) {
        if (row->lifetimes[i]) {
            payload_varint(p, i);
            payload_varint(p, row->lifetimes[i]);
        }
    }
    if (row->dead_count)
        payload_varint(p, row->dead_count);
    for (size_t i = 0; i < row->dead_count; i++) {
        payload_varint(p, row->dead[i].type);
        payload_varint(p, row->dead[i].count);
    }
    b->births += d->births;
    b->deaths += d->deaths_refcount + d->deaths_collector + d->deaths_shutdown;
    row->delta = (struct builder_delta){0};
    memset(row->lifetimes, 0, sizeof row->lifetimes);
    row->dead_count = 0;
    return true;
}

void build_epoch(struct builder *b, uint64_t clock, uint64_t time, uint64_t live_blocks,
                 uint64_t live_bytes)
{
    struct payload records = {0}, p = {0};
    uint64_t count = 0;
    size_t previous = 0;
    builder_flush(b);
    for (size_t i = 0; i < b->row_count; i++) {
        if (!put_row(b, &records, i - previous, &b->rows[i]))
            continue;
        previous = i;
        count++;
    }
    payload_varint(&p, ++b->epochs);
    payload_varint(&p, b->clock = clock);
    payload_varint(&p, b->time = time);
    payload_varint(&p, live_blocks);
    payload_varint(&p, live_bytes);
    payload_varint(&p, count);
    payload_bytes(&p, records.bytes, records.size);
    payload_clear(&records);
    builder_emit(b, OURO_CHUNK_EPOCH, 0, &p);
}

uint64_t builder_clock(const struct builder *b)
{
    return b->clock;
}

uint64_t builder_time(const struct builder *b)
{
    return b->time;
}

bool builder_row_varies(const struct builder *b, uint32_t row)
{
    if (row >= b->row_count)
        builder_misuse("no such row");
    return b->rows[row].flags & OURO_ROW_VARIABLE;
}

uint64_t builder_epochs(const struct builder *b)
{
    return b->epochs;
}

void build_end(struct builder *b, int exit_status)
{
    build_end_reason(b, OURO_END_EXIT, exit_status);
}

void build_end_reason(struct builder *b, enum ouro_end_reason reason, int exit_status)
{
    struct payload p = {0};
    builder_flush(b);
    payload_int_field(&p, OURO_END_REASON, reason);
    if (exit_status >= 0)
        payload_int_field(&p, OURO_END_EXIT_STATUS, (uint64_t)exit_status);
    payload_int_field(&p, OURO_END_CLOCK, b->clock);
    payload_int_field(&p, OURO_END_TIME, b->time);
    payload_int_field(&p, OURO_END_BIRTHS, b->births);
    payload_int_field(&p, OURO_END_DEATHS, b->deaths);
    builder_emit(b, OURO_CHUNK_END, 0, &p);
}

struct builder_snapshot *build_snapshot(struct builder *b)
{
    struct builder_snapshot *s = builder_snapshot_new(b, (uint32_t)b->snapshot_count + 1);
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant */
    BUILDER_PUSH(b->snapshots, b->snapshot_count, b->snapshot_room, s);
    return s;
}

const unsigned char *build_bytes(struct builder *b, size_t *size)
{
    builder_flush(b);
    *size = b->out.size;
    return b->out.bytes;
}

static void write_all(int fd, const void *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = write(fd, (const char *)bytes + done, size - done);
        if (n <= 0)
            builder_misuse("the trace cannot be written");
        done += (size_t)n;
    }
}

static void write_descriptor(int fd, const void *bytes, size_t size)
{
    write_all(fd, bytes, size);
    close(fd);
}

void build_drain(struct builder *b, int fd)
{
    builder_flush(b);
    write_all(fd, b->out.bytes, b->out.size);
    b->out.size = 0;
}

void build_write_bytes(const char *path, const void *bytes, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        builder_misuse("the trace cannot be created");
    write_descriptor(fd, bytes, size);
}

void build_write(struct builder *b, const char *path)
{
    size_t size;
    const unsigned char *bytes = build_bytes(b, &size);
    build_write_bytes(path, bytes, size);
}

int build_open(const void *bytes, size_t size, struct run **run, char *error, size_t error_size)
{
    char path[] = "/tmp/ouro-test-XXXXXX" OURO_TRACE_SUFFIX;
    int fd = mkstemps(path, sizeof OURO_TRACE_SUFFIX - 1);
    if (fd < 0)
        builder_misuse("no temporary file");
    write_descriptor(fd, bytes, size);
    int result = run_open(path, run, error, error_size);
    unlink(path);
    return result;
}

struct run *build_run(struct builder *b)
{
    size_t size;
    char error[512];
    struct run *run;
    const unsigned char *bytes = build_bytes(b, &size);
    if (build_open(bytes, size, &run, error, sizeof error) != 0)
        builder_misuse(error);
    return run;
}

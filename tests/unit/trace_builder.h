/* SPDX-License-Identifier: MIT */
/*
 * Builds traces for tests: valid ones in a few lines, and deliberately broken ones chunk by chunk.
 *
 *     struct builder *b = build_new();
 *     uint32_t main_ = build_function(b, "app.py", "main", 1);
 *     uint32_t site = build_site(b, 0, main_, 12);
 *     uint32_t row = build_row(b, site, 64, OURO_ROW_OBJECT);
 *
 *     struct builder_snapshot *s = build_snapshot(b);
 *     uint32_t node = build_type(s, "app.Node", OURO_TYPE_GC | OURO_TYPE_TRAVERSE);
 *     uint32_t parent = build_object(s, node, 64, row);
 *     uint32_t child = build_object(s, node, 64, row);
 *     build_edge(s, parent, child, OURO_LABEL_ATTRIBUTE, "child");
 *     build_edge(s, child, parent, OURO_LABEL_ATTRIBUTE, "parent");
 *     build_snapshot_end(s);
 *
 *     struct run *run = build_run(b);
 *     …
 *     run_free(run);
 *     build_free(b);
 *
 * Nothing needs to be declared beforehand: the process chunk is written with defaults, definitions go
 * out before what uses them, and reference counts are the number of strong edges and roots that point
 * to an object unless set otherwise. Misuse and failures end the test program by abort().
 */
#ifndef OURO_TRACE_BUILDER_H
#define OURO_TRACE_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ouro/trace.h"

struct builder;
struct builder_snapshot;
struct run;

/* A new trace. The process chunk is written by the first call that adds something. */
struct builder *build_new(void);
void build_free(struct builder *b);

/* Fields of the process chunk, to be set before anything is added; all have defaults. */
void build_process_int(struct builder *b, enum ouro_process_field field, uint64_t value);
void build_process_text(struct builder *b, enum ouro_process_field field, const char *text);

/* Whether chunks are compressed from now on (default: no). */
void build_compress(struct builder *b, bool on);

/* Each returns the identifier. Equal strings and functions are shared. */
uint32_t build_string(struct builder *b, const char *text);
uint32_t build_function(struct builder *b, const char *file, const char *name, uint32_t first_line);
uint32_t build_site(struct builder *b, uint32_t parent, uint32_t function, uint32_t line);
uint32_t build_row(struct builder *b, uint32_t site, uint64_t size, uint32_t flags);

/* Counts into the next epoch: births and deaths of a row by cause, bytes for variable rows. */
struct builder_delta {
    uint64_t births, born_bytes, deaths_refcount, deaths_collector, deaths_shutdown, died_bytes;
};
void build_delta(struct builder *b, uint32_t row, struct builder_delta delta);
/* Of the deaths counted: how many had lifetimes of a bucket, how many were of a type. */
void build_lifetime(struct builder *b, uint32_t row, uint32_t bucket, uint64_t count);
void build_dead(struct builder *b, uint32_t row, const char *type, uint64_t count);
/* The number of a type of the ledger by its name; only lives need it. */
uint32_t build_dead_type(struct builder *b, const char *name);
/* Writes the epoch with what was counted since the previous one; live_* as the epoch says them. */
void build_epoch(struct builder *b, uint64_t clock, uint64_t time, uint64_t live_blocks,
                 uint64_t live_bytes);

/* A run of the collector, now. */
struct builder_collection {
    uint64_t generation, start, pause, objects, blocks, bytes;
};
void build_collection(struct builder *b, const struct builder_collection *run);

/* A chunk of lives. Times are in clock units; age is 1 more than the units lived, 0: not known. */
struct builder_life {
    uint32_t row, type;
    uint64_t size; /* only of rows of variable size */
    uint64_t death, age;
    unsigned cause; /* 0 reference count, 1 collector, 2 shutdown, OURO_LIFE_ALIVE */
};
void build_lives(struct builder *b, const struct builder_life *lives, size_t count);

void build_note(struct builder *b, enum ouro_note code, const char *text);
void build_mark(struct builder *b, const char *name);
void build_child(struct builder *b, uint64_t pid);
/* The program's side of snapshot number: how long it was paused. */
void build_snapshot_taken(struct builder *b, uint32_t number, uint64_t pause);
/* Ends the trace. exit_status < 0: not known. */
void build_end(struct builder *b, int exit_status);
/* The same for another reason than exit. */
void build_end_reason(struct builder *b, enum ouro_end_reason reason, int exit_status);

/* Begins the next snapshot (numbers from 1). Several may be open at once. */
struct builder_snapshot *build_snapshot(struct builder *b);
uint32_t build_snapshot_number(const struct builder_snapshot *s);

/* Fields of the snapshot's begin chunk; before anything else is added to it. Defaults: collector
 * enabled, three generations 700, 10, 10. The repeated fields replace the defaults. */
void build_snapshot_int(struct builder_snapshot *s, enum ouro_snapshot_field field, uint64_t value);

uint32_t build_snapshot_string(struct builder_snapshot *s, const char *text);
uint32_t build_type(struct builder_snapshot *s, const char *name, uint32_t flags);

/* Adds an object and returns its index. It is tracked when its type has OURO_TYPE_GC. */
uint32_t build_object(struct builder_snapshot *s, uint32_t type, uint64_t size, uint32_t row);
/* Change the object added last or any that has not been written by build_snapshot_flush(). */
void build_object_refcount(struct builder_snapshot *s, uint32_t object, uint32_t refcount);
/* More (or, if negative, fewer) references than the edges and roots account for. */
void build_object_surplus(struct builder_snapshot *s, uint32_t object, int surplus);
void build_object_flags(struct builder_snapshot *s, uint32_t object, uint32_t flags);
void build_object_birth(struct builder_snapshot *s, uint32_t object, uint64_t clock);
void build_object_address(struct builder_snapshot *s, uint32_t object, uint64_t address);

/*
 * Adds an edge; edges of an object keep their order, sources may come in any order. kind is enum
 * ouro_label_kind, or-ed with OURO_LABEL_HIDDEN or _BORROWED if wanted; name is for kinds that name
 * something, NULL for none. build_element() is an OURO_LABEL_INDEX edge.
 */
void build_edge(struct builder_snapshot *s, uint32_t source, uint32_t target, uint32_t kind,
                const char *name);
void build_element(struct builder_snapshot *s, uint32_t source, uint32_t target, uint32_t index);

/* A root; texts may be NULL. */
void build_root(struct builder_snapshot *s, enum ouro_root_kind kind, uint32_t target,
                const char *name, const char *function, const char *file, uint32_t line);

/* A value that several objects have, and the objects that have it. Returns the value. */
uint32_t build_value(struct builder_snapshot *s, uint32_t type, const char *preview);
void build_member(struct builder_snapshot *s, uint32_t object, uint32_t value);

/* Writes what was added so far as chunks of its own; more may follow. Only needed to get several
 * chunks or interleaved snapshots. Fixes the reference counts of the objects so far. */
void build_snapshot_flush(struct builder_snapshot *s);
/* Writes the rest and ends the snapshot: complete, or as the status and text say. */
void build_snapshot_end(struct builder_snapshot *s);
void build_snapshot_end_status(struct builder_snapshot *s, enum ouro_snapshot_status status,
                               const char *text);

/*
 * For broken traces: one chunk as given, with the stream's next sequence number and a right checksum
 * (payload compressed if flags has OURO_CHUNK_ZSTD). build_skip() leaves out a sequence number.
 */
void build_chunk(struct builder *b, uint16_t type, uint16_t flags, uint32_t stream,
                 const void *payload, size_t size);
void build_skip(struct builder *b, uint32_t stream);
/* Bytes outside any chunk. */
void build_garbage(struct builder *b, const void *bytes, size_t size);

/* Makes the checksum of the chunk at these bytes right again after it was changed. */
void build_fix_checksum(unsigned char *chunk);

/* A payload under construction: a growing buffer of format primitives. */
struct payload {
    unsigned char *bytes;
    size_t size, room;
};
void payload_varint(struct payload *p, uint64_t value);
void payload_svarint(struct payload *p, int64_t value);
void payload_bytes(struct payload *p, const void *bytes, size_t size);
void payload_text(struct payload *p, const char *text);           /* varint length, bytes */
void payload_part(struct payload *p, const struct payload *part); /* varint length, bytes */
void payload_int_field(struct payload *p, uint32_t field, uint64_t value);
void payload_text_field(struct payload *p, uint32_t field, const char *text);
void payload_clear(struct payload *p); /* releases the bytes */

/* The trace so far: every definition and closed item is in it. Valid until the next change. */
const unsigned char *build_bytes(struct builder *b, size_t *size);
/* Writes bytes or the trace so far to a file, replacing it. */
void build_write_bytes(const char *path, const void *bytes, size_t size);
void build_write(struct builder *b, const char *path);
/* Appends the trace so far to a descriptor and forgets it, for traces that memory cannot hold. */
void build_drain(struct builder *b, int fd);

/* The trace so far, loaded through a temporary file. build_open() gives -1 and the message, as
 * run_open() does; build_run() insists on success. */
struct run *build_run(struct builder *b);
int build_open(const void *bytes, size_t size, struct run **run, char *error, size_t error_size);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The snapshot's stream, for those files of the core that write chunks of their own into it. In the
 * copy only; whatever fails here ends the copy.
 */
#ifndef OURO_SNAPSHOT_STREAM_H
#define OURO_SNAPSHOT_STREAM_H

#include "snapshot.h"

/* Writes a chunk, compressed where that helps, and empties the payload. */
void snapshot_append(struct snapshot *snapshot, enum ouro_chunk type, struct payload *payload);

/* Writes strings and types that were named since: before the first chunk that refers to them. */
void snapshot_write_tables(struct snapshot *snapshot);

/* Writes the objects that are still gathered: before a chunk that must come behind them. */
void snapshot_write_objects(struct snapshot *snapshot);

/* Reserved memory, zeroed, touched only where it is used. */
void *snapshot_reserve(struct snapshot *snapshot, size_t size);
void snapshot_out_of_memory(struct snapshot *snapshot) __attribute__((noreturn));

/* Bytes that a payload of the stream has room for. */
size_t snapshot_payload_bytes(const struct snapshot *snapshot);

#endif

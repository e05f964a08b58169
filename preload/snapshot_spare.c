/* SPDX-License-Identifier: MIT */
#include "snapshot_spare.h"

#include "snapshot_stream.h"

#define CHUNK_BYTES (1u << 20)

static struct {
    struct payload records, out;
    uint32_t count, last;
} spare;

static void flush(struct snapshot *snapshot)
{
    if (!spare.count)
        return;
    snapshot_write_objects(snapshot); /* those that are meant must be there */
    payload_varint(&spare.out, spare.count);
    payload_bytes(&spare.out, spare.records.data, spare.records.size);
    spare.out.overflow = spare.out.overflow || spare.records.overflow;
    snapshot_append(snapshot, OURO_CHUNK_SNAPSHOT_SPARE, &spare.out);
    payload_clear(&spare.records);
    spare.count = spare.last = 0;
}

void snapshot_spare(struct snapshot *snapshot, uint32_t index, enum ouro_spare_kind kind,
                    uint64_t bytes, uint64_t detail)
{
    if (!spare.out.data && (!payload_create(&spare.records, 2 * (size_t)CHUNK_BYTES) ||
                            !payload_create(&spare.out, 3 * (size_t)CHUNK_BYTES)))
        snapshot_out_of_memory(snapshot);
    payload_varint(&spare.records, index - spare.last);
    payload_varint(&spare.records, kind);
    payload_varint(&spare.records, bytes);
    payload_varint(&spare.records, detail);
    spare.last = index;
    spare.count++;
    if (spare.records.size > CHUNK_BYTES)
        flush(snapshot);
}

void snapshot_spare_end(struct snapshot *snapshot)
{
    flush(snapshot);
}

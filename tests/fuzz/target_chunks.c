/* SPDX-License-Identifier: MIT */
/* The chunk reader on arbitrary bytes: events cover the file without gap or overlap, and seeking to a
 * chunk gives that chunk again. */
#include "fuzz.h"
#include "trace/chunk_reader.h"

#include <string.h>

static void check_event(enum chunk_event event, const struct chunk *chunk, uint64_t at,
                        uint64_t size)
{
    if (chunk->offset != at || chunk->length > size - at || !chunk->length)
        fuzz_fail("chunks: an event of %llu bytes at %llu, where %llu was expected",
                  (unsigned long long)chunk->length, (unsigned long long)chunk->offset,
                  (unsigned long long)at);
    if ((event == CHUNK_DAMAGED || event == CHUNK_TAIL) && !chunk->reason)
        fuzz_fail("chunks: damage without a reason");
}

void fuzz_chunks(const uint8_t *data, size_t size)
{
    char error[256];
    struct chunk chunk, again;
    enum chunk_event event;
    uint64_t at = 0, last = UINT64_MAX, sum = 0;
    if (size > FUZZ_INPUT_MOST)
        return;
    struct chunk_reader *reader = chunk_reader_open(fuzz_file(0, data, size), error, sizeof error);
    if (!reader)
        fuzz_fail("chunks: %s", error);
    while ((event = chunk_reader_skim(reader, &chunk)) != CHUNK_END) {
        if (event == CHUNK_ERROR)
            fuzz_fail("chunks: a system error");
        check_event(event, &chunk, at, size);
        at += chunk.length;
        if (event != CHUNK_VALID)
            continue;
        last = chunk.offset;
        event = chunk_reader_unpack(reader, &chunk);
        for (size_t i = 0; event == CHUNK_VALID && i < chunk.size; i++)
            sum += chunk.payload[i]; /* all of it can be read */
        if (event == CHUNK_VALID && chunk.size != chunk.header.raw_size)
            fuzz_fail("chunks: a payload of another size than its header says");
    }
    if (at != size)
        fuzz_fail("chunks: %llu of %zu bytes read", (unsigned long long)at, size);
    if (last != UINT64_MAX) {
        chunk_reader_seek(reader, last);
        if (chunk_reader_skim(reader, &again) != CHUNK_VALID || again.offset != last)
            fuzz_fail("chunks: a chunk that is not found again");
    }
    chunk_reader_close(reader);
    if (sum == UINT64_MAX) /* which it never is: so that the sum is not optimized away */
        fuzz_fail("chunks: impossible");
}

/* SPDX-License-Identifier: MIT */
#include "command/info_chunks.h"

#include "trace/chunk_reader.h"
#include "trace/trace_names.h"

bool info_chunks(const struct process *process, struct chunk_census *census)
{
    struct chunk_census all = {0};
    struct chunk chunk;
    enum chunk_event event;
    char error[256];
    struct chunk_reader *reader = chunk_reader_open(process->path, error, sizeof error);
    *census = (struct chunk_census){0};
    if (!reader)
        return false;
    while ((event = chunk_reader_next(reader, &chunk)) != CHUNK_END && event != CHUNK_ERROR) {
        if (event != CHUNK_VALID)
            continue;
        size_t type = chunk.header.type < CHUNK_TYPES_MAX ? chunk.header.type : 0;
        all.types[type].chunks++;
        all.types[type].stored += chunk.header.stored_size;
        all.types[type].raw += chunk.header.raw_size;
    }
    chunk_reader_close(reader);
    for (size_t type = 0; type < CHUNK_TYPES_MAX; type++) {
        if (!all.types[type].chunks)
            continue;
        census->types[census->count] = all.types[type];
        census->types[census->count++].name = chunk_type_name(type);
    }
    return event == CHUNK_END;
}

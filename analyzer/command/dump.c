/* SPDX-License-Identifier: MIT */
/* `ouro dump`: every record of a trace as text, streaming. */
#include "command/dump.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "command/options.h"
#include "load/load.h"
#include "trace/chunk_reader.h"
#include "trace/run_files.h"
#include "trace/trace_names.h"

static void dump_header(struct dump *dump, const struct chunk *chunk)
{
    const struct ouro_chunk_header *header = &chunk->header;
    fprintf(dump->out, "@%" PRIu64 " %s", chunk->offset, chunk_type_name(header->type));
    if (strcmp(chunk_type_name(header->type), "unknown") == 0)
        fprintf(dump->out, " %u", header->type);
    fprintf(dump->out, ", stream %" PRIu32 ", number %" PRIu32 ", %" PRIu32 " bytes",
            header->stream, header->sequence, header->raw_size);
    if (header->flags & OURO_CHUNK_ZSTD)
        fprintf(dump->out, " in %" PRIu32, header->stored_size);
    if (header->flags & ~(unsigned)OURO_CHUNK_ZSTD)
        fprintf(dump->out, ", flags 0x%x that this version does not know", header->flags);
    fputc('\n', dump->out);
}

/* Returns false after a system error, of which the user has been told. */
static bool dump_file(struct dump *dump, const char *path, bool headers_only)
{
    char error[512];
    struct chunk chunk;
    enum chunk_event event;
    struct chunk_reader *reader = chunk_reader_open(path, error, sizeof error);
    if (!reader) {
        command_fail("%s", error);
        return false;
    }
    fprintf(dump->out, "trace %s, %" PRIu64 " bytes\n", run_files_name(path),
            chunk_reader_size(reader));
    while ((event = chunk_reader_next(reader, &chunk)) != CHUNK_END && event != CHUNK_ERROR) {
        if (event == CHUNK_DAMAGED || event == CHUNK_TAIL) {
            fprintf(dump->out, "@%" PRIu64 " damaged: %" PRIu64 " bytes left out: %s\n",
                    chunk.offset, chunk.length, chunk.reason);
            continue;
        }
        dump_header(dump, &chunk);
        if (headers_only || event == CHUNK_UNKNOWN)
            continue;
        struct cursor c = cursor_over(chunk.payload, chunk.size);
        if (chunk.header.stream == 0)
            dump_process_chunk(dump, chunk.header.type, &c);
        else
            dump_snapshot_chunk(dump, chunk.header.type, &c);
        if (c.failed)
            fputs("  damaged: the rest of this chunk breaks the format\n", dump->out);
    }
    if (event == CHUNK_ERROR)
        command_fail("%s: cannot be read: %s", path, strerror(chunk_reader_error(reader)));
    chunk_reader_close(reader);
    return event == CHUNK_END;
}

int command_dump(int argc, char **argv)
{
    bool headers_only = false;
    const struct option_spec options[] = {
        {"chunks", 'c', NULL, "only one line for each chunk", OPTION_FLAG, &headers_only},
        {0},
    };
    const struct usage usage = {
        .command = "dump",
        .synopsis = "RUN",
        .description =
            "Prints every record of a run folder or a single trace as text, in the order\n"
            "of the file. The format is specified in docs/trace-format.md.",
        .options = options,
        .operands_min = 1,
        .operands_max = 1,
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    struct dump dump = {.out = stdout};
    struct run_files files;
    char error[512];
    if (first < 0)
        return status;
    if (run_files_list(argv[first], &files, error, sizeof error) != 0)
        return command_fail("%s", error);
    size_t readable = 0;
    status = EXIT_DONE;
    for (size_t i = 0; i < files.count && status == EXIT_DONE; i++) {
        if (trace_check(files.paths[i], error, sizeof error) != 0) {
            command_fail("%s", error); /* the others may be sound */
            continue;
        }
        readable++;
        if (!dump_file(&dump, files.paths[i], headers_only))
            status = EXIT_UNUSABLE;
    }
    if (readable == 0)
        status = EXIT_UNUSABLE;
    run_files_free(&files);
    free(dump.text);
    return status;
}

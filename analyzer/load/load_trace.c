/* SPDX-License-Identifier: MIT */
/*
 * One trace file into one process of the model: takes chunk after chunk, watches over the order and
 * completeness of each stream, and hands the contents on.
 */
#include "load/loader.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "load/load_survey.h"
#include "model/own_code.h"
#include "text/progress.h"
#include "text/text.h"
#include "trace/trace_names.h"

bool load_grow(struct loader *loader, void *items, uint32_t *room, uint64_t need, size_t size)
{
    void *block;
    if (need <= *room)
        return true;
    if (need > UINT32_MAX)
        return false;
    uint64_t wanted = (uint64_t)*room + *room / 2;
    if (wanted < need)
        wanted = need;
    if (wanted < 16)
        wanted = 16;
    if (wanted > UINT32_MAX)
        wanted = UINT32_MAX;
    memcpy(&block, items, sizeof block); /* items is a pointer to a pointer of any type */
    block = arena_resize(loader->arena, block, (size_t)wanted, size);
    if (!block)
        return false;
    memcpy(items, &block, sizeof block);
    *room = (uint32_t)wanted;
    return true;
}

void load_shrink(struct loader *loader, void *items, uint64_t count, size_t size)
{
    void *block;
    memcpy(&block, items, sizeof block);
    if (block && (block = arena_resize(loader->arena, block, (size_t)count, size)))
        memcpy(items, &block, sizeof block);
}

const char *load_text(struct loader *loader, struct cursor *c)
{
    struct cursor text = cursor_part(c);
    return text_escape(loader->arena, text.at, cursor_left(&text), TEXT_NAME);
}

bool load_gap(struct loader *loader, uint64_t first_id, uint32_t count, uint32_t have,
              uint32_t *lost)
{
    if (first_id <= have || first_id >= NO_ID || count >= NO_ID - first_id)
        return false;
    uint64_t gap = first_id - have - 1;
    if (gap > loader->hole_budget)
        return false;
    loader->hole_budget -= gap;
    *lost = (uint32_t)gap;
    return true;
}

/* The entries at index 0 of the tables that count from 1, and text that may never be said. */
static bool process_prepare(struct loader *loader)
{
    struct process *p = loader->process;
    const char **texts[] = {&p->damage,     &p->runtime,   &p->runtime_version, &p->build,
                            &p->executable, &p->directory, &p->parent_trace,    &p->shim};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = "";
    if (!load_grow(loader, &p->strings, &loader->string_room, 1, sizeof *p->strings) ||
        !load_grow(loader, &p->functions, &loader->function_room, 1, sizeof *p->functions) ||
        !load_grow(loader, &p->sites, &loader->site_room, 1, sizeof *p->sites) ||
        !load_grow(loader, &p->rows, &loader->row_room, 1, sizeof *p->rows) ||
        !load_grow(loader, &p->types, &loader->type_room, 1, sizeof *p->types))
        return false;
    p->unit = 1;
    p->types[0] = "";
    p->strings[0] = "";
    p->functions[0] = (struct function_info){.file = "", .name = ""};
    p->sites[0] = (struct site){0};
    p->rows[0] = (struct row){0};
    return true;
}

static bool process_finish(struct loader *loader)
{
    struct process *p = loader->process;
    load_shrink(loader, &p->strings, (uint64_t)p->string_count + 1, sizeof *p->strings);
    load_shrink(loader, &p->functions, (uint64_t)p->function_count + 1, sizeof *p->functions);
    load_shrink(loader, &p->sites, (uint64_t)p->site_count + 1, sizeof *p->sites);
    load_shrink(loader, &p->rows, (uint64_t)p->row_count + 1, sizeof *p->rows);
    load_shrink(loader, &p->types, (uint64_t)p->type_count + 1, sizeof *p->types);
    load_shrink(loader, &p->collections, p->collection_count, sizeof *p->collections);
    load_shrink(loader, &p->notes, p->note_count, sizeof *p->notes);
    load_shrink(loader, &p->arguments, p->argument_count, sizeof *p->arguments);
    return own_code_find(p) && load_epochs_finish(loader);
}

static enum load_status out_of_order(struct loader *loader)
{
    loader->detail = "it is there twice or out of order";
    return LOAD_DAMAGED;
}

bool load_wants(const struct loader *loader, uint32_t number)
{
    uint32_t low = 0, high = loader->wanted_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (loader->wanted[middle] == number)
            return true;
        if (loader->wanted[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* Whether what is in a valid chunk is to be known. */
static bool looked_at(const struct loader *loader, const struct ouro_chunk_header *header)
{
    if (!header->stream)
        return !loader->snapshots_only;
    return header->type == OURO_CHUNK_SNAPSHOT_BEGIN || header->type == OURO_CHUNK_SNAPSHOT_END ||
           load_wants(loader, header->stream);
}

/* A chunk of a snapshot's stream. */
static enum load_status snapshot_chunk(struct loader *loader, const struct chunk *chunk,
                                       enum chunk_event event, struct cursor *c)
{
    const struct ouro_chunk_header *header = &chunk->header;
    if (header->stream > SNAPSHOT_NUMBER_MAX)
        return LOAD_DAMAGED;
    struct snapshot_load *load = load_snapshot_get(loader, header->stream);
    if (!load)
        return LOAD_MEMORY;
    if (header->sequence < load->next_sequence)
        return out_of_order(loader);
    if (header->sequence > load->next_sequence) {
        loader->process->chunks_missing += header->sequence - load->next_sequence;
        if (!load->broken)
            load->broken = "a part of it is damaged or missing";
    }
    load->next_sequence = header->sequence + (header->sequence < UINT32_MAX);
    if (event == CHUNK_UNKNOWN)
        return LOAD_UNKNOWN;
    if (!looked_at(loader, header))
        return header->type >= OURO_CHUNK_SNAPSHOT_BEGIN &&
                       header->type <= OURO_CHUNK_SNAPSHOT_UNREACHED_BLOCKS
                   ? LOAD_OK
                   : LOAD_UNKNOWN;
    enum load_status status = load_snapshot_chunk(loader, load, header->type, c);
    if (status == LOAD_DAMAGED && !load->broken)
        load->broken = "a part of it breaks the format";
    return status;
}

static enum load_status process_chunk(struct loader *loader, const struct chunk *chunk,
                                      enum chunk_event event, struct cursor *c)
{
    const struct ouro_chunk_header *header = &chunk->header;
    if (header->sequence < loader->next_sequence)
        return out_of_order(loader);
    loader->process->chunks_missing += header->sequence - loader->next_sequence;
    loader->next_sequence = header->sequence + (header->sequence < UINT32_MAX);
    if (event == CHUNK_UNKNOWN)
        return LOAD_UNKNOWN;
    return load_process_chunk(loader, header->type, c);
}

/* The first chunk, without which nothing can be understood. Says in error what is wrong with it. */
static bool read_first(struct loader *loader, struct chunk_reader *reader, const char *path,
                       char *error, size_t error_size)
{
    struct chunk chunk;
    enum chunk_event event = chunk_reader_next(reader, &chunk);
    const char *wrong = NULL;
    struct cursor c = cursor_over(chunk.payload, chunk.size);
    enum load_status status = LOAD_DAMAGED;

    if (event == CHUNK_END) {
        wrong = "is empty: nothing was recorded";
    } else if (event == CHUNK_ERROR) {
        snprintf(error, error_size, "%s: cannot be read: %s", path,
                 strerror(chunk_reader_error(reader)));
        return false;
    } else if (event == CHUNK_TAIL) {
        wrong = "is cut off within its first chunk: nothing in it can be read";
    } else if (event == CHUNK_DAMAGED) {
        wrong = chunk_reader_is_trace(reader)
                    ? "is damaged: its first chunk, which describes it, cannot be read"
                    : "is not a trace of ouro";
    } else if (chunk.header.type != OURO_CHUNK_PROCESS || chunk.header.stream != 0 ||
               chunk.header.sequence != 0) {
        wrong = "is damaged: its beginning is missing";
    } else if (event == CHUNK_VALID) {
        status = load_process_header(loader, &c);
        loader->next_sequence = 1;
        loader->process->chunks = 1;
        loader->process->bytes_used = chunk.length;
        if (loader->newer) {
            snprintf(error, error_size,
                     "%s: written by a newer ouro: trace version %llu, this one reads %u", path,
                     (unsigned long long)loader->newer, OURO_TRACE_VERSION);
            return false;
        }
    }
    if (!wrong && status == LOAD_MEMORY)
        wrong = "needs more memory than there is";
    if (!wrong && status != LOAD_OK)
        wrong = "is damaged: the description of its process is not valid";
    if (wrong)
        snprintf(error, error_size, "%s: %s", path, wrong);
    return wrong == NULL;
}

int trace_check(const char *path, char *error, size_t error_size)
{
    struct process process = {0};
    struct loader loader = {.arena = arena_new(), .process = &process};
    struct chunk_reader *reader = chunk_reader_open(path, error, error_size);
    bool ok = false;
    if (!loader.arena)
        snprintf(error, error_size, "%s: not enough memory", path);
    else if (reader)
        ok = read_first(&loader, reader, path, error, error_size);
    chunk_reader_close(reader);
    arena_free(loader.arena);
    return ok ? 0 : -1;
}

/* Notes where the first damage is and what it is; false: no memory. */
static bool describe_damage(struct loader *loader, enum chunk_event event,
                            const struct chunk *chunk)
{
    char text[160];
    struct process *p = loader->process;
    if (*p->damage)
        return true;
    int length =
        event == CHUNK_DAMAGED
            ? snprintf(text, sizeof text, "%s at byte %" PRIu64, chunk->reason, chunk->offset)
            : snprintf(text, sizeof text, "the chunk %s at byte %" PRIu64 " breaks the format%s%s",
                       chunk_type_name(chunk->header.type), chunk->offset,
                       loader->detail ? ": " : "", loader->detail ? loader->detail : "");
    p->damage = arena_copy(loader->arena, text, (size_t)length);
    return p->damage != NULL;
}

static enum load_status take_chunk(struct loader *loader, const struct chunk *chunk,
                                   enum chunk_event event)
{
    struct cursor c = cursor_over(chunk->payload, chunk->payload ? chunk->size : 0);
    loader->process->chunks++;
    loader->process->bytes_used += chunk->length;
    loader->detail = NULL;
    if (chunk->header.stream)
        return snapshot_chunk(loader, chunk, event, &c);
    return loader->snapshots_only ? LOAD_OK : process_chunk(loader, chunk, event, &c);
}

enum load_status load_chunks(struct loader *loader, struct chunk_reader *reader)
{
    struct chunk chunk;
    enum chunk_event event;
    struct process *process = loader->process;
    uint64_t size = chunk_reader_size(reader);
    while ((event = chunk_reader_skim(reader, &chunk)) != CHUNK_END) {
        enum load_status status = LOAD_DAMAGED;
        if (event == CHUNK_VALID && looked_at(loader, &chunk.header))
            event = chunk_reader_unpack(reader, &chunk);
        if (event == CHUNK_ERROR)
            return LOAD_DAMAGED;
        if (event == CHUNK_TAIL) {
            process->truncated = true;
            continue;
        }
        if (event == CHUNK_VALID || event == CHUNK_UNKNOWN)
            status = take_chunk(loader, &chunk, event);
        if (status == LOAD_MEMORY ||
            (status == LOAD_DAMAGED && !describe_damage(loader, event, &chunk)))
            return LOAD_MEMORY;
        process->chunks_unknown += status == LOAD_UNKNOWN;
        process->chunks_damaged += status == LOAD_DAMAGED;
        progress_update(chunk.offset + chunk.length, size);
    }
    return LOAD_OK;
}

/*
 * A model takes up to ten times what the chunks expand to, which is hundreds of times the file's size
 * where a heap is nothing but equal objects. Of small files more is accepted than that, of large ones
 * less, so that neither takes the machine's memory.
 */
size_t load_memory_most(uint64_t size)
{
    const uint64_t small_constant = UINT64_C(32) << 20, small_factor = 8192;
    const uint64_t constant = UINT64_C(2) << 30, factor = 512;
    uint64_t most = constant + size * factor;
    if (size <= most / small_factor && small_constant + size * small_factor < most)
        most = small_constant + size * small_factor;
    return (size_t)most;
}

void load_no_memory(const struct arena *arena, const char *path, char *error, size_t error_size)
{
    snprintf(error, error_size, "%s: %s", path,
             arena_was_limited(arena) ? "is damaged: it claims to hold far more than its size"
                                      : "needs more memory than there is");
}

/* Loads the trace with the objects of one snapshot, 0: of none. */
static bool load_once(struct arena *arena, const char *path, const char *name, uint32_t number,
                      struct process *process, char *error, size_t error_size)
{
    struct loader loader = {
        .arena = arena, .process = process, .wanted = &number, .wanted_count = number != 0};
    enum load_status status = LOAD_MEMORY;
    struct chunk_reader *reader = chunk_reader_open(path, error, error_size);
    if (!reader)
        return false;
    uint64_t size = chunk_reader_size(reader);
    arena_set_limit(arena, arena_used(arena) + load_memory_most(size));
    loader.hole_budget = process->bytes = size;
    process->file = text_escape(arena, (const unsigned char *)name, strlen(name), TEXT_NAME);
    process->path = arena_copy(arena, path, strlen(path));
    if (!process->file || !process->path || !process_prepare(&loader))
        goto done;
    if (!read_first(&loader, reader, path, error, error_size)) {
        status = LOAD_UNKNOWN; /* said already */
        goto done;
    }
    status = load_chunks(&loader, reader);
    if (status == LOAD_DAMAGED)
        snprintf(error, error_size, "%s: cannot be read: %s", path,
                 strerror(chunk_reader_error(reader)));
    else if (!load_snapshots_finish(&loader) || !process_finish(&loader))
        status = LOAD_MEMORY;
done:
    if (status == LOAD_MEMORY)
        load_no_memory(arena, path, error, error_size);
    chunk_reader_close(reader);
    sparse_free(&loader.snapshots);
    arena_set_limit(arena, SIZE_MAX);
    return status == LOAD_OK;
}

/* A snapshot that looked whole may prove not to be: then another one is tried, but not for ever. */
#define ATTEMPTS 4

static bool is_whole(const struct process *process, uint32_t number)
{
    for (uint32_t i = 0; i < process->snapshot_count; i++) {
        if (process->snapshots[i].number == number)
            return process->snapshots[i].whole;
    }
    return false;
}

bool load_trace(struct arena *arena, const char *path, const char *name,
                struct snapshot_choice choice, struct process *process, char *error,
                size_t error_size)
{
    struct survey survey;
    bool ok = survey_take(path, &survey);
    if (!ok)
        load_no_memory(arena, path, error, error_size);
    for (unsigned attempt = 0; ok && attempt < ATTEMPTS; attempt++) {
        uint32_t number = survey_choose(&survey, choice);
        *process = (struct process){0};
        ok = load_once(arena, path, name, number, process, error, error_size);
        if (!ok || !number || is_whole(process, number) || !survey_reject(&survey, choice, number))
            break;
    }
    survey_free(&survey);
    return ok;
}

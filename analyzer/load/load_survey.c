/* SPDX-License-Identifier: MIT */
#include "load/load_survey.h"

#include "load/loader.h"

static struct survey_entry *entry_of(struct survey *survey, uint32_t number)
{
    struct survey_entry *entry = sparse_get(&survey->entries, number);
    if (entry)
        entry->there = true;
    return entry;
}

/* The reason, which the fields of a beginning tell. */
static uint32_t reason_of(const struct chunk *chunk)
{
    struct cursor c = cursor_over(chunk->payload, chunk->size);
    uint64_t reason = OURO_SNAPSHOT_AT_EXIT;
    while (cursor_left(&c)) {
        uint64_t field = cursor_varint(&c);
        struct cursor value = cursor_part(&c);
        if (!c.failed && field == OURO_SNAPSHOT_REASON)
            reason = cursor_int64(&value);
    }
    return reason <= UINT32_MAX ? (uint32_t)reason : UINT32_MAX;
}

static bool take_chunk(struct survey *survey, struct chunk_reader *reader, struct chunk *chunk)
{
    const struct ouro_chunk_header *header = &chunk->header;
    struct survey_entry *entry = entry_of(survey, header->stream);
    if (!entry)
        return false;
    entry->broken = entry->broken || header->sequence != entry->next_sequence;
    entry->next_sequence = header->sequence + 1;
    entry->ended = entry->ended || header->type == OURO_CHUNK_SNAPSHOT_END;
    if (header->type != OURO_CHUNK_SNAPSHOT_BEGIN)
        return true;
    if (chunk_reader_unpack(reader, chunk) == CHUNK_VALID) {
        entry->begun = true;
        entry->reason = reason_of(chunk);
    }
    return chunk_reader_error(reader) == 0;
}

bool survey_take(const char *path, struct survey *survey)
{
    char error[256];
    struct chunk chunk;
    enum chunk_event event;
    bool ok = true;
    sparse_init(&survey->entries, sizeof(struct survey_entry));
    struct chunk_reader *reader = chunk_reader_open(path, error, sizeof error);
    if (!reader)
        return true;
    while (ok && (event = chunk_reader_skim(reader, &chunk)) != CHUNK_END && event != CHUNK_ERROR) {
        uint32_t stream = event == CHUNK_VALID ? chunk.header.stream : 0;
        if (stream && stream <= SNAPSHOT_NUMBER_MAX)
            ok = take_chunk(survey, reader, &chunk);
    }
    chunk_reader_close(reader);
    return ok;
}

void survey_free(struct survey *survey)
{
    sparse_free(&survey->entries);
}

/* What a collection is about to free is no snapshot of the heap. */
static bool is_of_heap(const struct survey_entry *entry)
{
    return entry->there && !(entry->begun && entry->reason == OURO_SNAPSHOT_COLLECTION);
}

static bool seems_whole(const struct survey_entry *entry)
{
    return is_of_heap(entry) && entry->begun && entry->ended && !entry->broken;
}

uint32_t survey_choose(const struct survey *survey, struct snapshot_choice choice)
{
    uint32_t first = 0, last = 0, any = 0;
    if (choice.which == SNAPSHOT_NUMBERED) {
        const struct survey_entry *entry = sparse_find(&survey->entries, choice.number);
        return entry && is_of_heap(entry) ? choice.number : 0;
    }
    for (uint32_t n = 1; n < survey->entries.end; n++) {
        const struct survey_entry *entry = sparse_find(&survey->entries, n);
        if (!entry)
            continue;
        if (seems_whole(entry)) {
            first = first ? first : n;
            last = n;
        } else if (is_of_heap(entry) && entry->begun) {
            any = n;
        }
    }
    if (choice.which == SNAPSHOT_NONE)
        return 0;
    return !last ? any : choice.which == SNAPSHOT_FIRST ? first : last;
}

bool survey_reject(struct survey *survey, struct snapshot_choice choice, uint32_t number)
{
    struct survey_entry *entry = sparse_find(&survey->entries, number);
    if (choice.which == SNAPSHOT_NUMBERED || !entry || !seems_whole(entry))
        return false;
    entry->broken = true;
    const struct survey_entry *other = sparse_find(&survey->entries, survey_choose(survey, choice));
    return other && seems_whole(other);
}

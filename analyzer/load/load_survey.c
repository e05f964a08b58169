/* SPDX-License-Identifier: MIT */
#include "load/load_survey.h"

#include <stdlib.h>
#include <string.h>

#include "load/loader.h"

static struct survey_entry *entry_of(struct survey *survey, uint32_t number)
{
    if (number >= survey->room) {
        uint32_t room = number + number / 2 + 16;
        struct survey_entry *entries = realloc(survey->entries, room * sizeof *entries);
        if (!entries)
            return NULL;
        memset(entries + survey->room, 0, (room - survey->room) * sizeof *entries);
        survey->entries = entries;
        survey->room = room;
    }
    survey->entries[number].there = true;
    return &survey->entries[number];
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
    *survey = (struct survey){0};
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
    free(survey->entries);
    *survey = (struct survey){0};
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
    if (choice.which == SNAPSHOT_NUMBERED)
        return choice.number < survey->room && is_of_heap(&survey->entries[choice.number])
                   ? choice.number
                   : 0;
    for (uint32_t n = 1; n < survey->room; n++) {
        const struct survey_entry *entry = &survey->entries[n];
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
    if (choice.which == SNAPSHOT_NUMBERED || !seems_whole(&survey->entries[number]))
        return false;
    survey->entries[number].broken = true;
    uint32_t other = survey_choose(survey, choice);
    return other && seems_whole(&survey->entries[other]);
}

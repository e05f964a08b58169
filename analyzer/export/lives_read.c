/* SPDX-License-Identifier: MIT */
#include "export/lives_read.h"

#include <stdio.h>
#include <string.h>

#include "text/progress.h"
#include "trace/chunk_reader.h"
#include "trace/lives.h"

struct reading {
    const struct process *process;
    lives_take *take;
    void *context;
    uint64_t clock; /* of the last epoch read */
    bool stopped;
};

/* The death of a life on the clock, in bytes: of the values that are equal modulo 2^32 units the one
 * nearest to the last epoch. */
static uint64_t death_clock(const struct reading *reading, uint32_t units)
{
    uint64_t now = reading->clock / OURO_CLOCK_UNIT;
    int64_t away = (int32_t)(units - (uint32_t)now);
    uint64_t death = away < 0 && now < (uint64_t)-away ? units : now + (uint64_t)away;
    return death * OURO_CLOCK_UNIT;
}

static bool tell(const struct reading *reading, const struct life *life)
{
    const struct row *row = &reading->process->rows[life->row];
    uint64_t death = death_clock(reading, life->death);
    uint64_t age = life->age ? (uint64_t)(life->age - 1) * OURO_CLOCK_UNIT : 0;
    bool birth_known = life->age && age <= death;
    const struct life_told told = {
        .row = life->row,
        .type = life->type,
        .cause = life->cause,
        .size = row->flags & OURO_ROW_VARIABLE ? life->size : row->size,
        .birth = birth_known ? death - age : 0,
        .death = death,
        .age = age,
        .birth_known = birth_known,
        .age_known = life->age != 0,
    };
    return reading->take(&told, reading->context);
}

/* All lives of a chunk; false: it breaks the format, what came before that is taken. */
static bool chunk_lives(struct reading *reading, struct cursor *c)
{
    const struct process *p = reading->process;
    struct lives lives;
    if (!lives_begin(&lives, c))
        return false;
    while (lives.done < lives.count && !reading->stopped) {
        struct life life;
        uint32_t row = lives_row(&lives, p->row_count);
        bool variable = (p->rows[row].flags & OURO_ROW_VARIABLE) != 0;
        if (!lives_next(&lives, p->type_count, variable, &life))
            return false;
        reading->stopped = !tell(reading, &life);
    }
    return true;
}

int lives_read(const struct process *process, lives_take *take, void *context, char *error,
               size_t error_size)
{
    struct reading reading = {process, take, context, process->start_clock, false};
    struct chunk chunk;
    enum chunk_event event;
    uint32_t next = 0;
    int status = LIVES_DONE;
    struct chunk_reader *reader = chunk_reader_open(process->path, error, error_size);
    if (!reader)
        return LIVES_UNREADABLE;
    while (!reading.stopped && (event = chunk_reader_next(reader, &chunk)) != CHUNK_END) {
        const struct ouro_chunk_header *header = &chunk.header;
        if (event == CHUNK_ERROR) {
            snprintf(error, error_size, "%s: cannot be read: %s", process->file,
                     strerror(chunk_reader_error(reader)));
            status = LIVES_UNREADABLE;
            break;
        }
        if (event == CHUNK_DAMAGED || event == CHUNK_TAIL)
            status = LIVES_DAMAGED;
        if (event != CHUNK_VALID || header->stream != 0 || header->sequence < next)
            continue;
        next = header->sequence + (header->sequence < UINT32_MAX);
        struct cursor c = cursor_over(chunk.payload, chunk.size);
        if (header->type == OURO_CHUNK_EPOCH) {
            cursor_varint(&c); /* its number */
            uint64_t clock = cursor_varint(&c);
            reading.clock = c.failed ? reading.clock : clock;
        } else if (header->type == OURO_CHUNK_LIVES && !chunk_lives(&reading, &c)) {
            status = LIVES_DAMAGED;
        }
        progress_update(chunk.offset + chunk.length, chunk_reader_size(reader));
    }
    chunk_reader_close(reader);
    return reading.stopped ? LIVES_STOPPED : status;
}

/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "export/records.h"
#include "model/estimate.h"
#include "text/progress.h"
#include "trace/chunk_reader.h"
#include "trace/lives.h"

static const char *const causes[] = {"refcount", "collector", "shutdown"};

struct writer {
    struct record_writer records;
    const struct process *process;
    uint64_t clock; /* of the last epoch read */
};

/* The death of a life on the clock, in bytes: of the values that are equal modulo 2^32 units the one
 * nearest to the last epoch. */
static uint64_t death_clock(const struct writer *w, uint32_t units)
{
    uint64_t now = w->clock / OURO_CLOCK_UNIT;
    int64_t away = (int32_t)(units - (uint32_t)now);
    uint64_t death = away < 0 && now < (uint64_t)-away ? units : now + (uint64_t)away;
    return death * OURO_CLOCK_UNIT;
}

static void write_life(struct writer *w, const struct life *life)
{
    const struct process *p = w->process;
    const struct row *row = &p->rows[life->row];
    uint64_t size = row->flags & OURO_ROW_VARIABLE ? life->size : row->size;
    uint64_t death = death_clock(w, life->death);
    uint64_t age = life->age ? (uint64_t)(life->age - 1) * OURO_CLOCK_UNIT : 0;
    bool alive = life->cause == OURO_LIFE_ALIVE;
    struct cell cells[12] = {
        life->type ? cell_text(p->types[life->type]) : cell_null(),
        cell_flag(row->flags & OURO_ROW_OBJECT),
        cell_number(size),
        life->age && age <= death ? cell_number(death - age) : cell_null(),
        alive ? cell_null() : cell_number(death),
        alive ? cell_null() : cell_text(causes[life->cause]),
        life->age ? cell_number(age) : cell_null(),
    };
    if (p->sample)
        cells[7] = cell_real(estimate_weight(p, size), -6);
    record_place(cells + 8, p, row->site);
    record_write(&w->records, cells);
}

/* All lives of a chunk; false: it breaks the format, what came before that is written. */
static bool write_lives(struct writer *w, struct cursor *c)
{
    const struct process *p = w->process;
    struct lives lives;
    if (!lives_begin(&lives, c))
        return false;
    while (lives.done < lives.count) {
        struct life life;
        uint32_t row = lives_row(&lives, p->row_count);
        bool variable = (p->rows[row].flags & OURO_ROW_VARIABLE) != 0;
        if (!lives_next(&lives, p->type_count, variable, &life))
            return false;
        write_life(w, &life);
    }
    return true;
}

int records_lives(FILE *out, enum record_form form, const struct process *process, char *error,
                  size_t error_size)
{
    static const char *const fields[] = {"type", "object", "size", "birth", "death", "cause",
                                         "age",  "weight", "site", "file",  "line",  "function"};
    static const struct record_kind kind = {.fields = fields, .count = 12};
    struct writer w = {record_begin(out, form, &kind), process, process->start_clock};
    struct chunk chunk;
    enum chunk_event event;
    uint32_t next = 0;
    int status = 0;
    struct chunk_reader *reader = chunk_reader_open(process->path, error, error_size);
    if (!reader)
        return -1;
    while ((event = chunk_reader_next(reader, &chunk)) != CHUNK_END) {
        const struct ouro_chunk_header *header = &chunk.header;
        if (event == CHUNK_ERROR) {
            snprintf(error, error_size, "%s: cannot be read: %s", process->file,
                     strerror(chunk_reader_error(reader)));
            status = -1;
            break;
        }
        if (event == CHUNK_DAMAGED || event == CHUNK_TAIL)
            status = 1;
        if (event != CHUNK_VALID || header->stream != 0 || header->sequence < next)
            continue;
        next = header->sequence + (header->sequence < UINT32_MAX);
        struct cursor c = cursor_over(chunk.payload, chunk.size);
        if (header->type == OURO_CHUNK_EPOCH) {
            cursor_varint(&c); /* its number */
            uint64_t clock = cursor_varint(&c);
            w.clock = c.failed ? w.clock : clock;
        } else if (header->type == OURO_CHUNK_LIVES && !write_lives(&w, &c)) {
            status = 1;
        }
        progress_update(chunk.offset + chunk.length, chunk_reader_size(reader));
    }
    chunk_reader_close(reader);
    return status;
}

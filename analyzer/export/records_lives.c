/* SPDX-License-Identifier: MIT */
#include "export/lives_read.h"
#include "export/records.h"
#include "model/estimate.h"

static const char *const causes[] = {"refcount", "collector", "shutdown"};

struct writer {
    struct record_writer records;
    const struct process *process;
};

static bool write_life(const struct life_told *life, void *context)
{
    struct writer *w = context;
    const struct process *p = w->process;
    const struct row *row = &p->rows[life->row];
    bool alive = life->cause == OURO_LIFE_ALIVE;
    struct cell cells[12] = {
        life->type ? cell_text(p->types[life->type]) : cell_null(),
        cell_flag(row->flags & OURO_ROW_OBJECT),
        cell_number(life->size),
        life->birth_known ? cell_number(life->birth) : cell_null(),
        alive ? cell_null() : cell_number(life->death),
        alive ? cell_null() : cell_text(causes[life->cause]),
        life->age_known ? cell_number(life->age) : cell_null(),
    };
    if (p->sample)
        cells[7] = cell_real(estimate_weight(p, life->size), -6);
    record_place(cells + 8, p, row->site);
    record_write(&w->records, cells);
    return true;
}

int records_lives(FILE *out, enum record_form form, const struct process *process, char *error,
                  size_t error_size)
{
    static const char *const fields[] = {"type", "object", "size", "birth", "death", "cause",
                                         "age",  "weight", "site", "file",  "line",  "function"};
    static const struct record_kind kind = {.fields = fields, .count = 12};
    struct writer w = {record_begin(out, form, &kind), process};
    return lives_read(process, write_life, &w, error, error_size);
}

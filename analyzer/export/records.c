/* SPDX-License-Identifier: MIT */
#include "export/records.h"

#include <inttypes.h>
#include <string.h>

#include "cycles/garbage.h"
#include "graph/edge_label.h"
#include "model/epoch_changes.h"
#include "ouro/varint.h"
#include "text/progress.h"
#include "trace/trace_names.h"

#define KIND(names) .fields = (names), .count = sizeof(names) / sizeof *(names)

void record_place(struct cell cells[4], const struct process *process, uint32_t site)
{
    const char *file = "", *function = "";
    uint32_t line = 0;
    if (site)
        site_place(process, site, &file, &line, &function);
    cells[0] = cell_number(site);
    cells[1] = cell_text(file);
    cells[2] = cell_number(line);
    cells[3] = cell_text(function);
}

void records_sites(FILE *out, enum record_form form, const struct process *process)
{
    static const char *const fields[] = {"site", "parent", "file", "line", "function", "folded"};
    static const struct record_kind kind = {KIND(fields)};
    struct record_writer writer = record_begin(out, form, &kind);
    for (uint32_t s = 1; s <= process->site_count; s++) {
        struct cell cells[6];
        record_place(cells + 1, process, s);
        cells[0] = cells[1];
        cells[1] = cell_number(process->sites[s].parent);
        cells[5] = cell_flag(process->sites[s].flags & OURO_SITE_FOLDED);
        record_write(&writer, cells);
        progress_update(s, process->site_count);
    }
}

/* A number of the ledger: of a sample a fraction, or rounding would lose small ones. */
static struct cell figure(const struct process *process, int64_t value)
{
    return process->unit > 1 ? cell_real((double)value / process->unit, 3) : cell_signed(value);
}

void records_epochs(FILE *out, enum record_form form, const struct process *process)
{
    static const char *const fields[] = {"epoch", "clock", "time",   "live_blocks", "live_bytes",
                                         "site",  "size",  "object", "blocks",      "bytes"};
    static const struct record_kind kind = {KIND(fields), .inner = 5, .list = "changes"};
    struct record_writer writer = record_begin(out, form, &kind);
    for (uint32_t e = 0; e < process->epoch_count; e++) {
        const struct epoch *epoch = &process->epochs[e];
        struct row_changes changes = row_changes_of(process, e);
        struct row_change change;
        struct cell cells[10] = {
            cell_number(epoch->number),
            cell_number(epoch->clock),
            cell_real((double)epoch->time / 1e9, 9),
            figure(process, (int64_t)epoch->live_blocks),
            figure(process, (int64_t)epoch->live_bytes),
        };
        record_open(&writer, cells);
        while (row_changes_next(&changes, &change)) {
            const struct row *row = &process->rows[change.row];
            cells[5] = cell_number(row->site);
            cells[6] = row->flags & OURO_ROW_VARIABLE ? cell_null() : cell_number(row->size);
            cells[7] = cell_flag(row->flags & OURO_ROW_OBJECT);
            cells[8] = figure(process, change.blocks);
            cells[9] = figure(process, change.bytes);
            record_entry(&writer, cells);
        }
        record_close(&writer, cells);
        progress_update(e, process->epoch_count);
    }
}

static void words_of_flags(uint32_t bits, char *words, size_t size)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } names[] = {
        {OURO_OBJECT_TRACKED, "tracked"},     {OURO_OBJECT_IMMORTAL, "immortal"},
        {OURO_OBJECT_STATIC, "static"},       {OURO_OBJECT_INTERNED, "interned"},
        {OURO_OBJECT_FROZEN, "frozen"},       {OURO_OBJECT_WEAKLY_REFERENCED, "weakly_referenced"},
        {OURO_OBJECT_FINALIZED, "finalized"}, {OURO_OBJECT_NAMESPACE, "namespace"},
    };
    size_t n = 0;
    *words = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (bits & names[i].bit)
            n += (size_t)snprintf(words + n, size - n, "%s%s", n ? " " : "", names[i].name);
    }
}

void records_objects(FILE *out, enum record_form form, const struct process *process,
                     const struct snapshot *snapshot, const uint8_t *class)
{
    static const char *const fields[] = {"object",   "address", "type",  "size",
                                         "refcount", "birth",   "flags", "dead",
                                         "site",     "file",    "line",  "function"};
    static const struct record_kind kind = {KIND(fields)};
    static const char *const dead[CLASS_COUNT] = {
        [CLASS_GARBAGE] = "garbage",
        [CLASS_HANGING] = "hanging",
        [CLASS_UNCOLLECTABLE] = "uncollectable",
        [CLASS_SAVED] = "saved",
    };
    struct record_writer writer = record_begin(out, form, &kind);
    for (uint32_t o = 0; o < snapshot->object_count; o++) {
        uint32_t row = snapshot->row[o] <= process->row_count ? snapshot->row[o] : 0;
        uint32_t type = snapshot->type[o];
        uint64_t birth = object_birth(snapshot, o);
        char address[24], words[128];
        snprintf(address, sizeof address, "0x%" PRIx64, snapshot->address[o]);
        words_of_flags(snapshot->flags[o], words, sizeof words);
        struct cell cells[12] = {
            cell_number(o),
            cell_text(address),
            cell_text(type ? snapshot->types[type].name : ""),
            cell_number(object_size(snapshot, o)),
            snapshot->flags[o] & OURO_OBJECT_IMMORTAL ? cell_null()
                                                      : cell_number(snapshot->refcount[o]),
            birth ? cell_number(birth) : cell_null(),
            {.kind = CELL_WORDS, .text = words},
            dead[class[o]] ? cell_text(dead[class[o]]) : cell_null(),
        };
        record_place(cells + 8, process, process->rows[row].site);
        record_write(&writer, cells);
        progress_update(o, snapshot->object_count);
    }
}

void records_edges(FILE *out, enum record_form form, const struct snapshot *snapshot)
{
    static const char *const fields[] = {"source", "target", "kind",    "name",
                                         "index",  "hidden", "borrowed"};
    static const struct record_kind kind = {KIND(fields)};
    struct record_writer writer = record_begin(out, form, &kind);
    for (uint32_t o = 0; o < snapshot->object_count; o++) {
        int64_t index = -1; /* of the previous edge that has one */
        for (uint64_t e = snapshot->edge_first[o]; e < snapshot->edge_first[o + 1]; e++) {
            uint32_t label = snapshot->edge_label[e];
            struct cell at = {.kind = CELL_ABSENT};
            if ((label & OURO_LABEL_KIND_MASK) == OURO_LABEL_INDEX) {
                index += 1 + ouro_unzigzag(label >> OURO_LABEL_SHIFT);
                at = cell_signed(index);
            }
            const struct cell cells[7] = {
                cell_number(o),
                cell_number(snapshot->edge_target[e]),
                cell_text(label_kind_name(label)),
                cell_text(edge_label_name(snapshot, label)),
                at,
                cell_flag(label & OURO_LABEL_HIDDEN),
                cell_flag(label & OURO_LABEL_BORROWED),
            };
            record_write(&writer, cells);
        }
        progress_update(o, snapshot->object_count);
    }
}

static int objects_of(FILE *out, enum record_form form, const struct export_request *request,
                      char *error, size_t error_size)
{
    struct garbage garbage;
    int status = garbage_find(request->snapshot, &garbage);
    if (status < 0)
        snprintf(error, error_size, "not enough memory");
    else
        records_objects(out, form, request->process, request->snapshot, garbage.class);
    garbage_free(&garbage);
    return status;
}

static int lives_of(FILE *out, enum record_form form, const struct process *process, char *error,
                    size_t error_size)
{
    if (!process->life_count) {
        snprintf(error, error_size, "%s has no lives: record them with 'ouro run --lives'",
                 process->file);
        return -1;
    }
    return records_lives(out, form, process, error, error_size);
}

static int fleet_of(FILE *out, enum record_form form, const struct export_request *request,
                    char *error, size_t error_size)
{
    int status = records_fleet(out, form, request->run, strcmp(request->what, "findings") == 0);
    if (status < 0)
        snprintf(error, error_size, "not enough memory");
    return status;
}

static int records_write(FILE *out, enum record_form form, const struct export_request *request,
                         char *error, size_t error_size)
{
    const struct process *process = request->process;
    int status = 0;
    if (strcmp(request->what, "lives") == 0)
        status = lives_of(out, form, process, error, error_size);
    else if (strcmp(request->what, "sites") == 0)
        records_sites(out, form, process);
    else if (strcmp(request->what, "epochs") == 0)
        records_epochs(out, form, process);
    else if (strcmp(request->what, "objects") == 0)
        status = objects_of(out, form, request, error, error_size);
    else if (strcmp(request->what, "native") == 0)
        status = records_native(out, form, request, error, error_size);
    else if (strcmp(request->what, "edges") == 0)
        records_edges(out, form, request->snapshot);
    else
        status = fleet_of(out, form, request, error, error_size);
    return status < 0 ? EXPORT_FAILED : status > 0 ? EXPORT_INCOMPLETE : EXPORT_DONE;
}

int ndjson_write(FILE *out, const struct export_request *request, char *error, size_t error_size)
{
    return records_write(out, RECORD_NDJSON, request, error, error_size);
}

int csv_write(FILE *out, const struct export_request *request, char *error, size_t error_size)
{
    return records_write(out, RECORD_CSV, request, error, error_size);
}

/* SPDX-License-Identifier: MIT */
#include "export/ndjson.h"

#include <inttypes.h>
#include <string.h>

#include "command/command.h"
#include "cycles/garbage.h"
#include "export/json_text.h"
#include "graph/edge_label.h"
#include "model/epoch_changes.h"
#include "ouro/varint.h"
#include "text/progress.h"
#include "trace/trace_names.h"

void ndjson_place(FILE *out, const struct process *process, uint32_t site)
{
    const char *file = "", *function = "";
    uint32_t line = 0;
    if (site)
        site_place(process, site, &file, &line, &function);
    json_text(out, "\"file\": ", file);
    fprintf(out, ", \"line\": %" PRIu32, line);
    json_text(out, ", \"function\": ", function);
}

void ndjson_sites(FILE *out, const struct process *process)
{
    for (uint32_t s = 1; s <= process->site_count; s++) {
        fprintf(out, "{\"site\": %" PRIu32 ", \"parent\": %" PRIu32 ", ", s,
                process->sites[s].parent);
        ndjson_place(out, process, s);
        fprintf(out, ", \"folded\": %s}\n",
                process->sites[s].flags & OURO_SITE_FOLDED ? "true" : "false");
        progress_update(s, process->site_count);
    }
}

/* A number of the ledger: of a sample a fraction, or rounding would lose small ones. */
static void figure(FILE *out, const struct process *process, const char *before, double value)
{
    if (process->unit > 1)
        fprintf(out, "%s%.3f", before, value / process->unit);
    else
        fprintf(out, "%s%.0f", before, value);
}

void ndjson_epochs(FILE *out, const struct process *process)
{
    for (uint32_t e = 0; e < process->epoch_count; e++) {
        const struct epoch *epoch = &process->epochs[e];
        struct row_changes changes = row_changes_of(process, e);
        struct row_change change;
        const char *comma = "";
        fprintf(out, "{\"epoch\": %" PRIu64 ", \"clock\": %" PRIu64 ", \"time\": %.9f",
                epoch->number, epoch->clock, (double)epoch->time / 1e9);
        figure(out, process, ", \"live_blocks\": ", (double)epoch->live_blocks);
        figure(out, process, ", \"live_bytes\": ", (double)epoch->live_bytes);
        fputs(", \"changes\": [", out);
        while (row_changes_next(&changes, &change)) {
            const struct row *row = &process->rows[change.row];
            fprintf(out, "%s{\"site\": %" PRIu32 ", \"size\": ", comma, row->site);
            if (row->flags & OURO_ROW_VARIABLE)
                fputs("null", out);
            else
                fprintf(out, "%" PRIu64, row->size);
            fprintf(out, ", \"object\": %s", row->flags & OURO_ROW_OBJECT ? "true" : "false");
            figure(out, process, ", \"blocks\": ", (double)change.blocks);
            figure(out, process, ", \"bytes\": ", (double)change.bytes);
            fputc('}', out);
            comma = ", ";
        }
        fputs("]}\n", out);
        progress_update(e, process->epoch_count);
    }
}

static void flags(FILE *out, uint32_t bits)
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
    const char *comma = "";
    fputs(", \"flags\": [", out);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!(bits & names[i].bit))
            continue;
        fprintf(out, "%s\"%s\"", comma, names[i].name);
        comma = ", ";
    }
    fputc(']', out);
}

void ndjson_objects(FILE *out, const struct process *process, const struct snapshot *snapshot,
                    const uint8_t *class)
{
    static const char *const dead[CLASS_COUNT] = {
        [CLASS_LIVE] = "null",           [CLASS_GARBAGE] = "\"garbage\"",
        [CLASS_HANGING] = "\"hanging\"", [CLASS_UNCOLLECTABLE] = "\"uncollectable\"",
        [CLASS_SAVED] = "\"saved\"",
    };
    for (uint32_t o = 0; o < snapshot->object_count; o++) {
        uint32_t row = snapshot->row[o] <= process->row_count ? snapshot->row[o] : 0;
        uint32_t site = process->rows[row].site, type = snapshot->type[o];
        fprintf(out, "{\"object\": %" PRIu32 ", \"address\": \"0x%" PRIx64 "\"", o,
                snapshot->address[o]);
        json_text(out, ", \"type\": ", type ? snapshot->types[type].name : "");
        fprintf(out, ", \"size\": %" PRIu64, object_size(snapshot, o));
        if (snapshot->flags[o] & OURO_OBJECT_IMMORTAL)
            fputs(", \"refcount\": null", out);
        else
            fprintf(out, ", \"refcount\": %" PRIu32, snapshot->refcount[o]);
        if (object_birth(snapshot, o))
            fprintf(out, ", \"birth\": %" PRIu64, object_birth(snapshot, o));
        else
            fputs(", \"birth\": null", out);
        flags(out, snapshot->flags[o]);
        fprintf(out, ", \"dead\": %s", dead[class[o]]);
        fprintf(out, ", \"site\": %" PRIu32 ", ", site);
        ndjson_place(out, process, site);
        fputs("}\n", out);
        progress_update(o, snapshot->object_count);
    }
}

void ndjson_edges(FILE *out, const struct snapshot *snapshot)
{
    for (uint32_t o = 0; o < snapshot->object_count; o++) {
        int64_t index = -1; /* of the previous edge that has one */
        for (uint64_t e = snapshot->edge_first[o]; e < snapshot->edge_first[o + 1]; e++) {
            uint32_t label = snapshot->edge_label[e];
            fprintf(out, "{\"source\": %" PRIu32 ", \"target\": %" PRIu32, o,
                    snapshot->edge_target[e]);
            json_text(out, ", \"kind\": ", label_kind_name(label));
            json_text(out, ", \"name\": ", edge_label_name(snapshot, label));
            if ((label & OURO_LABEL_KIND_MASK) == OURO_LABEL_INDEX) {
                index += 1 + ouro_unzigzag(label >> OURO_LABEL_SHIFT);
                fprintf(out, ", \"index\": %" PRId64, index);
            }
            fprintf(out, ", \"hidden\": %s, \"borrowed\": %s}\n",
                    label & OURO_LABEL_HIDDEN ? "true" : "false",
                    label & OURO_LABEL_BORROWED ? "true" : "false");
        }
        progress_update(o, snapshot->object_count);
    }
}

static int objects_of(FILE *out, const struct export_request *request, char *error,
                      size_t error_size)
{
    struct garbage garbage;
    int status = garbage_find(request->snapshot, &garbage);
    if (status < 0)
        snprintf(error, error_size, "not enough memory");
    else
        ndjson_objects(out, request->process, request->snapshot, garbage.class);
    garbage_free(&garbage);
    return status;
}

static int lives_of(FILE *out, const struct process *process, char *error, size_t error_size)
{
    if (!process->life_count) {
        snprintf(error, error_size, "%s has no lives: record them with 'ouro run --lives'",
                 process->file);
        return -1;
    }
    int status = ndjson_lives(out, process, error, error_size);
    if (status > 0)
        snprintf(error, error_size, "%s is damaged: some of its lives are lost", process->file);
    return status;
}

int ndjson_write(FILE *out, const struct export_request *request, char *error, size_t error_size)
{
    const struct process *process = request->process;
    int status = 0;
    if (strcmp(request->what, "lives") == 0)
        status = lives_of(out, process, error, error_size);
    else if (strcmp(request->what, "sites") == 0)
        ndjson_sites(out, process);
    else if (strcmp(request->what, "epochs") == 0)
        ndjson_epochs(out, process);
    else if (strcmp(request->what, "objects") == 0)
        status = objects_of(out, request, error, error_size);
    else
        ndjson_edges(out, request->snapshot);
    return status < 0 ? EXIT_UNUSABLE : status > 0 ? EXIT_INCOMPLETE : EXIT_DONE;
}

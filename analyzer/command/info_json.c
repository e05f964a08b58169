/* SPDX-License-Identifier: MIT */
#include "command/info_json.h"

#include <jansson.h>
#include <string.h>

#include "command/info_chunks.h"
#include "model/precision.h"
#include "text/text.h"
#include "trace/trace_names.h"

static json_t *seconds(uint64_t ns)
{
    return json_real((double)ns / 1e9);
}

static json_t *integer(uint64_t value)
{
    return json_integer(value <= INT64_MAX ? (json_int_t)value : INT64_MAX);
}

/* What a snapshot that was not loaded may not say. */
static json_t *said(uint64_t value)
{
    return value == UINT64_MAX ? json_null() : integer(value);
}

static json_t *arguments(const struct process *p)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < p->argument_count; i++)
        json_array_append_new(array, json_string(p->arguments[i]));
    return array;
}

static json_t *snapshots(const struct process *p)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < p->snapshot_count; i++) {
        const struct snapshot *s = &p->snapshots[i];
        json_array_append_new(
            array, json_pack("{si ss ss sb ss so so so so so so}", "number", (int)s->number,
                             "reason", snapshot_reason_name(s->reason), "status",
                             s->whole ? snapshot_status_name(s->status) : "incomplete", "whole",
                             (int)s->whole, "text", s->text, "time", seconds(s->time), "clock",
                             integer(s->clock), "pause", seconds(s->pause), "objects",
                             said(s->objects), "edges", said(s->edges), "bytes", said(s->bytes)));
    }
    return array;
}

static json_t *notes(const struct process *p)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < p->note_count; i++)
        json_array_append_new(array,
                              json_pack("{ss ss so}", "kind", note_name(p->notes[i].code), "text",
                                        p->notes[i].text, "time", seconds(p->notes[i].time)));
    return array;
}

static json_t *chunks(const struct process *p)
{
    struct chunk_census census;
    json_t *array = json_array();
    if (!info_chunks(p, &census))
        return array;
    for (size_t i = 0; i < census.count; i++)
        json_array_append_new(array, json_pack("{ss so so so}", "type", census.types[i].name,
                                               "chunks", integer(census.types[i].chunks),
                                               "stored_bytes", integer(census.types[i].stored),
                                               "raw_bytes", integer(census.types[i].raw)));
    return array;
}

static json_t *process(const struct process *p)
{
    struct event_counts events = precision_events(p);
    uint64_t lost = precision_lost(p);
    json_t *object =
        json_pack("{ss so so ss ss ss ss ss so ss so}", "trace", p->file, "pid", integer(p->pid),
                  "parent_pid", integer(p->parent_pid), "parent_trace", p->parent_trace, "runtime",
                  p->runtime, "runtime_version", p->runtime_version, "build", p->build,
                  "executable", p->executable, "argv", arguments(p), "directory", p->directory,
                  "started", seconds(p->wall));
    json_t *rest = json_pack(
        "{ss so so so sb so s{sb ss so so so so so so} s{so so so so so} s{so so so so} so so so}",
        "stacks",
        p->sample                                                       ? "sampled"
        : p->flags & OURO_PROCESS_APPROXIMATE || lost != PRECISION_KEPT ? "approximate"
                                                                        : "exact",
        "approximate_from",
        p->flags & OURO_PROCESS_APPROXIMATE ? seconds(0)
        : lost != PRECISION_KEPT            ? seconds(lost)
                                            : json_null(),
        "sample", p->sample ? integer(p->sample) : json_null(), "lives", integer(p->life_count),
        "ended", (int)p->ended, "exit_status",
        p->exit_status_known ? json_integer(p->exit_status) : json_null(), "file", "truncated",
        (int)p->truncated, "damage", p->damage, "bytes", integer(p->bytes), "bytes_used",
        integer(p->bytes_used), "chunks", integer(p->chunks), "chunks_unknown",
        integer(p->chunks_unknown), "chunks_damaged", integer(p->chunks_damaged), "chunks_missing",
        integer(p->chunks_missing), "events", "births", integer(events.births), "deaths_refcount",
        integer(events.deaths[0]), "deaths_collector", integer(events.deaths[1]), "deaths_shutdown",
        integer(events.deaths[2]), "unknown_frees", integer(p->end_unknown_frees), "ledger",
        "epochs", integer(p->epoch_count), "rows", integer(p->row_count), "sites",
        integer(p->site_count), "functions", integer(p->function_count), "snapshots", snapshots(p),
        "notes", notes(p), "chunk_types", chunks(p));
    if (!object || !rest || json_object_update(object, rest) != 0) {
        json_decref(object);
        object = NULL;
    }
    json_decref(rest);
    return object;
}

bool info_json(FILE *out, const struct run *run)
{
    json_t *processes = json_array(), *problems = json_array();
    for (uint32_t i = 0; i < run->process_count; i++)
        json_array_append_new(processes, process(&run->processes[i]));
    for (uint32_t i = 0; i < run->problem_count; i++)
        json_array_append_new(problems, json_string(run->problems[i]));
    char path[4096];
    text_escape_into(path, sizeof path, (const unsigned char *)run->path, strlen(run->path),
                     TEXT_NAME);
    bool whole = json_array_size(processes) == run->process_count;
    json_t *root = json_pack("{ss ss so so}", "schema", "ouro.info/1", "path", path, "problems",
                             problems, "processes", processes);
    if (root && whole && json_dumpf(root, out, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) == 0)
        fputc('\n', out);
    else
        whole = false;
    json_decref(root);
    return whole;
}

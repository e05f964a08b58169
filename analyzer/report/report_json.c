/* SPDX-License-Identifier: MIT */
/*
 * The report as JSON (docs/report.schema.json). One element of a list a line, written as soon as it
 * is made, so that memory does not grow with the report.
 */
#include "report/json_writer.h"
#include "trace/trace_names.h"

static json_t *arguments_json(const struct process *p)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < p->argument_count; i++)
        array = json_append(array, json_string(p->arguments[i]));
    return array;
}

static json_t *process_element(const struct report *report, uint32_t index)
{
    const struct process *p = &report->run->processes[index];
    json_t *o = json_object();
    o = json_with(o, "pid", json_number(p->pid));
    o = json_with(o, "parent_pid", json_number(p->parent_pid));
    o = json_with(o, "trace", json_string(p->file));
    o = json_with(o, "origin", json_string(p->origin == OURO_ORIGIN_FORK ? "fork" : "exec"));
    o = json_with(o, "argv", arguments_json(p));
    o = json_with(o, "exit_status",
                  p->exit_status_known ? json_integer(p->exit_status) : json_null());
    o = json_with(o, "truncated", json_boolean(report_process_truncated(p)));
    return json_with(o, "snapshots", json_number(p->snapshot_count));
}

void json_run_write(struct writer *w)
{
    const struct process *p = w->report->process;
    json_t *notices = json_array();
    for (uint32_t i = 0; i < w->report->notice_count; i++)
        notices = json_append(notices, json_string(w->report->notices[i]));
    writer_member(w, "\"run\": {\"argv\": ", arguments_json(p));
    writer_member(w, ", \"runtime\": ", json_sprintf("%s %s", p->runtime, p->runtime_version));
    writer_member(w, ", \"pid\": ", json_number(p->pid));
    writer_member(w, ", \"exit_status\": ",
                  p->exit_status_known ? json_integer(p->exit_status) : json_null());
    writer_member(w, ", \"truncated\": ", json_boolean(w->report->truncated));
    writer_member(w, ", \"stacks\": ", json_string(report_stacks(p)));
    writer_member(w, ", \"notices\": ", notices);
    writer_list(w, ",\n\"processes\": [", w->report->run->process_count, REPORT_ALL,
                process_element);
    writer_text(w, "}");
}

int report_json(FILE *out, const struct report *report, uint32_t top)
{
    struct writer w = {out, report, top, false};
    writer_text(&w, "{\"schema\": \"ouro.report/1\",\n");
    json_run_write(&w);
    writer_text(&w, ",\n");
    json_heap_write(&w);
    writer_text(&w, ",\n");
    json_cycles_write(&w);
    writer_text(&w, ",\n");
    json_interning_write(&w);
    writer_text(&w, ",\n");
    json_leaks_write(&w);
    writer_text(&w, ",\n");
    json_tests_write(&w);
    writer_text(&w, ",\n");
    json_retained_write(&w);
    writer_text(&w, ",\n");
    json_churn_write(&w);
    writer_text(&w, ",\n");
    json_gc_write(&w);
    writer_text(&w, ",\n");
    json_native_write(&w);
    writer_text(&w, "}\n");
    return w.failed || ferror(out) ? -1 : 0;
}

int report_churn_json(FILE *out, const struct report *report, uint32_t top)
{
    struct writer w = {out, report, top, false};
    writer_text(&w, "{");
    json_churn_write(&w);
    writer_text(&w, "}\n");
    return w.failed || ferror(out) ? -1 : 0;
}

int report_gc_json(FILE *out, const struct report *report, uint32_t top)
{
    struct writer w = {out, report, top, false};
    writer_text(&w, "{");
    json_gc_write(&w);
    writer_text(&w, "}\n");
    return w.failed || ferror(out) ? -1 : 0;
}

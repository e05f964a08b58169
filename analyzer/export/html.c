/* SPDX-License-Identifier: MIT */
#include "export/html.h"

#include <stdlib.h>

#include "export/call_tree.h"
#include "export/html_page.h"
#include "export/html_parts.h"
#include "export/html_text.h"
#include "report/json_writer.h"

/* How much of what is in the page: enough to look at, and a page of a few megabytes at most. */
enum {
    LIST_MOST = 500, /* groups of cycles, equal values and so on */
    TESTS_MOST = 20000,
    CHURN_MOST = 2000,
    CALLS_MOST = 8000,
    OBJECTS_MOST = 5000, /* of the dominator tree */
    EVENTS_MOST = 5000,
};

struct document {
    struct html_page page;
    const struct export_request *request;
    struct report report;
    struct call_tree calls;
    struct place_numbers numbers;
    uint32_t *node_of_site;
};

/* A section of the report with at most so many elements in its lists. */
static bool section(struct document *d, FILE *out, const char *before, uint32_t top,
                    void (*write)(struct writer *w))
{
    struct writer w = {out, &d->report, top, false};
    writer_text(&w, before);
    write(&w);
    return !w.failed;
}

static json_t *type_kept(const struct report *report, uint32_t index)
{
    const struct retained_entry *e = &report->retained_types.entries[index];
    json_t *o = json_with(json_object(), "type", json_text_or_null(e->type));
    o = json_with(o, "of_program", json_boolean(e->heap_type));
    o = json_with(o, "objects", json_number(e->objects));
    o = json_with(o, "bytes_shallow", json_number(e->shallow));
    return json_with(o, "bytes_retained", json_number(e->retained));
}

/* docs/report.schema.json, but that places are numbers, lists are bounded, and savings are there. */
static bool report_write(struct document *d)
{
    FILE *out = html_page_data(&d->page, "report");
    if (!out)
        return false;
    struct writer w = {out, &d->report, LIST_MOST, false};
    bool ok = section(d, out, "{\"schema\": \"ouro.html/1\",\n", LIST_MOST, json_run_write) &&
              section(d, out, ",\n", REPORT_DEFAULT, json_heap_write) &&
              section(d, out, ",\n", LIST_MOST, json_cycles_write) &&
              section(d, out, ",\n", LIST_MOST, json_leaks_write) &&
              section(d, out, ",\n", LIST_MOST, json_interning_write) &&
              section(d, out, ",\n", LIST_MOST, json_savings_write) &&
              section(d, out, ",\n", TESTS_MOST, json_tests_write) &&
              section(d, out, ",\n", REPORT_DEFAULT, json_retained_write) &&
              section(d, out, ",\n", LIST_MOST, json_gc_write) &&
              section(d, out, ",\n", LIST_MOST, json_native_write) &&
              section(d, out, ",\n", CHURN_MOST, json_churn_write);
    writer_list(&w, ",\n\"retained_types\": [", d->report.retained_types.count, LIST_MOST,
                type_kept);
    writer_member(&w, ",\n\"cycle_kinds\": ", json_number(d->report.cycles.kinds));
    writer_member(&w, ", \"cycle_groups\": ", json_number(d->report.cycles.group_count));
    writer_member(&w, ", \"pending_groups\": ", json_number(d->report.cycles.pending_groups));
    writer_member(&w, ", \"lists_most\": ", json_number(LIST_MOST));
    writer_member(&w, ", \"churn_most\": ", json_number(CHURN_MOST));
    writer_member(&w, ", \"version\": ", json_string(OURO_VERSION));
    writer_member(&w, ", \"start\": ", json_seconds(d->request->process->wall));
    html_string(out, ", \"directory\": ", d->request->process->directory);
    html_string(out, ", \"path\": ", d->request->run->path);
    fputs("}\n", out);
    return html_page_data_end(&d->page) == 0 && ok && !w.failed;
}

/* After the report, which says what places it refers to. */
static bool parts_write(struct document *d)
{
    FILE *out = html_page_data(&d->page, "calls");
    if (!out || call_tree_json(out, &d->calls, CALLS_MOST, d->numbers.used) < 0 ||
        html_page_data_end(&d->page) < 0)
        return false;
    out = html_page_data(&d->page, "tree");
    if (!out || html_tree_write(out, &d->report, OBJECTS_MOST) < 0 ||
        html_page_data_end(&d->page) < 0)
        return false;
    out = html_page_data(&d->page, "events");
    if (!out || html_events_write(out, &d->report, EVENTS_MOST) < 0 ||
        html_page_data_end(&d->page) < 0)
        return false;
    out = html_page_data(&d->page, "patterns");
    if (!out || html_patterns_write(out, &d->report) < 0 || html_page_data_end(&d->page) < 0)
        return false;
    if (!d->request->sources)
        return true;
    out = html_page_data(&d->page, "source");
    return out &&
           html_sources_write(out, d->request->process, d->numbers.sites, d->numbers.count) == 0 &&
           html_page_data_end(&d->page) == 0;
}

/* Native leaks are found without --native, too. */
static bool has_native(const struct report *report)
{
    return report->process->native_sample ||
           (report->snapshot && report->snapshot->unreached.count);
}

static bool build(struct document *d)
{
    const struct export_request *q = d->request;
    struct report *r = &d->report;
    if (report_build(q->run, q->process, r) < 0 ||
        (r->snapshot && savings_find(q->process, r->snapshot, &r->order, &r->sites, &r->garbage,
                                     &r->interning, &r->savings) < 0) ||
        (has_native(r) && report_add_native(r) < 0) || call_tree_begin(&d->calls, 1, false) < 0 ||
        call_tree_add(&d->calls, r, 0, &d->node_of_site) < 0)
        return false;
    d->numbers.of_site = d->node_of_site;
    d->numbers.used = calloc(d->calls.nodes.count, 1);
    d->numbers.sites = calloc(d->calls.nodes.count, sizeof *d->numbers.sites);
    r->numbers = &d->numbers;
    return d->numbers.used && d->numbers.sites;
}

int html_write(FILE *out, const struct export_request *request, char *error, size_t error_size)
{
    struct document d = {.request = request};
    int status = EXPORT_FAILED;
    if (build(&d)) {
        html_page_begin(&d.page, out);
        if (report_write(&d) && parts_write(&d))
            status = d.report.damaged ? EXPORT_INCOMPLETE : EXPORT_DONE;
        html_page_end(&d.page);
    }
    if (status == EXPORT_FAILED && !ferror(out))
        snprintf(error, error_size, "not enough memory for the page");
    call_tree_free(&d.calls);
    free(d.node_of_site);
    free(d.numbers.used);
    free(d.numbers.sites);
    report_free(&d.report);
    return status;
}

/* SPDX-License-Identifier: MIT */
/* Records of native memory: a stack each, its native frames as a list. */
#include "export/records.h"
#include "report/report.h"

#define KIND(names) .fields = (names), .count = sizeof(names) / sizeof *(names)

static bool site_write(struct record_writer *writer, const struct report *report,
                       const struct native_site *site)
{
    struct cell cells[14] = {
        cell_number(site->alive_bytes),
        cell_number(site->alive),
        cell_number(site->bytes),
        cell_number(site->blocks),
    };
    cells[4] = cell_text(native_kind_name(site->kind));
    record_place(cells + 5, report->process, site->site);
    record_open(writer, cells);
    for (uint32_t i = 0; i < site->count; i++) {
        const struct native_code *code = symbols_find(report->symbols, site->addresses[i]);
        if (!code)
            return false;
        for (uint32_t n = 0; n < code->count; n++) {
            const struct native_place *place = &code->places[n];
            cells[9] = cell_text(place->function);
            cells[10] = cell_text(place->file);
            cells[11] = cell_number(place->line);
            cells[12] = cell_text(place->module);
            cells[13] = cell_flag(place->inlined);
            record_entry(writer, cells);
        }
    }
    record_close(writer, cells);
    return true;
}

int records_native(FILE *out, enum record_form form, const struct export_request *request,
                   char *error, size_t error_size)
{
    static const char *const fields[] = {
        "alive_bytes", "alive",       "bytes",  "count",    "kind",
        "site",        "file",        "line",   "function", "native_function",
        "native_file", "native_line", "module", "inlined"};
    static const struct record_kind kind = {KIND(fields), .inner = 9, .list = "native_stack"};
    struct report report;
    int status = -1;
    bool ok = report_build_native(request->run, request->process, &report) == 0;
    struct record_writer writer = record_begin(out, form, &kind);
    for (uint32_t i = 0; ok && i < report.native.count; i++)
        ok = site_write(&writer, &report, &report.native.list[i]);
    if (ok)
        status = report.damaged;
    else
        snprintf(error, error_size, "not enough memory");
    report_free(&report);
    return status;
}

/* SPDX-License-Identifier: MIT */
/* ouro types */
#include <jansson.h>

#include "analysis/type_table.h"
#include "command/command.h"
#include "command/options.h"
#include "command/section.h"
#include "report/json_writer.h"
#include "report/page.h"
#include "report/text_section.h"
#include "text/human.h"
#include "text/progress.h"

static void print_text(const struct report *report, const struct type_table *table,
                       const char *path, uint32_t top)
{
    struct page page = page_make(stdout, report->process, page_locale_is_utf8());
    text_head(&page, "OURO TYPES", path);
    text_notices(&page, report);
    printf("\n  %11s %10s %6s %10s %6s  type\n", "objects", "bytes", "share", "retained", "share");
    for (uint32_t t = 0; t < table->count && t < top; t++) {
        const struct type_row *row = &table->rows[t];
        printf("  %11s %10s %5.1f%% %10s %5.1f%%  ", human_count(row->count).text,
               human_bytes(row->bytes).text, text_percent(row->bytes, report->heap.bytes),
               human_bytes(row->retained).text, text_percent(row->retained, report->heap.bytes));
        page_name(&page, row->type, PAGE_WIDTH - 53);
        putchar('\n');
    }
    text_more(&page, table->count, top, "types");
}

static int print_json(const struct report *report, const struct type_table *table, uint32_t top)
{
    uint32_t shown = table->count < top ? table->count : top;
    json_t *entries = json_array();
    for (uint32_t t = 0; t < shown; t++) {
        const struct type_row *row = &table->rows[t];
        json_t *o = json_with(json_object(), "type", json_string(row->type));
        o = json_with(o, "count", json_number(row->count));
        o = json_with(o, "tracked", json_number(row->tracked));
        o = json_with(o, "dead", json_number(row->dead));
        o = json_with(o, "bytes", json_number(row->bytes));
        o = json_with(o, "bytes_retained", json_number(row->retained));
        entries = json_append(entries, o);
    }
    json_t *types = json_with(json_object(), "objects", json_number(report->heap.objects));
    types = json_with(types, "bytes", json_number(report->heap.bytes));
    types = json_with(types, "more", json_number(table->count - shown));
    types = json_with(types, "entries", entries);
    types = json_with(json_object(), "types", types);
    int status = types && json_dumpf(types, stdout, JSON_COMPACT) == 0 ? 0 : -1;
    json_decref(types);
    putchar('\n');
    return status;
}

int command_types(int argc, char **argv)
{
    enum { TEXT, JSON };
    unsigned format = TEXT, sort = TYPE_SORT_BYTES;
    uint64_t top = SECTION_NO_TOP, pid = SECTION_NO_PROCESS;
    const char *snapshot = NULL;
    const struct option_spec options[] = {
        SECTION_FORMAT_OPTION(&format),
        {"sort", 's', "bytes|count|retained", "what comes first (default: bytes)", OPTION_CHOICE,
         &sort},
        {"top", 'n', "N", "types, 0 for all (default: text 10, json all)", OPTION_NUMBER, &top},
        SECTION_PROCESS_OPTION(&pid),
        SECTION_SNAPSHOT_OPTION(&snapshot),
        {0},
    };
    const struct usage usage = {
        "types",
        "RUN",
        "Prints the heap by type: how many objects, the bytes of their own blocks, and what they\n"
        "keep alive.",
        options,
        1,
        1,
        "'retained' is what would be freed if all objects of the type went away now. Types retain\n"
        "each other's objects, so that column does not add up. Dead objects retain nothing.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    struct section section;
    struct report report;
    struct type_table table = {0};
    if (first < 0)
        return status;
    if ((status = section_open_at(&section, argv[first], top, pid, snapshot)) != EXIT_DONE)
        return status;
    progress_begin("analyzing");
    int built =
        report_build_retained(section.run, section.process, RETAINED_BY_TYPE, REPORT_ALL, &report);
    if (!built && report.snapshot)
        built = type_table_make(report.snapshot, &report.order, &report.heap, &report.garbage,
                                &report.retained, (enum type_sort)sort, &table);
    progress_end();
    uint32_t most = section.top != REPORT_DEFAULT ? section.top
                    : format == JSON              ? REPORT_ALL
                                                  : TEXT_TOP;
    status = report.damaged ? EXIT_INCOMPLETE : EXIT_DONE;
    if (built)
        status = command_fail("%s: not enough memory", argv[first]);
    else if (!report.snapshot)
        status = command_fail("%s has no snapshot", argv[first]);
    else if (format == TEXT)
        print_text(&report, &table, argv[first], most);
    else if (print_json(&report, &table, most) < 0)
        status = command_fail("%s: the types cannot be written", argv[first]);
    type_table_free(&table);
    report_free(&report);
    section_close(&section);
    return status;
}

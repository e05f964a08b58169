/* SPDX-License-Identifier: MIT */
#include "compare/baseline.h"
#include "export/call_tree.h"
#include "export/html.h"
#include "export/html_page.h"
#include "load/load.h"
#include "text/progress.h"

/* Calls in the page. Functions, not lines: fewer than in a report of one run. */
#define CALLS_MOST 8000u

/* Adds all processes of a run to a side of the tree. */
static int side_add(struct call_tree *calls, const char *path, uint32_t side, char *error,
                    size_t error_size)
{
    struct run *run;
    int status = 0;
    if (run_open(path, &run, error, error_size) < 0)
        return -1;
    progress_begin("analyzing");
    for (uint32_t i = 0; !status && i < run->process_count; i++) {
        struct report report;
        if (report_build_profile(run, &run->processes[i], &report) < 0 ||
            (run->processes[i].native_sample && report_add_native(&report) < 0) ||
            call_tree_add(calls, &report, side, NULL) < 0) {
            snprintf(error, error_size, "%s: not enough memory for the page", path);
            status = -1;
        }
        report_free(&report);
    }
    progress_end();
    run_free(run);
    return status;
}

static bool changes_write(struct html_page *page, const struct difference *difference,
                          const struct diff_names *names)
{
    FILE *out = html_page_data(page, "diff");
    bool ok = out && diff_json(out, difference, names, UINT32_MAX) == 0;
    return html_page_data_end(page) == 0 && ok;
}

static bool calls_write(struct html_page *page, const struct call_tree *calls)
{
    FILE *out = html_page_data(page, "calls");
    bool ok = out && call_tree_json(out, calls, CALLS_MOST, NULL) == 0;
    return html_page_data_end(page) == 0 && ok;
}

int html_diff_write(FILE *out, const struct difference *difference, const struct diff_names *names,
                    char *error, size_t error_size)
{
    struct html_page page;
    struct call_tree calls = {0};
    bool runs = !baseline_is(names->before[0]) && !baseline_is(names->after[0]);
    int status = EXPORT_FAILED;
    if (runs) {
        if (call_tree_begin(&calls, 2, true) < 0) {
            snprintf(error, error_size, "not enough memory for the page");
            goto out;
        }
        if (side_add(&calls, names->before[0], 0, error, error_size) < 0 ||
            side_add(&calls, names->after[0], 1, error, error_size) < 0)
            goto out;
    }
    html_page_begin(&page, out);
    bool ok = changes_write(&page, difference, names) && (!runs || calls_write(&page, &calls));
    html_page_end(&page);
    if (ok)
        status = EXPORT_DONE;
    else if (!ferror(out))
        snprintf(error, error_size, "not enough memory for the page");
out:
    call_tree_free(&calls);
    return status;
}

/* SPDX-License-Identifier: MIT */
#include "export/dot.h"

#include <string.h>

#include "report/report.h"

/* Objects whose paths are drawn: more cannot be read. */
#define PATHS_MOST 20u

int dot_write(FILE *out, const struct export_request *request, char *error, size_t error_size)
{
    struct report report;
    bool cycles = strcmp(request->what, "cycles") == 0;
    int built = cycles ? report_build_cycles(request->run, request->process, &report)
                       : report_build_retained(request->run, request->process, RETAINED_BY_OBJECT,
                                               PATHS_MOST, &report);
    int status = built < 0 ? EXPORT_FAILED : report.damaged ? EXPORT_INCOMPLETE : EXPORT_DONE;
    if (built < 0)
        snprintf(error, error_size, "not enough memory");
    else if (cycles)
        report_cycles_dot(out, &report, REPORT_DEFAULT);
    else
        report_retained_dot(out, &report, REPORT_DEFAULT);
    report_free(&report);
    return status;
}

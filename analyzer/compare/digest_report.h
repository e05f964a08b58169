/* SPDX-License-Identifier: MIT */
/* From the report of a process, and from a whole run, to what can be compared. */
#ifndef OURO_ANALYZER_DIGEST_REPORT_H
#define OURO_ANALYZER_DIGEST_REPORT_H

#include "compare/digest.h"
#include "report/report.h"

/* The digest of one process. Returns 0, or -1 without memory; released by digest_free() either way. */
int digest_of_report(const struct report *report, struct digest *digest);

/* The digest of all processes of a run together. Returns as above. */
int digest_of_run(const struct run *run, struct digest *digest);

/* One digest for each process of a run, in their order: `processes` has room for all of them. Returns
 * as above; those not made are empty. */
int digest_processes(const struct run *run, struct digest *processes);

#endif

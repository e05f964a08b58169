/* SPDX-License-Identifier: MIT */
/* Private to making digests: what is alive by line and type, by type, and by who holds it. */
#ifndef OURO_ANALYZER_DIGEST_ALIVE_H
#define OURO_ANALYZER_DIGEST_ALIVE_H

#include "compare/digest.h"
#include "compare/source_lines.h"
#include "report/report.h"

/* Adds the items DIGEST_ALIVE, DIGEST_TYPE and DIGEST_HOLDER. Returns 0, or -1 without memory. */
int digest_add_alive(const struct report *report, struct source_lines *lines,
                     struct digest *digest);

#endif

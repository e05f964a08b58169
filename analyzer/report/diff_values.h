/* SPDX-License-Identifier: MIT */
/* Private to what is written of changes: a change as JSON. */
#ifndef OURO_ANALYZER_DIFF_VALUES_H
#define OURO_ANALYZER_DIFF_VALUES_H

#include "compare/difference.h"
#include "report/json_writer.h"

/* A new reference, or NULL without memory. */
json_t *change_json(const struct change *change);

#endif

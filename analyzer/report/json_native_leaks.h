/* SPDX-License-Identifier: MIT */
/* Native leaks as JSON. */
#ifndef OURO_ANALYZER_JSON_NATIVE_LEAKS_H
#define OURO_ANALYZER_JSON_NATIVE_LEAKS_H

#include "report/json_writer.h"

/* What the search for blocks that nothing leads to has found in all. */
json_t *json_unreached(const struct report *report);

/* An element of native.leaks. */
json_t *json_native_leak(const struct report *report, uint32_t index);

#endif

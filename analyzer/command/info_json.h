/* SPDX-License-Identifier: MIT */
/* `ouro info --format json`. */
#ifndef OURO_ANALYZER_INFO_JSON_H
#define OURO_ANALYZER_INFO_JSON_H

#include <stdbool.h>
#include <stdio.h>

#include "model/model.h"

/* Writes one JSON object and a newline. Sizes in bytes, times in seconds. False: no memory. */
bool info_json(FILE *out, const struct run *run);

#endif

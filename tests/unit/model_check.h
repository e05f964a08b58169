/* SPDX-License-Identifier: MIT */
/* What has to hold in every model that the loader makes, whatever the trace was. */
#ifndef OURO_MODEL_CHECK_H
#define OURO_MODEL_CHECK_H

#include "model/model.h"

/* The first thing that does not hold, as it stands in the source; NULL: all of it holds. */
const char *model_check(const struct run *run);
const char *model_check_snapshot(const struct process *process, const struct snapshot *snapshot);

#endif

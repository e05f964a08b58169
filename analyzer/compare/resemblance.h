/* SPDX-License-Identifier: MIT */
/*
 * What something new resembles: a function that is gone and allocated the same types at the same
 * distances from its beginning, or a kind of cycles that is gone and was made at the same place or
 * has the same references. A renamed function or class is told so.
 */
#ifndef OURO_ANALYZER_RESEMBLANCE_H
#define OURO_ANALYZER_RESEMBLANCE_H

#include "compare/align.h"

/*
 * For every item of `after` that has no partner a sentence part ("parse in app.py, which is gone"), or
 * NULL: an array of after->count texts, in the arena. Returns NULL without memory.
 */
const char **resemblance_find(const struct digest *before, const struct digest *after,
                              const struct alignment *alignment, struct arena *arena);

#endif

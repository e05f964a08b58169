/* SPDX-License-Identifier: MIT */
/* `ouro path --all`: the paths to many objects as one tree. */
#ifndef OURO_ANALYZER_PATH_ALL_H
#define OURO_ANALYZER_PATH_ALL_H

#include "graph/merged_paths.h"
#include "report/page.h"

/* Levels of the tree: each is a frame of the writer's stack. */
#define PATH_ALL_DEPTH_MAX 200u

void path_all_text(const struct page *page, const struct merged_paths *merged, const char *what);

/* Returns 0, or -1 when it cannot be written. */
int path_all_json(FILE *out, const struct merged_paths *merged, const char *what);

#endif

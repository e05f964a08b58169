/* SPDX-License-Identifier: MIT */
/*
 * The text of an edge as reports print it after the type it starts from: ".name", "['key']", "[*]",
 * "local err", "cell f", "key" and so on; "" for a reference that could not be named.
 */
#ifndef OURO_ANALYZER_EDGE_LABEL_H
#define OURO_ANALYZER_EDGE_LABEL_H

#include "model/model.h"
#include "structure/arena.h"

/* The name in a label, or "" for the kinds that have none. The name of a key is its text as a program
 * would write it: 'name' with quotes, None, <int>. */
const char *edge_label_name(const struct snapshot *snapshot, uint32_t label);

/* The text for a kind (enum ouro_label_kind) and name, in the arena; NULL without memory. */
const char *edge_label_text(struct arena *arena, uint32_t kind, const char *name);

#endif

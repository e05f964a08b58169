/* SPDX-License-Identifier: MIT */
/*
 * The name of a growth suspect, the same between runs, machines and edits of the source that only move
 * lines: a hash of the references that lead to the container (types, attributes, variables; no keys,
 * indexes, lines or threads), of what is put into it, and of the function that makes what piles up. And
 * how it reads: "cache gathers str", "app leads to more and more str".
 */
#ifndef OURO_ANALYZER_GROWTH_NAME_H
#define OURO_ANALYZER_GROWTH_NAME_H

#include "growth/growth.h"

/* Sets the signature of a suspect whose members and path are known. */
void growth_signature(const struct process *process, struct growth_suspect *suspect);

/* What stands between the container's name and that of the type, with the spaces around it. */
const char *growth_verb(const struct growth_suspect *suspect);

#endif

/* SPDX-License-Identifier: MIT */
/* A look at the program before it is started: can a library be preloaded into it at all? */
#ifndef OURO_ANALYZER_RUN_PROGRAM_H
#define OURO_ANALYZER_RUN_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether something about the program that name starts (looked up in PATH as execvp() does, scripts
 * followed to their interpreter) keeps the dynamic loader from preloading: it is statically linked,
 * made for another architecture, or gains privileges. If so puts a few words about it into why:
 * "/bin/x is statically linked". False also when the file cannot be examined.
 */
bool program_refuses_preload(const char *name, char *why, size_t why_size);

#endif

/* SPDX-License-Identifier: MIT */
/* Private to the reports as graphs for Graphviz. */
#ifndef OURO_ANALYZER_DOT_H
#define OURO_ANALYZER_DOT_H

#include <stdio.h>

/* The beginning of a graph: its name and what nodes and edges look like. */
void dot_begin(FILE *out, const char *name);

/* The inside of a quoted string: what a program named, however long, as a label that can be read. */
void dot_quoted(FILE *out, const char *text);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The rows of a statement as text. What is in them may be anything that a statement can make of the
 * program's data: control characters never reach a terminal, and every format stays valid.
 */
#ifndef OURO_ANALYZER_SQL_ROWS_H
#define OURO_ANALYZER_SQL_ROWS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum rows_form { ROWS_TABLE, ROWS_CSV, ROWS_JSON, ROWS_NDJSON };

struct rows_writer;

/* A writer for the columns of a statement; NULL without memory. */
struct rows_writer *rows_begin(FILE *out, enum rows_form form, sqlite3_stmt *statement);

/* Writes the statement's present row. Returns 0, or -1 without memory. */
int rows_write(struct rows_writer *writer);

/*
 * Writes what is still to be written, and releases the writer (NULL is allowed). Not whole: the
 * statement failed; then nothing is written if there was no row, and JSON stays without its end.
 */
void rows_end(struct rows_writer *writer, bool whole);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A run as an SQLite file: the same tables and views as `ouro query` has. Names of types and places are
 * kept once, so `objects`, `edges` and others are views over tables of numbers with indexes.
 */
#ifndef OURO_ANALYZER_SQL_FILE_H
#define OURO_ANALYZER_SQL_FILE_H

#include "export/export.h"

/* A format of export.h. */
int sqlite_write_file(const char *path, const struct export_request *request, char *error,
                      size_t error_size);

#endif

/* SPDX-License-Identifier: MIT */
/* What `ouro query` and `--format sqlite` have besides the tables of table.h, and all of it listed. */
#ifndef OURO_ANALYZER_SQL_VIEWS_H
#define OURO_ANALYZER_SQL_VIEWS_H

#include <stdio.h>

#include "sql/table.h"

struct sql_view {
    const char *name, *help;
    const char *columns; /* in words, for the list */
    const char *select;
};

/* Views over the tables; the row after the last has no name. */
extern const struct sql_view sql_views[];

/* Prints tables, views and their columns. */
void sql_schema_print(FILE *out);

/* The table or view, or the column of any, whose name is most like a word; NULL: none is. */
const char *sql_suggest_table(const char *word);
const char *sql_suggest_column(const char *word);

#endif

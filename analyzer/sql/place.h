/* SPDX-License-Identifier: MIT */
/* Private to tables_*.c: columns that many tables have. */
#ifndef OURO_ANALYZER_SQL_PLACE_H
#define OURO_ANALYZER_SQL_PLACE_H

#include "sql/source.h"

#define COUNT(array) (int)(sizeof(array) / sizeof *(array))

/* Three columns of the innermost frame of a site: part 0 its file, 1 its line, 2 its function. */
static inline int sql_place(const struct sql_source *source, uint32_t site, int part,
                            sqlite3_context *context)
{
    const char *file = "", *function = "";
    uint32_t line = 0;
    if (site)
        site_place(source->process, site, &file, &line, &function);
    return part == 0   ? sql_text(context, file)
           : part == 1 ? sql_number(context, line)
                       : sql_text(context, function);
}

/* The row with that number, if there is one. */
static inline struct sql_rows sql_row(int64_t row, uint64_t count)
{
    bool there = row >= 0 && (uint64_t)row < count;
    return there ? (struct sql_rows){NULL, (uint64_t)row, (uint64_t)row + 1} : (struct sql_rows){0};
}

#endif

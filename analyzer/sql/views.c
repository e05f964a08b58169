/* SPDX-License-Identifier: MIT */
#include "sql/views.h"

#include <string.h>

#include "text/suggest.h"

const struct sql_table *const sql_tables[] = {
    &sql_table_run,    &sql_table_objects,     &sql_table_edges,      &sql_table_labels,
    &sql_table_types,  &sql_table_roots,       &sql_table_sites,      &sql_table_frames,
    &sql_table_cycles, &sql_table_suspects,    &sql_table_duplicates, &sql_table_allocations,
    &sql_table_epochs, &sql_table_collections, &sql_table_lives,      NULL,
};

const struct sql_view sql_views[] = {
    {"garbage", "objects that are dead", "as objects",
     "SELECT * FROM objects WHERE dead IS NOT NULL"},
    {"lines", "objects by line and type, alive or dead",
     "type, file, line, function, objects, bytes",
     "SELECT type, file, line, function, count(*) AS objects, sum(size) AS bytes "
     "FROM objects GROUP BY type, file, line, function"},
    {"links", "references with the types at both ends",
     "source, source_type, label, target, target_type, target_size, strong",
     "SELECT e.source, s.type AS source_type, e.label, e.target, t.type AS target_type, "
     "t.size AS target_size, e.strong "
     "FROM edges e JOIN objects s ON s.id = e.source JOIN objects t ON t.id = e.target"},
    {NULL, NULL, NULL, NULL},
};

void sql_schema_print(FILE *out)
{
    for (int t = 0; sql_tables[t]; t++) {
        const struct sql_table *table = sql_tables[t];
        fprintf(out, "%s%s: %s\n", t ? "\n" : "", table->name, table->help);
        for (int c = 0; c < table->column_count; c++) {
            const struct sql_column *column = &table->columns[c];
            if (strstr(column->type, "HIDDEN"))
                continue;
            if (*column->help)
                fprintf(out, "  %-16s %-7s  %s\n", column->name, column->type, column->help);
            else
                fprintf(out, "  %-16s %s\n", column->name, *column->type ? column->type : "any");
        }
    }
    for (const struct sql_view *view = sql_views; view->name; view++)
        fprintf(out, "\n%s (view): %s\n  %s\n", view->name, view->help, view->columns);
}

#define NAMES_MOST 256

const char *sql_suggest_table(const char *word)
{
    const char *names[NAMES_MOST];
    size_t count = 0;
    for (int t = 0; sql_tables[t]; t++)
        names[count++] = sql_tables[t]->name;
    for (const struct sql_view *view = sql_views; view->name; view++)
        names[count++] = view->name;
    return suggest(word, names, count);
}

const char *sql_suggest_column(const char *word)
{
    const char *names[NAMES_MOST], *dot = strrchr(word, '.');
    size_t count = 0;
    for (int t = 0; sql_tables[t]; t++) {
        for (int c = 0; c < sql_tables[t]->column_count && count < NAMES_MOST; c++)
            names[count++] = sql_tables[t]->columns[c].name;
    }
    return suggest(dot ? dot + 1 : word, names, count);
}

/* SPDX-License-Identifier: MIT */
/*
 * The tables of `ouro query`: rows of a run's model that SQLite reads in place, as virtual tables. A
 * table is data (its columns, what they are, which of them have an index) and a function that gives
 * the value of one cell. Nothing is copied, and what has to be calculated is calculated when a
 * statement asks for it.
 */
#ifndef OURO_ANALYZER_SQL_TABLE_H
#define OURO_ANALYZER_SQL_TABLE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

struct sql_source;

struct sql_column {
    const char *name;
    const char *type; /* INTEGER, REAL or TEXT; with HIDDEN it is in no list and no `*` */
    const char *help; /* a few words */
};

/* Rows first … end − 1, or those of the list at these places. */
struct sql_rows {
    const uint32_t *list; /* NULL: the numbers themselves */
    uint64_t first, end;
};

/* What an index is asked for: text where its column is TEXT, else number. */
struct sql_key {
    int64_t number;
    const char *text;
};

/* Finds the rows where a column has a value; or all rows in the order of that column, NULL where it
 * cannot. Return 0, or -1 without memory. */
struct sql_index {
    int column;
    bool unique;
    int (*find)(struct sql_source *source, const struct sql_key *key, struct sql_rows *rows);
    int (*order)(struct sql_source *source, struct sql_rows *rows);
};

struct sql_table {
    const char *name;
    const char *help; /* one line */
    const struct sql_column *columns;
    int column_count;
    bool numbered; /* rows come in the order of the first column */
    const struct sql_index *indexes;
    int index_count;
    /* How many rows there are; what that depends on is made. Returns 0, or -1 without memory. */
    int (*count)(struct sql_source *source, uint64_t *rows);
    /* About as many, at no cost. */
    uint64_t (*estimate)(const struct sql_source *source);
    /* Gives the value to SQLite; does nothing for NULL. Returns 0, or -1 without memory. */
    int (*value)(struct sql_source *source, uint64_t row, int column, sqlite3_context *context);
};

/* All tables, in the order in which they are listed; the last is NULL. */
extern const struct sql_table *const sql_tables[];

/* By subject: private to tables_*.c and the list of all. */
extern const struct sql_table sql_table_run, sql_table_objects, sql_table_edges, sql_table_labels,
    sql_table_types, sql_table_roots, sql_table_sites, sql_table_frames, sql_table_allocations,
    sql_table_epochs, sql_table_collections, sql_table_lives, sql_table_cycles,
    sql_table_duplicates, sql_table_suspects;

/* Makes all tables of the source known to a database connection, with a beginning to their names; they
 * live as long as both. Returns an SQLite result code. */
int sql_tables_register(sqlite3 *database, struct sql_source *source, const char *prefix);

/* Values. Texts stay valid as long as the run. */
static inline int sql_number(sqlite3_context *context, uint64_t number)
{
    sqlite3_result_int64(context, number > INT64_MAX ? INT64_MAX : (int64_t)number);
    return 0;
}

static inline int sql_real(sqlite3_context *context, double number)
{
    sqlite3_result_double(context, number);
    return 0;
}

/* NULL is NULL. */
static inline int sql_text(sqlite3_context *context, const char *text)
{
    if (text)
        sqlite3_result_text(context, text, -1, SQLITE_STATIC);
    return 0;
}

/* The same, copied. */
static inline int sql_text_copy(sqlite3_context *context, const char *text)
{
    sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
    return 0;
}

#endif

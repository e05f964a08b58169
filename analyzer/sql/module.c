/* SPDX-License-Identifier: MIT */
/* The tables as a module of SQLite: plans, cursors, and from SQLite's values to keys. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sql/source.h"
#include "sql/table.h"

#define SCHEMA_SIZE 2048u

struct connection {
    const struct sql_table *table;
    struct sql_source *source;
};

struct table_handle {
    sqlite3_vtab base; /* first: SQLite has a pointer to it */
    const struct sql_table *table;
    struct sql_source *source;
};

struct cursor_handle {
    sqlite3_vtab_cursor base; /* likewise */
    const struct sql_table *table;
    struct sql_source *source;
    struct sql_rows rows;
    uint64_t at;    /* rows done */
    bool backwards; /* from the last row to the first */
};

static int table_connect(sqlite3 *database, void *context, int count, const char *const *arguments,
                         sqlite3_vtab **made, char **error)
{
    (void)count, (void)arguments, (void)error;
    const struct connection *connection = context;
    char schema[SCHEMA_SIZE] = "CREATE TABLE t(";
    size_t length = strlen(schema);
    for (int c = 0; c < connection->table->column_count && length < sizeof schema; c++)
        length += (size_t)snprintf(schema + length, sizeof schema - length, "%s%s %s", c ? "," : "",
                                   connection->table->columns[c].name,
                                   connection->table->columns[c].type);
    if (length + 2 > sizeof schema)
        return SQLITE_ERROR;
    memcpy(schema + length, ")", 2);
    int status = sqlite3_declare_vtab(database, schema);
    if (status != SQLITE_OK)
        return status;
    struct table_handle *handle = sqlite3_malloc(sizeof *handle);
    if (!handle)
        return SQLITE_NOMEM;
    *handle = (struct table_handle){.table = connection->table, .source = connection->source};
    *made = &handle->base;
    /* Nothing here has a side effect, so views and any statement may use it. */
    return sqlite3_vtab_config(database, SQLITE_VTAB_INNOCUOUS);
}

static int table_disconnect(sqlite3_vtab *base)
{
    sqlite3_free(base);
    return SQLITE_OK;
}

/*
 * A plan: all rows, as they are or from the last; those that index n − 1 finds; for plans below 0 all rows
 * in the order of an index, see plan_of_order(). The last is for the planner alone: all rows, as they
 * are, are in order.
 */
enum { PLAN_ALL = 0, PLAN_BACKWARDS = INT_MAX, PLAN_NUMBERED = INT_MAX - 1 };

static int plan_of_order(int index, bool backwards)
{
    return -2 * index - (backwards ? 2 : 1);
}

/* The plan for rows in the order that the statement wants, to sort or to group. */
static int table_order(const struct sql_table *table, const sqlite3_index_info *info)
{
    if (info->nOrderBy != 1)
        return PLAN_ALL;
    int column = info->aOrderBy[0].iColumn;
    bool backwards = info->aOrderBy[0].desc;
    if (column == -1 || (table->numbered && column == 0))
        return backwards ? PLAN_BACKWARDS : PLAN_NUMBERED;
    for (int i = 0; i < table->index_count; i++) {
        if (table->indexes[i].column == column && table->indexes[i].order)
            return plan_of_order(i, backwards);
    }
    return PLAN_ALL;
}

/* The best of the indexes that the statement can use, and what a look into it costs. */
static int table_plan(sqlite3_vtab *base, sqlite3_index_info *info)
{
    const struct table_handle *handle = (const struct table_handle *)base;
    const struct sql_table *table = handle->table;
    uint64_t all = table->estimate(handle->source), best_rows = UINT64_MAX;
    int best = -1, constraint = -1;
    for (int c = 0; c < info->nConstraint; c++) {
        if (!info->aConstraint[c].usable || info->aConstraint[c].op != SQLITE_INDEX_CONSTRAINT_EQ)
            continue;
        for (int i = 0; i < table->index_count; i++) {
            const struct sql_index *index = &table->indexes[i];
            if (index->column != info->aConstraint[c].iColumn)
                continue;
            if (*table->columns[index->column].type == 'T' &&
                sqlite3_stricmp(sqlite3_vtab_collation(info, c), "BINARY") != 0)
                continue;
            uint64_t rows = index->unique ? 1 : 2 + all / 512;
            if (rows < best_rows) {
                best_rows = rows;
                best = i;
                constraint = c;
            }
        }
    }
    if (best >= 0) {
        info->aConstraintUsage[constraint].argvIndex = 1;
        info->idxFlags = table->indexes[best].unique ? SQLITE_INDEX_SCAN_UNIQUE : 0;
    }
    info->idxNum = best >= 0 ? best + 1 : table_order(table, info);
    info->orderByConsumed = best < 0 && info->idxNum != PLAN_ALL;
    if (info->idxNum == PLAN_NUMBERED)
        info->idxNum = PLAN_ALL;
    info->estimatedRows = (sqlite3_int64)(best >= 0 ? best_rows : all + 1);
    info->estimatedCost = (double)info->estimatedRows * 2 + (best >= 0 ? 4 : 0);
    return SQLITE_OK;
}

static int cursor_open(sqlite3_vtab *base, sqlite3_vtab_cursor **made)
{
    const struct table_handle *handle = (const struct table_handle *)base;
    struct cursor_handle *cursor = sqlite3_malloc(sizeof *cursor);
    if (!cursor)
        return SQLITE_NOMEM;
    *cursor = (struct cursor_handle){.table = handle->table, .source = handle->source};
    *made = &cursor->base;
    return SQLITE_OK;
}

static int cursor_close(sqlite3_vtab_cursor *base)
{
    sqlite3_free(base);
    return SQLITE_OK;
}

/* From what a column is compared with to a key; false: no value of that column equals it. SQLite
 * compares once more, so too many rows do no harm. */
static bool key_make(sqlite3_value *value, bool text, struct sql_key *key)
{
    *key = (struct sql_key){0};
    if (sqlite3_value_type(value) == SQLITE_NULL)
        return false;
    if (text) {
        key->text = (const char *)sqlite3_value_text(value);
        return key->text != NULL;
    }
    int type = sqlite3_value_numeric_type(value);
    if (type != SQLITE_INTEGER && type != SQLITE_FLOAT)
        return false;
    key->number = sqlite3_value_int64(value);
    return true;
}

static int cursor_filter(sqlite3_vtab_cursor *base, int plan, const char *text, int count,
                         sqlite3_value **values)
{
    (void)text;
    struct cursor_handle *cursor = (struct cursor_handle *)base;
    uint64_t all;
    cursor->at = 0;
    cursor->backwards = plan == PLAN_BACKWARDS || (plan < 0 && plan % 2 == 0);
    cursor->rows = (struct sql_rows){0};
    if (cursor->table->count(cursor->source, &all) < 0)
        return SQLITE_NOMEM;
    if (plan == PLAN_ALL || plan == PLAN_BACKWARDS) {
        cursor->rows.end = all;
    } else if (plan < 0) {
        if (cursor->table->indexes[(-plan - 1) / 2].order(cursor->source, &cursor->rows) < 0)
            return SQLITE_NOMEM;
    } else if (count == 1) {
        const struct sql_index *index = &cursor->table->indexes[plan - 1];
        struct sql_key key;
        bool is_text = *cursor->table->columns[index->column].type == 'T';
        if (key_make(values[0], is_text, &key) &&
            index->find(cursor->source, &key, &cursor->rows) < 0)
            return SQLITE_NOMEM;
    }
    return SQLITE_OK;
}

static int cursor_next(sqlite3_vtab_cursor *base)
{
    ((struct cursor_handle *)base)->at++;
    return SQLITE_OK;
}

static int cursor_eof(sqlite3_vtab_cursor *base)
{
    const struct cursor_handle *cursor = (const struct cursor_handle *)base;
    return cursor->at >= cursor->rows.end - cursor->rows.first;
}

static uint64_t cursor_row(const struct cursor_handle *cursor)
{
    const struct sql_rows *rows = &cursor->rows;
    uint64_t at = cursor->backwards ? rows->end - 1 - cursor->at : rows->first + cursor->at;
    return rows->list ? rows->list[at] : at;
}

static int cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
    const struct cursor_handle *cursor = (const struct cursor_handle *)base;
    bool done = cursor->table->value(cursor->source, cursor_row(cursor), column, context) == 0;
    return done ? SQLITE_OK : SQLITE_NOMEM;
}

static int cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *row)
{
    *row = (sqlite3_int64)cursor_row((const struct cursor_handle *)base);
    return SQLITE_OK;
}

/* No xCreate: the tables are there without a statement that makes them. */
static const sqlite3_module module = {
    .iVersion = 1,
    .xConnect = table_connect,
    .xDisconnect = table_disconnect,
    .xDestroy = table_disconnect,
    .xBestIndex = table_plan,
    .xOpen = cursor_open,
    .xClose = cursor_close,
    .xFilter = cursor_filter,
    .xNext = cursor_next,
    .xEof = cursor_eof,
    .xColumn = cursor_column,
    .xRowid = cursor_rowid,
};

int sql_tables_register(sqlite3 *database, struct sql_source *source, const char *prefix)
{
    int status = SQLITE_OK;
    for (int t = 0; status == SQLITE_OK && sql_tables[t]; t++) {
        struct connection *connection = malloc(sizeof *connection);
        char *name = sqlite3_mprintf("%s%s", prefix, sql_tables[t]->name);
        if (!connection || !name) {
            free(connection);
            sqlite3_free(name);
            return SQLITE_NOMEM;
        }
        *connection = (struct connection){sql_tables[t], source};
        /* It frees the connection, after a failure as well. */
        status = sqlite3_create_module_v2(database, name, &module, connection, free);
        sqlite3_free(name);
    }
    return status;
}

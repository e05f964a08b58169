/* SPDX-License-Identifier: MIT */
#include "sql/file.h"

#include <unistd.h>

#include "sql/source.h"
#include "sql/views.h"
#include "text/progress.h"

/* What names of the tables in memory begin with, to tell them from those of the file. */
#define IN_MEMORY "in memory: "

/* Tables of the file, without those that are copied as they are. */
static const char *const fill[] = {
    "CREATE TABLE types(id INTEGER PRIMARY KEY, name TEXT, objects INTEGER, bytes INTEGER, "
    "tracked INTEGER, retained INTEGER)",
    "CREATE TABLE sites(id INTEGER PRIMARY KEY, parent INTEGER, file TEXT, line INTEGER, "
    "function TEXT, library INTEGER, folded INTEGER, blocks INTEGER, bytes INTEGER, "
    "died_refcount INTEGER, died_collector INTEGER, died_shutdown INTEGER)",
    "CREATE TABLE labels(id INTEGER PRIMARY KEY, kind TEXT, name TEXT, label TEXT, strong INTEGER, "
    "hidden INTEGER)",
    "CREATE TABLE object_rows(id INTEGER PRIMARY KEY, address INTEGER, type_id INTEGER, "
    "size INTEGER, retained INTEGER, dominator INTEGER, refcount INTEGER, site INTEGER, "
    "birth INTEGER, age INTEGER, dead TEXT, tracked INTEGER, immortal INTEGER, static INTEGER, "
    "interned INTEGER, value_id INTEGER, value TEXT)",
    "CREATE TABLE edge_rows(source INTEGER, edge INTEGER, target INTEGER, label_id INTEGER, "
    "position INTEGER, PRIMARY KEY(source, edge)) WITHOUT ROWID",
    "CREATE TABLE frame_rows(site INTEGER, depth INTEGER, frame INTEGER, "
    "PRIMARY KEY(site, depth)) WITHOUT ROWID",
    NULL,
};

struct copy {
    const char *table, *from, *columns;
};

static const struct copy copies[] = {
    {"types", "types", "*"},
    {"sites", "sites", "*"},
    {"labels", "labels", "*"},
    {"object_rows", "objects",
     "id, address_number, type_id, size, retained, dominator, refcount, site, birth, age, dead, "
     "tracked, immortal, static, interned, value_id, value"},
    {"edge_rows", "edges", "source, rowid, target, label_id, position"},
    {"frame_rows", "frames", "site, depth, frame"},
    {NULL, NULL, NULL},
};

static const char *const as_they_are[] = {
    "run",         "roots",  "cycles",      "suspects", "duplicates",
    "allocations", "epochs", "collections", "lives",    NULL,
};

static const char *const finish[] = {
    "CREATE UNIQUE INDEX types_by_name ON types(name)",
    "CREATE INDEX sites_by_parent ON sites(parent)",
    "CREATE INDEX objects_by_type ON object_rows(type_id)",
    "CREATE INDEX objects_by_site ON object_rows(site)",
    "CREATE INDEX objects_by_dominator ON object_rows(dominator)",
    "CREATE INDEX objects_by_value ON object_rows(value_id) WHERE value_id IS NOT NULL",
    "CREATE INDEX edges_by_target ON edge_rows(target)",
    "CREATE VIEW objects AS SELECT o.id, printf('0x%x', o.address) AS address, t.name AS type, "
    "o.type_id, o.size, o.retained, o.dominator, o.refcount, o.site, s.file, s.line, s.function, "
    "o.birth, o.age, o.dead, o.tracked, o.immortal, o.static, o.interned, o.value_id, o.value "
    "FROM object_rows o LEFT JOIN types t ON t.id = o.type_id LEFT JOIN sites s ON s.id = o.site",
    "CREATE VIEW edges AS SELECT e.source, e.target, l.kind, l.name, e.position, l.label, "
    "e.label_id, l.strong, l.hidden FROM edge_rows e LEFT JOIN labels l ON l.id = e.label_id",
    "CREATE VIEW frames AS SELECT f.site, f.depth, f.frame, s.file, s.line, s.function "
    "FROM frame_rows f LEFT JOIN sites s ON s.id = f.frame",
    NULL,
};

static int run(sqlite3 *database, const char *text)
{
    return sqlite3_exec(database, text, NULL, NULL, NULL);
}

static int run_all(sqlite3 *database, const char *const *texts)
{
    int status = SQLITE_OK;
    for (; status == SQLITE_OK && *texts; texts++)
        status = run(database, *texts);
    return status;
}

/* Runs a statement that was made, and frees it. */
static int run_made(sqlite3 *database, char *text)
{
    int status = text ? run(database, text) : SQLITE_NOMEM;
    sqlite3_free(text);
    return status;
}

/* A table with the columns that the one in memory declares. */
static int copy_whole(sqlite3 *database, const char *name)
{
    return run_made(
        database,
        sqlite3_mprintf("CREATE TABLE \"%w\" AS SELECT * FROM \"" IN_MEMORY "%w\"", name, name));
}

static int views_make(sqlite3 *database)
{
    int status = SQLITE_OK;
    for (const struct sql_view *view = sql_views; status == SQLITE_OK && view->name; view++)
        status = run_made(database,
                          sqlite3_mprintf("CREATE VIEW \"%w\" AS %s", view->name, view->select));
    return status;
}

static int progress_tell(void *context)
{
    uint64_t *ticks = context;
    progress_update(++*ticks, 0);
    return 0;
}

static int file_fill(sqlite3 *database)
{
    int status = run(database, "BEGIN");
    for (const char *const *text = fill; status == SQLITE_OK && *text; text++)
        status = run(database, *text);
    for (const struct copy *copy = copies; status == SQLITE_OK && copy->table; copy++)
        status = run_made(database,
                          sqlite3_mprintf("INSERT INTO \"%w\" SELECT %s FROM \"" IN_MEMORY "%w\"",
                                          copy->table, copy->columns, copy->from));
    for (const char *const *name = as_they_are; status == SQLITE_OK && *name; name++)
        status = copy_whole(database, *name);
    if (status == SQLITE_OK)
        status = run_all(database, finish);
    if (status == SQLITE_OK)
        status = views_make(database);
    return status == SQLITE_OK ? run(database, "COMMIT") : status;
}

int sqlite_write_file(const char *path, const struct export_request *request, char *error,
                      size_t error_size)
{
    struct sql_source source;
    sqlite3 *database = NULL;
    uint64_t ticks = 0;
    int status = SQLITE_NOMEM, result = EXPORT_FAILED;
    if (sql_source_open(&source, request->run, request->process, request->snapshot) < 0)
        goto out;
    status = sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, NULL);
    /* The file is new and nobody's yet: a journal would serve nobody. */
    if (status == SQLITE_OK)
        status = run(database, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; "
                               "PRAGMA locking_mode = EXCLUSIVE; PRAGMA temp_store = MEMORY; "
                               "PRAGMA cache_size = -65536");
    if (status == SQLITE_OK)
        status = sql_tables_register(database, &source, IN_MEMORY);
    if (status == SQLITE_OK) {
        sqlite3_progress_handler(database, 100000, progress_tell, &ticks);
        status = file_fill(database);
    }
    if (status == SQLITE_OK)
        result =
            source.lives_damaged || source.garbage.negative_count ? EXPORT_INCOMPLETE : EXPORT_DONE;
out:
    if (status != SQLITE_OK)
        snprintf(error, error_size, "%s: cannot be written: %s", path,
                 database ? sqlite3_errmsg(database) : "not enough memory");
    sqlite3_close(database);
    /* Without a journal what is there is no database. A device cannot be cut, and need not be. */
    if (status != SQLITE_OK && truncate(path, 0) < 0)
        result = EXPORT_FAILED;
    sql_source_close(&source);
    return result;
}

/* SPDX-License-Identifier: MIT */
/* A run as tables: every cell of every table can be read, indexes find what is there, and the same
 * heap goes into a .heapsnapshot and a database file. */
#include "cmocka_prelude.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command/command.h"
#include "export/heapsnapshot.h"
#include "export/heapsnapshot_ids.h"
#include "heap_model.h"
#include "sql/file.h"
#include "sql/guard.h"
#include "sql/views.h"

#define NODES 60u

/* A module with a chain of nodes, and a ring of two nodes that is dead. */
static struct heap_model *model_make(void)
{
    struct heap_model *m = heap_model_new();
    uint32_t module = heap_model_type(m, "module", NODE_TYPE);
    uint32_t node = heap_model_type(m, "app.\"Node\"", NODE_TYPE);
    uint32_t text = heap_model_type(m, "str", 0);
    uint32_t root = heap_model_object(m, module, 64, OURO_OBJECT_TRACKED), last = root;
    heap_model_root(m, OURO_ROOT_MODULE, root, "app");
    for (uint32_t n = 0; n < NODES; n++) {
        uint32_t o = heap_model_object(m, node, 48 + n, OURO_OBJECT_TRACKED);
        uint32_t s = heap_model_object(m, text, 40, n % 7 ? 0 : OURO_OBJECT_IMMORTAL);
        heap_model_birth(m, o, (n + 1) * (uint64_t)OURO_CLOCK_UNIT);
        heap_model_edge(m, last, o, OURO_LABEL_ATTRIBUTE, "next");
        heap_model_edge(m, o, s, OURO_LABEL_KEY, "'name'");
        heap_model_edge(m, o, root, OURO_LABEL_REFERENT, NULL);
        heap_model_edge(m, o, s, OURO_LABEL_NONE | OURO_LABEL_BORROWED, NULL);
        last = o;
    }
    uint32_t one = heap_model_object(m, node, 1000, OURO_OBJECT_TRACKED);
    uint32_t two = heap_model_object(m, node, 2000, OURO_OBJECT_TRACKED);
    heap_model_edge(m, one, two, OURO_LABEL_ATTRIBUTE, "other");
    heap_model_edge(m, two, one, OURO_LABEL_ATTRIBUTE, "other");
    heap_model_edge(m, two, last, OURO_LABEL_ATTRIBUTE, "friend");
    heap_model_finish(m);
    return m;
}

/* What is asked of a model. */
struct question {
    struct heap_model *model;
    struct run run;
    struct sql_source source;
    struct guard *guard;
};

static void question_begin(struct question *q)
{
    char error[256] = "";
    *q = (struct question){.model = model_make()};
    q->run = (struct run){.path = "", .process_count = 1, .processes = &q->model->process};
    assert_int_equal(sql_source_open(&q->source, &q->run, &q->model->process, q->model->snapshot),
                     0);
    q->guard = guard_open(&q->source, error, sizeof error);
    assert_string_equal(error, "");
    assert_non_null(q->guard);
}

static void question_end(struct question *q)
{
    guard_close(q->guard);
    sql_source_close(&q->source);
    heap_model_free(q->model);
}

/* The first cell of the only row, as a number. */
static int64_t ask(struct question *q, const char *sql)
{
    char error[512] = "";
    sqlite3_stmt *statement = guard_prepare(q->guard, sql, 0, error, sizeof error);
    assert_string_equal(error, "");
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t answer = sqlite3_column_int64(statement, 0);
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    sqlite3_finalize(statement);
    return answer;
}

static void every_cell_can_be_read(void **state)
{
    (void)state;
    struct question q;
    char sql[128], error[512];
    question_begin(&q);
    for (int t = 0; sql_tables[t]; t++) {
        snprintf(sql, sizeof sql, "SELECT * FROM %s", sql_tables[t]->name);
        sqlite3_stmt *statement = guard_prepare(q.guard, sql, 0, error, sizeof error);
        assert_non_null(statement);
        int rows = 0, status;
        while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
            rows++;
            for (int c = 0; c < sqlite3_column_count(statement); c++)
                (void)sqlite3_column_text(statement, c);
        }
        assert_int_equal(status, SQLITE_DONE);
        sqlite3_finalize(statement);
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", sql_tables[t]->name);
        assert_int_equal(ask(&q, sql), rows);
    }
    question_end(&q);
}

static void indexes_find_what_is_there(void **state)
{
    (void)state;
    struct question q;
    question_begin(&q);
    assert_int_equal(ask(&q, "SELECT count(*) FROM objects WHERE type = 'app.\"Node\"'"),
                     NODES + 2);
    assert_int_equal(ask(&q, "SELECT sum(size) FROM garbage"), 3000);
    assert_int_equal(ask(&q, "SELECT count(*) FROM edges WHERE target = 0 AND NOT strong"), NODES);
    assert_int_equal(ask(&q, "SELECT count(*) FROM links WHERE label = '.next'"), NODES);
    assert_int_equal(ask(&q,
                         "SELECT retained = (SELECT sum(size) FROM objects WHERE dead IS NULL AND "
                         "NOT immortal) FROM objects WHERE id = 0"),
                     1);
    assert_int_equal(ask(&q, "SELECT count(*) FROM objects o JOIN objects d ON d.id = o.dominator "
                             "WHERE d.type = 'module'"),
                     1);
    assert_int_equal(
        ask(&q, "SELECT count(*) FROM (SELECT source FROM edges GROUP BY 1 ORDER BY 1 DESC)"),
        NODES + 3);
    assert_int_equal(ask(&q, "SELECT bytes FROM cycles"), 3000);
    question_end(&q);
}

static void a_statement_only_reads(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "DELETE FROM objects",
        "DROP TABLE objects",
        "ATTACH 'x' AS y",
        "PRAGMA user_version = 1",
        "SELECT 1; SELECT 2",
        "CREATE TABLE mine(a)",
        "",
        "SELECT",
        "VACUUM",
        "SELECT nothing",
        "SELECT * FROM x",
        "REINDEX",
        "BEGIN",
        "SELECT 1 ORDER BY 1 COLLATE x",
        "EXPLAIN",
        "SELECT zeroblob(1 << 60",
    };
    struct question q;
    question_begin(&q);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char error[512] = "";
        assert_null(guard_prepare(q.guard, refused[i], 0, error, sizeof error));
        assert_memory_equal(error, "query: ", 7);
        assert_null(strchr(error, '\n'));
    }
    question_end(&q);
}

static void heapsnapshot_is_valid_json(void **state)
{
    (void)state;
    struct heap_model *m = model_make();
    struct run run = {.path = "", .process_count = 1, .processes = &m->process};
    const struct export_request request = {
        .run = &run, .process = &m->process, .snapshot = m->snapshot};
    char *text = NULL, error[256] = "";
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(heapsnapshot_write(out, &request, error, sizeof error), EXPORT_DONE);
    fclose(out);
    json_t *json = json_loadb(text, size, 0, NULL);
    assert_non_null(json);
    const json_t *head = json_object_get(json, "snapshot");
    json_int_t nodes = json_integer_value(json_object_get(head, "node_count"));
    json_int_t edges = json_integer_value(json_object_get(head, "edge_count"));
    assert_true(nodes > m->snapshot->object_count);
    assert_int_equal(json_array_size(json_object_get(json, "nodes")), nodes * 7);
    assert_int_equal(json_array_size(json_object_get(json, "edges")), edges * 3);
    json_decref(json);
    free(text);
    heap_model_free(m);
}

/* Objects have the number they had when others are gone, whatever their order. */
static void identifiers_do_not_depend_on_order(void **state)
{
    (void)state;
    struct heap_model *m = model_make();
    uint32_t count = m->snapshot->object_count, *number = malloc(count * sizeof *number);
    assert_non_null(number);
    for (uint32_t o = 0; o < count; o++)
        number[o] = count - 1 - o;
    struct heap_model *turned = heap_model_renumber(m, number);
    for (uint32_t o = 0; o < count; o++) /* a made heap has addresses by number */
        turned->snapshot->address[number[o]] = m->snapshot->address[o];
    uint32_t *id = heapsnapshot_ids(m->snapshot), *turned_id = heapsnapshot_ids(turned->snapshot);
    assert_non_null(id);
    assert_non_null(turned_id);
    for (uint32_t o = 0; o < count; o++) {
        assert_int_equal(id[o], turned_id[number[o]]);
        assert_true(id[o] % 2 == 1 && id[o] >= HEAPSNAPSHOT_ID_FIRST);
    }
    free(id);
    free(turned_id);
    free(number);
    heap_model_free(turned);
    heap_model_free(m);
}

static void file_has_the_tables(void **state)
{
    (void)state;
    struct heap_model *m = model_make();
    struct run run = {.path = "", .process_count = 1, .processes = &m->process};
    const struct export_request request = {
        .run = &run, .process = &m->process, .snapshot = m->snapshot};
    char path[] = "/tmp/ouro-tables-XXXXXX", error[256] = "";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(sqlite_write_file(path, &request, error, sizeof error), EXPORT_DONE);
    sqlite3 *database;
    assert_int_equal(sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_prepare_v2(database,
                                        "SELECT sum(size) FROM garbage WHERE type LIKE 'app.%'", -1,
                                        &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int64(statement, 0), 3000);
    sqlite3_finalize(statement);
    sqlite3_close(database);
    unlink(path);
    assert_int_equal(sqlite_write_file("/nowhere/at/all", &request, error, sizeof error),
                     EXPORT_FAILED);
    assert_non_null(strstr(error, "/nowhere/at/all"));
    heap_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_can_be_read),
        cmocka_unit_test(indexes_find_what_is_there),
        cmocka_unit_test(a_statement_only_reads),
        cmocka_unit_test(heapsnapshot_is_valid_json),
        cmocka_unit_test(identifiers_do_not_depend_on_order),
        cmocka_unit_test(file_has_the_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

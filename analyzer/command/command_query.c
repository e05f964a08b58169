/* SPDX-License-Identifier: MIT */
/* ouro query */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "command/options.h"
#include "command/section.h"
#include "sql/guard.h"
#include "sql/rows.h"
#include "sql/views.h"

_Static_assert(GUARD_ENDED == EXIT_UNUSABLE, "one code, however a query ends that cannot go on");

#define ROWS_DEFAULT 1000u
#define SECONDS_DEFAULT "30"
#define STATEMENT_ROOM ((size_t)(1 << 20) + 2)

/* The statement: the operand, or what standard input has. For free(); NULL after it told the user. */
static char *statement_text(const char *operand)
{
    if (strcmp(operand, "-") != 0) {
        char *copy = strdup(operand);
        if (!copy)
            command_fail("query: not enough memory");
        return copy;
    }
    char *text = malloc(STATEMENT_ROOM);
    size_t length = text ? fread(text, 1, STATEMENT_ROOM - 1, stdin) : 0;
    if (!text || ferror(stdin)) {
        command_fail("query: the statement cannot be read: %s", strerror(errno));
        free(text);
        return NULL;
    }
    text[length] = '\0';
    return text;
}

static bool seconds_parse(const char *text, double *seconds)
{
    char *end;
    *seconds = strtod(text, &end);
    return end != text && !*end && *seconds >= 0 && *seconds <= 1e6;
}

/* Steps through the statement and prints its rows. */
static int rows_print(struct guard *guard, sqlite3_stmt *statement, enum rows_form form,
                      uint64_t limit)
{
    char error[1024];
    uint64_t written = 0;
    int status = SQLITE_DONE, result = EXIT_DONE;
    struct rows_writer *writer = rows_begin(stdout, form, statement);
    if (!writer)
        return command_fail("query: not enough memory");
    while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
        if (written == limit)
            break;
        if (rows_write(writer) < 0) {
            status = SQLITE_NOMEM;
            break;
        }
        written++;
    }
    if (status != SQLITE_ROW && status != SQLITE_DONE) {
        guard_message(guard, status, error, sizeof error);
        result = command_fail("%s", error);
    }
    rows_end(writer, result == EXIT_DONE);
    if (status == SQLITE_ROW) {
        fflush(stdout);
        fprintf(stderr, "ouro: query: cut after %" PRIu64 " rows; --limit N prints more, 0 all\n",
                limit);
    }
    return result;
}

static int answer(const struct section *section, const char *sql, enum rows_form form,
                  uint64_t limit, double seconds)
{
    const struct process *process = section->process;
    struct sql_source source;
    sqlite3_stmt *statement = NULL;
    struct guard *guard = NULL;
    char error[1024] = "";
    int status = EXIT_UNUSABLE;
    if (sql_source_open(&source, section->run, process, process_last_snapshot(process)) < 0)
        snprintf(error, sizeof error, "query: not enough memory");
    else if ((guard = guard_open(&source, error, sizeof error)))
        statement = guard_prepare(guard, sql, seconds, error, sizeof error);
    if (statement)
        status = rows_print(guard, statement, form, limit);
    else
        command_fail("%s", error);
    if (status == EXIT_DONE && !source.snapshot)
        fprintf(stderr, "ouro: query: %s has no whole snapshot: tables of its heap are empty\n",
                process->file);
    if (status == EXIT_DONE && (process->chunks_damaged || process->chunks_missing ||
                                source.lives_damaged || source.garbage.negative_count))
        status = EXIT_INCOMPLETE;
    sqlite3_finalize(statement);
    guard_close(guard);
    sql_source_close(&source);
    return status;
}

int command_query(int argc, char **argv)
{
    unsigned format = ROWS_TABLE;
    uint64_t limit = ROWS_DEFAULT, pid = SECTION_NO_PROCESS;
    const char *timeout = SECONDS_DEFAULT, *snapshot = NULL;
    double seconds;
    const struct option_spec options[] = {
        {"format", 'f', "table|csv|json|ndjson", "how to print (default: table)", OPTION_CHOICE,
         &format},
        {"limit", 'n', "N", "rows, 0 for all (default: 1,000)", OPTION_NUMBER, &limit},
        {"timeout", 't', "SECONDS", "for the statement, 0 for any time (default: 30)", OPTION_TEXT,
         &timeout},
        SECTION_PROCESS_OPTION(&pid),
        SECTION_SNAPSHOT_OPTION(&snapshot),
        {0},
    };
    const struct usage usage = {
        "query",
        "RUN [SQL|-]",
        "Answers a question about a run in SQL (SQLite's), over its objects, references, places,\n"
        "findings. '-' reads the statement from standard input. Without one it prints what tables\n"
        "there are.",
        options,
        1,
        2,
        "  ouro query app.ouro 'select type, count(*), sum(size) from objects\n"
        "                       group by type order by 3 desc limit 10'\n\n"
        "Statements only read. Exit code 2: the statement is wrong, or was stopped; 3: parts of\n"
        "the trace are damaged.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    struct section section;
    if (first < 0)
        return status;
    if (!seconds_parse(timeout, &seconds))
        return command_fail("query: --timeout takes seconds, not '%s'", timeout);
    if (first + 1 == argc) {
        if ((status = section_open_at(&section, argv[first], SECTION_NO_TOP, pid, snapshot)) !=
            EXIT_DONE)
            return status;
        sql_schema_print(stdout);
        section_close(&section);
        return EXIT_DONE;
    }
    char *sql = statement_text(argv[first + 1]);
    if (!sql)
        return EXIT_UNUSABLE;
    if ((status = section_open_at(&section, argv[first], SECTION_NO_TOP, pid, snapshot)) ==
        EXIT_DONE) {
        status = answer(&section, sql, (enum rows_form)format, limit ? limit : UINT64_MAX, seconds);
        section_close(&section);
    }
    free(sql);
    return status;
}

/* SPDX-License-Identifier: MIT */
#include "sql/guard.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "sql/views.h"
#include "text/text.h"

/* No value that a statement makes is longer; what tables hold is far shorter. */
#define LENGTH_MOST (16 << 20)
#define STATEMENT_MOST (1 << 20)
/* Of SQLite: what it sorts and keeps in between, in memory, because a file would hold the program's data. */
#define MEMORY_MOST ((sqlite3_int64)2 << 30)
/* Instructions of SQLite's machine between two looks at the clock: some ten microseconds. */
#define STEPS 2000

struct guard {
    sqlite3 *database;
    const char *forbidden; /* what the statement wanted to do, in words */
    double limit;          /* seconds; 0: none */
    struct timespec end;
    bool late;
};

/* Written by the signal handler below. */
static char last_words[128];
static size_t last_words_length;

static void too_late(int signal)
{
    (void)signal;
    ssize_t written = write(STDERR_FILENO, last_words, last_words_length);
    (void)written;
    _exit(GUARD_ENDED);
}

static int look_at_clock(void *context)
{
    struct guard *guard = context;
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    guard->late = now.tv_sec > guard->end.tv_sec ||
                  (now.tv_sec == guard->end.tv_sec && now.tv_nsec >= guard->end.tv_nsec);
    return guard->late;
}

/* SQLite asks for everything that a statement does. */
static int authorize(void *context, int action, const char *first, const char *second,
                     const char *database, const char *view)
{
    struct guard *guard = context;
    (void)database, (void)view;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_FUNCTION:
        if (!second || sqlite3_stricmp(second, "load_extension") == 0 ||
            sqlite3_stricmp(second, "fts3_tokenizer") == 0)
            return SQLITE_DENY; /* SQLite's message names it */
        return SQLITE_OK;
    case SQLITE_PRAGMA:
        guard->forbidden = "PRAGMA";
        return SQLITE_DENY;
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
        guard->forbidden = action == SQLITE_ATTACH ? "ATTACH" : "DETACH";
        return SQLITE_DENY;
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
        guard->forbidden = first ? first : "a transaction";
        return SQLITE_DENY;
    case SQLITE_DELETE: /* also how DROP begins */
        guard->forbidden = first && strncmp(first, "sqlite_", 7) == 0 ? "DROP" : "DELETE";
        return SQLITE_DENY;
    case SQLITE_UPDATE:
        guard->forbidden = "UPDATE";
        return SQLITE_DENY;
    case SQLITE_INSERT: /* also how CREATE begins */
        guard->forbidden = first && strncmp(first, "sqlite_", 7) == 0 ? "CREATE" : "INSERT";
        return SQLITE_DENY;
    default:
        guard->forbidden = "this statement";
        return SQLITE_DENY;
    }
}

/* Tables come into being when a statement names them first, which is more than a reader may do. */
static int tables_touch(sqlite3 *database)
{
    int status = SQLITE_OK;
    for (int t = 0; status == SQLITE_OK && sql_tables[t]; t++) {
        sqlite3_stmt *statement = NULL;
        char *text = sqlite3_mprintf("SELECT 1 FROM \"%w\"", sql_tables[t]->name);
        status = text ? sqlite3_prepare_v2(database, text, -1, &statement, NULL) : SQLITE_NOMEM;
        sqlite3_finalize(statement);
        sqlite3_free(text);
    }
    return status;
}

static int views_make(sqlite3 *database)
{
    for (const struct sql_view *view = sql_views; view->name; view++) {
        char *text = sqlite3_mprintf("CREATE TEMP VIEW \"%w\" AS %s", view->name, view->select);
        int status = text ? sqlite3_exec(database, text, NULL, NULL, NULL) : SQLITE_NOMEM;
        sqlite3_free(text);
        if (status != SQLITE_OK)
            return status;
    }
    return SQLITE_OK;
}

struct guard *guard_open(struct sql_source *source, char *error, size_t error_size)
{
    static const struct {
        int limit, value;
    } limits[] = {
        {SQLITE_LIMIT_LENGTH, LENGTH_MOST}, {SQLITE_LIMIT_SQL_LENGTH, STATEMENT_MOST},
        {SQLITE_LIMIT_COLUMN, 500},         {SQLITE_LIMIT_EXPR_DEPTH, 200},
        {SQLITE_LIMIT_COMPOUND_SELECT, 50}, {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000},
        {SQLITE_LIMIT_ATTACHED, 0},         {SQLITE_LIMIT_TRIGGER_DEPTH, 0},
        {SQLITE_LIMIT_WORKER_THREADS, 0},
    };
    struct guard *guard = calloc(1, sizeof *guard);
    int status = SQLITE_NOMEM;
    if (!guard)
        goto out;
    status =
        sqlite3_open_v2(":memory:", &guard->database,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (status != SQLITE_OK)
        goto out;
    sqlite3_hard_heap_limit64(MEMORY_MOST);
    status = sqlite3_exec(guard->database, "PRAGMA temp_store = MEMORY", NULL, NULL, NULL);
    if (status != SQLITE_OK ||
        (status = sql_tables_register(guard->database, source, "")) != SQLITE_OK ||
        (status = tables_touch(guard->database)) != SQLITE_OK ||
        (status = views_make(guard->database)) != SQLITE_OK)
        goto out;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        sqlite3_limit(guard->database, limits[i].limit, limits[i].value);
    sqlite3_db_config(guard->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(guard->database, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    /* "no" in double quotes is a name that does not exist, not a string. */
    sqlite3_db_config(guard->database, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    status = sqlite3_set_authorizer(guard->database, authorize, guard);
out:
    if (status == SQLITE_OK)
        return guard;
    snprintf(error, error_size, "SQLite: %s",
             guard && guard->database ? sqlite3_errmsg(guard->database) : "not enough memory");
    guard_close(guard);
    return NULL;
}

void guard_close(struct guard *guard)
{
    if (!guard)
        return;
    struct itimerval none = {0};
    setitimer(ITIMER_REAL, &none, NULL);
    sqlite3_close(guard->database);
    free(guard);
}

/* Starts the clock, and the alarm that ends what never looks at it. */
static void clock_start(struct guard *guard, double seconds)
{
    guard->limit = seconds;
    if (seconds <= 0)
        return;
    double whole, part = modf(seconds, &whole);
    (void)clock_gettime(CLOCK_MONOTONIC, &guard->end);
    guard->end.tv_sec += (time_t)whole;
    guard->end.tv_nsec += (long)(part * 1e9);
    if (guard->end.tv_nsec >= 1000000000) {
        guard->end.tv_nsec -= 1000000000;
        guard->end.tv_sec++;
    }
    sqlite3_progress_handler(guard->database, STEPS, look_at_clock, guard);
    last_words_length = (size_t)snprintf(
        last_words, sizeof last_words,
        "ouro: query: stopped after %g s; --timeout SECONDS allows more\n", seconds);
    struct sigaction action = {.sa_handler = too_late};
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGALRM);
    sigaction(SIGALRM, &action, NULL);
    sigprocmask(SIG_UNBLOCK, &wanted, NULL); /* whoever started this may have blocked it */
    struct itimerval alarm = {
        .it_value = {.tv_sec = (time_t)whole + 1, .tv_usec = (int)(part * 1e6)}};
    setitimer(ITIMER_REAL, &alarm, NULL);
}

/* The word that a message of SQLite ends with, if it begins like that. */
static const char *word_after(const char *message, const char *beginning)
{
    size_t length = strlen(beginning);
    return strncmp(message, beginning, length) == 0 ? message + length : NULL;
}

void guard_message(struct guard *guard, int status, char *error, size_t error_size)
{
    const char *message = sqlite3_errmsg(guard->database), *word, *guess = NULL;
    char line[512];
    text_escape_into(line, sizeof line, (const unsigned char *)message, strlen(message),
                     TEXT_VALUE);
    if (guard->late || status == SQLITE_INTERRUPT) {
        snprintf(error, error_size, "query: stopped after %g s; --timeout SECONDS allows more",
                 guard->limit);
        return;
    }
    if (status == SQLITE_AUTH && guard->forbidden) {
        snprintf(error, error_size, "query: %s is not allowed: statements only read (SELECT)",
                 guard->forbidden);
        return;
    }
    if (status == SQLITE_NOMEM) {
        snprintf(error, error_size,
                 "query: not enough memory: a statement has 2 GiB for what it sorts and keeps");
        return;
    }
    if ((word = word_after(message, "no such table: ")))
        guess = sql_suggest_table(word);
    else if ((word = word_after(message, "no such column: ")))
        guess = sql_suggest_column(word);
    snprintf(error, error_size, "query: %s%s%s%s", line, guess ? ", did you mean '" : "",
             guess ? guess : "", guess ? "'?" : "");
}

/* Whether anything but blanks and comments is left. */
static bool is_more(sqlite3 *database, const char *rest)
{
    sqlite3_stmt *statement = NULL;
    const char *end = rest;
    while (*rest) {
        int status = sqlite3_prepare_v2(database, rest, -1, &statement, &end);
        bool found = statement || status != SQLITE_OK;
        sqlite3_finalize(statement);
        if (found)
            return true;
        if (end == rest)
            break;
        rest = end;
    }
    return false;
}

sqlite3_stmt *guard_prepare(struct guard *guard, const char *sql, double seconds, char *error,
                            size_t error_size)
{
    sqlite3_stmt *statement = NULL;
    const char *rest = sql;
    clock_start(guard, seconds);
    int status = sqlite3_prepare_v2(guard->database, sql, -1, &statement, &rest);
    if (status != SQLITE_OK) {
        guard_message(guard, status, error, error_size);
        return NULL;
    }
    if (!statement)
        snprintf(error, error_size, "query: there is no statement");
    else if (is_more(guard->database, rest))
        snprintf(error, error_size, "query: one statement at a time");
    else if (!sqlite3_stmt_readonly(statement) || !sqlite3_column_count(statement))
        snprintf(error, error_size, "query: statements only read (SELECT)");
    else
        return statement;
    sqlite3_finalize(statement);
    return NULL;
}

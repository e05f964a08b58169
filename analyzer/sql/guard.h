/* SPDX-License-Identifier: MIT */
/*
 * A database connection over a run that anybody's statement can be given to: it reads and nothing
 * else, takes no more memory than it may, and ends in time.
 */
#ifndef OURO_ANALYZER_SQL_GUARD_H
#define OURO_ANALYZER_SQL_GUARD_H

#include "sql/source.h"

struct guard;

/* The exit code of a process that had to be ended: that of commands which cannot do what was asked. */
#define GUARD_ENDED 2

/*
 * Opens an empty database in memory with the tables and views of the source. Returns NULL with one
 * line in error. The source must outlive it.
 */
struct guard *guard_open(struct sql_source *source, char *error, size_t error_size);
void guard_close(struct guard *guard);

/*
 * Prepares the one statement of a text, which must only read. NULL with one line in error. From here on
 * the clock runs: after `seconds` (0: never) steps of the statement fail, and should one piece of
 * work not come to an end at all, the process ends a second later with the same message and GUARD_ENDED.
 */
sqlite3_stmt *guard_prepare(struct guard *guard, const char *sql, double seconds, char *error,
                            size_t error_size);

/* What went wrong in a step, in one line: time, memory, or SQLite's own message. */
void guard_message(struct guard *guard, int status, char *error, size_t error_size);

#endif

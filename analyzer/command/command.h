/* SPDX-License-Identifier: MIT */
/*
 * The commands of `ouro`: every one is a function like main(), argv[0] being the command's name, and
 * has its row in the table of main.c. Exit codes: 0 done, 1 a gate failed (check), 2 wrong usage or
 * unusable input, 3 done, but on data that is not complete, where a command says so.
 */
#ifndef OURO_ANALYZER_COMMAND_H
#define OURO_ANALYZER_COMMAND_H

enum {
    EXIT_DONE = 0,
    EXIT_GATE = 1,
    EXIT_UNUSABLE = 2,
    EXIT_INCOMPLETE = 3,
};

/* Recording and looking at what was recorded. */
int command_run(int argc, char **argv);
int command_snapshot(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_info(int argc, char **argv);
int command_dump(int argc, char **argv);

/* Reports. */
int command_report(int argc, char **argv);
int command_cycles(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_leaks(int argc, char **argv);
int command_retained(int argc, char **argv);
int command_rss(int argc, char **argv);
int command_native(int argc, char **argv);
int command_path(int argc, char **argv);
int command_refs(int argc, char **argv);
int command_tests(int argc, char **argv);
int command_tree(int argc, char **argv);
int command_types(int argc, char **argv);
int command_verify(int argc, char **argv);
int command_savings(int argc, char **argv);
int command_intern(int argc, char **argv);
int command_churn(int argc, char **argv);
int command_gc(int argc, char **argv);

/* Comparing runs, and processes of one. */
int command_processes(int argc, char **argv);
int command_diff(int argc, char **argv);
int command_baseline(int argc, char **argv);
int command_check(int argc, char **argv);

/* The data for other programs. */
int command_export(int argc, char **argv);
int command_push(int argc, char **argv);
int command_query(int argc, char **argv);

/* Writes "ouro: " and the message, one line, to stderr. Returns EXIT_UNUSABLE. */
int command_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What an installation tells of the commands, made from the tables that parse them: manual pages and
 * completions of shells. The same tables give the same bytes.
 */
#ifndef OURO_ANALYZER_MANUAL_H
#define OURO_ANALYZER_MANUAL_H

#include <stdbool.h>
#include <stdio.h>

struct command_entry {
    const char *name;
    const char *summary; /* one line; NULL: not listed */
    int (*function)(int argc, char **argv);
};

/* The page of one command, ouro-COMMAND(1). */
void manual_command(FILE *out, const struct command_entry *command);

/* ouro(1): the commands, which end with one without a name. */
void manual_main(FILE *out, const struct command_entry *commands);

/* What bash, zsh or fish read to complete command lines. False: there is no such shell. */
bool completion_write(FILE *out, const char *shell, const struct command_entry *commands);

#endif

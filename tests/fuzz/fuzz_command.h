/* SPDX-License-Identifier: MIT */
/* Running a command of `ouro` in this process and checking what it writes. */
#ifndef OURO_FUZZ_COMMAND_H
#define OURO_FUZZ_COMMAND_H

enum fuzz_writes { WRITES_TEXT, WRITES_JSON, WRITES_JSON_LINES, WRITES_ANYTHING };

struct fuzz_command {
    int (*function)(int argc, char **argv);
    const char *words; /* command and operands, divided by blanks; % stands for the run */
    enum fuzz_writes writes;
};

/* Fails when the command returns what no command returns, or writes what it may not. */
void fuzz_command_run(const struct fuzz_command *command, const char *path);

#endif

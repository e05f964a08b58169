/* SPDX-License-Identifier: MIT */
/*
 * Command lines: each command states its options in a table, from which parsing and help text come.
 *
 *     bool all = false;
 *     unsigned format = 0;
 *     const struct option_spec options[] = {
 *         {"format", 0, "text|json", "how to print (default: text)", OPTION_CHOICE, &format},
 *         {"all", 'a', NULL, "also what is small", OPTION_FLAG, &all},
 *         {0},
 *     };
 *     const struct usage usage = {"report", "RUN", "Prints the leak report.", options, 1, 1, NULL};
 *     int status, first = options_parse(&usage, argc, argv, &status);
 *     if (first < 0)
 *         return status;
 *     const char *path = argv[first];
 */
#ifndef OURO_ANALYZER_OPTIONS_H
#define OURO_ANALYZER_OPTIONS_H

#include <stddef.h>

enum option_kind {
    OPTION_FLAG,   /* bool *: set to true */
    OPTION_UNFLAG, /* bool *: set to false */
    OPTION_TEXT,   /* const char ** */
    OPTION_NUMBER, /* uint64_t * */
    OPTION_BYTES,  /* uint64_t *: a number with an optional suffix k, M, G (powers of 1024) */
    OPTION_CHOICE, /* unsigned *: index of the chosen word among those of `value`, split at '|' */
};

struct option_spec {
    const char *name;  /* of the long option, without dashes; NULL ends the table */
    char letter;       /* of the short option, or 0 */
    const char *value; /* what to call the value in help texts, or the choices; NULL: takes none */
    const char *help;  /* one line */
    enum option_kind kind;
    void *target; /* where the value goes; keeps its value when the option is not given */
};

struct usage {
    const char *command;
    const char *synopsis;    /* operands, as "RUN" or "[--] CMD [ARG…]" */
    const char *description; /* one or more lines */
    const struct option_spec *options;
    int operands_min,
        operands_max; /* operands_max < 0: any number, and the first ends the options */
    const char *more; /* printed at the end of the help text, or NULL */
};

/*
 * Parses argv[1 …]. Returns the index of the first operand; options that stood between operands have
 * been moved before it. Returns -1 when the command is to return *status at once: 0 after --help,
 * which every command has, or EXIT_UNUSABLE after an error, of which the user has been told.
 */
int options_parse(const struct usage *usage, int argc, char **argv, int *status);

/*
 * Lets the next options_parse() hand its table to the visitor instead of parsing; it then returns -1
 * with the status 0. So man pages and completions come from the same tables as parsing.
 */
typedef void (*options_visitor)(const struct usage *usage, void *context);
void options_describe(options_visitor visitor, void *context);

/* Options of a table. */
size_t options_count(const struct usage *usage);

#endif

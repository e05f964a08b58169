/* SPDX-License-Identifier: MIT */
#include "command/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "text/suggest.h"

#define OPTIONS_MAX 32
#define HELP_VALUE 256 /* getopt value of --help; options have 257 and up, by index */

/* Who wants to know the table of the next command. */
static struct {
    options_visitor visitor;
    void *context;
} waiting;

size_t options_count(const struct usage *usage)
{
    size_t count = 0;
    while (usage->options && usage->options[count].name)
        count++;
    return count;
}

static void print_option(char letter, const char *name, const char *value, const char *help)
{
    char left[256];
    int width =
        snprintf(left, sizeof left, "%c%c%s--%s%s%s", letter ? '-' : ' ', letter ? letter : ' ',
                 letter ? ", " : "  ", name, value ? " " : "", value ? value : "");
    if (width <= 26)
        printf("  %-26s  %s\n", left, help);
    else
        printf("  %s\n  %-26s  %s\n", left, "", help);
}

static void print_help(const struct usage *usage)
{
    size_t count = options_count(usage);
    printf("usage: ouro %s [OPTION]...%s%s\n\n%s\n\n", usage->command, *usage->synopsis ? " " : "",
           usage->synopsis, usage->description);
    for (size_t i = 0; i < count; i++) {
        const struct option_spec *option = &usage->options[i];
        print_option(option->letter, option->name, option->value, option->help);
    }
    print_option('h', "help", NULL, "print this");
    if (usage->more)
        printf("\n%s\n", usage->more);
}

/* Says what is wrong and where help is. */
static int usage_error(const struct usage *usage, const char *what, const char *word,
                       const char *guess)
{
    return command_fail("%s: %s%s%s%s%s%s; see 'ouro help %s'", usage->command, what,
                        word ? " '" : "", word ? word : "", word ? "'" : "",
                        guess ? ", did you mean " : "", guess ? guess : "", usage->command);
}

/* A word of argv that getopt does not know: says so, with a guess where the word is a long option. */
static int unknown_option(const struct usage *usage, const char *word)
{
    const char *names[OPTIONS_MAX + 1] = {"help"};
    char guess[64] = "", name[64];
    size_t count = options_count(usage);
    for (size_t i = 0; i < count; i++)
        names[i + 1] = usage->options[i].name;
    if (strncmp(word, "--", 2) == 0) {
        snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
        const char *best = suggest(name, names, count + 1);
        if (best)
            snprintf(guess, sizeof guess, "--%s", best);
    }
    return usage_error(usage, "unknown option", word, *guess ? guess : NULL);
}

static bool parse_number(const char *text, bool suffix, uint64_t *number)
{
    char *end;
    unsigned shift = 0;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno || end == text || *text < '0' || *text > '9')
        return false;
    if (suffix && *end) {
        const char *letter = strchr("kKmMgG", *end);
        if (letter) {
            shift = 10 * (unsigned)((letter - "kKmMgG") / 2 + 1);
            end++;
            end += strcmp(end, "iB") == 0 ? 2 : *end == 'B';
        } else if (strcmp(end, "B") == 0) {
            end++;
        }
    }
    if (*end || value > UINT64_MAX >> shift)
        return false;
    *number = (uint64_t)value << shift;
    return true;
}

/* Index of word among the choices "a|b|c", or -1. */
static int find_choice(const char *choices, const char *word)
{
    size_t length = strlen(word);
    for (int i = 0;; i++) {
        size_t size = strcspn(choices, "|");
        if (size == length && memcmp(choices, word, size) == 0)
            return i;
        if (!choices[size])
            return -1;
        choices += size + 1;
    }
}

/* Stores one option's value; says what is wrong with it and returns false. */
static bool store(const struct usage *usage, const struct option_spec *option, const char *value)
{
    char what[160];
    int choice;
    switch (option->kind) {
    case OPTION_FLAG:
    case OPTION_UNFLAG:
        *(bool *)option->target = option->kind == OPTION_FLAG;
        return true;
    case OPTION_TEXT:
        *(const char **)option->target = value;
        return true;
    case OPTION_NUMBER:
    case OPTION_BYTES:
        if (parse_number(value, option->kind == OPTION_BYTES, option->target))
            return true;
        snprintf(what, sizeof what, "--%s takes a number%s, not", option->name,
                 option->kind == OPTION_BYTES ? " of bytes such as 512 or 64k" : "");
        break;
    case OPTION_CHOICE:
        choice = find_choice(option->value, value);
        if (choice >= 0) {
            *(unsigned *)option->target = (unsigned)choice;
            return true;
        }
        snprintf(what, sizeof what, "--%s is one of %s, not", option->name, option->value);
        break;
    }
    usage_error(usage, what, value, NULL);
    return false;
}

/* The word of argv that getopt just complained about. */
static const char *offending(char **argv, int short_option, char room[3])
{
    if (short_option && short_option < HELP_VALUE) {
        room[0] = '-';
        room[1] = (char)short_option;
        room[2] = '\0';
        return room;
    }
    return argv[optind - 1];
}

void options_describe(options_visitor visitor, void *context)
{
    waiting.visitor = visitor;
    waiting.context = context;
}

int options_parse(const struct usage *usage, int argc, char **argv, int *status)
{
    struct option longs[OPTIONS_MAX + 2] = {{"help", no_argument, NULL, HELP_VALUE}};
    char shorts[2 * OPTIONS_MAX + 8] = ":h", room[3];
    size_t count = options_count(usage), used = 2;
    int found;
    *status = EXIT_UNUSABLE;
    if (waiting.visitor) {
        options_visitor visitor = waiting.visitor;
        waiting.visitor = NULL;
        visitor(usage, waiting.context);
        *status = EXIT_DONE;
        return -1;
    }
    if (count > OPTIONS_MAX)
        abort(); /* a table in the source is too long */
    if (usage->operands_max < 0) {
        memmove(shorts + 1, shorts, 3);
        shorts[0] = '+';
        used = 3;
    }
    for (size_t i = 0; i < count; i++) {
        const struct option_spec *option = &usage->options[i];
        longs[i + 1] =
            (struct option){option->name, option->value ? required_argument : no_argument, NULL,
                            HELP_VALUE + 1 + (int)i};
        if (option->letter) {
            shorts[used++] = option->letter;
            if (option->value)
                shorts[used++] = ':';
        }
    }
    optind = 0; /* GNU: start afresh, whatever was parsed before */
    opterr = 0;
    while ((found = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        if (found == 'h' || found == HELP_VALUE) {
            print_help(usage);
            *status = EXIT_DONE;
            return -1;
        }
        if (found == '?') {
            unknown_option(usage, offending(argv, optopt, room));
            return -1;
        }
        if (found == ':') {
            usage_error(usage, "a value is missing after", offending(argv, optopt, room), NULL);
            return -1;
        }
        size_t index = 0;
        while (found > HELP_VALUE ? index != (size_t)(found - HELP_VALUE - 1)
                                  : usage->options[index].letter != found)
            index++;
        if (!store(usage, &usage->options[index], optarg))
            return -1;
    }
    int operands = argc - optind;
    if (operands < usage->operands_min) {
        command_fail("%s: usage: ouro %s [OPTION]... %s; see 'ouro help %s'", usage->command,
                     usage->command, usage->synopsis, usage->command);
        return -1;
    }
    if (usage->operands_max >= 0 && operands > usage->operands_max) {
        usage_error(usage, "unexpected argument", argv[optind + usage->operands_max], NULL);
        return -1;
    }
    return optind;
}

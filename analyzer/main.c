/* SPDX-License-Identifier: MIT */
/* The `ouro` command: the table of commands, what holds for all of them, and help. */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "command/command.h"
#include "command/manual.h"
#include "text/suggest.h"

static int command_help(int argc, char **argv);
static int command_version(int argc, char **argv);

/* In the order of the help text. */
static const struct command_entry commands[] = {
    {"run", "profile a program and print a summary when it ends", command_run},
    {"snapshot", "ask a program that runs under ouro for a snapshot of its heap", command_snapshot},
    {"report", "the leak report of a run: cycles, interning, types, allocations", command_report},
    {"cycles", "leaked cycles and references, and one kind of them in full", command_cycles},
    {"explain", "a known way to leak: what it is, before and after", command_explain},
    {"leaks", "what grows for as long as the program runs, and who holds it", command_leaks},
    {"tests", "what each test of a suite left behind", command_tests},
    {"retained", "what keeps the memory alive: objects, types, modules, places", command_retained},
    {"types", "the heap by type: objects, bytes, what they keep alive", command_types},
    {"rss", "where the resident memory is, down to the kernel's figure", command_rss},
    {"native", "memory of C code (malloc, mmap), by C and Python stack", command_native},
    {"path", "why an object is alive: references from a root", command_path},
    {"refs", "what refers to an object, and what it refers to", command_refs},
    {"tree", "the dominator tree: what dies with what", command_tree},
    {"intern", "equal values kept many times, and what one of each would save", command_intern},
    {"savings", "all that could be kept in fewer bytes, and where", command_savings},
    {"churn", "what is allocated only to be thrown away, and where", command_churn},
    {"gc", "what the cyclic collector did, and which lines made it", command_gc},
    /* More commands for one section of the report and those that compare and query runs come here. */
    {"processes", "several processes as one: their tree, and what each has of it",
     command_processes},
    {"diff", "what changed between two runs, by cycles, lines, types, holders", command_diff},
    {"baseline", "a small summary of runs to commit and to check against", command_baseline},
    {"check", "a gate for pipelines: new leaks, and growth against a baseline", command_check},
    {"export", "profiles, graphs and records for other programs", command_export},
    {"push", "send a run as a profile to Pyroscope, Parca and the like", command_push},
    {"query", "questions about a run in SQL: objects, references, places, findings", command_query},
    {"info", "what a run or trace holds, and whether it is complete", command_info},
    {"dump", "every record of a trace as text", command_dump},
    {"verify", "checks what is calculated about a heap a second time", command_verify},
    {"doctor", "whether a Python can be recorded here, and what will be missing", command_doctor},
    {"help", "what a command does and its options", command_help},
    {"version", NULL, command_version},
    {NULL, NULL, NULL},
};
enum { COMMANDS = sizeof commands / sizeof *commands - 1 };

static void print_help(FILE *out)
{
    fputs(
        "usage: ouro COMMAND [OPTION]... ...\n\n"
        "Profiles the heap of unmodified Python programs: which reference cycles leak, where they\n"
        "were allocated, and what interning equal values would save.\n\n"
        "  ouro run -- python3 app.py      records into app.ouro/ and prints a summary\n"
        "  ouro report app.ouro            prints the whole report\n\n"
        "Commands:\n",
        out);
    for (int i = 0; i < COMMANDS; i++) {
        if (commands[i].summary)
            fprintf(out, "  %-10s  %s\n", commands[i].name, commands[i].summary);
    }
    fputs("\n'ouro help COMMAND' tells more about one. 'ouro --version' prints the version.\n",
          out);
}

static const struct command_entry *find_command(const char *name)
{
    for (int i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

static int unknown_command(const char *name)
{
    const char *names[COMMANDS];
    for (int i = 0; i < COMMANDS; i++)
        names[i] = commands[i].name;
    const char *guess = name[0] == '-' ? NULL : suggest(name, names, COMMANDS);
    return command_fail("unknown %s '%s'%s%s%s; 'ouro --help' lists the commands",
                        name[0] == '-' ? "option" : "command", name,
                        guess ? ", did you mean '" : "", guess ? guess : "", guess ? "'?" : "");
}

/* What an installation needs: `help --man [COMMAND]` and `help --completion SHELL`. */
static int print_manual(int argc, char **argv)
{
    if (strcmp(argv[1], "--completion") == 0) {
        if (argc == 3 && completion_write(stdout, argv[2], commands))
            return EXIT_DONE;
        return command_fail("help: --completion takes bash, zsh or fish");
    }
    const struct command_entry *command = argc == 3 ? find_command(argv[2]) : NULL;
    if (argc > 3 || (argc == 3 && (!command || !command->summary)))
        return command_fail("help: --man takes the name of one command");
    if (!command || command->function == command_help)
        manual_main(stdout, commands);
    else
        manual_command(stdout, command);
    return EXIT_DONE;
}

static int command_help(int argc, char **argv)
{
    static char option[] = "--help";
    if (argc > 1 && (strcmp(argv[1], "--man") == 0 || strcmp(argv[1], "--completion") == 0))
        return print_manual(argc, argv);
    if (argc > 2)
        return command_fail("help: one command at a time");
    if (argc < 2 || argv[1][0] == '-') {
        print_help(stdout);
        return EXIT_DONE;
    }
    const struct command_entry *command = find_command(argv[1]);
    if (!command)
        return unknown_command(argv[1]);
    if (command->function == command_help || command->function == command_version) {
        print_help(stdout);
        return EXIT_DONE;
    }
    char *arguments[] = {argv[1], option, NULL};
    return command->function(2, arguments);
}

static int command_version(int argc, char **argv)
{
    (void)argc, (void)argv;
    puts("ouro " OURO_VERSION);
    return EXIT_DONE;
}

/* A report that did not reach its file must not look like a success. */
static int check_output(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    return command_fail("the output cannot be written: %s", strerror(errno));
}

int main(int argc, char **argv)
{
    (void)setlocale(LC_CTYPE, ""); /* only whether the terminal takes UTF-8; "C" will do */
    if (argc < 2) {
        print_help(stderr);
        return EXIT_UNUSABLE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    else if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
        name = "version";
    const struct command_entry *command = find_command(name);
    return check_output(command ? command->function(argc - 1, argv + 1) : unknown_command(name));
}

/* SPDX-License-Identifier: MIT */
#include "command/manual.h"

#include <stdint.h>
#include <string.h>

#include "command/options.h"

/* Text of a line of roff: what it would take for a request or an escape is written out. */
static void put_text(FILE *out, const char *text, size_t length)
{
    bool start = true;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (start && (c == '.' || c == '\''))
            fputs("\\&", out);
        if (c == '\\')
            fputs("\\e", out);
        else if (c == '-')
            fputs("\\-", out);
        else if (c == '\'')
            fputs("\\(aq", out);
        else if (c == '`')
            fputs("\\(ga", out);
        else if (c == '~')
            fputs("\\(ti", out);
        else if (c == '^')
            fputs("\\(ha", out);
        else
            fputc(c, out);
        start = c == '\n';
    }
}

static void put(FILE *out, const char *text)
{
    put_text(out, text, strlen(text));
}

/*
 * Lines that belong together are filled; those that begin with a blank are shown as they are, and an
 * empty one begins a paragraph.
 */
static void put_paragraphs(FILE *out, const char *text)
{
    bool verbatim = false;
    while (*text) {
        size_t length = strcspn(text, "\n");
        bool indented = length && *text == ' ';
        if (indented != verbatim)
            fputs(indented ? ".PP\n.nf\n" : ".fi\n.PP\n", out);
        else if (!length)
            fputs(".PP\n", out);
        verbatim = indented;
        put_text(out, text, length);
        if (length)
            fputc('\n', out);
        text += length + (text[length] == '\n');
    }
    if (verbatim)
        fputs(".fi\n", out);
}

static void put_option(FILE *out, char letter, const char *name, const char *value,
                       const char *help)
{
    fputs(".TP\n", out);
    if (letter)
        fprintf(out, "\\fB\\-%c\\fR, ", letter);
    fputs("\\fB\\-\\-", out);
    put(out, name);
    fputs("\\fR", out);
    if (value) {
        fputs(" \\fI", out);
        put(out, value);
        fputs("\\fR", out);
    }
    fputc('\n', out);
    put(out, help);
    fputc('\n', out);
}

static void put_title(FILE *out, const char *name, const char *summary)
{
    fputs(".\\\" Written by `ouro help --man`; the text is in the tables of options.\n.TH ", out);
    for (const char *c = name; *c; c++)
        fputc(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c, out);
    fprintf(out, " 1 \"\" \"ouro %s\" \"User Commands\"\n.SH NAME\n", OURO_VERSION);
    put(out, name);
    fputs(" \\- ", out);
    put(out, summary);
    fputc('\n', out);
}

struct page {
    FILE *out;
    const struct command_entry *command;
};

static void put_command(const struct usage *usage, void *context)
{
    const struct page *page = context;
    FILE *out = page->out;
    char name[64];
    snprintf(name, sizeof name, "ouro-%s", page->command->name);
    put_title(out, name, page->command->summary);
    fprintf(out, ".SH SYNOPSIS\n\\fBouro %s\\fR [\\fIOPTION\\fR]... ", usage->command);
    put(out, usage->synopsis);
    fputs("\n.SH DESCRIPTION\n", out);
    put_paragraphs(out, usage->description);
    fputs(".SH OPTIONS\n", out);
    for (size_t i = 0; i < options_count(usage); i++) {
        const struct option_spec *option = &usage->options[i];
        put_option(out, option->letter, option->name, option->value, option->help);
    }
    put_option(out, 'h', "help", NULL, "print a summary of this");
    if (usage->more) {
        fputs(".SH NOTES\n", out);
        put_paragraphs(out, usage->more);
    }
    fputs(".SH SEE ALSO\n.BR ouro (1)\n", out);
}

void manual_command(FILE *out, const struct command_entry *command)
{
    struct page page = {out, command};
    char *argv[] = {(char *)(uintptr_t)command->name, NULL};
    options_describe(put_command, &page);
    (void)command->function(1, argv);
}

void manual_main(FILE *out, const struct command_entry *commands)
{
    put_title(out, "ouro", "heap profiler for unmodified Python programs");
    fputs(".SH SYNOPSIS\n\\fBouro\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR]... ...\n.SH DESCRIPTION\n",
          out);
    put(out,
        "Profiles the heap of unmodified Python programs: which reference cycles leak, where they\n"
        "were allocated, what grows, who holds it, and what interning equal values would save.\n"
        "A library that is preloaded into the program writes a run, a folder of traces, which all\n"
        "other commands read.\n");
    fputs(".PP\n.nf\n", out);
    put(out, "  ouro run -- python3 app.py      records into app.ouro/, prints a summary\n"
             "  ouro report app.ouro            prints the whole report\n");
    fputs(".fi\n.SH COMMANDS\n", out);
    for (const struct command_entry *c = commands; c->name; c++) {
        if (!c->summary)
            continue;
        fputs(".TP\n.BR ouro\\-", out);
        put(out, c->name);
        fprintf(out, " (1)\n");
        put(out, c->summary);
        fputc('\n', out);
    }
    fputs(".SH OPTIONS\n", out);
    put_option(out, 'h', "help", NULL, "print the commands; 'ouro help COMMAND' tells of one");
    put_option(out, 'V', "version", NULL, "print the version");
    fputs(".SH EXIT STATUS\n", out);
    put(out, "0: done. 1: a gate failed (check). 2: wrong usage, or input that cannot be used. 3:\n"
             "done, but on data that is not complete. 'ouro run' exits as the program does.\n");
    fputs(".SH FILES\n", out);
    put(out, "A run is a folder NAME.ouro/ of files PID-TIME.trace, one for each process, which\n"
             "nobody but its owner may read.\n");
    fputs(".SH SEE ALSO\n.BR ouro\\-trace (5)", out);
    for (const struct command_entry *c = commands; c->name; c++) {
        if (c->summary && strcmp(c->name, "help") != 0) {
            fputs(",\n.BR ouro\\-", out);
            put(out, c->name);
            fputs(" (1)", out);
        }
    }
    fputc('\n', out);
}

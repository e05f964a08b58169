/* SPDX-License-Identifier: MIT */
/* ouro export */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command/command.h"
#include "command/options.h"
#include "command/output_file.h"
#include "command/section.h"
#include "export/export.h"
#include "text/progress.h"

enum { WORDS = 256, NAMED = 1024 }; /* bytes of a list of choices, and of one line for the user */

/* Whether word is among those of list, which '|' divides. */
static bool is_among(const char *word, const char *list)
{
    size_t length = strlen(word);
    for (; list; list = strchr(list, '|') ? strchr(list, '|') + 1 : NULL)
        if (strncmp(list, word, length) == 0 && (list[length] == '|' || !list[length]))
            return true;
    return false;
}

/* Checks --what against the format and puts its own choice where the user made none. */
static int choose_what(const struct export_format *format, const char **what, char first[WORDS])
{
    if (!format->what)
        return *what ? command_fail("export: --format %s takes no --what", format->name)
                     : EXIT_DONE;
    if (*what)
        return is_among(*what, format->what)
                   ? EXIT_DONE
                   : command_fail("export: --what of --format %s is one of %s, not '%s'",
                                  format->name, format->what, *what);
    if (!format->what_default)
        return command_fail("export: --what says which records: %s; see 'ouro help export'",
                            format->what);
    snprintf(first, WORDS, "%.*s", (int)strcspn(format->what, "|"), format->what);
    *what = first;
    return EXIT_DONE;
}

static bool needs_snapshot(const struct export_format *format, const char *what)
{
    return format->needs_snapshot &&
           (!*format->needs_snapshot || is_among(what, format->needs_snapshot));
}

/* Writes the file, or to stdout. Returns an exit code, after it has told the user what is wrong. */
static int write_out(const struct export_format *format, const struct export_request *request,
                     const char *path)
{
    char error[NAMED] = "";
    if ((!path || strcmp(path, "-") == 0) && format->write_file)
        return command_fail("export: --format %s needs a file: say -o FILE", format->name);
    if (!path && format->binary && isatty(STDOUT_FILENO))
        return command_fail("export: --format %s is not for a terminal: say -o FILE", format->name);
    FILE *out = output_file_open(path);
    if (!out)
        return EXIT_UNUSABLE;
    progress_begin("exporting");
    int outcome = format->write_file ? format->write_file(path, request, error, sizeof error)
                                     : format->write(out, request, error, sizeof error);
    progress_end();
    if (*error)
        command_fail("%s", error);
    return output_file_close(out, path, output_file_status(outcome));
}

static int export(const struct export_format *format, const char *what, bool sources,
                  const char *path, const struct section *section)
{
    const struct process *process = section->process;
    struct export_request request = {
        .run = section->run,
        .process = process,
        .snapshot = process_last_snapshot(process),
        .what = what,
        .sources = sources,
    };
    if (!request.snapshot && needs_snapshot(format, what))
        return command_fail("%s has no whole snapshot: there are no objects to export",
                            process->file);
    if (!process->native_sample && export_is_native(what))
        return command_fail("%s has no native memory: record it with 'ouro run --native'",
                            process->file);
    int status = write_out(format, &request, path);
    if (status == EXIT_DONE && (process->chunks_damaged || process->chunks_missing))
        status = EXIT_INCOMPLETE;
    if (status == EXIT_INCOMPLETE)
        command_fail("%s: parts of the run are damaged, and what was in them is not in what is "
                     "written; see 'ouro report'",
                     section->run->path);
    return status;
}

/* Choices, split at '|', on lines that fit the page. */
static size_t describe_choices(const char *choices, char *more, size_t size)
{
    enum { INDENT = 22, WIDTH = 80 };
    size_t n = (size_t)snprintf(more, size, "  %-12s --what ", ""), column = INDENT;
    while (*choices) {
        size_t length = strcspn(choices, "|");
        length += choices[length] == '|';
        if (column + length > WIDTH) {
            n += (size_t)snprintf(more + n, size - n, "\n%*s", INDENT, "");
            column = INDENT;
        }
        n += (size_t)snprintf(more + n, size - n, "%.*s", (int)length, choices);
        column += length;
        choices += length;
    }
    return n + (size_t)snprintf(more + n, size - n, "\n");
}

/* The names of all formats as the table of options wants them, and what each is as help shows it. */
static void describe(char names[WORDS], char *more, size_t size)
{
    size_t n = 0, m = 0;
    names[0] = 0;
    m += (size_t)snprintf(more, size, "Formats, and what each can be asked for:\n");
    for (const struct export_format *f = export_formats; f->name; f++) {
        n += (size_t)snprintf(names + n, WORDS - n, "%s%s", n ? "|" : "", f->name);
        m += (size_t)snprintf(more + m, size - m, "  %-12s %s\n", f->name, f->help);
        if (f->what)
            m += describe_choices(f->what, more + m, size - m);
    }
    snprintf(more + m, size - m,
             "\nExit code 3: parts of the trace are damaged. A file is created for its owner only: "
             "traces\nhold what the program held.");
}

int command_export(int argc, char **argv)
{
    unsigned format = 0;
    const char *what = NULL, *path = NULL, *snapshot = NULL;
    uint64_t pid = SECTION_NO_PROCESS;
    bool sources = true;
    char names[WORDS], more[4096], first_what[WORDS];
    describe(names, more, sizeof more);
    const struct option_spec options[] = {
        {"format", 'f', names, "what to write (default: ndjson)", OPTION_CHOICE, &format},
        {"what", 'w', "WHAT", "which records, or which bytes", OPTION_TEXT, &what},
        {"output", 'o', "FILE", "where to (default: standard output)", OPTION_TEXT, &path},
        SECTION_PROCESS_OPTION(&pid),
        SECTION_SNAPSHOT_OPTION(&snapshot),
        {"no-source", 0, NULL, "no lines of source files in what is written", OPTION_UNFLAG,
         &sources},
        {0},
    };
    const struct usage usage = {
        "export", "RUN", "Writes what is known of one process of a run for other programs.",
        options,  1,     1,
        more,
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    struct section section;
    if (first < 0)
        return status;
    if ((status = choose_what(&export_formats[format], &what, first_what)) != EXIT_DONE ||
        (status = section_open_at(&section, argv[first], SECTION_NO_TOP, pid, snapshot)) !=
            EXIT_DONE)
        return status;
    status = export(&export_formats[format], what, sources, path, &section);
    section_close(&section);
    return status;
}

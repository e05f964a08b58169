/* SPDX-License-Identifier: MIT */
/*
 * Every command that reads a run: the first byte chooses which, the rest is the trace. What they write
 * is text without control characters, or JSON.
 */
#include <stdio.h>
#include <string.h>

#include "command/command.h"
#include "export/export.h"
#include "fuzz.h"
#include "fuzz_command.h"

static const struct fuzz_command commands[] = {
    {command_report, "report %", WRITES_TEXT},
    {command_report, "report --format json %", WRITES_JSON},
    {command_cycles, "cycles --pending --top 0 %", WRITES_TEXT},
    {command_cycles, "cycles --format markdown %", WRITES_TEXT},
    {command_cycles, "cycles --format dot %", WRITES_TEXT},
    {command_cycles, "cycles --format json %", WRITES_JSON},
    {command_leaks, "leaks %", WRITES_TEXT},
    {command_leaks, "leaks --format json %", WRITES_JSON},
    {command_tests, "tests --all %", WRITES_TEXT},
    {command_tests, "tests --format json %", WRITES_JSON},
    {command_retained, "retained --by site %", WRITES_TEXT},
    {command_retained, "retained --by module --format json %", WRITES_JSON},
    {command_types, "types --top 0 %", WRITES_TEXT},
    {command_types, "types --format json %", WRITES_JSON},
    {command_path, "path % #1", WRITES_TEXT},
    {command_path, "path --all --format json % app.Node", WRITES_JSON},
    {command_path, "path --all % dict", WRITES_TEXT},
    {command_refs, "refs % #0", WRITES_TEXT},
    {command_refs, "refs --format json % #2", WRITES_JSON},
    {command_tree, "tree --depth 30 --top 0 %", WRITES_TEXT},
    {command_tree, "tree --format json %", WRITES_JSON},
    {command_intern, "intern --all --by value %", WRITES_TEXT},
    {command_intern, "intern --format json %", WRITES_JSON},
    {command_savings, "savings %", WRITES_TEXT},
    {command_savings, "savings --format json %", WRITES_JSON},
    {command_churn, "churn %", WRITES_TEXT},
    {command_churn, "churn --format json %", WRITES_JSON},
    {command_gc, "gc %", WRITES_TEXT},
    {command_gc, "gc --format json %", WRITES_JSON},
    {command_diff, "diff % %", WRITES_TEXT},
    {command_baseline, "baseline %", WRITES_JSON},
    {command_check, "check %", WRITES_TEXT},
    {command_check, "check --format json %", WRITES_JSON},
    {command_check, "check --format sarif %", WRITES_JSON},
    {command_check, "check --format gitlab %", WRITES_JSON},
    {command_check, "check --format junit %", WRITES_TEXT},
    {command_check, "check --format markdown %", WRITES_TEXT},
    {command_check, "check --format github %", WRITES_TEXT},
    {command_info, "info %", WRITES_TEXT},
    {command_info, "info --format json %", WRITES_JSON},
    {command_dump, "dump %", WRITES_TEXT},
    {command_verify, "verify %", WRITES_TEXT},
    {command_rss, "rss %", WRITES_TEXT},
    {command_rss, "rss --format json %", WRITES_JSON},
    {command_query, "query % select*from\"objects\"", WRITES_TEXT},
    {command_query, "query --format json % select*from\"edges\"", WRITES_JSON},
    {command_query, "query --format csv % select*from\"sites\"", WRITES_ANYTHING},
    {command_query, "query --limit 0 --format ndjson % select*from\"frames\"", WRITES_JSON_LINES},
    {command_query, "query --format json % select*from\"roots\",\"types\"", WRITES_JSON},
    {command_query, "query --format json % select*from\"cycles\",\"duplicates\"", WRITES_JSON},
    {command_query, "query --format json % select*from\"allocations\",\"suspects\"", WRITES_JSON},
    {command_query, "query --format json % select*from\"lives\",\"epochs\"", WRITES_JSON},
    {command_query, "query % select*from\"links\"order\rby\"target_size\"", WRITES_TEXT},
    {command_native, "native %", WRITES_TEXT},
    {command_native, "native --top 0 %", WRITES_TEXT},
    {command_native, "native --format json %", WRITES_JSON},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

/* Formats of which the output can be checked; of all others only that they are written. */
static const struct {
    const char *name;
    enum fuzz_writes writes;
} formats[] = {
    {"ndjson", WRITES_JSON_LINES}, {"heapsnapshot", WRITES_JSON}, {"collapsed", WRITES_TEXT},
    {"dot", WRITES_TEXT},          {"speedscope", WRITES_JSON},   {"chrome", WRITES_JSON},
};

static enum fuzz_writes format_writes(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strcmp(formats[i].name, name) == 0)
            return formats[i].writes;
    }
    return WRITES_ANYTHING;
}

/*
 * The n-th way to export: every format that is not written by a library, with each of its choices of
 * --what. words is where its command line goes. Returns false when there are not as many.
 */
static bool export_way(unsigned n, struct fuzz_command *command, char *words, size_t size)
{
    for (const struct export_format *f = export_formats; f->name; f++) {
        const char *what = f->what;
        if (!f->write)
            continue;
        do {
            size_t length = what ? strcspn(what, "|") : 0;
            if (n-- == 0) {
                snprintf(words, size, "export --no-source --format %s%s%.*s %%", f->name,
                         length ? " --what " : "", (int)length, length ? what : "");
                *command = (struct fuzz_command){command_export, words, format_writes(f->name)};
                return true;
            }
            what = what && what[length] ? what + length + 1 : NULL;
        } while (what);
    }
    return false;
}

unsigned fuzz_command_count(void)
{
    struct fuzz_command command;
    char words[128];
    unsigned count = COMMANDS;
    while (export_way(count - COMMANDS, &command, words, sizeof words))
        count++;
    return count;
}

void fuzz_commands(const uint8_t *data, size_t size)
{
    static unsigned count;
    struct fuzz_command command;
    char words[128];
    if (size < 1 || size > FUZZ_INPUT_MOST)
        return;
    count = count ? count : fuzz_command_count();
    unsigned n = data[0] % count;
    if (n < COMMANDS)
        command = commands[n];
    else if (!export_way(n - COMMANDS, &command, words, sizeof words))
        fuzz_fail("commands: there is no command %u", n);
    fuzz_command_run(&command, fuzz_file(0, data + 1, size - 1));
}

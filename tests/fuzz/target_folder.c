/* SPDX-License-Identifier: MIT */
/*
 * A run of several processes: the trace is cut before every chunk that describes a process, each part
 * is a file of one folder. The first byte chooses the command.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command/command.h"
#include "fuzz.h"
#include "fuzz_command.h"
#include "ouro/trace.h"

enum { FILES_MOST = 6 };

static const struct fuzz_command commands[] = {
    {command_processes, "processes %", WRITES_TEXT},
    {command_processes, "processes --format json %", WRITES_JSON},
    {command_processes, "processes --format markdown %", WRITES_TEXT},
    {command_report, "report --format json %", WRITES_JSON},
    {command_info, "info %", WRITES_TEXT},
    {command_info, "info --format json %", WRITES_JSON},
    {command_diff, "diff --format markdown % %", WRITES_TEXT},
    {command_diff, "diff --format json % %", WRITES_JSON},
    {command_baseline, "baseline %", WRITES_JSON},
    {command_check, "check %", WRITES_TEXT},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static char folder[64], paths[FILES_MOST][96];

static void remove_folder(void)
{
    for (int i = 0; i < FILES_MOST; i++)
        (void)unlink(paths[i]);
    (void)rmdir(folder);
}

/* A folder in memory where there is one. */
static void make_folder(void)
{
    snprintf(folder, sizeof folder, "/dev/shm/ouro-fuzz-XXXXXX");
    if (!mkdtemp(folder)) {
        snprintf(folder, sizeof folder, "/tmp/ouro-fuzz-XXXXXX");
        if (!mkdtemp(folder))
            fuzz_fail("folder: %s", strerror(errno));
    }
    for (int i = 0; i < FILES_MOST; i++)
        snprintf(paths[i], sizeof paths[i], "%s/%d" OURO_TRACE_SUFFIX, folder, i);
    atexit(remove_folder);
}

/* Where the next file begins. */
static size_t part_end(const uint8_t *data, size_t size)
{
    static const uint8_t process[6] = {'O', 'U', 'R', 'O', OURO_CHUNK_PROCESS, 0};
    const uint8_t *next = size > 1 ? memmem(data + 1, size - 1, process, sizeof process) : NULL;
    return next ? (size_t)(next - data) : size;
}

static void write_file(const char *path, const uint8_t *data, size_t size)
{
    FILE *file = fopen(path, "we");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0)
        fuzz_fail("folder: %s: %s", path, strerror(errno));
}

void fuzz_folder(const uint8_t *data, size_t size)
{
    if (size < 1 || size > FUZZ_INPUT_MOST)
        return;
    if (!*folder)
        make_folder();
    const struct fuzz_command *command = &commands[data[0] % COMMANDS];
    const uint8_t *at = data + 1;
    size_t left = size - 1;
    for (int i = 0; i < FILES_MOST; i++) {
        size_t part = i + 1 < FILES_MOST ? part_end(at, left) : left;
        if (part)
            write_file(paths[i], at, part);
        else
            (void)unlink(paths[i]);
        at += part;
        left -= part;
    }
    fuzz_command_run(command, folder);
}

/* SPDX-License-Identifier: MIT */
#include "fuzz_command.h"

#include <stdio.h>
#include <string.h>

#include "command/command.h"
#include "fuzz.h"

enum { WORDS_MOST = 16 };

void fuzz_command_run(const struct fuzz_command *command, const char *path)
{
    char words[256], *argv[WORDS_MOST + 1];
    int argc = 0;
    size_t size;
    snprintf(words, sizeof words, "%s", command->words);
    for (char *rest = words, *word; argc < WORDS_MOST && (word = strsep(&rest, " "));)
        argv[argc++] = strcmp(word, "%") == 0 ? (char *)(uintptr_t)path : word;
    argv[argc] = NULL;
    fuzz_capture();
    int status = command->function(argc, argv);
    const char *text = fuzz_captured(&size);
    if (status < EXIT_DONE || status > EXIT_INCOMPLETE)
        fuzz_fail("%s: exit code %d", command->words, status);
    switch (command->writes) {
    case WRITES_TEXT:
        fuzz_check_text(command->words, text, size);
        break;
    case WRITES_JSON:
    case WRITES_JSON_LINES:
        fuzz_check_json(command->words, text, size, command->writes == WRITES_JSON_LINES);
        break;
    case WRITES_ANYTHING:
        break;
    }
}

/* SPDX-License-Identifier: MIT */
#include "command/command.h"

#include <stdarg.h>
#include <stdio.h>

int command_fail(const char *format, ...)
{
    va_list arguments;
    fflush(stdout);
    fputs("ouro: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return EXIT_UNUSABLE;
}

/* SPDX-License-Identifier: MIT */
#include "report/markdown.h"

#include <stdbool.h>
#include <string.h>

void markdown_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("\\`*_{}[]<>#|~$&", *text))
            fputc('\\', out);
        fputc(*text, out);
    }
}

static void code(FILE *out, const char *text, bool cell)
{
    size_t longest = 0;
    for (const char *at = text; *at;) {
        size_t run = strspn(at, "`");
        if (run > longest)
            longest = run;
        at += run ? run : 1;
    }
    for (size_t i = 0; i <= longest; i++)
        fputc('`', out);
    fputs(longest ? " " : "", out);
    for (; *text; text++) {
        if (cell && *text == '|')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputs(longest ? " " : "", out);
    for (size_t i = 0; i <= longest; i++)
        fputc('`', out);
}

void markdown_code(FILE *out, const char *text)
{
    code(out, text, false);
}

void markdown_code_cell(FILE *out, const char *text)
{
    code(out, text, true);
}

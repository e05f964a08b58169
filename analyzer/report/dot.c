/* SPDX-License-Identifier: MIT */
#include "report/dot.h"

#include <string.h>

#include "text/utf8.h"

/* Longer names are cut: a node is as wide as its label. */
#define LABEL_MOST 160u

void dot_begin(FILE *out, const char *name)
{
    fprintf(out,
            "digraph %s {\n  node [shape=box, fontname=\"sans-serif\"];\n"
            "  edge [fontname=\"sans-serif\"];\n",
            name);
}

void dot_quoted(FILE *out, const char *text)
{
    size_t length = strlen(text), shown = length;
    if (length > LABEL_MOST)
        shown = utf8_whole(text, LABEL_MOST);
    for (size_t i = 0; i < shown; i++) {
        if (text[i] == '"' || text[i] == '\\')
            fputc('\\', out);
        fputc(text[i], out);
    }
    if (shown < length)
        fputs("...", out);
}

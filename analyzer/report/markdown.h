/* SPDX-License-Identifier: MIT */
/* Text in Markdown documents: nothing in it is taken for markup. */
#ifndef OURO_ANALYZER_MARKDOWN_H
#define OURO_ANALYZER_MARKDOWN_H

#include <stdio.h>

/* Text in a table or sentence: what Markdown or HTML would take for itself is escaped. */
void markdown_text(FILE *out, const char *text);

/* A text as code: in more backticks than it holds. */
void markdown_code(FILE *out, const char *text);

/* The same in a cell of a table, where a bar would end it. */
void markdown_code_cell(FILE *out, const char *text);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * JSON inside of an HTML page: a stream that makes it inert there, and strings of the model in it.
 */
#ifndef OURO_ANALYZER_HTML_TEXT_H
#define OURO_ANALYZER_HTML_TEXT_H

#include <stdio.h>

/*
 * A stream to which JSON is written, and which writes it to out with every '<' as \u003c: between
 * <script> and </script> nothing else can end the element or begin a comment (HTML, section
 * "Restrictions for contents of script elements"), and in JSON '<' stands in strings only. fclose()
 * writes what is left and leaves out open. NULL without memory.
 */
FILE *html_json_open(FILE *out);

/* Writes `before`, then a string of the model as JSON; after HTML_STRING_MOST bytes it is cut. */
void html_string(FILE *out, const char *before, const char *text);
#define HTML_STRING_MOST 1000u

#endif

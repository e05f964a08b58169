/* SPDX-License-Identifier: MIT */
/* The frame of an HTML page around its data, as html/frame.html has it. */
#ifndef OURO_ANALYZER_HTML_PAGE_H
#define OURO_ANALYZER_HTML_PAGE_H

#include <stdio.h>

/* The page before its data, and after it: html/frame.html cut at its mark. Made at build time. */
extern const unsigned char html_frame_head[], html_frame_tail[];
extern const size_t html_frame_head_size, html_frame_tail_size;

struct html_page {
    FILE *out;
    FILE *json; /* of the element that is open, or NULL */
};

/* Writes the page up to its data. */
void html_page_begin(struct html_page *page, FILE *out);

/* Begins an element of data with that id and returns the stream to write its JSON to; NULL without memory. */
FILE *html_page_data(struct html_page *page, const char *id);

/* Ends it; -1: not all of it could be written. */
int html_page_data_end(struct html_page *page);

/* Writes the rest of the page; an element that is open is abandoned. */
void html_page_end(struct html_page *page);

#endif

/* SPDX-License-Identifier: MIT */
/* A compressed file (RFC 1952) written piece by piece, without a time in it: the same bytes each time. */
#ifndef OURO_ANALYZER_GZIP_OUT_H
#define OURO_ANALYZER_GZIP_OUT_H

#include <stdio.h>
#include <zlib.h>

struct gzip_out {
    FILE *out; /* its errors are the caller's to look for */
    z_stream stream;
    unsigned char room[1u << 15];
};

/* Returns 0, or -1 without memory; then there is nothing to end. */
int gzip_begin(struct gzip_out *gzip, FILE *out);
void gzip_put(struct gzip_out *gzip, const void *bytes, size_t size);
void gzip_end(struct gzip_out *gzip);

#endif

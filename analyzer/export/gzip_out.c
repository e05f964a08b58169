/* SPDX-License-Identifier: MIT */
#include "export/gzip_out.h"

#include <limits.h>

enum { GZIP_WINDOW = 15 + 16, MEMORY_LEVEL = 8 }; /* the largest window, with gzip's header */

int gzip_begin(struct gzip_out *gzip, FILE *out)
{
    gzip->out = out;
    gzip->stream = (z_stream){0};
    return deflateInit2(&gzip->stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL,
                        Z_DEFAULT_STRATEGY) == Z_OK
               ? 0
               : -1;
}

static void deflate_all(struct gzip_out *gzip, int flush)
{
    do {
        gzip->stream.next_out = gzip->room;
        gzip->stream.avail_out = sizeof gzip->room;
        deflate(&gzip->stream, flush); /* fails only when it is misused */
        fwrite(gzip->room, 1, sizeof gzip->room - gzip->stream.avail_out, gzip->out);
    } while (gzip->stream.avail_out == 0);
}

void gzip_put(struct gzip_out *gzip, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    while (size) {
        uInt piece = size < UINT_MAX ? (uInt)size : UINT_MAX;
        gzip->stream.next_in = (Bytef *)at;
        gzip->stream.avail_in = piece;
        deflate_all(gzip, Z_NO_FLUSH);
        at += piece;
        size -= piece;
    }
}

void gzip_end(struct gzip_out *gzip)
{
    gzip->stream.avail_in = 0;
    deflate_all(gzip, Z_FINISH);
    deflateEnd(&gzip->stream);
}

/* SPDX-License-Identifier: MIT */
#include "export/html_text.h"

#include <string.h>

#include "text/utf8.h"

static ssize_t escape_write(void *out, const char *bytes, size_t size)
{
    const char *end = bytes + size;
    for (const char *at = bytes; at < end;) {
        const char *sign = memchr(at, '<', (size_t)(end - at));
        size_t plain = (size_t)((sign ? sign : end) - at);
        if (fwrite(at, 1, plain, out) != plain || (sign && fputs("\\u003c", out) == EOF))
            return 0; /* a write error, to those who write here */
        at += plain + (sign != NULL);
    }
    return (ssize_t)size;
}

FILE *html_json_open(FILE *out)
{
    return fopencookie(out, "w", (cookie_io_functions_t){.write = escape_write});
}

void html_string(FILE *out, const char *before, const char *text)
{
    size_t length = strlen(text), shown = length;
    if (length > HTML_STRING_MOST)
        shown = utf8_whole(text, HTML_STRING_MOST);
    fputs(before, out);
    putc_unlocked('"', out);
    for (size_t i = 0; i < shown; i++) {
        if (text[i] == '"' || text[i] == '\\')
            putc_unlocked('\\', out);
        putc_unlocked(text[i], out);
    }
    fputs(shown < length ? "…\"" : "\"", out);
}

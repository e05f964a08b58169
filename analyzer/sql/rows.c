/* SPDX-License-Identifier: MIT */
#include "sql/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "export/record.h"
#include "text/text.h"

/* Columns of a table are made wide enough for the first rows; longer cells are cut where they are
 * wider than a line of text. */
#define ROWS_MEASURED 1000u
#define CELL_MOST 100u

struct rows_writer {
    FILE *out;
    enum rows_form form;
    sqlite3_stmt *statement;
    int columns;
    char **names; /* of JSON: of columns with the same name each has its own */
    uint64_t written;
    /* Of a table: cells of the rows that are kept until it is known how wide columns are. */
    char **cells;
    size_t count, room;
    size_t *width;
    bool *is_text; /* column → not all cells were numbers */
    bool printing;
};

/* A text with everything that is no valid character, or not meant to be seen, as \xNN: for free(). */
static char *printable(const unsigned char *text, size_t length)
{
    char *made = malloc(4 * length + 1);
    if (made)
        text_escape_into(made, 4 * length + 1, text, length, TEXT_NAME);
    return made;
}

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

/* The first so many characters, the last of which says that it goes on. */
static void cut(char *text, size_t most)
{
    size_t count = 0;
    if (characters(text) <= most)
        return;
    for (; *text; text++) {
        if (((unsigned char)*text & 0xc0) != 0x80 && ++count == most)
            break;
    }
    memcpy(text, "~", 2); /* in place of a character that is no shorter */
}

static char *blob_text(const unsigned char *bytes, size_t length)
{
    char *made = malloc(2 * length + 4), *at = made;
    if (!made)
        return NULL;
    at = stpcpy(at, "x'");
    for (size_t i = 0; i < length; i++)
        at += sprintf(at, "%02x", bytes[i]);
    memcpy(at, "'", 2);
    return made;
}

/* A cell of a table: for free(). */
static char *shown_text(sqlite3_stmt *statement, int column)
{
    int type = sqlite3_column_type(statement, column);
    if (type == SQLITE_NULL)
        return strdup("NULL");
    if (type == SQLITE_BLOB) {
        const void *bytes = sqlite3_column_blob(statement, column);
        return blob_text(bytes, (size_t)sqlite3_column_bytes(statement, column));
    }
    const unsigned char *text = sqlite3_column_text(statement, column);
    return text ? printable(text, (size_t)sqlite3_column_bytes(statement, column)) : NULL;
}

/* --- JSON ----------------------------------------------------------------------------------- */

/* The character at the beginning of a text that is not empty, and its bytes; -1, one byte: there is
 * none. The Unicode Standard, table 3-7. */
static long character(const unsigned char *text, size_t left, size_t *bytes)
{
    static const long least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char lead = text[0];
    size_t length = lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    *bytes = 1;
    if (length < 2)
        return length ? lead : -1;
    long point = lead & (0x7f >> length);
    for (size_t i = 1; i < length; i++) {
        if (i == left || (text[i] & 0xc0) != 0x80)
            return -1;
        point = point << 6 | (text[i] & 0x3f);
    }
    if (lead > 0xf4 || point < least[length] || point > 0x10ffff ||
        (point >= 0xd800 && point < 0xe000))
        return -1;
    *bytes = length;
    return point;
}

/* Text in quotes. Bytes that are no UTF-8 become U+FFFD, and what a terminal would act upon an escape. */
static void json_string(FILE *out, const unsigned char *text, size_t length)
{
    fputc('"', out);
    for (size_t i = 0, bytes; i < length; i += bytes) {
        char escaped[8];
        long point = character(text + i, length - i, &bytes);
        if (point < 0) {
            fputs("\\ufffd", out);
        } else if (point < 0x80 && point >= 0x20 && point != 0x7f) {
            if (point == '"' || point == '\\')
                fputc('\\', out);
            fputc((int)point, out);
        } else if (text_escape_into(escaped, sizeof escaped, text + i, bytes, TEXT_NAME) == bytes &&
                   memcmp(escaped, text + i, bytes) == 0) {
            fwrite(text + i, 1, bytes, out);
        } else if (point > 0xffff) {
            fprintf(out, "\\u%04lx\\u%04lx", 0xd7c0 + (point >> 10), 0xdc00 + (point & 0x3ff));
        } else {
            fprintf(out, "\\u%04lx", point);
        }
    }
    fputc('"', out);
}

/* The shortest text that is this number again, with a point or an exponent. */
static void json_real(FILE *out, double real)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, real);
        if (strtod(text, NULL) == real)
            break;
    }
    if (!isfinite(real))
        fputs(real > 0 ? "1e999" : "-1e999", out); /* SQLite has no NaN */
    else
        fprintf(out, "%s%s", text, strpbrk(text, ".e") ? "" : ".0");
}

static void json_value(FILE *out, sqlite3_stmt *statement, int column)
{
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
        fputs("null", out);
        break;
    case SQLITE_FLOAT:
        json_real(out, sqlite3_column_double(statement, column));
        break;
    case SQLITE_INTEGER:
        fprintf(out, "%lld", (long long)sqlite3_column_int64(statement, column));
        break;
    case SQLITE_BLOB: {
        char *text = blob_text(sqlite3_column_blob(statement, column),
                               (size_t)sqlite3_column_bytes(statement, column));
        fprintf(out, "\"%s\"", text ? text : "");
        free(text);
        break;
    }
    default: {
        const unsigned char *text = sqlite3_column_text(statement, column);
        json_string(out, text ? text : (const unsigned char *)"",
                    (size_t)sqlite3_column_bytes(statement, column));
    }
    }
}

static void json_row(const struct rows_writer *w)
{
    fputc('{', w->out);
    for (int c = 0; c < w->columns; c++) {
        fputs(c ? ", " : "", w->out);
        json_string(w->out, (const unsigned char *)w->names[c], strlen(w->names[c]));
        fputs(": ", w->out);
        json_value(w->out, w->statement, c);
    }
    fputc('}', w->out);
}

/* --- CSV ------------------------------------------------------------------------------------ */

static int csv_row(const struct rows_writer *w)
{
    for (int c = 0; c < w->columns; c++) {
        int type = sqlite3_column_type(w->statement, c);
        char *text = type == SQLITE_NULL ? NULL : shown_text(w->statement, c);
        fputs(c ? "," : "", w->out);
        if (!text && type != SQLITE_NULL)
            return -1;
        if (type == SQLITE_INTEGER || type == SQLITE_FLOAT)
            fputs(text, w->out);
        else if (text)
            record_csv_text(w->out, text);
        free(text);
    }
    fputs("\r\n", w->out);
    return 0;
}

/* --- a table for people --------------------------------------------------------------------- */

static void table_cell(const struct rows_writer *w, int column, const char *text)
{
    size_t width = characters(text);
    int pad = width < w->width[column] ? (int)(w->width[column] - width) : 0;
    bool last = column + 1 == w->columns;
    if (w->is_text[column])
        fprintf(w->out, "%s%*s", text, last ? 0 : pad, "");
    else
        fprintf(w->out, "%*s%s", pad, "", text);
    fputs(last ? "\n" : "  ", w->out);
}

static void table_flush(struct rows_writer *w)
{
    if (!w->printing) {
        w->printing = true;
        for (int c = 0; c < w->columns; c++) {
            const char *name = sqlite3_column_name(w->statement, c);
            char *text = printable((const unsigned char *)name, strlen(name));
            if (text) {
                cut(text, CELL_MOST);
                if (characters(text) > w->width[c])
                    w->width[c] = characters(text);
                table_cell(w, c, text);
            }
            free(text);
        }
        for (int c = 0; c < w->columns; c++) {
            for (size_t i = 0; i < w->width[c]; i++)
                fputc('-', w->out);
            fputs(c + 1 == w->columns ? "\n" : "  ", w->out);
        }
    }
    for (size_t i = 0; i < w->count; i++) {
        table_cell(w, (int)(i % (size_t)w->columns), w->cells[i]);
        free(w->cells[i]);
    }
    w->count = 0;
}

static int table_row(struct rows_writer *w)
{
    for (int c = 0; c < w->columns; c++) {
        if (w->count == w->room) {
            size_t room = w->room ? w->room * 2 : 256;
            char **cells = realloc(w->cells, room * sizeof *cells);
            if (!cells)
                return -1;
            w->cells = cells;
            w->room = room;
        }
        char *text = shown_text(w->statement, c);
        if (!text)
            return -1;
        cut(text, CELL_MOST);
        int type = sqlite3_column_type(w->statement, c);
        if (!w->printing) {
            size_t width = characters(text);
            w->is_text[c] |= type == SQLITE_TEXT || type == SQLITE_BLOB;
            w->width[c] = width > w->width[c] ? width : w->width[c];
        }
        w->cells[w->count++] = text;
    }
    if (w->printing || w->written + 1 == ROWS_MEASURED)
        table_flush(w);
    return 0;
}

/* -------------------------------------------------------------------------------------------- */

static bool is_among(char **names, int count, const char *name)
{
    for (int n = 0; n < count; n++) {
        if (strcmp(names[n], name) == 0)
            return true;
    }
    return false;
}

/* "id", "id_2", "id_3" for three columns of one name, as a join has them: a key of JSON stands once.
 * Returns false without memory. */
static bool names_make(struct rows_writer *w)
{
    w->names = calloc((size_t)w->columns + 1, sizeof *w->names);
    for (int c = 0; w->names && c < w->columns; c++) {
        const char *name = sqlite3_column_name(w->statement, c);
        size_t room = name ? strlen(name) + 16 : 0;
        if (!name || !(w->names[c] = malloc(room)))
            return false;
        snprintf(w->names[c], room, "%s", name);
        for (int n = 2; is_among(w->names, c, w->names[c]); n++)
            snprintf(w->names[c], room, "%s_%d", name, n);
    }
    return w->names != NULL;
}

static void writer_free(struct rows_writer *w)
{
    for (int c = 0; w->names && c < w->columns; c++)
        free(w->names[c]);
    free(w->names);
    free(w->cells);
    free(w->width);
    free(w->is_text);
    free(w);
}

struct rows_writer *rows_begin(FILE *out, enum rows_form form, sqlite3_stmt *statement)
{
    struct rows_writer *w = calloc(1, sizeof *w);
    int columns = sqlite3_column_count(statement);
    if (!w)
        return NULL;
    *w = (struct rows_writer){
        .out = out,
        .form = form,
        .statement = statement,
        .columns = columns,
        .width = calloc((size_t)columns + 1, sizeof *w->width),
        .is_text = calloc((size_t)columns + 1, sizeof *w->is_text),
    };
    if (!w->width || !w->is_text || !names_make(w)) {
        writer_free(w);
        return NULL;
    }
    return w;
}

/* What comes before the first row. */
static void head_write(const struct rows_writer *w)
{
    for (int c = 0; w->form == ROWS_CSV && c < w->columns; c++) {
        const char *name = sqlite3_column_name(w->statement, c);
        char *text = printable((const unsigned char *)name, strlen(name));
        fputs(c ? "," : "", w->out);
        record_csv_text(w->out, text ? text : "");
        free(text);
    }
    if (w->form == ROWS_CSV)
        fputs("\r\n", w->out);
    if (w->form == ROWS_JSON)
        fputc('[', w->out);
}

int rows_write(struct rows_writer *w)
{
    int status = 0;
    if (!w->written)
        head_write(w);
    if (w->form == ROWS_TABLE)
        status = table_row(w);
    else if (w->form == ROWS_CSV)
        status = csv_row(w);
    if (w->form == ROWS_JSON)
        fputs(w->written ? ",\n" : "\n", w->out);
    if (w->form == ROWS_JSON || w->form == ROWS_NDJSON)
        json_row(w);
    if (w->form == ROWS_NDJSON)
        fputc('\n', w->out);
    w->written++;
    return status;
}

void rows_end(struct rows_writer *w, bool whole)
{
    if (!w)
        return;
    if (whole && !w->written)
        head_write(w);
    if (w->form == ROWS_TABLE && (whole || w->written))
        table_flush(w);
    if (w->form == ROWS_JSON && whole)
        fputs(w->written ? "\n]\n" : "]\n", w->out);
    writer_free(w);
}

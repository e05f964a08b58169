/* SPDX-License-Identifier: MIT */
#include "export/record.h"

#include <inttypes.h>
#include <string.h>

#include "export/json_text.h"
#include "export/number_text.h"

static void number_write(FILE *out, const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_NUMBER:
        number_text(out, 0, cell->number);
        break;
    case CELL_SIGNED:
        fprintf(out, "%" PRId64, cell->with_sign);
        break;
    case CELL_REAL:
        if (cell->digits < 0)
            fprintf(out, "%.*g", -cell->digits, cell->real);
        else
            fprintf(out, "%.*f", cell->digits, cell->real);
        break;
    default:
        break;
    }
}

static void json_words(FILE *out, const char *words)
{
    const char *comma = "\"";
    putc_unlocked('[', out);
    while (*words) {
        size_t length = strcspn(words, " ");
        fputs_unlocked(comma, out);
        fwrite_unlocked(words, 1, length, out);
        putc_unlocked('"', out);
        words += length + (words[length] == ' ');
        comma = ", \"";
    }
    putc_unlocked(']', out);
}

static void json_cell(FILE *out, const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_FLAG:
        fputs_unlocked(cell->flag ? "true" : "false", out);
        break;
    case CELL_TEXT:
        json_text(out, "", cell->text);
        break;
    case CELL_WORDS:
        json_words(out, cell->text);
        break;
    case CELL_NULL:
        fputs("null", out);
        break;
    default:
        number_write(out, cell);
    }
}

static void json_fields(const struct record_writer *w, const struct cell *cells, uint32_t first,
                        uint32_t end)
{
    const char *comma = "{\"";
    for (uint32_t f = first; f < end; f++) {
        if (cells[f].kind == CELL_ABSENT)
            continue;
        fputs_unlocked(comma, w->out);
        fputs_unlocked(w->kind->fields[f], w->out);
        fputs_unlocked("\": ", w->out);
        json_cell(w->out, &cells[f]);
        comma = ", \"";
    }
}

/* Whether a spreadsheet may take a text for a formula; some also read the wide forms of the signs. */
static bool looks_like_formula(const char *text)
{
    static const char *const wide[] = {"\uff1d", "\uff0b", "\uff0d", "\uff20"};
    if (*text && strchr("=+-@", *text))
        return true;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
        if (strncmp(text, wide[i], strlen(wide[i])) == 0)
            return true;
    }
    return false;
}

void record_csv_text(FILE *out, const char *text)
{
    bool quoted = strpbrk(text, ",\"\r\n") != NULL;
    if (quoted)
        putc_unlocked('"', out);
    if (looks_like_formula(text))
        putc_unlocked('\'', out);
    for (; *text; text++) {
        if (*text == '"')
            putc_unlocked('"', out);
        putc_unlocked(*text, out);
    }
    if (quoted)
        putc_unlocked('"', out);
}

static void csv_line(const struct record_writer *w, const struct cell *cells, uint32_t filled)
{
    for (uint32_t f = 0; f < w->kind->count; f++) {
        const struct cell *cell = &cells[f];
        if (f)
            putc_unlocked(',', w->out);
        if (f >= filled)
            continue;
        if (cell->kind == CELL_FLAG)
            fputs(cell->flag ? "true" : "false", w->out);
        else if (cell->kind == CELL_TEXT || cell->kind == CELL_WORDS)
            record_csv_text(w->out, cell->text);
        else
            number_write(w->out, cell);
    }
    fputs("\r\n", w->out);
}

struct record_writer record_begin(FILE *out, enum record_form form, const struct record_kind *kind)
{
    if (form == RECORD_CSV) {
        for (uint32_t f = 0; f < kind->count; f++)
            fprintf(out, "%s%s", f ? "," : "", kind->fields[f]);
        fputs("\r\n", out);
    }
    return (struct record_writer){.out = out, .form = form, .kind = kind};
}

void record_write(struct record_writer *writer, const struct cell *cells)
{
    if (writer->form == RECORD_CSV) {
        csv_line(writer, cells, writer->kind->count);
    } else {
        json_fields(writer, cells, 0, writer->kind->count);
        fputs("}\n", writer->out);
    }
}

void record_open(struct record_writer *writer, const struct cell *cells)
{
    writer->entries = 0;
    if (writer->form == RECORD_CSV)
        return;
    json_fields(writer, cells, 0, writer->kind->inner);
    fprintf(writer->out, ", \"%s\": [", writer->kind->list);
}

void record_entry(struct record_writer *writer, const struct cell *cells)
{
    if (writer->form == RECORD_CSV) {
        csv_line(writer, cells, writer->kind->count);
    } else {
        fputs(writer->entries ? ", " : "", writer->out);
        json_fields(writer, cells, writer->kind->inner, writer->kind->count);
        putc_unlocked('}', writer->out);
    }
    writer->entries++;
}

void record_close(struct record_writer *writer, const struct cell *cells)
{
    if (writer->form == RECORD_NDJSON)
        fputs("]}\n", writer->out);
    else if (!writer->entries)
        csv_line(writer, cells, writer->kind->inner);
}

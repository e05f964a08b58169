/* SPDX-License-Identifier: MIT */
/*
 * Records for other programs, written as newline-delimited JSON or as CSV. A kind of record lists its
 * fields once; whoever has the data fills a cell for each and need not know how it is written.
 *
 * CSV is RFC 4180 with a line of names: quotes where they are needed, lines end in CR LF. Missing
 * values are empty cells. Spreadsheets take a text that begins with = + - @ for a formula: such texts
 * get an apostrophe in front, which makes them texts there, too. Numbers are never touched.
 */
#ifndef OURO_ANALYZER_RECORD_H
#define OURO_ANALYZER_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum record_form { RECORD_NDJSON, RECORD_CSV };

/*
 * Fields from `inner` on, if that is not 0, come as a list of their own, called `list`, in each
 * record; in CSV each entry of that list is a line, and begins with the fields before.
 */
struct record_kind {
    const char *const *fields;
    uint32_t count, inner;
    const char *list;
};

#define RECORD_FIELDS_MAX 16u

enum cell_kind {
    CELL_ABSENT, /* the record has no such field */
    CELL_NULL,   /* not known */
    CELL_NUMBER,
    CELL_SIGNED,
    CELL_REAL,
    CELL_FLAG,
    CELL_TEXT,
    CELL_WORDS, /* a list of words that need no escape, with spaces between them */
};

/* What is in a field. Texts are of the model: valid UTF-8 without control characters. */
struct cell {
    enum cell_kind kind;
    int digits; /* of a real number: behind the point; below 0: so many in all */
    union {
        uint64_t number;
        int64_t with_sign;
        double real;
        bool flag;
        const char *text;
    };
};

static inline struct cell cell_null(void)
{
    return (struct cell){.kind = CELL_NULL};
}

static inline struct cell cell_number(uint64_t number)
{
    return (struct cell){.kind = CELL_NUMBER, .number = number};
}

static inline struct cell cell_signed(int64_t number)
{
    return (struct cell){.kind = CELL_SIGNED, .with_sign = number};
}

static inline struct cell cell_real(double real, int digits)
{
    return (struct cell){.kind = CELL_REAL, .digits = digits, .real = real};
}

static inline struct cell cell_flag(bool flag)
{
    return (struct cell){.kind = CELL_FLAG, .flag = flag};
}

static inline struct cell cell_text(const char *text)
{
    return (struct cell){.kind = CELL_TEXT, .text = text};
}

/* Writes a text as a cell of CSV, by the rules above. */
void record_csv_text(FILE *out, const char *text);

struct record_writer {
    FILE *out; /* its errors are the caller's to look for */
    enum record_form form;
    const struct record_kind *kind;
    uint32_t entries; /* of the list of the record at hand */
};

/* Begins a file of records of one kind. */
struct record_writer record_begin(FILE *out, enum record_form form, const struct record_kind *kind);

/* Writes a record; cells has one entry for each field. */
void record_write(struct record_writer *writer, const struct cell *cells);

/* The same of a kind with a list: open, each entry, close, of one array of cells. */
void record_open(struct record_writer *writer, const struct cell *cells);
void record_entry(struct record_writer *writer, const struct cell *cells);
void record_close(struct record_writer *writer, const struct cell *cells);

#endif

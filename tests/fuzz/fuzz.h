/* SPDX-License-Identifier: MIT */
/*
 * Fuzz targets: one for each way in which bytes that somebody else wrote come into the analyzer. Each
 * is a function of libFuzzer's form and a row of the table; `./dev fuzz` runs it under libFuzzer, and
 * the unit test fuzz_corpus runs it over the committed corpus.
 *
 * A target ends the program with a message and abort() when something does not hold that has to hold
 * for all input: see fuzz_fail().
 */
#ifndef OURO_FUZZ_H
#define OURO_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of input beyond which a target does nothing: larger ones only make the search slow. */
#define FUZZ_INPUT_MOST ((size_t)64 << 10)

struct fuzz_target {
    const char *name;
    void (*run)(const uint8_t *data, size_t size);
    bool trace;    /* the input, behind `prefix` bytes, is a trace: mutated chunk by chunk */
    size_t prefix; /* bytes before it, which choose what is done with it */
};

/* The row after the last has no name. */
extern const struct fuzz_target fuzz_targets[];

void fuzz_chunks(const uint8_t *data, size_t size);
void fuzz_trace(const uint8_t *data, size_t size);
void fuzz_commands(const uint8_t *data, size_t size);
void fuzz_folder(const uint8_t *data, size_t size);
void fuzz_baseline(const uint8_t *data, size_t size);
void fuzz_policy(const uint8_t *data, size_t size);
void fuzz_words(const uint8_t *data, size_t size);

/* What a target does with trace bytes for each value of its first byte; for tests of all of them. */
unsigned fuzz_command_count(void);

/* Says what does not hold, and ends the program. */
_Noreturn void fuzz_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Puts bytes into a file that has no name but this path; the next call of the same slot (0, 1)
 * replaces it. */
const char *fuzz_file(unsigned slot, const void *data, size_t size);

/*
 * What the code under test writes to stdout and stderr, from fuzz_capture() on; fuzz_captured() ends
 * it and gives what went to stdout, NUL-terminated, valid until the next fuzz_capture(). Fails when
 * what went to stderr is not fit for a terminal.
 */
void fuzz_capture(void);
const char *fuzz_captured(size_t *size);

/* Fails unless the text is valid UTF-8 without control characters but '\n'. */
void fuzz_check_text(const char *what, const char *text, size_t size);
/* Fails unless it is JSON: one document, or with `lines` one a line. Empty is right, too. */
void fuzz_check_json(const char *what, const char *text, size_t size, bool lines);

#endif

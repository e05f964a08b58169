/* SPDX-License-Identifier: MIT */
/*
 * Marks: what the program says of itself while it runs. pytest puts the name and the phase of the test
 * that runs into an environment variable, through the C library, so tests are seen without being
 * touched.
 */
#ifndef OURO_MARKS_H
#define OURO_MARKS_H

/* The variable by which pytest tells which test runs, and what it has set it to ("file::test (phase)");
 * NULL: it was removed. On the thread that does it, after the C library's own work. */
#define MARKS_TEST_VARIABLE "PYTEST_CURRENT_TEST"
void marks_test(const char *value);

#endif

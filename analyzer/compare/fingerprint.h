/* SPDX-License-Identifier: MIT */
/*
 * Names that are the same in another run: files without the folder a run happened in, texts without
 * addresses, process numbers and other digits that nobody chose.
 */
#ifndef OURO_ANALYZER_FINGERPRINT_H
#define OURO_ANALYZER_FINGERPRINT_H

#include "model/model.h"
#include "structure/arena.h"

/*
 * The name of a source file: below the program's working directory, or else the folder of its main
 * script, relative to that; of the standard library "python/…"; of what is installed
 * "site-packages/…"; all else as it is, but for the folder under /tmp. In the arena; NULL without
 * memory.
 */
const char *fingerprint_file(const struct process *process, const char *file, struct arena *arena);

/*
 * A text with what differs from run to run masked: addresses "0x*", numbers of four digits or more
 * "#", runs of eight hexadecimal digits or more with a digit among them "*", the folder under /tmp
 * "/tmp/…". In the arena; NULL without memory.
 */
const char *fingerprint_text(const char *text, struct arena *arena);

/* The same of a path from a root; indexes are masked, too: "app.LOG[*].text". */
const char *fingerprint_path(const char *text, struct arena *arena);

/* Two texts with a third between them, masked likewise. In the arena; NULL without memory. */
const char *fingerprint_pair(const char *before, const char *between, const char *after,
                             struct arena *arena);

/* Whether one name of a file is the end of the other at a slash: "app.py" and "src/app.py". */
bool fingerprint_same_file(const char *left, const char *right);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Names of C++ functions as their source has them. The C++ library knows how; it is looked for when the
 * first such name comes, and without it names stay as linkers see them.
 */
#ifndef OURO_ANALYZER_DEMANGLE_H
#define OURO_ANALYZER_DEMANGLE_H

/* To be released with free(); NULL: it is no such name, or nobody can read it. */
char *demangle(const char *name);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What importing makes: a program that is still loading its modules has more and more classes, patterns
 * and registered handlers, and leaks none of them. Each line of a module runs once, so what importing makes
 * comes from one module after the other; a loop that runs while its module is imported stays where it is.
 */
#ifndef OURO_ANALYZER_IMPORTING_H
#define OURO_ANALYZER_IMPORTING_H

#include "growth/growth_work.h"

/* Whether most of what a line has made since the warm-up was made so. Returns 1 or 0, or -1 without memory. */
int importing_made(const struct growth_work *w, const struct growth_found *found);

#endif

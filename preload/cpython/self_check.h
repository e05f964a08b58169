/* SPDX-License-Identifier: MIT */
/*
 * The start-up self-check: everything the layout claims is compared with what the interpreter says
 * of itself, before it is used. An interpreter that fails is refused, not guessed at.
 */
#ifndef OURO_CPYTHON_SELF_CHECK_H
#define OURO_CPYTHON_SELF_CHECK_H

#include <stdbool.h>

/* At a safe point with at least one Python frame. False and a reason when something differs. */
bool self_check(const char **reason);

#endif

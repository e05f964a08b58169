/* SPDX-License-Identifier: MIT */
/*
 * Which code is the program's own, and not the runtime's or installed with it: that is where its programmer
 * can change something. Of a program that is installed itself (a command in bin/, or python -m) its own
 * package is, after files of the programmer's: of flask and pytest those are the program. The command is
 * not, as it does nothing itself.
 */
#ifndef OURO_ANALYZER_OWN_CODE_H
#define OURO_ANALYZER_OWN_CODE_H

#include "model/model.h"

/* Sets the origin of all functions; false: no memory. Sites and functions must be complete. */
bool own_code_find(struct process *process);

#endif

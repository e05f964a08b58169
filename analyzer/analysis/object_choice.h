/* SPDX-License-Identifier: MIT */
/* Objects as a user names them on the command line: by address, by number, by type. */
#ifndef OURO_ANALYZER_OBJECT_CHOICE_H
#define OURO_ANALYZER_OBJECT_CHOICE_H

#include "model/model.h"

struct object_choice {
    uint32_t object;  /* NO_ID: there is none, or a type is meant */
    const char *type; /* what is meant is a type of that name; else NULL */
};

/* "0x…" is an address, "#n" a number, all else a type. */
struct object_choice object_choose(const struct snapshot *snapshot, const char *word);

/* Whether an object is meant. A type is given with its module or without. */
bool object_chosen(const struct snapshot *snapshot, const struct object_choice *choice,
                   uint32_t object);

#endif

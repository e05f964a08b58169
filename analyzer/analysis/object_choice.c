/* SPDX-License-Identifier: MIT */
#include "analysis/object_choice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct object_choice object_choose(const struct snapshot *snapshot, const char *word)
{
    bool address = strncmp(word, "0x", 2) == 0, number = *word == '#';
    struct object_choice choice = {NO_ID, NULL};
    if (!address && !number) {
        choice.type = word;
        return choice;
    }
    char *end;
    errno = 0;
    const char *digits = address ? word + 2 : word + 1;
    unsigned long long value = strtoull(digits, &end, address ? 16 : 10);
    if (errno || end == digits || *end || strchr("+- ", *digits))
        return choice;
    if (number && value < snapshot->object_count)
        choice.object = (uint32_t)value;
    for (uint32_t o = 0; address && o < snapshot->object_count; o++) {
        if (snapshot->address[o] == value)
            choice.object = o;
    }
    return choice;
}

bool object_chosen(const struct snapshot *snapshot, const struct object_choice *choice,
                   uint32_t object)
{
    if (!choice->type)
        return choice->object == object;
    const char *name = snapshot->types[snapshot->type[object]].name, *dot = strrchr(name, '.');
    return !strcmp(name, choice->type) || (dot && !strcmp(dot + 1, choice->type));
}

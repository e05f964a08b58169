/* SPDX-License-Identifier: MIT */
#include "compare/limit_text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A number, then what follows it. */
static bool number_read(const char *text, double *number, const char **rest)
{
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    *number = strtod(text, &end);
    *rest = end;
    return !errno && isfinite(*number);
}

bool limit_text_bytes(const char *text, uint64_t *bytes)
{
    double number;
    const char *unit;
    unsigned shift = 0;
    if (!number_read(text, &number, &unit))
        return false;
    const char *letters = "kmgt", *letter = *unit ? strchr(letters, *unit | 0x20) : NULL;
    if (letter) {
        shift = 10 * (unsigned)(letter - letters + 1);
        unit++;
        unit += strcmp(unit, "iB") == 0 ? 2 : *unit == 'B';
    } else if (strcmp(unit, "B") == 0) {
        unit++;
    }
    double size = number * (double)(UINT64_C(1) << shift);
    if (*unit || size > 9e18)
        return false;
    *bytes = (uint64_t)size;
    return true;
}

bool limit_text_more(const char *text, struct tolerance *tolerance)
{
    double number;
    const char *unit;
    uint64_t bytes;
    if (!number_read(text, &number, &unit))
        return false;
    if (strcmp(unit, "%") == 0) {
        tolerance->count.share = tolerance->bytes.share = number / 100;
        return true;
    }
    if (!*unit) { /* objects */
        if (number > 9e18)
            return false;
        tolerance->count = (struct limit){(uint64_t)number, 0};
        tolerance->chance = false; /* who says how many means it */
        return true;
    }
    if (!limit_text_bytes(text, &bytes))
        return false;
    tolerance->bytes = (struct limit){bytes, 0};
    return true;
}

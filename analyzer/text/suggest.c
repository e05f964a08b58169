/* SPDX-License-Identifier: MIT */
#include "text/suggest.h"

#include <string.h>

#define LONGEST 32 /* letters; longer words are not worth a guess */

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Optimal string alignment distance of two words of at most LONGEST letters. */
static unsigned distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    unsigned rows[3][LONGEST + 1];
    for (unsigned j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (unsigned i = 1; i <= a_length; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        row[0] = i;
        for (unsigned j = 1; j <= b_length; j++) {
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
    }
    return rows[a_length % 3][b_length];
}

const char *suggest(const char *word, const char *const *candidates, size_t count)
{
    size_t length = strlen(word);
    const char *best = NULL;
    if (length == 0 || length > LONGEST)
        return NULL;
    unsigned bound = length <= 3 ? 1 : length < 9 ? 2 : (unsigned)length / 3;
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(candidates[i]);
        if (other > LONGEST)
            continue;
        unsigned d = distance(word, length, candidates[i], other);
        if (d <= bound) {
            best = candidates[i];
            bound = d;
            if (d == 0)
                break;
            bound--; /* later ones must be closer */
        }
    }
    return best;
}

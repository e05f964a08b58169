/* SPDX-License-Identifier: MIT */
#include "compare/align.h"

#include <stdlib.h>
#include <string.h>

#include "compare/fingerprint.h"
#include "compare/functions.h"
#include "model/model.h"

/* Functions with more pairs of lines are aligned by the numbers of their lines alone. */
#define PAIRS_MOST 4000000u

/* What the same distance from the function's beginning adds to the likeness of two lines. */
#define SAME_OFFSET 0.15

struct work {
    const struct digest *before, *after;
    struct alignment *alignment;
    struct function_list left, right;
    float *best; /* of lines from (i, j) on: the likeness of the best alignment */
    size_t best_room;
};

static void pair(struct work *w, uint32_t before, uint32_t after)
{
    w->alignment->after[before] = after;
    w->alignment->before[after] = before;
}

/* The items of two lines that are the same, by type. */
static void pair_lines(struct work *w, uint32_t left, uint32_t right)
{
    struct line_items a = w->left.lines[left], b = w->right.lines[right];
    uint32_t i = 0, j = 0;
    bool moved = w->before->items[a.first].place.line != w->after->items[b.first].place.line;
    w->alignment->moved += moved;
    while (i < a.count && j < b.count) {
        int order = strcmp(w->before->items[a.first + i].key, w->after->items[b.first + j].key);
        if (order == 0)
            pair(w, a.first + i, b.first + j);
        i += order <= 0;
        j += order >= 0;
    }
}

static double likeness(const struct work *w, uint32_t left, uint32_t right)
{
    double similar = lines_similarity(&w->left, left, &w->right, right);
    bool level = function_list_offset(&w->left, left) == function_list_offset(&w->right, right);
    return similar > 0 && level ? similar + SAME_OFFSET : similar;
}

/* Aligns the lines of a function with those of its other self, in order, by dynamic programming. */
static int align_lines(struct work *w, const struct function_items *f,
                       const struct function_items *g)
{
    size_t width = (size_t)g->count + 1, cells = ((size_t)f->count + 1) * width;
    if (cells > PAIRS_MOST) {
        for (uint32_t i = 0, j = 0; i < f->count && j < g->count;) {
            uint32_t a = function_list_offset(&w->left, f->first + i);
            uint32_t b = function_list_offset(&w->right, g->first + j);
            if (a == b)
                pair_lines(w, f->first + i, g->first + j);
            i += a <= b;
            j += a >= b;
        }
        return 0;
    }
    if (cells > w->best_room) {
        float *best = reallocarray(w->best, cells, sizeof *best);
        if (!best)
            return -1;
        w->best = best;
        w->best_room = cells;
    }
    for (uint32_t i = f->count + 1; i-- > 0;) {
        for (uint32_t j = g->count + 1; j-- > 0;) {
            float *cell = &w->best[i * width + j];
            if (i == f->count || j == g->count) {
                *cell = 0;
                continue;
            }
            double like = likeness(w, f->first + i, g->first + j);
            float skip = cell[width] > cell[1] ? cell[width] : cell[1];
            float take = like > 0 ? cell[width + 1] + (float)like : 0;
            *cell = take > skip ? take : skip;
        }
    }
    for (uint32_t i = 0, j = 0; i < f->count && j < g->count;) {
        const float *cell = &w->best[i * width + j];
        if (*cell == cell[1]) {
            j++;
        } else if (*cell == cell[width]) {
            i++;
        } else {
            pair_lines(w, f->first + i, g->first + j);
            i++;
            j++;
        }
    }
    return 0;
}

static int function_order(const struct function_items *f, const struct function_items *g)
{
    int order = strcmp(f->file, g->file);
    return order ? order : strcmp(f->name, g->name);
}

/* Of one of the functions left over whether it is the only one of its name in a like-named file. */
static uint32_t only_like(const struct function_items *function,
                          const struct function_items *others, const uint32_t *list, uint32_t count)
{
    uint32_t found = NO_ID;
    for (uint32_t i = 0; i < count; i++) {
        const struct function_items *other = &others[list[i]];
        if (strcmp(other->name, function->name) != 0 ||
            !fingerprint_same_file(other->file, function->file))
            continue;
        if (found != NO_ID)
            return NO_ID;
        found = i;
    }
    return found;
}

/* Pairs functions of equal file and name, then those whose file lies in another folder. */
static int align_functions(struct work *w)
{
    struct function_list *left = &w->left, *right = &w->right;
    uint32_t *gone = malloc(((size_t)left->function_count + 1) * sizeof *gone), goners = 0;
    uint32_t *new = malloc(((size_t)right->function_count + 1) * sizeof *new), newcomers = 0;
    int status = gone && new ? 0 : -1;
    uint32_t i = 0, j = 0;
    while (status == 0 && (i < left->function_count || j < right->function_count)) {
        int order = i == left->function_count ? 1
                    : j == right->function_count
                        ? -1
                        : function_order(&left->functions[i], &right->functions[j]);
        if (order == 0)
            status = align_lines(w, &left->functions[i], &right->functions[j]);
        else if (order < 0)
            gone[goners++] = i;
        else
            new[newcomers++] = j;
        i += order <= 0;
        j += order >= 0;
    }
    for (uint32_t n = 0; status == 0 && n < goners && newcomers; n++) {
        const struct function_items *function = &left->functions[gone[n]];
        uint32_t other = only_like(function, right->functions, new, newcomers);
        if (other == NO_ID ||
            only_like(&right->functions[new[other]], left->functions, gone, goners) != n)
            continue;
        status = align_lines(w, function, &right->functions[new[other]]);
    }
    free(gone);
    free(new);
    return status;
}

/* All other items are the same if their keys are. */
static void align_keys(struct work *w)
{
    uint32_t i = 0, j = 0;
    while (i < w->before->count && j < w->after->count) {
        const struct digest_item *a = &w->before->items[i], *b = &w->after->items[j];
        int order = digest_compare(a, b);
        if (order == 0 && !digest_by_line(a->subject))
            pair(w, i, j);
        i += order <= 0;
        j += order >= 0;
    }
}

int alignment_find(const struct digest *before, const struct digest *after,
                   struct alignment *alignment)
{
    static const enum digest_subject placed[] = {DIGEST_ALIVE, DIGEST_MADE, DIGEST_NATIVE};
    struct work w = {.before = before, .after = after, .alignment = alignment};
    int status = 0;
    *alignment = (struct alignment){0};
    alignment->after = malloc(((size_t)before->count + 1) * sizeof *alignment->after);
    alignment->before = malloc(((size_t)after->count + 1) * sizeof *alignment->before);
    if (!alignment->after || !alignment->before)
        return -1;
    memset(alignment->after, 0xff, ((size_t)before->count + 1) * sizeof *alignment->after);
    memset(alignment->before, 0xff, ((size_t)after->count + 1) * sizeof *alignment->before);
    align_keys(&w);
    for (size_t n = 0; status == 0 && n < sizeof placed / sizeof *placed; n++) {
        uint32_t moved = alignment->moved;
        alignment->moved = 0;
        if (function_list_make(before, placed[n], &w.left) < 0 ||
            function_list_make(after, placed[n], &w.right) < 0 || align_functions(&w) < 0)
            status = -1;
        function_list_free(&w.left);
        function_list_free(&w.right);
        if (moved > alignment->moved) /* mostly the same lines for both subjects */
            alignment->moved = moved;
    }
    free(w.best);
    return status;
}

void alignment_free(struct alignment *alignment)
{
    free(alignment->after);
    free(alignment->before);
    *alignment = (struct alignment){0};
}

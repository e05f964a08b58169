/* SPDX-License-Identifier: MIT */
#include "compare/resemblance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/functions.h"
#include "model/model.h"

/* Pairs of functions to compare; beyond that none are. */
#define PAIRS_MOST 1000000u
#define LIKE_ENOUGH 0.5

struct work {
    const struct digest *before, *after;
    const struct alignment *alignment;
    struct arena *arena;
    const char **texts;
};

/* Whether no item of a function has a partner. */
static bool unpaired(const struct function_list *list, const struct function_items *function,
                     const uint32_t *partner)
{
    for (uint32_t l = 0; l < function->count; l++) {
        struct line_items line = list->lines[function->first + l];
        for (uint32_t i = 0; i < line.count; i++) {
            if (partner[line.first + i] != NO_ID)
                return false;
        }
    }
    return true;
}

static const char *last_part(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot ? dot + 1 : name;
}

/* How much two functions do the same, 0 … 1: by lines at the same distance from the beginning, or in the same
 * order. */
static double alike(const struct function_list *left, const struct function_items *f,
                    const struct function_list *right, const struct function_items *g)
{
    double level = 0, ordered = 0;
    uint32_t most = f->count > g->count ? f->count : g->count;
    uint32_t least = f->count < g->count ? f->count : g->count;
    for (uint32_t i = 0, j = 0; i < f->count && j < g->count;) {
        uint32_t a = function_list_offset(left, f->first + i);
        uint32_t b = function_list_offset(right, g->first + j);
        if (a == b)
            level += lines_similarity(left, f->first + i, right, g->first + j);
        i += a <= b;
        j += a >= b;
    }
    for (uint32_t i = 0; i < least; i++)
        ordered += lines_similarity(left, f->first + i, right, g->first + i);
    double best = (level > ordered ? level : ordered) / most;
    if (strcmp(last_part(f->name), last_part(g->name)) == 0) /* of a renamed class or file */
        best = 0.4 + 0.6 * best;
    else if (strcmp(f->file, g->file) != 0)
        best *= 0.8;
    return best;
}

static const char *function_text(struct work *w, const struct function_items *function)
{
    size_t room = strlen(function->name) + strlen(function->file) + 32;
    char *text = arena_room(w->arena, room);
    if (text)
        snprintf(text, room, "%s in %s, which is gone", function->name, function->file);
    return text;
}

/* Of one subject. */
static int functions_find(struct work *w, enum digest_subject subject)
{
    struct function_list left = {0}, right = {0};
    uint8_t *gone = NULL;
    uint64_t goners = 0, newcomers = 0;
    int status = -1;
    if (function_list_make(w->before, subject, &left) < 0 ||
        function_list_make(w->after, subject, &right) < 0 ||
        !(gone = calloc((size_t)left.function_count + 1, 1)))
        goto out;
    for (uint32_t f = 0; f < left.function_count; f++) {
        gone[f] = unpaired(&left, &left.functions[f], w->alignment->after);
        goners += gone[f];
    }
    for (uint32_t g = 0; g < right.function_count; g++)
        newcomers += unpaired(&right, &right.functions[g], w->alignment->before);
    for (uint32_t g = 0; goners * newcomers <= PAIRS_MOST && g < right.function_count; g++) {
        const struct function_items *new = &right.functions[g];
        double best = LIKE_ENOUGH;
        uint32_t found = NO_ID;
        if (!goners || !unpaired(&right, new, w->alignment->before))
            continue;
        for (uint32_t f = 0; f < left.function_count; f++) {
            double score = gone[f] ? alike(&left, &left.functions[f], &right, new) : 0;
            if (score > best) {
                best = score;
                found = f;
            }
        }
        const char *text = found == NO_ID ? NULL : function_text(w, &left.functions[found]);
        if (found != NO_ID && !text)
            goto out;
        for (uint32_t l = 0; text && l < new->count; l++) {
            for (uint32_t i = 0; i < right.lines[new->first + l].count; i++)
                w->texts[right.lines[new->first + l].first + i] = text;
        }
    }
    status = 0;
out:
    function_list_free(&left);
    function_list_free(&right);
    free(gone);
    return status;
}

/* The references of a path without the types they lead from: " .a → [*] → ". */
static void references_of(const char *path, char *text, size_t size)
{
    size_t used = 0;
    for (const char *step = path; *step && used + 1 < size;) {
        const char *end = strstr(step, " → ");
        size_t length = end ? (size_t)(end - step) : strlen(step);
        const char *edge = memchr(step, ' ', length);
        if (edge) {
            size_t part = length - (size_t)(edge - step);
            if (part > size - 1 - used)
                part = size - 1 - used;
            memcpy(text + used, edge, part);
            used += part;
        }
        if (used + 1 < size)
            text[used++] = ';';
        step += length + (end ? strlen(" → ") : 0);
    }
    text[used] = '\0';
}

static bool cycles_alike(const struct digest_item *gone, const struct digest_item *new)
{
    char a[512], b[512];
    if (gone->place.file && new->place.file &&*new->place.file &&
        strcmp(gone->place.file, new->place.file) == 0 &&
        strcmp(gone->place.function, new->place.function) == 0)
        return true;
    references_of(gone->detail, a, sizeof a);
    references_of(new->detail, b, sizeof b);
    return strcmp(a, b) == 0 && strpbrk(a, ".'") != NULL;
}

static int cycles_find(struct work *w)
{
    for (uint32_t n = 0; n < w->after->count; n++) {
        const struct digest_item *new = &w->after->items[n];
        if (new->subject != DIGEST_CYCLE || w->alignment->before[n] != NO_ID)
            continue;
        for (uint32_t g = 0; g < w->before->count && !w->texts[n]; g++) {
            const struct digest_item *gone = &w->before->items[g];
            if (gone->subject != DIGEST_CYCLE || w->alignment->after[g] != NO_ID ||
                !cycles_alike(gone, new))
                continue;
            size_t room = strlen(gone->key) + strlen(gone->detail) + 32;
            char *text = arena_room(w->arena, room);
            if (!text)
                return -1;
            snprintf(text, room, "%s, which is gone: %s", gone->key, gone->detail);
            w->texts[n] = text;
        }
    }
    return 0;
}

const char **resemblance_find(const struct digest *before, const struct digest *after,
                              const struct alignment *alignment, struct arena *arena)
{
    struct work w = {before, after, alignment, arena, NULL};
    w.texts = arena_alloc(arena, (size_t)after->count + 1, sizeof *w.texts);
    if (!w.texts || functions_find(&w, DIGEST_MADE) < 0 || functions_find(&w, DIGEST_ALIVE) < 0 ||
        cycles_find(&w) < 0)
        return NULL;
    return w.texts;
}

/* SPDX-License-Identifier: MIT */
#include "compare/functions.h"

#include <stdlib.h>
#include <string.h>

int function_list_make(const struct digest *digest, enum digest_subject subject,
                       struct function_list *list)
{
    *list = (struct function_list){.digest = digest};
    list->functions = malloc(((size_t)digest->count + 1) * sizeof *list->functions);
    list->lines = malloc(((size_t)digest->count + 1) * sizeof *list->lines);
    if (!list->functions || !list->lines)
        return -1;
    const struct digest_item *last = NULL;
    for (uint32_t i = 0; i < digest->count; i++) {
        const struct digest_item *item = &digest->items[i];
        if (item->subject != subject || !item->place.file)
            continue;
        bool same = last && strcmp(item->place.file, last->place.file) == 0 &&
                    strcmp(item->place.function, last->place.function) == 0;
        if (!same)
            list->functions[list->function_count++] = (struct function_items){
                item->place.file, item->place.function, list->line_count, 0};
        if (!same || item->place.line != last->place.line) {
            list->lines[list->line_count++] = (struct line_items){i, 0};
            list->functions[list->function_count - 1].count++;
        }
        list->lines[list->line_count - 1].count++;
        last = item;
    }
    return 0;
}

void function_list_free(struct function_list *list)
{
    free(list->functions);
    free(list->lines);
    *list = (struct function_list){0};
}

uint32_t function_list_offset(const struct function_list *list, uint32_t line)
{
    const struct digest_place *place = &list->digest->items[list->lines[line].first].place;
    return place->line >= place->first ? place->line - place->first : 0;
}

double lines_similarity(const struct function_list *left, uint32_t left_line,
                        const struct function_list *right, uint32_t right_line)
{
    struct line_items a = left->lines[left_line], b = right->lines[right_line];
    uint32_t i = 0, j = 0;
    double same = 0;
    while (i < a.count && j < b.count) {
        const struct digest_item *x = &left->digest->items[a.first + i];
        const struct digest_item *y = &right->digest->items[b.first + j];
        int order = strcmp(x->key, y->key);
        if (order == 0) {
            uint64_t small = x->count.high, large = y->count.high;
            if (small > large) {
                small = y->count.high;
                large = x->count.high;
            }
            same += 0.5 + 0.5 * (large ? (double)small / (double)large : 1);
        }
        i += order <= 0;
        j += order >= 0;
    }
    return same / (a.count > b.count ? a.count : b.count);
}

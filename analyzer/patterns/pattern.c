/* SPDX-License-Identifier: MIT */
#include "patterns/pattern.h"

#include <string.h>

const struct pattern_list *const pattern_lists[] = {
    &patterns_of_collector,  &patterns_of_runtime, &patterns_of_library,    &patterns_of_exceptions,
    &patterns_of_containers, &patterns_of_objects, &patterns_of_generators, &patterns_of_functions,
};
const size_t pattern_list_count = sizeof pattern_lists / sizeof *pattern_lists;

static const struct pattern *find_in(const struct pattern_list *list, const char *id)
{
    for (size_t p = 0; p < list->count; p++) {
        if (!strcmp(list->patterns[p].id, id))
            return &list->patterns[p];
    }
    return NULL;
}

const struct pattern *pattern_find(const char *id)
{
    const struct pattern *found = NULL;
    for (size_t l = 0; l < pattern_list_count && !found; l++)
        found = find_in(pattern_lists[l], id);
    return found ? found : find_in(&patterns_of_growth, id);
}

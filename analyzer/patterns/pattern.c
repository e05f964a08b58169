/* SPDX-License-Identifier: MIT */
#include "patterns/pattern.h"

#include <string.h>

const struct pattern_list *const pattern_lists[] = {
    &patterns_of_collector,  &patterns_of_runtime, &patterns_of_library,    &patterns_of_exceptions,
    &patterns_of_containers, &patterns_of_objects, &patterns_of_generators, &patterns_of_functions,
};
const size_t pattern_list_count = sizeof pattern_lists / sizeof *pattern_lists;

const struct pattern *pattern_find(const char *id)
{
    for (size_t l = 0; l < pattern_list_count; l++) {
        for (size_t p = 0; p < pattern_lists[l]->count; p++) {
            if (!strcmp(pattern_lists[l]->patterns[p].id, id))
                return &pattern_lists[l]->patterns[p];
        }
    }
    return NULL;
}

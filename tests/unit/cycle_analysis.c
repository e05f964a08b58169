/* SPDX-License-Identifier: MIT */
#include "cycle_analysis.h"

#include <stdio.h>
#include <string.h>

#include "cmocka_prelude.h"

struct analysis analyze(struct heap_model *m)
{
    struct analysis a;
    assert_int_equal(type_order_build(m->snapshot, &a.order), 0);
    assert_int_equal(site_table_build(&m->process, &a.sites), 0);
    assert_int_equal(garbage_find(m->snapshot, &a.garbage), 0);
    assert_int_equal(
        cycles_find(&m->process, m->snapshot, &a.order, &a.sites, &a.garbage, &a.cycles), 0);
    return a;
}

void analysis_free(struct analysis *a)
{
    type_order_free(&a->order);
    site_table_free(&a->sites);
    garbage_free(&a->garbage);
    cycles_free(&a->cycles);
}

const char *path_text(const struct cycle_group *group)
{
    static char text[4096];
    text[0] = '\0';
    for (uint32_t i = 0; i < group->path_count; i++) {
        const struct cycle_step *step = &group->path[i];
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%s%s%s", i ? " -> " : "", step->type,
                 *step->edge ? " " : "", step->edge);
    }
    return text;
}

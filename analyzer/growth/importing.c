/* SPDX-License-Identifier: MIT */
#include "growth/importing.h"

#include <stdlib.h>

/* Objects of a line that are looked at. */
#define OBJECTS_MOST 4096u
/* A module's line may be at work when one stretch ends and the next one begins. */
#define STRETCHES_MOST 2
/* Of all objects, where their births are not known (tuples): 1/this is as much as a line makes that runs once. */
#define LINE_SHARE 8u

/* An object, by what was being imported, 0: nothing; and the stretch it was born in, if that is known. */
struct birth {
    uint32_t module;
    int point;
};

/* The frame below the innermost one that imports: a line of the module that is being imported; 0: there is none. */
static uint32_t module_of(const struct process *process, uint32_t site)
{
    for (uint32_t below = 0; site; below = site, site = process->sites[site].parent)
        if (site_is_importing(process, site))
            return below;
    return 0;
}

static int birth_compare(const void *left, const void *right)
{
    const struct birth *a = left, *b = right;
    if (a->module != b->module)
        return a->module < b->module ? -1 : 1;
    return (a->point > b->point) - (a->point < b->point);
}

/* How many births are of lines of modules that had them in a short time; unknown when: few of all. */
static uint32_t passing(const struct birth *births, uint32_t count, bool dated)
{
    uint32_t made = 0;
    for (uint32_t i = 0, next; i < count; i = next) {
        for (next = i + 1; next < count && births[next].module == births[i].module; next++)
            ;
        bool brief = dated ? births[next - 1].point - births[i].point < STRETCHES_MOST
                           : (next - i) * LINE_SHARE <= count;
        made += births[i].module && brief ? next - i : 0;
    }
    return made;
}

int importing_made(const struct growth_work *w, const struct growth_found *found)
{
    const struct process *process = w->types->process;
    uint32_t count, taken = 0;
    const uint32_t *objects = growth_survivors_of(w, found, &count);
    uint32_t stride = count / OBJECTS_MOST + 1;
    bool dated = w->survivors.ages[found->slot].unknown <= 0;
    if (!count)
        return 0;
    struct birth *births = calloc(OBJECTS_MOST, sizeof *births);
    if (!births)
        return -1;
    for (uint32_t n = 0; n < count; n += stride) {
        int point =
            growth_span_point(&w->growth->series.span, object_birth(w->snapshot, objects[n]));
        uint32_t site = site_table_of_row(w->sites, w->snapshot->row[objects[n]]);
        if (point >= 0 || !dated)
            births[taken++] = (struct birth){module_of(process, site), point};
    }
    qsort(births, taken, sizeof *births, birth_compare);
    int made = taken && passing(births, taken, dated) * 2 > taken;
    free(births);
    return made;
}

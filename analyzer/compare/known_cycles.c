/* SPDX-License-Identifier: MIT */
#include "compare/known_cycles.h"

#include "compare/baseline.h"

int known_cycles_mark(const char *path, struct cycles *cycles, char *error, size_t error_size)
{
    struct digest baseline = {0};
    int status = baseline_read(path, &baseline, error, error_size);
    for (uint32_t g = 0; status == 0 && g < cycles->group_count; g++) {
        struct cycle_group *group = &cycles->groups[g];
        group->novelty =
            digest_find(&baseline, DIGEST_CYCLE, group->signature) ? NOVELTY_KNOWN : NOVELTY_NEW;
    }
    digest_free(&baseline);
    return status;
}

/* SPDX-License-Identifier: MIT */
#include "report/native.h"

static const struct {
    const char *what, *text;
} names[RESIDENT_LINES] = {
    [0] = {"unnamed", "kinds that this version does not know"},
    [OURO_MEMORY_BLOCKS] = {"blocks", "objects and memory of Python, small blocks"},
    [OURO_MEMORY_ROOM] = {"room", "free blocks in pools that are in use"},
    [OURO_MEMORY_EMPTY] = {"empty", "arenas' empty pools"},
    [OURO_MEMORY_FRAMES] = {"frames", "stacks of Python frames"},
    [OURO_MEMORY_MALLOC_USED] = {"malloc", "malloc, in use"},
    [OURO_MEMORY_MALLOC_FREE] = {"malloc_free", "malloc, free but kept"},
    [OURO_MEMORY_MALLOC_MAPPED] = {"malloc_mapped", "malloc, large blocks mapped alone"},
    [OURO_MEMORY_MALLOC] = {"malloc_heap", "malloc, in use or free"},
    [OURO_MEMORY_MAPPED] = {"mapped", "other anonymous mappings"},
    [OURO_MEMORY_STACKS] = {"stacks", "stacks of threads"},
    [OURO_MEMORY_FILES] = {"files", "code and data of files, as in the file"},
    [OURO_MEMORY_DATA] = {"data", "variables of program and libraries"},
    [OURO_MEMORY_SHARED] = {"shared", "memory shared with other processes"},
    [OURO_MEMORY_OWN] = {"recorder", "the recorder itself"},
    [OURO_MEMORY_KERNEL] = {"kernel", "mapped by the kernel (vdso)"},
};

uint32_t resident_lines(const struct snapshot *snapshot, struct resident_line lines[RESIDENT_LINES])
{
    static const uint32_t order[RESIDENT_LINES] = {
        OURO_MEMORY_BLOCKS,      OURO_MEMORY_ROOM,
        OURO_MEMORY_EMPTY,       OURO_MEMORY_FRAMES,
        OURO_MEMORY_MALLOC_USED, OURO_MEMORY_MALLOC_MAPPED,
        OURO_MEMORY_MALLOC_FREE, OURO_MEMORY_MALLOC,
        OURO_MEMORY_MAPPED,      OURO_MEMORY_STACKS,
        OURO_MEMORY_SHARED,      OURO_MEMORY_DATA,
        OURO_MEMORY_FILES,       OURO_MEMORY_KERNEL,
        OURO_MEMORY_OWN,         0,
    };
    uint32_t count = 0;
    if (!snapshot || !snapshot->memory.known)
        return 0;
    for (uint32_t i = 0; i < RESIDENT_LINES; i++) {
        uint32_t kind = order[i];
        uint64_t bytes = kind ? snapshot->memory.kinds[kind].resident : snapshot->memory.unnamed;
        if (bytes || (kind == OURO_MEMORY_EMPTY && snapshot->memory.kinds[kind].pieces))
            lines[count++] =
                (struct resident_line){kind, names[kind].what, names[kind].text, bytes};
    }
    return count;
}

uint64_t resident_sum(const struct snapshot *snapshot)
{
    uint64_t sum = snapshot->memory.unnamed;
    for (uint32_t kind = 1; kind < OURO_MEMORY_KINDS; kind++)
        sum += snapshot->memory.kinds[kind].resident;
    return sum;
}

double resident_explained(const struct snapshot *snapshot)
{
    uint64_t sum = resident_sum(snapshot), resident = snapshot->memory.resident;
    if (!sum || !resident)
        return 0;
    return sum < resident ? (double)sum / (double)resident : (double)resident / (double)sum;
}

/* SPDX-License-Identifier: MIT */
/* One target as a program of libFuzzer's: FUZZ_TARGET is its name. */
#include <string.h>

#include "fuzz.h"
#include "trace_mutator.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed);

static const struct fuzz_target *target(void)
{
    static const struct fuzz_target *found;
    for (const struct fuzz_target *t = fuzz_targets; !found && t->name; t++) {
        if (strcmp(t->name, FUZZ_TARGET) == 0)
            found = t;
    }
    return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    target()->run(data, size);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
    const struct fuzz_target *t = target();
    if (!t->trace || size <= t->prefix)
        return LLVMFuzzerMutate(data, size, room);
    if (t->prefix && seed % 8 == 0)
        data[0] = (uint8_t)(seed >> 8);
    return t->prefix + mutate_trace(data + t->prefix, size - t->prefix, room - t->prefix, seed,
                                    LLVMFuzzerMutate);
}

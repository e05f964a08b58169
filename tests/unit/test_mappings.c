/* SPDX-License-Identifier: MIT */
/* The table of live mappings against a model that knows the mapping of every page. */
#include "cmocka_prelude.h"

#include <stdlib.h>

#include "native/native_state.h"

#define PAGE ((uintptr_t)4096)
#define PAGES 300u
#define STACKS 7u
#define STEPS 60000u

struct native_state native;
static struct native_counts counts[STACKS + 1];

struct native_counts *stacks_counts(uint32_t stack)
{
    return &counts[stack];
}

static void *reserve(size_t size)
{
    return calloc(1, size);
}

/* Of each page the number of its mapping; of each mapping its stack and its pages. */
static struct {
    uint32_t of[PAGES];
    uint32_t stack[STEPS + 1], pages[STEPS + 1];
    struct native_counts counts[STACKS + 1];
} model;

static void model_remove(uint32_t first, uint32_t count)
{
    for (uint32_t page = first; page < first + count; page++) {
        uint32_t mapping = model.of[page];
        if (!mapping)
            continue;
        struct native_counts *of = &model.counts[model.stack[mapping]];
        of->dead_bytes += PAGE * OURO_SAMPLE_UNIT;
        of->deaths += --model.pages[mapping] ? 0 : OURO_SAMPLE_UNIT;
        model.of[page] = 0;
    }
}

static void model_add(uint32_t first, uint32_t count, uint32_t mapping, uint32_t stack)
{
    model_remove(first, count);
    model.stack[mapping] = stack;
    model.pages[mapping] = count;
    model.counts[stack].births += OURO_SAMPLE_UNIT;
    model.counts[stack].bytes += count * PAGE * OURO_SAMPLE_UNIT;
    for (uint32_t page = first; page < first + count; page++)
        model.of[page] = mapping;
}

static void any_order_of_maps_and_unmaps_counts_each_page_once(void **state)
{
    static const struct native_host host = {.reserve = reserve};
    const uintptr_t base = UINT64_C(0x7f0000000000);
    uint64_t random = 1;
    (void)state;
    native.host = &host;
    assert_true(mappings_setup());
    for (uint32_t step = 1; step <= STEPS; step++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        uint32_t bits = (uint32_t)(random >> 32);
        uint32_t first = bits % PAGES, most = bits >> 9 & 1 ? 60 : 5;
        uint32_t count = 1 + (bits >> 10) % most, stack = 1 + (bits >> 20) % STACKS;
        if (first + count > PAGES)
            count = PAGES - first;
        uintptr_t start = base + first * PAGE;
        if (bits >> 31) {
            mappings_add(start, start + count * PAGE, stack);
            model_add(first, count, step, stack);
        } else {
            mappings_remove(start, start + count * PAGE);
            model_remove(first, count);
        }
        assert_memory_equal(counts, model.counts, sizeof counts);
        for (uint32_t page = step % 16; page < PAGES; page += 16)
            assert_int_equal(mappings_find(base + page * PAGE + bits % PAGE),
                             model.stack[model.of[page]]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order_of_maps_and_unmaps_counts_each_page_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

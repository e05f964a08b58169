/* SPDX-License-Identifier: MIT */
/* The table of recorded blocks against a model that is an array, with every block recorded and with samples. */
#include "cmocka_prelude.h"

#include <string.h>
#include <sys/mman.h>

#include "native/block_map.h"

#define PLACES 6000u /* where a block can be, eight bytes apart; in two runs far from each other */
#define STEPS 300000u
#define HUGE_SIZE (UINT64_C(1) << 50) /* has no room in a word of the map */

struct native_state native;
static uint64_t random_state;
static size_t granted; /* bytes that may still be reserved */

static void *reserve(size_t size)
{
    if (size > granted)
        return NULL;
    granted -= size;
    void *start = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return start == MAP_FAILED ? NULL : start;
}

/* The counts by stretch are for 8 GiB of addresses; here they are those of few. */
static void *reserve_little(size_t size)
{
    return reserve(size > (64u << 20) ? 64u << 20 : size);
}

static void release(void *start, size_t size)
{
    munmap(start, size);
}

static uint32_t random_below(uint32_t end)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 32) % end;
}

static uintptr_t address(uint32_t place)
{
    uintptr_t base = place < PLACES / 2 ? 0x10000 : 0x3fff00000;
    return base + (uintptr_t)(place % (PLACES / 2)) * 8;
}

static struct model {
    uint64_t size;
    uint32_t stack; /* 0: no block */
} model[PLACES];

typedef bool blocks_question(uintptr_t block, uint64_t *size, uint32_t *stack);

static void ask(uint32_t place, blocks_question *question)
{
    uint64_t size = 0;
    uint32_t stack = 0;
    bool found = question(address(place), &size, &stack);
    assert_int_equal(found, model[place].stack != 0);
    if (found) {
        assert_int_equal(size, model[place].size);
        assert_int_equal(stack, model[place].stack);
    }
}

static struct model putting;

static bool put(uintptr_t block, uint64_t *size, uint32_t *stack)
{
    return blocks_put(block, putting.size, putting.stack, size, stack);
}

static void step(void)
{
    uint32_t place = random_below(PLACES);
    uintptr_t block = address(place);
    switch (random_below(4)) {
    case 0:
    case 1: {
        struct model now = {random_below(5000), random_below(1000) + 1};
        if (random_below(50) == 0)
            now.size = HUGE_SIZE + now.size;
        putting = now;
        ask(place, put);
        model[place] = now;
        break;
    }
    case 2:
        if (model[place].stack) {
            assert_true(blocks_maybe(block));
            assert_true(blocks_known(block));
        }
        ask(place, blocks_take);
        model[place].stack = 0;
        break;
    default:
        ask(place, blocks_find);
    }
}

static void run(uint64_t mean, size_t room)
{
    static const struct native_host host = {.reserve = reserve_little, .release = release};
    uint64_t size;
    uint32_t stack;
    granted = room;
    memset(model, 0, sizeof model);
    native.host = &host;
    native.wishes.mean = mean;
    block_map = NULL;
    assert_true(blocks_setup());
    assert_int_equal(block_map != NULL, mean == 1);
    random_state = 1;
    for (uint32_t i = 0; i < STEPS; i++)
        step();
    for (uint32_t place = 0; place < PLACES; place++) {
        ask(place, blocks_take);
        assert_false(blocks_take(address(place), &size, &stack));
    }
}

static void every_block_is_found_as_it_was_put(void **state)
{
    (void)state;
    run(1, SIZE_MAX);
}

static void so_are_samples(void **state)
{
    (void)state;
    run(65536, SIZE_MAX);
}

/* What the map takes at first, and then not a table more. */
static void without_memory_for_the_map_the_table_does(void **state)
{
    (void)state;
    run(1, (64u << 20) + (1u << 20));
}

static void addresses_that_are_none_of_malloc_are_refused(void **state)
{
    uint64_t size;
    uint32_t stack;
    (void)state;
    run(1, SIZE_MAX);
    assert_false(blocks_put(UINT64_C(1) << 47, 1, 1, &size, &stack));
    assert_false(blocks_find(UINT64_C(1) << 47, &size, &stack));
    assert_false(blocks_maybe(UINT64_C(1) << 47));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_block_is_found_as_it_was_put),
        cmocka_unit_test(so_are_samples),
        cmocka_unit_test(without_memory_for_the_map_the_table_does),
        cmocka_unit_test(addresses_that_are_none_of_malloc_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

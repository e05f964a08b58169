/* SPDX-License-Identifier: MIT */
/* What nothing leads to is grouped by what was leaked first; all of it counts once. */
#include "cmocka_prelude.h"

#include <stdlib.h>
#include <sys/resource.h>

#include "analysis/native_leaks.h"

enum { STACKS = 3 };

/* Blocks of the sizes 16, 32, 48, …, as asked for; stacks without frames, each of a site of its own. */
struct leaks_model {
    struct native_stack stacks[STACKS];
    struct unreached_block blocks[16];
    struct unreached_lead leads[16];
    struct process process;
    struct snapshot snapshot;
    struct symbols *symbols;
    struct native_leaks leaks;
};

static void block(struct leaks_model *m, uint32_t stack)
{
    struct unreached *u = &m->snapshot.unreached;
    u->searched = ++u->blocks;
    m->blocks[u->count] = (struct unreached_block){.address = 4096 * (u->count + 1),
                                                   .size = 16 * (u->count + 1),
                                                   .asked = stack ? 16 * (u->count + 1) : 0,
                                                   .stack = stack};
    u->bytes += m->blocks[u->count++].size;
}

static void lead(struct leaks_model *m, uint32_t from, uint32_t to)
{
    m->leads[m->snapshot.unreached.lead_count++] = (struct unreached_lead){from, to};
}

static void begin(struct leaks_model *m, uint64_t sample)
{
    *m = (struct leaks_model){.process = {.native_sample = sample, .native_count = STACKS}};
    for (uint32_t i = 0; i < STACKS; i++)
        m->stacks[i].site = i;
    m->process.native_stacks = m->stacks;
    m->snapshot.unreached = (struct unreached){.known = true, .list = m->blocks, .leads = m->leads};
    m->symbols = symbols_open(&m->process);
    assert_non_null(m->symbols);
}

static void find(struct leaks_model *m)
{
    assert_int_equal(native_leaks_find(&m->process, &m->snapshot, m->symbols, &m->leaks), 0);
    if (!m->leaks.list)
        abort(); /* so that who reads code knows, too */
}

static void end(struct leaks_model *m)
{
    native_leaks_free(&m->leaks);
    symbols_close(m->symbols);
}

static void check(const struct native_leak *leak, uint64_t count, uint32_t cycle, uint64_t bytes,
                  uint64_t below_blocks, uint64_t below_bytes)
{
    assert_int_equal(leak->count, count);
    assert_int_equal(leak->cycle, cycle);
    assert_int_equal(leak->bytes, bytes);
    assert_int_equal(leak->blocks, cycle ? count * cycle : count);
    assert_int_equal(leak->below_blocks, below_blocks);
    assert_int_equal(leak->below_bytes, below_bytes);
}

/* Two blocks of a stack; below the first a chain of two, the last of which the second leads to as well. */
static void what_lies_below_counts_once(void **state)
{
    struct leaks_model m;
    (void)state;
    begin(&m, 1);
    block(&m, 1);
    block(&m, 2);
    block(&m, 2);
    block(&m, 1);
    lead(&m, 0, 1);
    lead(&m, 1, 2);
    lead(&m, 3, 2);
    find(&m);
    assert_int_equal(m.leaks.count, 1);
    check(&m.leaks.list[0], 2, 0, 16 + 64, 2, 32 + 48);
    assert_int_equal(m.leaks.list[0].site, 0);
    end(&m);
}

/* A ring of three with a block below; a block that leads to itself is no cycle. */
static void blocks_that_lead_to_each_other_are_cycles(void **state)
{
    struct leaks_model m;
    (void)state;
    begin(&m, 1);
    for (int i = 0; i < 5; i++)
        block(&m, 1);
    lead(&m, 0, 2);
    lead(&m, 1, 0);
    lead(&m, 2, 1);
    lead(&m, 2, 3);
    lead(&m, 4, 4);
    find(&m);
    assert_int_equal(m.leaks.count, 2);
    check(&m.leaks.list[0], 1, 3, 16 + 32 + 48, 1, 64);
    check(&m.leaks.list[1], 1, 0, 80, 0, 0);
    end(&m);
}

/* A cycle that something leaked leads to is below that. */
static void a_cycle_below_a_block_is_none_of_its_own(void **state)
{
    struct leaks_model m;
    (void)state;
    begin(&m, 1);
    for (int i = 0; i < 3; i++)
        block(&m, 0);
    lead(&m, 0, 1);
    lead(&m, 1, 0);
    lead(&m, 2, 0);
    find(&m);
    assert_int_equal(m.leaks.count, 1);
    check(&m.leaks.list[0], 1, 0, 48, 2, 16 + 32);
    assert_int_equal(m.leaks.list[0].block_size, 48);
    end(&m);
}

/* As many as there are other threads may be in their registers. */
static void few_blocks_are_only_possible_where_other_threads_ran(void **state)
{
    struct leaks_model m;
    (void)state;
    begin(&m, 1);
    m.snapshot.unreached.threads = 2;
    for (uint32_t i = 0; i < 5; i++)
        block(&m, i < 3 ? 1 : 2);
    find(&m);
    assert_int_equal(m.leaks.count, 2);
    assert_true(m.leaks.list[0].possible);
    check(&m.leaks.list[0], 2, 0, 64 + 80, 0, 0);
    assert_false(m.leaks.list[1].possible);
    check(&m.leaks.list[1], 3, 0, 16 + 32 + 48, 0, 0);
    end(&m);
}

/*
 * With a sample each 32 bytes a block of 16 counts 1 / (1 − e^(−1/2)) = 2.54 times, one of 32 bytes 1.58
 * times; of a cycle of two each is half of it. What is not sampled is in no group.
 */
static void samples_stand_for_others(void **state)
{
    struct leaks_model m;
    (void)state;
    begin(&m, 32);
    block(&m, 1);
    block(&m, 1);
    block(&m, 0);
    lead(&m, 0, 1);
    lead(&m, 1, 0);
    find(&m);
    assert_true(m.leaks.estimated);
    assert_int_equal(m.leaks.count, 1);
    check(&m.leaks.list[0], 2, 2, 99, 0, 0); /* (2.54 + 1.58) / 2 of 48 bytes */
    end(&m);
    begin(&m, 32);
    block(&m, 9); /* a stack that was not written any more */
    find(&m);
    assert_int_equal(m.leaks.count, 0);
    end(&m);
}

/* Of this process, in seconds. */
static double spent(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6;
}

/*
 * A few bytes of a trace are a block, and all of them may have stacks that are as deep as can be and
 * equal but for the last address. To compare these for each block would be 6 × 10^10 steps.
 */
static void many_blocks_of_few_deep_stacks_take_no_time(void **state)
{
    enum { DEPTH = 4096, MANY = 1 << 20 };
    static uint64_t addresses[STACKS * DEPTH];
    struct unreached_block *blocks = calloc(MANY, sizeof *blocks);
    struct leaks_model m;
    (void)state;
    assert_non_null(blocks);
    begin(&m, 1);
    m.process.native_addresses = addresses;
    m.process.native_address_count = STACKS * DEPTH;
    for (uint32_t i = 0; i < STACKS; i++) {
        m.stacks[i] = (struct native_stack){.first = i * DEPTH, .count = DEPTH};
        addresses[(i + 1) * DEPTH - 1] = i == 1; /* the first and the last are the same */
    }
    for (uint32_t i = 0; i < MANY; i++)
        blocks[i] =
            (struct unreached_block){.address = 32 * (i + 1), .size = 32, .stack = 1 + i % STACKS};
    m.snapshot.unreached.list = blocks;
    m.snapshot.unreached.count = MANY;
    double before = spent();
    find(&m);
    if (spent() - before > 15.0) /* processor time: thirty times what it takes */
        fail_msg("%d blocks took %.1f s", MANY, spent() - before);
    assert_int_equal(m.leaks.count, 2);
    assert_int_equal(m.leaks.list[0].count + m.leaks.list[1].count, MANY);
    assert_int_equal(m.leaks.list[1].count, MANY / STACKS);
    assert_int_equal(m.leaks.list[0].addresses[DEPTH - 1], 0);
    assert_int_equal(m.leaks.list[1].addresses[DEPTH - 1], 1);
    end(&m);
    free(blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_lies_below_counts_once),
        cmocka_unit_test(blocks_that_lead_to_each_other_are_cycles),
        cmocka_unit_test(a_cycle_below_a_block_is_none_of_its_own),
        cmocka_unit_test(few_blocks_are_only_possible_where_other_threads_ran),
        cmocka_unit_test(samples_stand_for_others),
        cmocka_unit_test(many_blocks_of_few_deep_stacks_take_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* The shim's count of deaths by type: what an epoch is told since the last, however long the run. */
#include "cmocka_prelude.h"

#include "ledger.h"
#include "options.h"
#include "rlimit.h"
#include "seccomp.h"
#include "site_tree.h"
#include "type_table.h"

#define ROW 1u
#define TYPE 7u

bool rlimit_widened;              /* rlimit.c would stand in for the sanitizer's getrlimit() */
_Atomic unsigned seccomp_forbids; /* and seccomp.c for its prctl() */

void rlimit_make_room(size_t size)
{
    (void)size;
}

struct fixture {
    struct counter counters[2];
    struct typed_deaths typed[8];
    struct ledger ledger;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){0};
    fixture.ledger.counters = fixture.counters;
    fixture.ledger.typed = fixture.typed;
    site_tree.capacity = 8;
    options.sample = 0;
    *state = &fixture;
    return 0;
}

/* What an epoch does with a row's one entry. */
static uint64_t told(struct fixture *f, uint32_t entry)
{
    uint64_t news = typed_deaths_news(&f->counters[ROW], &f->typed[entry]);
    f->typed[entry].written += news;
    return news;
}

static void common_deaths_are_the_last_type_s_beyond_32_bits(void **state)
{
    struct fixture *f = *state;
    uint32_t entry = typed_deaths_entry(&f->ledger, ROW, TYPE);
    uint64_t sum = 0;
    typed_deaths_turn(&f->ledger, ROW, TYPE);
    for (unsigned epoch = 0; epoch < 12; epoch++) {
        f->counters[ROW].deaths[DEATH_REFCOUNT] += UINT64_C(1) << 30;
        sum += told(f, entry);
    }
    assert_int_equal(sum, UINT64_C(12) << 30);
}

static void what_is_handed_over_is_told_once(void **state)
{
    struct fixture *f = *state;
    uint32_t entry = typed_deaths_entry(&f->ledger, ROW, TYPE);
    typed_deaths_turn(&f->ledger, ROW, TYPE);
    f->counters[ROW].deaths[DEATH_REFCOUNT] = 5;
    assert_int_equal(told(f, entry), 5);
    f->counters[ROW].deaths[DEATH_REFCOUNT] = 8;
    uint32_t other = typed_deaths_entry(&f->ledger, ROW, TYPE + 1);
    typed_deaths_turn(&f->ledger, ROW, TYPE + 1);
    assert_int_equal(told(f, entry), 3);
    assert_int_equal(told(f, other), 0);
    f->counters[ROW].deaths[DEATH_REFCOUNT] = 9;
    assert_int_equal(told(f, entry), 0);
    assert_int_equal(told(f, other), 1);
}

/* Seen from another thread: it is settled already, and its death not yet counted. */
static void a_death_in_between_is_told_later(void **state)
{
    struct fixture *f = *state;
    uint32_t entry = typed_deaths_entry(&f->ledger, ROW, TYPE);
    typed_deaths_turn(&f->ledger, ROW, TYPE);
    f->counters[ROW].settled = 1;
    assert_int_equal(told(f, entry), 0);
    f->counters[ROW].deaths[DEATH_REFCOUNT] = 3;
    assert_int_equal(told(f, entry), 2);
}

static void samples_count_by_the_thousand(void **state)
{
    struct fixture *f = *state;
    options.sample = 1 << 20;
    uint32_t entry = typed_deaths_entry(&f->ledger, ROW, TYPE);
    typed_deaths_turn(&f->ledger, ROW, TYPE);
    f->typed[entry].deaths = UINT64_C(1) << 33;
    assert_int_equal(told(f, entry), UINT64_C(1) << 33);
    assert_int_equal(told(f, entry), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(common_deaths_are_the_last_type_s_beyond_32_bits, set_up),
        cmocka_unit_test_setup(what_is_handed_over_is_told_once, set_up),
        cmocka_unit_test_setup(a_death_in_between_is_told_later, set_up),
        cmocka_unit_test_setup(samples_count_by_the_thousand, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

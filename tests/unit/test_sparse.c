/* SPDX-License-Identifier: MIT */
#include "cmocka_prelude.h"

#include "structure/sparse.h"

static void items_are_zeroed_and_stay_where_they_are(void **state)
{
    struct sparse table;
    (void)state;
    sparse_init(&table, sizeof(uint32_t));
    uint32_t *first = sparse_get(&table, 5);
    assert_non_null(first);
    assert_int_equal(*first, 0);
    *first = 55;
    for (uint32_t n = 0; n < 100000; n += 7)
        *(uint32_t *)sparse_get(&table, n) += n;
    assert_ptr_equal(sparse_get(&table, 5), first);
    assert_int_equal(*first, 55);
    for (uint32_t n = 7; n < 100000; n += 7)
        assert_int_equal(*(uint32_t *)sparse_find(&table, n), n);
    assert_int_equal(table.end, 99996);
    sparse_free(&table);
}

static void what_was_not_made_is_not_found(void **state)
{
    struct sparse table;
    (void)state;
    sparse_init(&table, 16);
    assert_null(sparse_find(&table, 0));
    assert_non_null(sparse_get(&table, SPARSE_MOST - 1));
    assert_null(sparse_find(&table, 0));
    assert_null(sparse_find(&table, SPARSE_MOST));
    assert_null(sparse_get(&table, SPARSE_MOST));
    sparse_free(&table);
    assert_null(sparse_find(&table, SPARSE_MOST - 1));
    sparse_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_zeroed_and_stay_where_they_are),
        cmocka_unit_test(what_was_not_made_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

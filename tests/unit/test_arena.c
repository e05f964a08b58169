/* SPDX-License-Identifier: MIT */
/* What an arena gives out stays put, is counted, and stops at the limit. */
#include "cmocka_prelude.h"

#include <string.h>

#include "structure/arena.h"

static void pieces_do_not_overlap(void **state)
{
    enum { PIECES = 5000 };
    static char *text[PIECES];
    static uint64_t *numbers[PIECES];
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < PIECES; i++) {
        char word[16];
        memset(word, 'a' + (int)(i % 26), sizeof word);
        numbers[i] = arena_alloc(arena, i % 7 + 1, sizeof *numbers[i]);
        text[i] = arena_copy(arena, word, i % sizeof word);
        assert_int_equal((uintptr_t)numbers[i] % _Alignof(max_align_t), 0);
        assert_true(numbers[i][i % 7] == 0);
        numbers[i][i % 7] = i;
    }
    for (size_t i = 0; i < PIECES; i++) {
        assert_true(numbers[i][i % 7] == i);
        assert_int_equal(strlen(text[i]), i % 16);
        assert_true(i % 16 == 0 || text[i][0] == 'a' + (int)(i % 26));
    }
    arena_free(arena);
}

static void blocks_keep_their_contents_when_resized(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    uint32_t *first = NULL, *second = NULL;
    for (uint32_t count = 1; count <= 100000; count *= 10) {
        first = arena_resize(arena, first, count, sizeof *first);
        second = arena_resize(arena, second, count, sizeof *second);
        first[count - 1] = count;
        second[count - 1] = count + 1;
    }
    for (uint32_t count = 1; count <= 100000; count *= 10)
        assert_true(first[count - 1] == count && second[count - 1] == count + 1);
    size_t used = arena_used(arena);
    arena_release(arena, first);
    assert_true(used - arena_used(arena) >= 100000 * sizeof *first);
    second = arena_resize(arena, second, 10, sizeof *second);
    assert_int_equal(second[9], 11);
    assert_true(arena_used(arena) < 1000);
    arena_free(arena);
}

static void the_limit_holds(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    void *block = arena_resize(arena, NULL, 1000, 1);
    arena_set_limit(arena, 1 << 20);
    assert_null(arena_resize(arena, block, 2 << 20, 1));
    assert_true(arena_was_limited(arena));
    assert_non_null(arena_resize(arena, block, 500, 1)); /* as it was, and may shrink */
    size_t given = 0;
    while (arena_alloc(arena, 100, 100))
        given += 10000;
    assert_true(given > 900000 && given <= 1 << 20);
    while (arena_copy(arena, "text", 4))
        given += 5;
    assert_true(arena_used(arena) <= 1 << 20);
    arena_free(arena);
}

static void sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    assert_null(arena_alloc(arena, SIZE_MAX / 8, 16));
    assert_null(arena_alloc(arena, 1, SIZE_MAX));
    assert_null(arena_resize(arena, NULL, SIZE_MAX / 2, 3));
    assert_null(arena_resize(arena, NULL, SIZE_MAX, 1));
    assert_null(arena_copy(arena, "", SIZE_MAX));
    assert_non_null(arena_alloc(arena, 0, 8));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_do_not_overlap),
        cmocka_unit_test(blocks_keep_their_contents_when_resized),
        cmocka_unit_test(the_limit_holds),
        cmocka_unit_test(sizes_that_overflow_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

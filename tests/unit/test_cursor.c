/* SPDX-License-Identifier: MIT */
/* Cursors never leave their bytes, and failure sticks; varints mean what the format says. */
#include "cmocka_prelude.h"

#include "trace/cursor.h"

static void varints_round_trip(void **state)
{
    static const uint64_t values[] = {0,
                                      1,
                                      0x7f,
                                      0x80,
                                      0x3fff,
                                      0x4000,
                                      1u << 21,
                                      UINT32_MAX,
                                      UINT64_C(1) << 32,
                                      INT64_MAX,
                                      UINT64_C(1) << 63,
                                      UINT64_MAX};
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        unsigned char bytes[OURO_VARINT_MAX];
        size_t size = ouro_varint_put(bytes, values[i]);
        struct cursor c = cursor_over(bytes, size);
        assert_true(cursor_varint(&c) == values[i]);
        assert_false(c.failed);
        assert_int_equal(cursor_left(&c), 0);
        for (size_t cut = 0; cut < size; cut++) {
            c = cursor_over(bytes, cut);
            assert_true(cursor_varint(&c) == 0);
            assert_true(c.failed);
        }
        int64_t number = (int64_t)values[i];
        assert_true(ouro_unzigzag(ouro_zigzag(number)) == number);
        number = (int64_t)(0 - values[i]);
        assert_true(ouro_unzigzag(ouro_zigzag(number)) == number);
    }
}

static void small_numbers_of_either_sign_are_short(void **state)
{
    unsigned char bytes[OURO_VARINT_MAX];
    (void)state;
    for (int64_t n = -64; n < 64; n++)
        assert_int_equal(ouro_varint_put(bytes, ouro_zigzag(n)), 1);
    assert_int_equal(ouro_zigzag(-1), 1);
    assert_int_equal(ouro_zigzag(1), 2);
}

static void varints_above_64_bits_fail(void **state)
{
    static const unsigned char max[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};
    static const unsigned char above[] = {0xff, 0xff, 0xff, 0xff, 0xff,
                                          0xff, 0xff, 0xff, 0xff, 0x02};
    static const unsigned char longer[] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
                                           0x80, 0x80, 0x80, 0x80, 0x00};
    (void)state;
    struct cursor c = cursor_over(max, sizeof max);
    assert_true(cursor_varint(&c) == UINT64_MAX && !c.failed);
    c = cursor_over(above, sizeof above);
    cursor_varint(&c);
    assert_true(c.failed);
    c = cursor_over(longer, sizeof longer);
    cursor_varint(&c);
    assert_true(c.failed);
}

static void failure_sticks(void **state)
{
    static const unsigned char bytes[] = {0x05, 0x80};
    (void)state;
    struct cursor c = cursor_over(bytes, sizeof bytes);
    assert_int_equal(cursor_varint(&c), 5);
    assert_int_equal(cursor_varint(&c), 0);
    assert_true(c.failed);
    assert_int_equal(cursor_varint(&c), 0);
    assert_null(cursor_bytes(&c, 0));
    assert_int_equal(cursor_left(&c), 0);
}

static void parts_stay_inside(void **state)
{
    static const unsigned char bytes[] = {0x02, 'a', 'b', 0x03, 'c'};
    (void)state;
    struct cursor c = cursor_over(bytes, sizeof bytes);
    struct cursor part = cursor_part(&c);
    assert_false(c.failed);
    assert_memory_equal(part.at, "ab", 2);
    assert_int_equal(cursor_left(&part), 2);
    part = cursor_part(&c);
    assert_true(c.failed && part.failed);
    assert_int_equal(cursor_left(&part), 0);
}

static void counts_must_fit_what_is_left(void **state)
{
    static const unsigned char bytes[] = {0x02, 1, 2, 3, 4};
    (void)state;
    struct cursor c = cursor_over(bytes, sizeof bytes);
    assert_int_equal(cursor_count(&c, 2), 2);
    c = cursor_over(bytes, sizeof bytes - 1);
    assert_int_equal(cursor_count(&c, 2), 0);
    assert_true(c.failed);
}

static void bounds_are_inclusive(void **state)
{
    static const unsigned char bytes[] = {0x07, 0x08};
    (void)state;
    struct cursor c = cursor_over(bytes, sizeof bytes);
    assert_int_equal(cursor_id(&c, 7), 7);
    assert_int_equal(cursor_id(&c, 7), 0);
    assert_true(c.failed);
}

static void fields_are_little_endian_and_complete(void **state)
{
    static const unsigned char bytes[] = {0x01, 0x02, 0, 0, 0, 0, 0, 0x80, 0xff};
    (void)state;
    struct cursor c = cursor_over(bytes, sizeof bytes);
    assert_true(cursor_int64(&c) == UINT64_C(0x8000000000000201));
    assert_true(cursor_int64(&c) == 0 && c.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(varints_round_trip),
        cmocka_unit_test(small_numbers_of_either_sign_are_short),
        cmocka_unit_test(varints_above_64_bits_fail),
        cmocka_unit_test(failure_sticks),
        cmocka_unit_test(parts_stay_inside),
        cmocka_unit_test(counts_must_fit_what_is_left),
        cmocka_unit_test(bounds_are_inclusive),
        cmocka_unit_test(fields_are_little_endian_and_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Whatever bytes the program had, what is printed is valid UTF-8 that cannot steer a terminal. */
#include "cmocka_prelude.h"

#include <string.h>

#include "structure/arena.h"
#include "text/text.h"

static void check(const char *bytes, size_t length, enum text_style style, const char *expected)
{
    struct arena *arena = arena_new();
    assert_non_null(arena);
    assert_string_equal(text_escape(arena, (const unsigned char *)bytes, length, style), expected);
    arena_free(arena);
}

#define CHECK(bytes, style, expected) check(bytes, sizeof(bytes) - 1, style, expected)

static void ordinary_text_is_untouched(void **state)
{
    (void)state;
    CHECK("", TEXT_NAME, "");
    CHECK("/home/user/app/päivä.py", TEXT_NAME, "/home/user/app/päivä.py");
    CHECK("日本語 🐍", TEXT_NAME, "日本語 🐍");
    CHECK("C:\\x", TEXT_NAME, "C:\\x");
}

static void what_is_no_utf8_is_escaped(void **state)
{
    (void)state;
    CHECK("a\xff", TEXT_NAME, "a\\xff");
    CHECK("\xc3", TEXT_NAME, "\\xc3");
    CHECK("\xc0\xaf", TEXT_NAME, "\\xc0\\xaf");                   /* overlong */
    CHECK("\xe0\x80\xaf", TEXT_NAME, "\\xe0\\x80\\xaf");          /* overlong */
    CHECK("\xed\xa0\x80", TEXT_NAME, "\\xed\\xa0\\x80");          /* surrogate */
    CHECK("\xf4\x90\x80\x80", TEXT_NAME, "\\xf4\\x90\\x80\\x80"); /* above U+10FFFF */
    CHECK("\xf0\x9f\x90", TEXT_NAME, "\\xf0\\x9f\\x90");          /* cut */
}

static void control_characters_are_escaped(void **state)
{
    (void)state;
    CHECK("a\x1b[31mb", TEXT_NAME, "a\\x1b[31mb");
    CHECK("a\nb\0c\x7f", TEXT_NAME, "a\\x0ab\\x00c\\x7f");
    CHECK("\xc2\x9b"
          "31m",
          TEXT_NAME, "\\xc2\\x9b31m"); /* C1 control sequence introducer */
    CHECK("\xc2\xa0", TEXT_NAME, "\xc2\xa0");
}

static void values_are_written_as_repr_does(void **state)
{
    (void)state;
    CHECK("a\tb\\n\n\r", TEXT_VALUE, "a\\tb\\\\n\\n\\r");
    CHECK("tnr é", TEXT_VALUE, "tnr é");
    CHECK("é\x01", TEXT_BYTES, "\\xc3\\xa9\\x01");
}

static void a_buffer_gets_whole_characters_only(void **state)
{
    char out[8];
    (void)state;
    assert_int_equal(text_escape_into(out, 4, (const unsigned char *)"abé", 4, TEXT_NAME), 2);
    assert_string_equal(out, "ab");
    assert_int_equal(text_escape_into(out, 5, (const unsigned char *)"abé", 4, TEXT_NAME), 4);
    assert_string_equal(out, "abé");
    assert_int_equal(text_escape_into(out, 1, (const unsigned char *)"a", 1, TEXT_NAME), 0);
    assert_string_equal(out, "");
}

static void long_text_survives(void **state)
{
    static char text[200000], expected[800001];
    (void)state;
    memset(text, 0xff, sizeof text);
    for (size_t i = 0; i < sizeof text; i++)
        memcpy(expected + i * 4, "\\xff", 5);
    check(text, sizeof text, TEXT_NAME, expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_text_is_untouched),
        cmocka_unit_test(what_is_no_utf8_is_escaped),
        cmocka_unit_test(control_characters_are_escaped),
        cmocka_unit_test(values_are_written_as_repr_does),
        cmocka_unit_test(a_buffer_gets_whole_characters_only),
        cmocka_unit_test(long_text_survives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Names of functions become readable, and what is no such name stays as it is. */
#include "cmocka_prelude.h"

#include <stdlib.h>

#include "symbols/demangle.h"

static void check(const char *name, const char *expected)
{
    char *text = demangle(name);
    if (expected)
        assert_string_equal(text ? text : "(none)", expected);
    else
        assert_null(text);
    free(text);
}

static void names_are_those_of_the_source(void **state)
{
    (void)state;
    char *any = demangle("_Znwm");
    if (!any) /* there is no C++ library on this machine */
        skip();
    free(any);
    check("_Znwm", "operator new(unsigned long)");
    check("_ZN5shelf3BoxIsE4fillEs", "shelf::Box<short>::fill(short)");
    check("_ZN4core3fmt17h0123456789abcdefE", "core::fmt");
    check("_ZN4core3fmt17h0123456789abcdeGE", "core::fmt::h0123456789abcdeG");
}

static void other_names_stay(void **state)
{
    (void)state;
    check("PyObject_Malloc", NULL);
    check("", NULL);
    check("_Z", NULL);
    check("_Zx1", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_those_of_the_source),
        cmocka_unit_test(other_names_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

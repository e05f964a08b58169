/* SPDX-License-Identifier: MIT */
/* What counts as the same in two runs, what as a difference, and what as noise. */
#include "cmocka_prelude.h"

#include <stdlib.h>
#include <string.h>

#include "compare/difference.h"
#include "compare/fingerprint.h"

static void check_text(const char *text, const char *expected)
{
    struct arena *arena = arena_new();
    assert_string_equal(fingerprint_text(text, arena), expected);
    arena_free(arena);
}

static void numbers_that_nobody_chose_are_masked(void **state)
{
    (void)state;
    check_text("app.Cache.items[*]", "app.Cache.items[*]");
    check_text("<attrs generated init 0x7f3a2b10>", "<attrs generated init 0x*>");
    check_text("<ipython-input-3-9f86d081884c>", "<ipython-input-3-*>");
    check_text("worker 31337", "worker #");
    check_text("/tmp/pytest-of-me/x.sock", "/tmp/*/x.sock");
    check_text("utf8, latin1, page 404, v12", "utf8, latin1, page 404, v12");
    check_text("deadbeef", "deadbeef"); /* a word, though of such letters only */
    check_text("", "");
}

static void check_file(const char *directory, const char *script, const char *file,
                       const char *expected)
{
    struct arena *arena = arena_new();
    const char *arguments[] = {"python3", "-X", script};
    const struct process process = {
        .directory = directory, .argument_count = 3, .arguments = arguments};
    arguments[1] = "-E";
    assert_string_equal(fingerprint_file(&process, file, arena), expected);
    arena_free(arena);
}

static void files_are_named_without_the_folder_of_the_run(void **state)
{
    (void)state;
    check_file("/home/user/shop", "app.py", "/home/user/shop/lib/db.py", "lib/db.py");
    check_file("/tmp/a1b2", "/tmp/x9/shop/app.py", "/tmp/x9/shop/lib/db.py", "lib/db.py");
    check_file("/", "app.py", "/home/user/app.py", "/home/user/app.py");
    check_file("/home/user", "app.py", "/usr/lib/python3.11/json/decoder.py",
               "python/json/decoder.py");
    check_file("/home/user", "app.py", "/opt/py/lib/python3.14t/queue.py", "python/queue.py");
    check_file("/home/user", "app.py", "/home/user/venv/lib/python3.9/site-packages/flask/app.py",
               "site-packages/flask/app.py");
    check_file("/home/user", "app.py", "./app.py", "app.py");
    check_file("/opt/shop", "app.py", "/opt/shopping/app.py", "/opt/shopping/app.py");
    assert_true(fingerprint_same_file("app.py", "src/app.py"));
    assert_false(fingerprint_same_file("app.py", "myapp.py"));
}

/* --- digests ------------------------------------------------------------------------------------ */

static void add(struct digest *digest, enum digest_subject subject, const char *function,
                uint32_t first, uint32_t line, const char *key, uint64_t count, uint64_t bytes)
{
    const struct digest_item item = {
        .subject = subject,
        .key = key,
        .place = {function ? "app.py" : NULL, function, line, first},
        .count = {count, count},
        .bytes = {bytes, bytes},
    };
    assert_true(digest_add(digest, &item));
}

static struct digest begin(void)
{
    struct digest digest;
    assert_int_equal(digest_begin(&digest), 0);
    digest.known = DIGEST_OF_RUN;
    return digest;
}

/* Changes between two digests, which are released. */
static struct difference compare(struct digest *before, struct digest *after)
{
    struct difference difference;
    digest_sort(before);
    digest_sort(after);
    assert_int_equal(difference_find(before, after, &difference), 0);
    return difference;
}

static void release(struct difference *difference, struct digest *before, struct digest *after)
{
    difference_free(difference);
    digest_free(before);
    digest_free(after);
}

/* A function of three lines that begins at `first`, with `more` of the second line's objects. */
static void parse(struct digest *digest, const char *name, uint32_t first, uint64_t more)
{
    add(digest, DIGEST_ALIVE, name, first, first + 1, "dict", 500, 50000);
    add(digest, DIGEST_ALIVE, name, first, first + 1, "str", 500, 40000);
    add(digest, DIGEST_ALIVE, name, first, first + 2, "app.Node", 400 + more, 40000);
    add(digest, DIGEST_ALIVE, name, first, first + 5, "list", 300, 30000);
}

static void a_function_that_moved_is_the_same(void **state)
{
    (void)state;
    struct digest before = begin(), after = begin();
    parse(&before, "parse", 10, 0);
    parse(&before, "load", 30, 0);
    parse(&after, "parse", 130, 0); /* behind the other, and further down */
    parse(&after, "load", 7, 0);
    struct difference d = compare(&before, &after);
    assert_int_equal(d.count, 0);
    assert_int_equal(d.moved, 6);
    release(&d, &before, &after);
}

static void a_line_inserted_within_a_function_shifts_the_rest(void **state)
{
    (void)state;
    struct digest before = begin(), after = begin();
    parse(&before, "parse", 10, 0);
    add(&after, DIGEST_ALIVE, "parse", 10, 11, "dict", 500, 50000);
    add(&after, DIGEST_ALIVE, "parse", 10, 11, "str", 500, 40000);
    add(&after, DIGEST_ALIVE, "parse", 10, 13, "app.Log", 200, 20000); /* new */
    add(&after, DIGEST_ALIVE, "parse", 10, 14, "app.Node", 1000, 100000);
    add(&after, DIGEST_ALIVE, "parse", 10, 19, "list", 300, 30000);
    struct difference d = compare(&before, &after);
    assert_int_equal(d.count, 2);
    assert_int_equal(d.changes[0].kind, CHANGE_GROWN);
    assert_string_equal(change_item(&d.changes[0])->key, "app.Node");
    assert_int_equal(change_moved_from(&d.changes[0]), 12);
    assert_int_equal(change_count(&d.changes[0]), 600);
    assert_int_equal(d.changes[1].kind, CHANGE_NEW);
    assert_string_equal(change_item(&d.changes[1])->key, "app.Log");
    release(&d, &before, &after);
}

static void a_renamed_function_says_what_it_resembles(void **state)
{
    (void)state;
    struct digest before = begin(), after = begin();
    parse(&before, "parse", 10, 0);
    add(&before, DIGEST_ALIVE, "other", 40, 41, "set", 500, 50000);
    parse(&after, "read_all", 12, 0);
    add(&after, DIGEST_ALIVE, "other", 50, 51, "set", 500, 50000);
    struct difference d = compare(&before, &after);
    assert_int_equal(d.count, 8); /* four types new, four gone */
    for (uint32_t i = 0; i < d.count; i++) {
        if (d.changes[i].kind == CHANGE_NEW)
            assert_string_equal(d.changes[i].resembles, "parse in app.py, which is gone");
        else
            assert_null(d.changes[i].resembles);
    }
    release(&d, &before, &after);
}

static void what_is_unlike_resembles_nothing(void **state)
{
    (void)state;
    struct digest before = begin(), after = begin();
    parse(&before, "parse", 10, 0);
    add(&after, DIGEST_ALIVE, "draw", 10, 14, "app.Line", 500, 50000);
    struct difference d = compare(&before, &after);
    for (uint32_t i = 0; i < d.count; i++)
        assert_null(d.changes[i].resembles);
    release(&d, &before, &after);
}

static void add_cycle(struct digest *digest, const char *key, const char *path, uint64_t count,
                      uint32_t flags)
{
    const struct digest_item item = {
        .subject = DIGEST_CYCLE,
        .key = key,
        .count = {count, count},
        .bytes = {100 * count, 100 * count},
        .flags = flags,
        .detail = path,
    };
    assert_true(digest_add(digest, &item));
}

static void cycles_that_only_wait_are_no_difference(void **state)
{
    (void)state;
    struct digest before = begin(), after = begin();
    add_cycle(&after, "cycle:1", "A .b → back", 500, DIGEST_PENDING);
    add_cycle(&before, "cycle:2", "B .c → back", 500, DIGEST_PENDING);
    struct difference d = compare(&before, &after);
    assert_int_equal(d.count, 0);
    release(&d, &before, &after);
}

static void cycles_that_waited_and_now_leak_are_new(void **state)
{
    (void)state;
    struct digest before = begin(), after = begin();
    add_cycle(&before, "cycle:1", "A .b → back", 500, DIGEST_PENDING);
    add_cycle(&after, "cycle:1", "A .b → back", 3, 0);
    struct difference d = compare(&before, &after);
    assert_int_equal(d.count, 1);
    assert_int_equal(d.changes[0].kind, CHANGE_NEW);
    release(&d, &before, &after);
}

static void cycles_of_a_renamed_class_resemble_the_old_ones(void **state)
{
    (void)state;
    struct digest before = begin(), after = begin();
    add_cycle(&before, "cycle:1", "app.Node .parent → list [*] → back", 10, 0);
    add_cycle(&after, "cycle:2", "app.Leaf .parent → list [*] → back", 10, 0);
    add_cycle(&after, "cycle:3", "app.Leaf .owner → back", 10, 0);
    struct difference d = compare(&before, &after);
    assert_int_equal(d.count, 3);
    for (uint32_t i = 0; i < d.count; i++) {
        bool like = !strcmp(change_item(&d.changes[i])->key, "cycle:2");
        assert_int_equal(d.changes[i].resembles != NULL, like);
        if (d.changes[i].resembles)
            assert_non_null(strstr(d.changes[i].resembles, "cycle:1, which is gone"));
    }
    release(&d, &before, &after);
}

static void the_spread_of_runs_is_no_difference(void **state)
{
    (void)state;
    struct digest parts[2] = {begin(), begin()}, before, after = begin(), high = begin();
    add(&parts[0], DIGEST_ALIVE, "f", 1, 2, "dict", 1000, 100000);
    add(&parts[1], DIGEST_ALIVE, "f", 1, 2, "dict", 2000, 200000);
    add(&parts[1], DIGEST_ALIVE, "g", 5, 6, "list", 900, 90000);
    digest_sort(&parts[0]);
    digest_sort(&parts[1]);
    assert_int_equal(digest_join(parts, 2, DIGEST_SPREAD, &before), 0);
    assert_int_equal(before.runs, 2);
    add(&after, DIGEST_ALIVE, "f", 1, 2, "dict", 1500, 150000);
    struct difference d = compare(&before, &after);
    assert_int_equal(d.count, 0); /* what one of the runs did not have at all may be missing, too */
    difference_free(&d);
    add(&high, DIGEST_ALIVE, "f", 1, 2, "dict", 2500, 250000);
    d = compare(&before, &high);
    assert_int_equal(d.count, 1);
    assert_int_equal(change_count(&d.changes[0]), 500); /* beyond the highest */
    difference_free(&d);
    digest_free(&parts[0]);
    digest_free(&parts[1]);
    digest_free(&before);
    digest_free(&after);
    digest_free(&high);
}

static void processes_add_up_but_for_their_peaks(void **state)
{
    (void)state;
    struct digest parts[2] = {begin(), begin()}, joined;
    for (unsigned i = 0; i < 2; i++) {
        add(&parts[i], DIGEST_TOTAL, NULL, 0, 0, "alive", 10, 1000);
        add(&parts[i], DIGEST_TOTAL, NULL, 0, 0, "peak", 30 + i, 3000 + i);
        digest_sort(&parts[i]);
    }
    assert_int_equal(digest_join(parts, 2, DIGEST_SUM, &joined), 0);
    assert_int_equal(digest_find(&joined, DIGEST_TOTAL, "alive")->bytes.high, 2000);
    assert_int_equal(digest_find(&joined, DIGEST_TOTAL, "peak")->bytes.high, 3001);
    assert_null(digest_find(&joined, DIGEST_TOTAL, "allocations"));
    digest_free(&parts[0]);
    digest_free(&parts[1]);
    digest_free(&joined);
}

/* Five processes, of which some do not list "Repr", which is just below what they list. */
static struct digest processes(unsigned listing, uint64_t leaking)
{
    struct digest parts[5], joined;
    for (unsigned i = 0; i < 5; i++) {
        parts[i] = begin();
        parts[i].least[DIGEST_RETAINED] = (struct digest_least){1, 19200};
        add(&parts[i], DIGEST_RETAINED, NULL, 0, 0, "os.environ", 1, 40000 + leaking);
        if (i < listing)
            add(&parts[i], DIGEST_RETAINED, NULL, 0, 0, "reprlib.Repr", 1, 19232);
        digest_sort(&parts[i]);
    }
    assert_int_equal(digest_join(parts, 5, DIGEST_SUM, &joined), 0);
    for (unsigned i = 0; i < 5; i++)
        digest_free(&parts[i]);
    return joined;
}

static void what_only_some_processes_list_is_no_difference(void **state)
{
    (void)state;
    for (unsigned listing = 0; listing < 5; listing++) {
        struct digest before = processes(5, 0), after = processes(listing, 0);
        struct difference d = compare(&before, &after);
        assert_int_equal(d.count, 0);
        release(&d, &before, &after);
    }
    struct digest before = processes(1, 0), after = processes(5, 20000);
    struct difference d = compare(&before, &after);
    assert_int_equal(d.count, 1);
    assert_string_equal(change_item(&d.changes[0])->key, "os.environ");
    release(&d, &before, &after);
}

static void what_one_side_does_not_know_is_no_difference(void **state)
{
    (void)state;
    struct digest before = begin(), after = begin();
    add(&before, DIGEST_ALIVE, "f", 1, 2, "dict", 1000, 100000);
    add(&before, DIGEST_TYPE, NULL, 0, 0, "dict", 1000, 100000);
    add(&before, DIGEST_TOTAL, NULL, 0, 0, "alive", 100000, 10000000);
    after.known = DIGEST_OF_LEDGER; /* a run without a snapshot */
    struct difference d = compare(&before, &after);
    assert_int_equal(d.count, 0);
    release(&d, &before, &after);
}

/* The last 200 answers, of which any number is of one kind. */
static void a_random_share_varies_by_its_square_root(void **state)
{
    (void)state;
    struct digest before = begin(), after = begin();
    add(&before, DIGEST_ALIVE, "f", 1, 2, "str", 35, 3500);
    add(&after, DIGEST_ALIVE, "f", 1, 2, "str", 63, 6300);
    add(&before, DIGEST_ALIVE, "g", 11, 12, "str", 2000, 200000);
    add(&after, DIGEST_ALIVE, "g", 11, 12, "str", 1800, 180000);
    struct difference d = compare(&before, &after);
    assert_int_equal(d.count, 0);
    difference_free(&d);
    add(&after, DIGEST_ALIVE, "g", 11, 12, "str", 700, 70000); /* 2,500: no chance */
    d = compare(&before, &after);
    assert_int_equal(d.count, 1);
    release(&d, &before, &after);
}

static void a_table_enlarged_once_is_noise(void **state)
{
    (void)state;
    struct digest before = begin(), after = begin();
    add(&before, DIGEST_ALIVE, "f", 1, 2, "dict", 1, 300000);
    add(&after, DIGEST_ALIVE, "f", 1, 2, "dict", 1, 600000);
    struct difference d = compare(&before, &after);
    assert_int_equal(d.count, 0);
    release(&d, &before, &after);
}

static void a_buffer_belongs_to_the_line_that_enlarged_it_last(void **state)
{
    (void)state;
    struct digest before = begin(), after = begin();
    add(&before, DIGEST_ALIVE, "f", 1, 2, "str", 8, 500);
    add(&before, DIGEST_ALIVE, "f", 1, 9, "str", 9, 600000);
    add(&before, DIGEST_TYPE, NULL, 0, 0, "str", 20000, 2000000);
    add(&after, DIGEST_ALIVE, "f", 1, 2, "str", 9, 640000);
    add(&after, DIGEST_ALIVE, "f", 1, 9, "str", 8, 500);
    add(&after, DIGEST_TYPE, NULL, 0, 0, "str", 20000, 2040000);
    struct difference d = compare(&before, &after);
    assert_int_equal(d.count, 0);
    release(&d, &before, &after);
}

static void a_buffer_that_the_type_grew_by_is_told(void **state)
{
    (void)state;
    struct digest before = begin(), after = begin();
    add(&before, DIGEST_TYPE, NULL, 0, 0, "str", 20000, 2000000);
    add(&after, DIGEST_ALIVE, "g", 20, 21, "str", 1, 5000000);
    add(&after, DIGEST_TYPE, NULL, 0, 0, "str", 20001, 7000000);
    struct difference d = compare(&before, &after);
    assert_int_equal(d.count, 2);
    assert_int_equal(d.changes[0].subject, DIGEST_ALIVE);
    assert_int_equal(d.changes[1].subject, DIGEST_TYPE);
    release(&d, &before, &after);
}

/* A function of very many lines is aligned without a table of all pairs. */
static void generated_code_is_compared_in_time(void **state)
{
    (void)state;
    struct digest before = begin(), after = begin();
    for (uint32_t n = 0; n < 20000; n++) {
        add(&before, DIGEST_MADE, "<module>", 1, 1 + n, "dict", 10000, 1000000);
        add(&after, DIGEST_MADE, "<module>", 1, 1 + n, "dict", 10000, 1000000);
    }
    struct difference d = compare(&before, &after);
    assert_int_equal(d.count, 0);
    release(&d, &before, &after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_that_nobody_chose_are_masked),
        cmocka_unit_test(files_are_named_without_the_folder_of_the_run),
        cmocka_unit_test(a_function_that_moved_is_the_same),
        cmocka_unit_test(a_line_inserted_within_a_function_shifts_the_rest),
        cmocka_unit_test(a_renamed_function_says_what_it_resembles),
        cmocka_unit_test(what_is_unlike_resembles_nothing),
        cmocka_unit_test(cycles_that_only_wait_are_no_difference),
        cmocka_unit_test(cycles_that_waited_and_now_leak_are_new),
        cmocka_unit_test(cycles_of_a_renamed_class_resemble_the_old_ones),
        cmocka_unit_test(the_spread_of_runs_is_no_difference),
        cmocka_unit_test(processes_add_up_but_for_their_peaks),
        cmocka_unit_test(what_only_some_processes_list_is_no_difference),
        cmocka_unit_test(what_one_side_does_not_know_is_no_difference),
        cmocka_unit_test(a_random_share_varies_by_its_square_root),
        cmocka_unit_test(a_table_enlarged_once_is_noise),
        cmocka_unit_test(a_buffer_belongs_to_the_line_that_enlarged_it_last),
        cmocka_unit_test(a_buffer_that_the_type_grew_by_is_told),
        cmocka_unit_test(generated_code_is_compared_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Options, suggestions, numbers as people read them, and the names of run folders. */
#include "cmocka_prelude.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/command.h"
#include "command/options.h"
#include "run/run_folder.h"
#include "text/human.h"
#include "text/suggest.h"

struct parsed {
    bool all, values;
    unsigned format;
    uint64_t bytes, number;
    const char *text;
    int first, status;
};

/* Parses words with a table that has an option of every kind. */
static struct parsed parse(int operands_max, const char *const *words)
{
    struct parsed p = {.values = true, .bytes = 7};
    char *argv[16] = {0};
    int argc = 0;
    for (; words[argc]; argc++)
        argv[argc] = strdup(words[argc]);
    const struct option_spec options[] = {
        {"all", 'a', NULL, "", OPTION_FLAG, &p.all},
        {"no-values", 0, NULL, "", OPTION_UNFLAG, &p.values},
        {"format", 0, "text|json", "", OPTION_CHOICE, &p.format},
        {"bytes", 'b', "BYTES", "", OPTION_BYTES, &p.bytes},
        {"number", 0, "N", "", OPTION_NUMBER, &p.number},
        {"text", 't', "TEXT", "", OPTION_TEXT, &p.text},
        {0},
    };
    const struct usage usage = {.command = "test",
                                .synopsis = "RUN",
                                .description = "",
                                .options = options,
                                .operands_min = 1,
                                .operands_max = operands_max};
    p.first = options_parse(&usage, argc, argv, &p.status);
    p.text = p.text ? "given" : NULL;
    for (int i = 0; i < argc; i++)
        free(argv[i]);
    return p;
}

#define PARSE(max, ...) parse(max, (const char *const[]){"test", __VA_ARGS__, NULL})

static void options_reach_their_targets(void **state)
{
    (void)state;
    struct parsed p = PARSE(1, "-a", "--no-values", "--format=json", "--bytes", "64k", "--number",
                            "12", "-tx", "run");
    assert_int_equal(p.first, 9);
    assert_true(p.all && !p.values && p.text);
    assert_int_equal(p.format, 1);
    assert_int_equal(p.bytes, 65536);
    assert_int_equal(p.number, 12);
    p = PARSE(1, "run", "--all");
    assert_true(p.all && p.values);
    assert_int_equal(p.first, 2); /* operands move to the end */
    assert_int_equal(p.bytes, 7);
}

static void a_command_line_inside_keeps_its_options(void **state)
{
    (void)state;
    struct parsed p = PARSE(-1, "-a", "python3", "--bytes", "-a");
    assert_int_equal(p.first, 2);
    assert_int_equal(p.bytes, 7);
    p = PARSE(-1, "--", "-a");
    assert_int_equal(p.first, 2);
    assert_false(p.all);
}

static void sizes_have_suffixes(void **state)
{
    (void)state;
    assert_int_equal(PARSE(1, "-b", "512", "r").bytes, 512);
    assert_int_equal(PARSE(1, "-b", "2M", "r").bytes, 2 << 20);
    assert_int_equal(PARSE(1, "-b", "1GiB", "r").bytes, 1 << 30);
    assert_int_equal(PARSE(1, "-b", "3kB", "r").bytes, 3072);
    assert_true(PARSE(1, "-b", "16777215G", "r").bytes == UINT64_C(16777215) << 30);
}

static void wrong_usage_is_refused(void **state)
{
    (void)state;
    assert_int_equal(PARSE(1, "--nonsense", "r").first, -1);
    assert_int_equal(PARSE(1, "--nonsense", "r").status, EXIT_UNUSABLE);
    assert_int_equal(PARSE(1, "-z", "r").first, -1);
    assert_int_equal(PARSE(1, "r", "s").first, -1);
    assert_int_equal(PARSE(1, "-a").first, -1);
    assert_int_equal(PARSE(1, "r", "--text").first, -1);
    assert_int_equal(PARSE(1, "--format", "jso", "r").first, -1);
    assert_int_equal(PARSE(1, "--format", "", "r").first, -1);
    static const char *const numbers[] = {
        "", "x", "-1", "+1", "1x", "99999999999999999999", " 12", "1Mx", "17179869185G"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        assert_int_equal(PARSE(1, "-b", numbers[i], "r").first, -1);
    assert_int_equal(PARSE(1, "--number", "1k", "r").first, -1);
}

static void misspelled_words_get_a_suggestion(void **state)
{
    static const char *const words[] = {"run", "report", "info", "dump", "help", "version"};
    const size_t count = sizeof words / sizeof *words;
    (void)state;
    assert_string_equal(suggest("rnu", words, count), "run");
    assert_string_equal(suggest("reprot", words, count), "report");
    assert_string_equal(suggest("inf", words, count), "info");
    assert_string_equal(suggest("dumps", words, count), "dump");
    assert_null(suggest("nonsense", words, count));
    assert_null(suggest("", words, count));
    assert_null(suggest("x", words, count));
}

static void numbers_are_readable(void **state)
{
    (void)state;
    assert_string_equal(human_count(0).text, "0");
    assert_string_equal(human_count(999).text, "999");
    assert_string_equal(human_count(1234567).text, "1,234,567");
    assert_string_equal(human_count(UINT64_MAX).text, "18,446,744,073,709,551,615");
    assert_string_equal(human_rate(0).text, "0");
    assert_string_equal(human_rate(0.01524).text, "0.0152");
    assert_string_equal(human_rate(999.4).text, "999");
    assert_string_equal(human_rate(54749).text, "54,700");
    assert_string_equal(human_rate(999999).text, "1,000,000");
    assert_string_equal(human_bytes(1023).text, "1023 B");
    assert_string_equal(human_bytes(1536).text, "1.5 KiB");
    assert_string_equal(human_bytes((1 << 20) - 1).text, "1.0 MiB");
    assert_string_equal(human_bytes(UINT64_MAX).text, "16.0 EiB");
    assert_string_equal(human_duration(350999).text, "350 µs");
    assert_string_equal(human_duration(3400000000).text, "3.4 s");
    assert_string_equal(human_duration(UINT64_C(7500000000000)).text, "2 h 5 min");
}

/* A command line of literals: execvp() has never been const-correct. */
static char *const *words_of(const char *const *words)
{
    return (char *const *)(uintptr_t)words;
}

static void check_name(const char *expected, const char *const *command)
{
    char *name = run_folder_name(words_of(command));
    assert_string_equal(name, expected);
    free(name);
}

#define NAME(expected, ...) check_name(expected, (const char *const[]){__VA_ARGS__, NULL})

static void a_run_is_named_after_what_is_run(void **state)
{
    (void)state;
    NAME("app", "python3", "app.py");
    NAME("app", "/usr/bin/python3.11", "-X", "dev", "-Wignore", "-u", "tools/app.py", "-m", "x");
    NAME("app", "python3.14t", "-Xdev", "-W", "error", "app.py");
    NAME("pkg", "python3", "-m", "pkg");
    NAME("pkg.tool", "python3", "-Im", "pkg.tool", "--flag");
    NAME("pkg", "python3", "-mpkg", "x.py");
    NAME("python3", "python3", "-c", "print(1)", "x.py");
    NAME("python3", "python3");
    NAME("python3", "python3", "-", "x.py");
    NAME("python3", "python3", "-X");
    NAME("gunicorn", "/usr/bin/gunicorn", "app.py");
    NAME("manage", "./manage.py", "runserver");
    NAME("pythonista", "pythonista", "app.py");
    NAME("hidden", "./.hidden");
    NAME("program", "...");
}

static char folder[] = "/tmp/ouro-test-XXXXXX";

static int enter_folder(void **state)
{
    (void)state;
    memcpy(folder + sizeof folder - 7, "XXXXXX", 7);
    return mkdtemp(folder) ? chdir(folder) : -1;
}

static int leave_folder(void **state)
{
    char command[64];
    (void)state;
    snprintf(command, sizeof command, "cd / && rm -rf %s", folder);
    return chdir("/") || system(command);
}

static void touch(const char *path)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
}

static void a_taken_name_is_numbered(void **state)
{
    char *const *command = words_of((const char *const[]){"python3", "app.py", NULL});
    struct run_folder run;
    struct stat status;
    char error[256];
    (void)state;
    assert_int_equal(run_folder_prepare(&run, NULL, false, command, error, sizeof error), 0);
    assert_string_equal(run.shown, "app.ouro");
    assert_int_equal(run.path[0], '/');
    assert_true(run.created && !run.numbered);
    assert_int_equal(stat("app.ouro", &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    run_folder_free(&run);
    touch("app.2.ouro");
    assert_int_equal(run_folder_prepare(&run, NULL, false, command, error, sizeof error), 0);
    assert_string_equal(run.shown, "app.3.ouro");
    assert_true(run.numbered);
    run_folder_discard(&run);
    assert_int_equal(access("app.3.ouro", F_OK), -1);
    run_folder_free(&run);
}

static void a_named_folder_is_not_overwritten_unasked(void **state)
{
    char *const *command = words_of((const char *const[]){"true", NULL});
    struct run_folder run;
    char error[256];
    (void)state;
    assert_int_equal(mkdir("out", 0755), 0);
    assert_int_equal(run_folder_prepare(&run, "out", false, command, error, sizeof error), 0);
    assert_false(run.created); /* empty, but not ours to remove */
    run_folder_discard(&run);
    run_folder_free(&run);
    assert_int_equal(access("out", F_OK), 0);
    touch("out/1.trace");
    touch("out/notes");
    assert_int_equal(run_folder_prepare(&run, "out", false, command, error, sizeof error), -1);
    assert_non_null(strstr(error, "--force"));
    assert_int_equal(run_folder_prepare(&run, "out", true, command, error, sizeof error), 0);
    run_folder_free(&run);
    assert_int_equal(access("out/1.trace", F_OK), -1);
    assert_int_equal(access("out/notes", F_OK), 0);
    assert_int_equal(run_folder_prepare(&run, "out/notes", true, command, error, sizeof error), -1);
    assert_non_null(strstr(error, "not a folder"));
    assert_int_equal(run_folder_prepare(&run, "no/where", true, command, error, sizeof error), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_reach_their_targets),
        cmocka_unit_test(a_command_line_inside_keeps_its_options),
        cmocka_unit_test(sizes_have_suffixes),
        cmocka_unit_test(wrong_usage_is_refused),
        cmocka_unit_test(misspelled_words_get_a_suggestion),
        cmocka_unit_test(numbers_are_readable),
        cmocka_unit_test(a_run_is_named_after_what_is_run),
        cmocka_unit_test_setup_teardown(a_taken_name_is_numbered, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(a_named_folder_is_not_overwritten_unasked, enter_folder,
                                        leave_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

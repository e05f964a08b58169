/* SPDX-License-Identifier: MIT */
/* Whatever names a program has, what ouro check and ouro diff write can be read by what reads it. */
#include "cmocka_prelude.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/check.h"
#include "report/diff.h"
#include "report/page.h"

/* Names that formats have a meaning for, that are long, and whose characters are of several bytes. */
static const char *const names[] = {
    "app.Node",
    "<lambda> & \"co\" | `code` ``two`` <b>|</b> %0A ::error::",
    "a:b,c%d\\e\tf",
    "日本語の名前がとても長い日本語の名前がとても長い日本語の名前がとても長い日本語の名前がとても長い日本語の名前が",
    "🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍🐍",
    "",
};
enum { NAMES = sizeof names / sizeof *names };

/* One of the names, so often that it is longer than any buffer of words. */
static const char *endless(const char *name, unsigned shift)
{
    static char text[9000];
    size_t used = shift;
    memset(text, 'x', shift);
    while (*name && used + strlen(name) < sizeof text) {
        stpcpy(text + used, name);
        used += strlen(name);
    }
    text[used] = '\0';
    return text;
}

static void add(struct digest *digest, enum digest_subject subject, const char *key,
                const char *file, const char *function, uint64_t count)
{
    const struct digest_item item = {
        .subject = subject,
        .key = key,
        .place = {file, function, 7, 3},
        .count = {count, count},
        .bytes = {count * 100, count * 100},
        .detail = function,
        .hint = file,
    };
    assert_true(digest_add(digest, &item));
}

struct fixture {
    struct digest before, after;
    struct policy policy;
    struct judgement judgement;
    struct difference difference;
};

/* The judgement refers to what is beside it, so the fixture must not move. */
static void make(struct fixture *fixture, unsigned shift)
{
    *fixture = (struct fixture){0};
    assert_int_equal(digest_begin(&fixture->before), 0);
    assert_int_equal(digest_begin(&fixture->after), 0);
    fixture->before.known = fixture->after.known = DIGEST_OF_RUN;
    for (unsigned i = 0; i < NAMES; i++) {
        add(&fixture->before, DIGEST_ALIVE, names[i], names[i], names[i], 100);
        add(&fixture->after, DIGEST_ALIVE, names[i], names[i], names[i], 1000);
        add(&fixture->after, DIGEST_CYCLE, names[i], names[i], names[i], 50);
        add(&fixture->after, DIGEST_HOLDER, names[i], NULL, NULL, 5000);
        add(&fixture->after, DIGEST_ALIVE, endless(names[i], shift), "app.py",
            endless(names[i], shift), 300);
        add(&fixture->after, DIGEST_CYCLE, endless(names[i], shift), endless(names[i], shift), "f",
            50);
    }
    assert_true(digest_notice(&fixture->after, endless(names[3], shift)));
    digest_sort(&fixture->before);
    digest_sort(&fixture->after);
    assert_int_equal(policy_begin(&fixture->policy), 0);
    static struct allowance allowance = {
        .rule = "new-cycle", .key = "app.Node", .reason = "<&|`\""};
    fixture->policy.allowances = &allowance;
    fixture->policy.allowance_count = 1;
    allowance.hits = 0;
    assert_int_equal(
        judge(&fixture->before, &fixture->after, &fixture->policy, &fixture->judgement), 0);
    assert_int_equal(difference_find(&fixture->before, &fixture->after, &fixture->difference), 0);
    assert_true(fixture->judgement.count > NAMES);
}

static void release(struct fixture *f)
{
    judgement_free(&f->judgement);
    difference_free(&f->difference);
    policy_free(&f->policy);
    digest_free(&f->before);
    digest_free(&f->after);
}

static char *check_output(const struct fixture *f, enum check_format format, bool utf8)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    const struct check_report report = {&f->judgement, "a <run>", "base & line",
                                        "2026-01-31T00:00:00", false};
    assert_int_equal(check_write(out, &report, format, utf8), 0);
    fclose(out);
    return text;
}

/* Parsing also tells whether the text is valid UTF-8. */
static void check_parses(const char *text)
{
    json_error_t error;
    json_t *document = json_loads(text, 0, &error);
    if (!document)
        fail_msg("line %d: %s", error.line, error.text);
    json_decref(document);
}

static void json_formats_parse(void **state)
{
    (void)state;
    static const enum check_format formats[] = {CHECK_JSON, CHECK_SARIF, CHECK_GITLAB};
    for (unsigned shift = 0; shift < 4; shift++) { /* cuts fall on each byte of a character */
        struct fixture f;
        make(&f, shift);
        for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
            char *text = check_output(&f, formats[i], true);
            check_parses(text);
            free(text);
        }
        char *text;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        char *paths[] = {(char *)"a\"b"};
        const struct diff_names of = {paths, paths, 1, 1};
        assert_int_equal(diff_json(out, &f.difference, &of, UINT32_MAX), 0);
        fclose(out);
        check_parses(text);
        free(text);
        release(&f);
    }
}

/* Whether a text is valid UTF-8: JSON takes it. */
static void check_utf8(const char *text)
{
    json_t *string = json_string(text);
    assert_non_null(string);
    json_decref(string);
}

static void people_read_eighty_columns(void **state)
{
    (void)state;
    for (unsigned shift = 0; shift < 4; shift++) {
        struct fixture f;
        make(&f, shift);
        char *texts[2];
        size_t size;
        char *paths[] = {(char *)"before.ouro"};
        const struct diff_names of = {paths, paths, 1, 1};
        texts[0] = check_output(&f, CHECK_TEXT, true);
        FILE *out = open_memstream(&texts[1], &size);
        diff_text(out, &f.difference, &of, UINT32_MAX, true);
        fclose(out);
        for (size_t i = 0; i < 2; i++) {
            check_utf8(texts[i]);
            for (char *line = strtok(texts[i], "\n"); line; line = strtok(NULL, "\n"))
                assert_true(page_columns(line) <= PAGE_WIDTH);
            free(texts[i]);
        }
        release(&f);
    }
}

/* A scan that knows elements, attributes and the five entities: enough to see what was not escaped. */
static void check_xml(const char *text)
{
    const char *at = text;
    int depth = 0;
    assert_int_equal(strncmp(text, "<?xml", 5), 0);
    for (at += strcspn(text, "\n"); *at; at++) {
        if (*at == '&')
            assert_true(!strncmp(at, "&amp;", 5) || !strncmp(at, "&lt;", 4) ||
                        !strncmp(at, "&gt;", 4) || !strncmp(at, "&quot;", 6));
        assert_false((unsigned char)*at < 0x20 && *at != '\n');
        if (*at != '<')
            continue;
        bool closing = at[1] == '/', quoted = false;
        for (at++; *at && (quoted || *at != '>'); at++) {
            assert_true(*at != '<');
            quoted ^= *at == '"';
        }
        assert_int_equal(*at, '>');
        depth += closing ? -1 : at[-1] == '/' ? 0 : 1;
        assert_true(depth >= 0);
    }
    assert_int_equal(depth, 0);
}

static void junit_is_well_formed(void **state)
{
    (void)state;
    for (unsigned shift = 0; shift < 4; shift++) {
        struct fixture f;
        make(&f, shift);
        char *text = check_output(&f, CHECK_JUNIT, true);
        check_utf8(text);
        check_xml(text);
        free(text);
        release(&f);
    }
}

/* A finding is one line, and what it says cannot begin another command. */
static void annotations_stay_on_their_lines(void **state)
{
    (void)state;
    struct fixture f;
    make(&f, 0);
    char *text = check_output(&f, CHECK_GITHUB, true);
    uint32_t lines = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), lines++) {
        assert_int_equal(strncmp(line, "::", 2), 0);
        const char *message = strstr(line + 2, "::");
        assert_non_null(message);
        for (const char *at = line + strcspn(line, " "); at < message; at++)
            assert_true(*at != ':');
    }
    assert_int_equal(lines, f.judgement.count);
    free(text);
    release(&f);
}

static void markdown_rows_have_their_cells(void **state)
{
    (void)state;
    struct fixture f;
    make(&f, 0);
    char *text = check_output(&f, CHECK_MARKDOWN, true);
    uint32_t rows = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        uint32_t bars = 0;
        if (*line != '|')
            continue;
        for (const char *at = line; *at; at++)
            bars += *at == '|' && (at == line || at[-1] != '\\');
        assert_int_equal(bars, 5);
        rows++;
    }
    assert_true(rows > f.judgement.count);
    free(text);
    release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_formats_parse),
        cmocka_unit_test(people_read_eighty_columns),
        cmocka_unit_test(junit_is_well_formed),
        cmocka_unit_test(annotations_stay_on_their_lines),
        cmocka_unit_test(markdown_rows_have_their_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

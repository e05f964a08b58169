/* SPDX-License-Identifier: MIT */
/* ouro explain */
#include <jansson.h>
#include <string.h>

#include "command/command.h"
#include "command/options.h"
#include "cycles/verdict.h"
#include "patterns/pattern.h"
#include "report/json_writer.h"
#include "report/page.h"
#include "text/suggest.h"

#define PATTERNS_MAX 256u

enum { TEXT, JSON, MARKDOWN };

static bool grows(const struct pattern *pattern)
{
    const struct pattern *first = patterns_of_growth.patterns;
    return pattern >= first && pattern < first + patterns_of_growth.count;
}

/* All patterns in the order of the catalogue. */
static size_t all_patterns(const struct pattern *list[PATTERNS_MAX])
{
    size_t count = 0;
    for (size_t l = 0; l < pattern_list_count; l++) {
        for (size_t p = 0; p < pattern_lists[l]->count && count < PATTERNS_MAX; p++)
            list[count++] = &pattern_lists[l]->patterns[p];
    }
    for (size_t p = 0; p < patterns_of_growth.count && count < PATTERNS_MAX; p++)
        list[count++] = &patterns_of_growth.patterns[p];
    return count;
}

static const char *cause_text(uint32_t cause)
{
    switch ((enum cause)cause) {
    case CAUSE_NO_TRAVERSE:
        return "a member's type has no tp_traverse";
    case CAUSE_UNTRACKED:
        return "a member is not tracked";
    case CAUSE_HIDDEN:
        return "a member's type leaves a reference out of its tp_traverse";
    case CAUSE_LEGACY_DEL:
        return "a member has a legacy finalizer";
    case CAUSE_NO_CLEAR:
        return "no member's type has a tp_clear";
    case CAUSE_SAVED:
        return "gc.garbage holds it";
    case CAUSE_HELD:
        return "references to it that nothing known owns";
    case CAUSE_NONE:
        break;
    }
    return NULL;
}

static const char *flags_text(uint32_t flags)
{
    return flags & OURO_OBJECT_FINALIZED ? "its finalizer has run" : "it is interned";
}

static void program_show(const struct page *page, const char *title, const char *program)
{
    if (!program)
        return;
    fprintf(page->out, "\n  %s\n", title);
    while (*program) {
        size_t length = strcspn(program, "\n");
        fprintf(page->out, "%s%.*s\n", length ? "      " : "", (int)length, program);
        program += length + (program[length] == '\n');
    }
}

static void show_text(const struct page *page, const struct pattern *p)
{
    fprintf(page->out, "%s\n", p->id);
    page_wrap(page, "  ", p->title);
    fputc('\n', page->out);
    page_wrap(page, "  ", p->explanation);
    fputc('\n', page->out);
    for (int r = 0; r < PATTERN_RULES && p->rule[r]; r++)
        page_wrap(page, r ? "         " : "  path:  ", p->rule[r]);
    if (p->cause)
        page_wrap(page, "  when:  ", cause_text(p->cause));
    if (p->file)
        page_wrap(page, "  made:  ", p->file);
    if (p->function)
        page_wrap(page, "  in:    ", p->function);
    if (p->key)
        page_wrap(page, "  keys:  ", p->key);
    if (p->flags)
        page_wrap(page, "  when:  ", flags_text(p->flags));
    page_wrap(page, grows(p) ? "  grows: " : "  cut:   ", p->reason);
    page_wrap(page, "  cure:  ", p->hint);
    page_wrap(page, "  see:   ", p->link);
    program_show(page, "leaks", p->before);
    program_show(page, "does not", p->after);
}

static void show_markdown(FILE *out, const struct pattern *p)
{
    fprintf(out, "## %s\n\n%c%s. %s\n\n", p->id,
            *p->title >= 'a' && *p->title <= 'z' ? *p->title - 'a' + 'A' : *p->title, p->title + 1,
            p->explanation);
    for (int r = 0; r < PATTERN_RULES && p->rule[r]; r++)
        fprintf(out, "* path: `%s`\n", p->rule[r]);
    if (p->cause)
        fprintf(out, "* when: %s\n", cause_text(p->cause));
    if (p->file)
        fprintf(out, "* made in: `%s`\n", p->file);
    if (p->function)
        fprintf(out, "* by: `%s`\n", p->function);
    if (p->key)
        fprintf(out, "* keys: `%s`\n", p->key);
    if (p->flags)
        fprintf(out, "* when: %s\n", flags_text(p->flags));
    fprintf(out, "* %s: %s\n* cure: %s\n* see: <%s>\n", grows(p) ? "grows" : "cut", p->reason,
            p->hint, p->link);
    if (p->before)
        fprintf(out, "\nLeaks:\n\n```python\n%s```\n\nDoes not:\n\n```python\n%s```\n", p->before,
                p->after);
    fputc('\n', out);
}

static json_t *pattern_json(const struct pattern *p)
{
    json_t *rules = json_array();
    for (int r = 0; r < PATTERN_RULES && p->rule[r]; r++)
        rules = json_append(rules, json_string(p->rule[r]));
    json_t *o = json_with(json_object(), "id", json_string(p->id));
    o = json_with(o, "title", json_string(p->title));
    o = json_with(o, "of", json_string(grows(p) ? "growth" : "cycles"));
    o = json_with(o, "paths", rules);
    o = json_with(o, "cause", json_text_or_null(cause_text(p->cause)));
    o = json_with(o, "file", json_text_or_null(p->file));
    o = json_with(o, "function", json_text_or_null(p->function));
    o = json_with(o, "keys", json_text_or_null(p->key));
    o = json_with(o, "when", json_text_or_null(p->flags ? flags_text(p->flags) : NULL));
    o = json_with(o, "reason", json_string(p->reason));
    o = json_with(o, "hint", json_string(p->hint));
    o = json_with(o, "explanation", json_string(p->explanation));
    o = json_with(o, "before", json_text_or_null(p->before));
    o = json_with(o, "after", json_text_or_null(p->after));
    return json_with(o, "link", json_string(p->link));
}

static int show_json(const struct pattern *const *list, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        array = json_append(array, pattern_json(list[i]));
    json_t *o = json_with(json_object(), "patterns", array);
    int status = o && json_dumpf(o, stdout, JSON_INDENT(1)) == 0 ? 0 : -1;
    json_decref(o);
    putchar('\n');
    return status;
}

static int unknown(const char *id, const struct pattern *const *list, size_t count)
{
    const char *names[PATTERNS_MAX];
    for (size_t i = 0; i < count; i++)
        names[i] = list[i]->id;
    const char *guess = suggest(id, names, count);
    return command_fail("no pattern is called '%s'%s%s%s; 'ouro explain' lists them", id,
                        guess ? ", did you mean '" : "", guess ? guess : "", guess ? "'?" : "");
}

int command_explain(int argc, char **argv)
{
    unsigned format = TEXT;
    const struct option_spec options[] = {
        {"format", 'f', "text|json|markdown", "how to print (default: text)", OPTION_CHOICE,
         &format},
        {0},
    };
    const struct usage usage = {
        "explain",
        "[PATTERN]",
        "Explains a known way to leak: what it is, how it is recognized, a program that leaks and\n"
        "the same without the leak. Without PATTERN, lists all.",
        options,
        0,
        1,
        "A path is matched as reports print it; '*' stands for any text, '!' marks the reference to\n"
        "cut, and a path that begins with '=' must be the whole cycle.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    if (first < 0)
        return status;
    const struct pattern *list[PATTERNS_MAX];
    size_t count = all_patterns(list);
    const char *id = first < argc ? argv[first] : NULL;
    if (id) {
        const struct pattern *found = pattern_find(id);
        if (!found)
            return unknown(id, list, count);
        list[0] = found;
        count = 1;
    }
    struct page page = page_make(stdout, NULL, page_locale_is_utf8());
    if (format == JSON)
        return show_json(list, count) < 0 ? command_fail("not enough memory") : EXIT_DONE;
    if (format == MARKDOWN) {
        if (!id)
            fputs("# Patterns\n\nThe known ways to leak. This is what `ouro explain --format "
                  "markdown` prints.\nA path is matched as reports print it; `*` stands for any "
                  "text, `!` marks the\nreference to cut, and a path that begins with `=` must be "
                  "the whole cycle.\n\n",
                  stdout);
        for (size_t i = 0; i < count; i++)
            show_markdown(stdout, list[i]);
        return EXIT_DONE;
    }
    for (size_t i = 0; i < count; i++) {
        if (id)
            show_text(&page, list[i]);
        else
            printf("%-24s  %s\n", list[i]->id, list[i]->title);
    }
    return EXIT_DONE;
}

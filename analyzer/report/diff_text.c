/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "report/change_words.h"
#include "report/diff.h"
#include "report/page.h"
#include "text/human.h"

struct text {
    struct page page;
    bool utf8;
};

static void wrapped(const struct text *t, const char *label, const char *words)
{
    char plain[2 * CHANGE_WORDS_SIZE];
    words_plain(words, t->utf8, plain, sizeof plain);
    page_wrap(&t->page, label, plain);
}

static void names_write(const struct text *t, const char *label, char *const *names, uint32_t count,
                        const struct digest *digest)
{
    char words[CHANGE_WORDS_SIZE];
    size_t used = 0;
    for (uint32_t i = 0; i < count && used < sizeof words; i++)
        used += (size_t)snprintf(words + used, sizeof words - used, "%s%s", i ? " " : "", names[i]);
    if (used < sizeof words && *digest->runtime)
        snprintf(words + used, sizeof words - used, " (%s)", digest->runtime);
    wrapped(t, label, words);
}

static void change_write(const struct text *t, const struct change *change)
{
    const struct digest_item *item = change_item(change);
    char label[16], words[CHANGE_WORDS_SIZE], line[2 * CHANGE_WORDS_SIZE];
    uint32_t from = change_moved_from(change);
    snprintf(label, sizeof label, "  %-8s", change_kind_name(change->kind));
    if (change->subject == DIGEST_TOTAL) {
        change_figures(change, words);
        snprintf(line, sizeof line, "%s: %s", item->key, words);
        wrapped(t, label, line);
        return;
    }
    wrapped(t, label, item->key);
    change_figures(change, words);
    wrapped(t, "          ", words);
    place_words(item, words);
    if (*words) {
        snprintf(line, sizeof line, from ? "%s (moved from line %" PRIu32 ")" : "%s", words, from);
        wrapped(t, "          at ", line);
    }
    if (*item->detail) {
        bool in_c = change->subject == DIGEST_NATIVE || change->subject == DIGEST_LEAK;
        bool path = change->subject == DIGEST_CYCLE || change->subject == DIGEST_HELD ||
                    change->subject == DIGEST_SUSPECT || change->subject == DIGEST_TEST ||
                    change->subject == DIGEST_NATIVE_SUSPECT;
        wrapped(t,
                path   ? "          "
                : in_c ? "          in C at "
                       : "          kept by ",
                item->detail);
    }
    if (change->resembles)
        wrapped(t, "          resembles ", change->resembles);
    if (*item->hint && change->kind != CHANGE_GONE && change->kind != CHANGE_SHRUNK)
        wrapped(t, "          hint: ", item->hint);
}

void diff_text(FILE *out, const struct difference *d, const struct diff_names *names, uint32_t top,
               bool utf8)
{
    struct text t = {page_make(out, NULL, utf8), utf8};
    fputs("OURO DIFF\n", out);
    names_write(&t, "  before  ", names->before, names->before_count, d->before);
    names_write(&t, "  after   ", names->after, names->after_count, d->after);
    if (d->moved)
        fprintf(out, "  %s line%s moved with edits of the source: the same, not counted\n",
                human_count(d->moved).text, d->moved == 1 ? "" : "s");
    for (uint32_t i = 0; i < d->before->notice_count; i++)
        page_wrap(&t.page, "NOTE  before: ", d->before->notices[i]);
    for (uint32_t i = 0; i < d->after->notice_count; i++)
        page_wrap(&t.page, "NOTE  after: ", d->after->notices[i]);
    if (d->before->sampled || d->after->sampled)
        page_wrap(&t.page, "NOTE  ", "allocations are sampled: their figures are estimates");
    if (!d->count)
        fputs("\nno difference beyond noise\n", out);
    for (uint32_t i = 0; i < d->count;) {
        enum digest_subject subject = d->changes[i].subject;
        uint32_t shown = 0, all = 0;
        fprintf(out, "\n%s\n", subject_title(subject));
        for (; i < d->count && d->changes[i].subject == subject; i++, all++) {
            if (shown < top) {
                change_write(&t, &d->changes[i]);
                shown++;
            }
        }
        if (all > shown)
            fprintf(out, "  and %s more (--top N shows more)\n", human_count(all - shown).text);
    }
}

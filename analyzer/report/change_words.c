/* SPDX-License-Identifier: MIT */
#include "report/change_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "text/human.h"
#include "text/utf8.h"

const char *subject_title(enum digest_subject subject)
{
    static const char *const titles[] = {
        [DIGEST_TOTAL] = "TOTALS",
        [DIGEST_CYCLE] = "LEAKED CYCLES",
        [DIGEST_HELD] = "LEAKED REFERENCES",
        [DIGEST_SUSPECT] = "GROWTH SUSPECTS",
        [DIGEST_TEST] = "TESTS THAT LEAK",
        [DIGEST_ALIVE] = "ALIVE AT THE END, BY LINE",
        [DIGEST_MADE] = "ALLOCATIONS, BY LINE",
        [DIGEST_NATIVE] = "NATIVE MEMORY ALIVE AT THE END, BY LINE",
        [DIGEST_LEAK] = "NATIVE LEAKS",
        [DIGEST_NATIVE_SUSPECT] = "NATIVE GROWTH SUSPECTS",
        [DIGEST_TYPE] = "ALIVE AT THE END, BY TYPE",
        [DIGEST_HOLDER] = "ALIVE AT THE END, BY HOLDER",
        [DIGEST_RETAINED] = "KEPT ALIVE BY ONE OBJECT",
        [DIGEST_DUPLICATES] = "EQUAL VALUES, BY HOLDER",
        [DIGEST_COLLECTED] = "FREED BY THE COLLECTOR, BY TYPE",
    };
    return titles[subject];
}

void subject_heading(enum digest_subject subject, char text[SUBJECT_HEADING_SIZE])
{
    snprintf(text, SUBJECT_HEADING_SIZE, "%s", subject_title(subject));
    for (char *at = text + 1; *at; at++)
        *at = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
}

const char *subject_objects(enum digest_subject subject)
{
    static const char *const names[] = {
        [DIGEST_TOTAL] = "",
        [DIGEST_CYCLE] = "cycles",
        [DIGEST_HELD] = "objects",
        [DIGEST_SUSPECT] = "objects",
        [DIGEST_TEST] = "objects",
        [DIGEST_ALIVE] = "objects",
        [DIGEST_MADE] = "allocations",
        [DIGEST_NATIVE] = "blocks",
        [DIGEST_LEAK] = "blocks",
        [DIGEST_NATIVE_SUSPECT] = "blocks",
        [DIGEST_TYPE] = "objects",
        [DIGEST_HOLDER] = "objects",
        [DIGEST_RETAINED] = "",
        [DIGEST_DUPLICATES] = "needless copies",
        [DIGEST_COLLECTED] = "objects",
    };
    return names[subject];
}

static bool is_total(const struct digest_item *item, enum digest_total total)
{
    return item->subject == DIGEST_TOTAL && strcmp(item->key, digest_total_name(total)) == 0;
}

void range_count_words(struct range range, char *text, size_t size)
{
    if (range.low == range.high)
        snprintf(text, size, "%s", human_count(range.low).text);
    else
        snprintf(text, size, "%s to %s", human_count(range.low).text, human_count(range.high).text);
}

void range_bytes_words(struct range range, char *text, size_t size)
{
    struct human low = human_bytes(range.low), high = human_bytes(range.high);
    if (strcmp(low.text, high.text) == 0)
        snprintf(text, size, "%s", low.text);
    else
        snprintf(text, size, "%s to %s", low.text, high.text);
}

/* "+12.5 %", "-3.0 %"; "" where there was nothing. */
static void share_words(struct range before, struct range after, char *text, size_t size)
{
    double a = (double)(before.low + before.high) / 2, b = (double)(after.low + after.high) / 2;
    text[0] = '\0';
    if (a > 0 && b > 0)
        snprintf(text, size, " (%+.1f %%)", 100 * (b - a) / a);
}

void change_figures(const struct change *change, char text[CHANGE_WORDS_SIZE])
{
    static const struct range none = {0, 0};
    const struct digest_item *a = change->before, *b = change->after, *item = change_item(change);
    struct range count[2] = {a ? a->count : none, b ? b->count : none};
    struct range bytes[2] = {a ? a->bytes : none, b ? b->bytes : none};
    char left[80], right[80], share[32];
    size_t used = 0;
    text[0] = '\0';
    bool counted = change->subject != DIGEST_RETAINED && !is_total(item, TOTAL_PEAK) &&
                   !is_total(item, TOTAL_ALIVE) && !is_total(item, TOTAL_NATIVE);
    bool sized = !is_total(item, TOTAL_COLLECTIONS) && !is_total(item, TOTAL_PROCESSES);
    if (counted) {
        range_count_words(count[0], left, sizeof left);
        range_count_words(count[1], right, sizeof right);
        share_words(count[0], count[1], share, sizeof share);
        const char *what = subject_objects(change->subject);
        used = (size_t)snprintf(text, CHANGE_WORDS_SIZE, "%s → %s%s%s%s", left, right,
                                *what ? " " : "", what, share);
    }
    if (sized && used < CHANGE_WORDS_SIZE) {
        range_bytes_words(bytes[0], left, sizeof left);
        range_bytes_words(bytes[1], right, sizeof right);
        share_words(bytes[0], bytes[1], share, sizeof share);
        snprintf(text + used, CHANGE_WORDS_SIZE - used, "%s%s → %s%s", used ? ", " : "", left,
                 right, share);
    }
}

void place_words(const struct digest_item *item, char text[CHANGE_WORDS_SIZE])
{
    const struct digest_place *place = &item->place;
    text[0] = '\0';
    if (!place->file)
        return;
    if (!*place->file)
        snprintf(text, CHANGE_WORDS_SIZE, "(no Python frame)");
    else if (strcmp(place->file, DIGEST_IMPORTING) == 0)
        snprintf(text, CHANGE_WORDS_SIZE, "(importing modules)");
    else
        snprintf(text, CHANGE_WORDS_SIZE, "%s:%" PRIu32 " %s", place->file, place->line,
                 place->function);
    utf8_finish(text, CHANGE_WORDS_SIZE);
}

void words_plain(const char *text, bool utf8, char *out, size_t size)
{
    static const char *const symbols[][2] = {{"→", "->"}, {"←", "<-"}, {"…", "..."}, {"·", "-"}};
    size_t used = 0;
    while (*text && used + 4 < size) {
        size_t i = 0;
        while (i < 4 && strncmp(text, symbols[i][0], strlen(symbols[i][0])) != 0)
            i++;
        if (utf8 || i == 4) {
            out[used++] = *text++;
            continue;
        }
        used += (size_t)snprintf(out + used, size - used, "%s", symbols[i][1]);
        text += strlen(symbols[i][0]);
    }
    if (*text) { /* there is no room for the rest: not for a part of a character either */
        while (used && ((unsigned char)out[used - 1] & 0xc0) == 0x80)
            used--;
        used -= used && (unsigned char)out[used - 1] >= 0xc0;
    }
    out[used] = '\0';
}

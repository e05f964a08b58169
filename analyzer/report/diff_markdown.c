/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "report/change_words.h"
#include "report/diff.h"
#include "report/markdown.h"
#include "text/human.h"

static void names_write(FILE *out, char *const *names, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        fputs(i ? ", " : "", out);
        markdown_code(out, names[i]);
    }
}

static void change_row(FILE *out, const struct change *change)
{
    const struct digest_item *item = change_item(change);
    char words[CHANGE_WORDS_SIZE];
    uint32_t from = change_moved_from(change);
    fprintf(out, "| %s | ", change_kind_name(change->kind));
    markdown_code_cell(out, item->key);
    fputs(" | ", out);
    change_figures(change, words);
    markdown_text(out, words);
    fputs(" | ", out);
    place_words(item, words);
    if (*words)
        markdown_code_cell(out, words);
    if (from)
        fprintf(out, ", moved from line %" PRIu32, from);
    if (*item->detail) {
        fputs(*words ? "; " : "", out);
        markdown_code_cell(out, item->detail);
    }
    if (change->resembles) {
        fputs("; resembles ", out);
        markdown_text(out, change->resembles);
    }
    fputs(" |\n", out);
}

void diff_markdown(FILE *out, const struct difference *d, const struct diff_names *names,
                   uint32_t top)
{
    fputs("## Memory: ", out);
    names_write(out, names->before, names->before_count);
    fputs(" → ", out);
    names_write(out, names->after, names->after_count);
    fputs("\n\n", out);
    for (uint32_t side = 0; side < 2; side++) {
        const struct digest *digest = side ? d->after : d->before;
        for (uint32_t i = 0; i < digest->notice_count; i++) {
            fputs(side ? "> after: " : "> before: ", out);
            markdown_text(out, digest->notices[i]);
            fputs("\n\n", out);
        }
    }
    if (!d->count)
        fputs("No difference beyond noise.\n", out);
    for (uint32_t i = 0; i < d->count;) {
        enum digest_subject subject = d->changes[i].subject;
        uint32_t all = 0;
        char heading[SUBJECT_HEADING_SIZE];
        subject_heading(subject, heading);
        fprintf(out, "%s### %s", i ? "\n" : "", heading);
        fputs("\n\n| change | what | figures | where |\n|---|---|---|---|\n", out);
        for (; i < d->count && d->changes[i].subject == subject; i++, all++) {
            if (all < top)
                change_row(out, &d->changes[i]);
        }
        if (all > top)
            fprintf(out, "\nAnd %s more.\n", human_count(all - top).text);
    }
    if (d->moved)
        fprintf(out, "\n%s line%s moved with edits of the source and count%s as the same.\n",
                human_count(d->moved).text, d->moved == 1 ? "" : "s", d->moved == 1 ? "s" : "");
}

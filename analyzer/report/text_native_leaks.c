/* SPDX-License-Identifier: MIT */
/* Blocks of malloc that nothing leads to. */
#include "report/text_native_leaks.h"

#include <inttypes.h>
#include <stdio.h>

#include "report/text_section.h"
#include "text/human.h"

/* Why nothing is known; NULL: it is. */
static const char *unknown(const struct report *report)
{
    const struct snapshot *s = report->snapshot;
    if (!s)
        return "not known: there is no snapshot";
    if (!s->unreached.known && report->process->sample)
        return "not looked for: with --sample the runtime's own blocks are not all known";
    if (!s->unreached.known)
        return "not looked for: the blocks of malloc are not known (another allocator, or an "
               "older trace)";
    if (s->unreached.status == OURO_UNREACHED_TIME)
        return "not known: the search took too long";
    return s->unreached.status == OURO_UNREACHED_KNOWN
               ? NULL
               : "not known: not all of the process's memory could be read";
}

static void leak(const struct page *page, const struct report *report, uint32_t index)
{
    const struct native_leak *l = &report->native_leaks.list[index];
    const struct native_site site = native_leak_site(l);
    const char *about = report->native_leaks.estimated ? "~" : "";
    char text[512], label[24], below[96] = "", each[64] = "";
    snprintf(label, sizeof label, "\n#%-3" PRIu32, index + 1);
    if (l->below_blocks)
        snprintf(below, sizeof below, ", and %s%s in %s%s below", about,
                 human_bytes(l->below_bytes).text, about, human_count(l->below_blocks).text);
    if (l->block_size && l->count > 1)
        snprintf(each, sizeof each, " of %s bytes", human_count(l->block_size).text);
    if (l->cycle)
        snprintf(text, sizeof text, "%s%s in %s%s cycle%s of %s blocks%s%s", about,
                 human_bytes(l->bytes).text, about, human_count(l->count).text,
                 l->count == 1 ? "" : "s", human_count(l->cycle).text, below,
                 l->possible ? ", unless a thread's register holds it" : "");
    else
        snprintf(text, sizeof text, "%s%s in %s%s block%s%s%s%s", about, human_bytes(l->bytes).text,
                 about, human_count(l->count).text, l->count == 1 ? "" : "s", each, below,
                 l->possible ? ", unless a thread's register holds it" : "");
    page_wrap(page, label, text);
    text_native_frames(page, report, &site);
}

/* What is said of all together. */
static void totals(const struct page *page, const struct report *report)
{
    const struct unreached *u = &report->snapshot->unreached;
    char text[512];
    snprintf(
        text, sizeof text,
        "%s in %s block%s of malloc that nothing leads to: no variable, stack, object or other "
        "memory has an address within them, so nothing can free them",
        human_bytes(u->bytes).text, human_count(u->blocks).text, u->blocks == 1 ? "" : "s");
    page_wrap(page, "  ", text);
    if (u->threads) {
        snprintf(text, sizeof text,
                 "%s other thread%s ran; what only registers of theirs held would be among these",
                 human_count(u->threads).text, u->threads == 1 ? "" : "s");
        page_wrap(page, "  NOTE ", text);
    }
    if (u->count < u->blocks) {
        snprintf(text, sizeof text, "only the first %s of them are looked at below",
                 human_count(u->count).text);
        page_wrap(page, "  NOTE ", text);
    }
    if (report->process->sample)
        page_wrap(page, "  NOTE ",
                  "with --sample lost blocks of Python above 512 bytes are not told from others");
    if (!report->process->native_sample)
        page_wrap(page, "  ", "for their lines record with 'ouro run --native --native-sample 1'");
    else if (report->native_leaks.estimated)
        page_wrap(page, "  ",
                  "by stack these are estimates from the sample; exact with --native-sample 1");
}

void text_native_leaks(const struct page *page, const struct report *report, uint32_t top)
{
    const struct native_leaks *leaks = &report->native_leaks;
    const char *why = unknown(report);
    char text[160];
    text_heading(page, "NATIVE LEAKS");
    if (why) {
        page_wrap(page, "  ", why);
        return;
    }
    const struct unreached *u = &report->snapshot->unreached;
    if (!u->blocks) {
        snprintf(text, sizeof text, "none: something leads to each of %s blocks of malloc",
                 human_count(u->searched).text);
        page_wrap(page, "  ", text);
        return;
    }
    totals(page, report);
    for (uint32_t i = 0; i < leaks->count && i < top; i++)
        leak(page, report, i);
    text_more(page, leaks->count, top, "stacks");
}

static bool certain(const struct report *report)
{
    return !unknown(report) &&
           report->snapshot->unreached.blocks > report->snapshot->unreached.threads;
}

void text_native_leaked(const struct page *page, const struct report *report)
{
    char text[160];
    if (!certain(report))
        return;
    const struct unreached *u = &report->snapshot->unreached;
    text_heading(page, "NATIVE LEAKS");
    snprintf(text, sizeof text,
             "%s in %s block%s of malloc that nothing leads to; which: ouro native",
             human_bytes(u->bytes).text, human_count(u->blocks).text, u->blocks == 1 ? "" : "s");
    page_wrap(page, "  ", text);
}

void text_native_leaked_line(const struct page *page, const struct report *report)
{
    if (!certain(report))
        return;
    const struct unreached *u = &report->snapshot->unreached;
    fprintf(page->out, "  native leaks: %s in %s block%s that nothing leads to (ouro native)\n",
            human_bytes(u->bytes).text, human_count(u->blocks).text, u->blocks == 1 ? "" : "s");
}

/* SPDX-License-Identifier: MIT */
/* `ouro rss`: one table that adds up to the kernel's figure. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/native.h"
#include "report/text_section.h"
#include "text/human.h"

#define SIZES 8u /* of blocks that most is free of */

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* What is to be known of a kind besides. */
static void remark(const struct snapshot *s, uint32_t kind, char *text, size_t size)
{
    const struct memory_kind *use = &s->memory.kinds[kind];
    *text = '\0';
    if (kind == OURO_MEMORY_BLOCKS)
        snprintf(text, size, "%s block%s", human_count(use->pieces).text, plural(use->pieces));
    else if (kind == OURO_MEMORY_EMPTY && use->pieces)
        snprintf(text, size, "%s arena%s", human_count(use->pieces).text, plural(use->pieces));
    else if (kind == OURO_MEMORY_MALLOC_MAPPED || kind == OURO_MEMORY_MAPPED ||
             kind == OURO_MEMORY_STACKS || kind == OURO_MEMORY_SHARED)
        snprintf(text, size, "%s, %s in all", human_count(use->pieces).text,
                 human_bytes(use->extent).text);
}

static uint64_t free_bytes(const struct memory_pools *pools)
{
    return (pools->room - pools->used) * pools->size;
}

static int by_free(const void *a, const void *b)
{
    const struct memory_pools *x = a, *y = b;
    uint64_t left = free_bytes(x), right = free_bytes(y);
    return left != right ? (left < right ? 1 : -1) : (x->size > y->size) - (x->size < y->size);
}

/* Sizes of blocks in whose pools most is free, and how full they are. */
static void sizes(const struct page *page, const struct memory_use *memory)
{
    struct memory_pools *order = calloc(memory->pool_count + 1, sizeof *order);
    if (!order || !memory->pool_count) {
        free(order);
        return;
    }
    memcpy(order, memory->pools, memory->pool_count * sizeof *order);
    qsort(order, memory->pool_count, sizeof *order, by_free);
    text_heading(page, "FREE BLOCKS BY SIZE");
    fprintf(page->out, "\n  %10s %8s %10s %12s %6s\n", "free", "size", "pools", "in use", "full");
    for (uint32_t i = 0; i < memory->pool_count && i < SIZES; i++) {
        const struct memory_pools *p = &order[i];
        fprintf(page->out, "  %10s %8" PRIu64 " %10s %12s %5.1f%%\n",
                human_bytes(free_bytes(p)).text, p->size, human_count(p->pools).text,
                human_count(p->used).text, text_percent(p->used, p->room));
    }
    free(order);
}

void report_rss_text(FILE *out, const struct report *report, const char *path, bool utf8)
{
    struct page page = page_make(out, report->process, utf8);
    const struct snapshot *s = report->snapshot;
    struct resident_line lines[RESIDENT_LINES];
    text_head(&page, "OURO RSS", path);
    text_notices(&page, report);
    uint32_t count = resident_lines(s, lines);
    if (!count) {
        page_wrap(
            &page, "\n  ",
            s ? "not recorded: the trace is of an older ouro, or snapshots were too close for "
                "it to be measured at this one"
              : "there is no snapshot");
        return;
    }
    uint64_t sum = resident_sum(s), resident = s->memory.resident;
    fprintf(out, "\n  %10s %6s  %-42s\n", "resident", "share", "what");
    for (uint32_t i = 0; i < count; i++) {
        char text[64];
        remark(s, lines[i].kind, text, sizeof text);
        fprintf(out, "  %10s %5.1f%%  %s%s%s%s\n", human_bytes(lines[i].bytes).text,
                text_percent(lines[i].bytes, resident), lines[i].text, *text ? " (" : "", text,
                *text ? ")" : "");
    }
    if (sum < resident)
        fprintf(out, "  %10s %5.1f%%  %s\n", human_bytes(resident - sum).text,
                text_percent(resident - sum, resident), "not explained");
    else if (sum > resident)
        fprintf(out, "  %10s %5.1f%%  %s\n", human_bytes(sum - resident).text,
                text_percent(sum - resident, resident), "too much: counted while it changed");
    fprintf(out, "  %10s         %s\n", human_bytes(resident).text,
            "VmRSS, as the kernel counts it");
    char text[256];
    snprintf(text, sizeof text, "%.1f %% explained", 100 * resident_explained(s));
    page_wrap(&page, "\n  ", text);
    sizes(&page, &s->memory);
}

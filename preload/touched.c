/* SPDX-License-Identifier: MIT */
#include "touched.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "photocopy.h"
#include "resident_state.h"
#include "small_file.h"

/* Documentation/admin-guide/mm/pagemap.rst */
#define HELD (UINT64_C(3) << 62) /* in memory, or swapped out */
#define PRESENT (UINT64_C(1) << 63)
#define FILES (UINT64_C(1) << 61)
#define GUARD (UINT64_C(1) << 58) /* may not be read (MADV_GUARD_INSTALL); told since Linux 6.16 */

#define PAGES 4096u /* that are asked for at once */

static bool there[PAGES]; /* of the walk's pages from asked_from on */

/* Whether what is not in memory may hold something all the same. */
static bool is_swapped(void)
{
    static char text[8192];
    static enum { UNKNOWN, NO, YES } swapped;
    if (swapped == UNKNOWN) {
        small_file_read("/proc/self/status", text, sizeof text);
        const char *line = strstr(text, "VmSwap:");
        swapped = !line || strtoull(line + 7, NULL, 10) ? YES : NO;
    }
    return swapped == YES;
}

/* False: it is no memory. */
static bool ask(uintptr_t start, size_t count, bool private)
{
    static uint64_t entries[PAGES];
    static unsigned char in_memory[PAGES];
    ssize_t size = (ssize_t)(count * sizeof *entries);
    int pages = photocopy_pages();
    if (private && pages >= 0 &&
        pread(pages, entries, (size_t)size, (off_t)(start / RESIDENT_PAGE * sizeof *entries)) ==
            size) {
        for (size_t i = 0; i < count; i++)
            there[i] = entries[i] & HELD && !(entries[i] & (FILES | GUARD));
        return true;
    }
    if (mincore((void *)start, count * RESIDENT_PAGE, in_memory) != 0)
        return false;
    bool swapped = private && is_swapped();
    for (size_t i = 0; i < count; i++)
        there[i] = in_memory[i] & 1 || swapped;
    return true;
}

static bool ask_on(struct touched_walk *walk)
{
    uintptr_t page = walk->at & ~(uintptr_t)(RESIDENT_PAGE - 1);
    size_t count = (walk->end - page + RESIDENT_PAGE - 1) / RESIDENT_PAGE;
    if (count > PAGES)
        count = PAGES;
    walk->failed = !ask(page, count, walk->private);
    walk->asked_from = page;
    walk->asked_to = page + count * RESIDENT_PAGE;
    return !walk->failed;
}

bool touched_next(struct touched_walk *walk, uintptr_t *start, uintptr_t *end)
{
    while (walk->at < walk->end) {
        if (walk->at >= walk->asked_to && !ask_on(walk))
            return false;
        uintptr_t from = walk->at;
        size_t page = (from - walk->asked_from) / RESIDENT_PAGE, first = page;
        size_t count = (walk->asked_to - walk->asked_from) / RESIDENT_PAGE;
        while (page < count && there[page] == there[first])
            page++;
        walk->at = walk->asked_from + page * RESIDENT_PAGE;
        if (there[first]) {
            *start = from;
            *end = walk->at < walk->end ? walk->at : walk->end;
            return true;
        }
    }
    return false;
}

bool touched_is_there(uintptr_t address)
{
    uintptr_t page = address & ~(uintptr_t)(RESIDENT_PAGE - 1);
    uint64_t entry;
    unsigned char in_memory;
    int pages = photocopy_pages();
    if (pages >= 0 && pread(pages, &entry, sizeof entry,
                            (off_t)(page / RESIDENT_PAGE * sizeof entry)) == sizeof entry)
        return entry & PRESENT;
    return mincore((void *)page, RESIDENT_PAGE, &in_memory) == 0 && in_memory & 1;
}

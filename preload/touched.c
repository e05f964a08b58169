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

static bool swapped; /* what is not in memory may hold something all the same */

void touched_begin(void)
{
    static char text[8192];
    small_file_read("/proc/self/status", text, sizeof text);
    const char *line = strstr(text, "\nVmSwap:"); /* a line of its own: a name may be like it */
    swapped = !line || strtoull(line + 8, NULL, 10);
}

bool touched(uintptr_t start, size_t count, bool private, bool there[TOUCHED_PAGES])
{
    static uint64_t entries[TOUCHED_PAGES];
    static unsigned char resident_pages[TOUCHED_PAGES];
    ssize_t size = (ssize_t)(count * sizeof *entries);
    int pages = photocopy_pages();
    if (private && pages >= 0 &&
        pread(pages, entries, (size_t)size, (off_t)(start / RESIDENT_PAGE * sizeof *entries)) ==
            size) {
        for (size_t i = 0; i < count; i++)
            there[i] = entries[i] & HELD && !(entries[i] & (FILES | GUARD));
        return true;
    }
    if (mincore((void *)start, count * RESIDENT_PAGE, resident_pages) != 0)
        return false;
    for (size_t i = 0; i < count; i++)
        there[i] = resident_pages[i] & 1 || (private && swapped);
    return true;
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

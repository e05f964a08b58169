/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static _Atomic uint64_t reserved;

void *memory_reserve(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                   -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    atomic_fetch_add_explicit(&reserved, size, memory_order_relaxed);
    return p;
}

void memory_release(void *start, size_t size)
{
    if (!start)
        return;
    munmap(start, size);
    atomic_fetch_sub_explicit(&reserved, size, memory_order_relaxed);
}

/* Pages of the process's address space now: the first number of /proc/self/statm. */
static uint64_t address_space(void)
{
    char text[64] = "";
    int descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return 0;
    ssize_t n = read(descriptor, text, sizeof text - 1);
    close(descriptor);
    return n > 0 ? strtoull(text, NULL, 10) * 4096 : 0;
}

uint64_t memory_budget(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return UINT64_MAX;
    uint64_t used = address_space();
    return used < limit.rlim_cur ? (limit.rlim_cur - used) / 8 : 0;
}

uint64_t memory_reserved(void)
{
    return atomic_load_explicit(&reserved, memory_order_relaxed);
}

#define BUMP_BLOCK (4u << 20)

void *bump_alloc(struct bump *bump, size_t size)
{
    size = (size + 15) & ~(size_t)15;
    if ((size_t)(bump->end - bump->next) < size) {
        size_t block = size > BUMP_BLOCK / 4 ? (size + 4095) & ~(size_t)4095 : BUMP_BLOCK;
        if (block < size || (bump->limit && bump->total + block > bump->limit))
            return NULL;
        unsigned char *p = memory_reserve(block);
        if (!p)
            return NULL;
        bump->total += block;
        if (block != BUMP_BLOCK)
            return p; /* large requests have a mapping of their own; the current block goes on */
        bump->next = p;
        bump->end = p + block;
    }
    void *result = bump->next;
    bump->next += size;
    return result;
}

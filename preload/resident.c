/* SPDX-License-Identifier: MIT */
#include "resident.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "memory.h"
#include "resident_state.h"
#include "small_file.h"

#define BUFFER (64u << 10)
#define SHARE 50u /* a bounded measurement takes at most this part of the time */

struct resident_state resident;

static struct {
    uint64_t cost, ended; /* of the last measurement; ns */
    char *buffer;
} measure;

/*
 * A thread keeps freed blocks for itself. They look as if they were in use, but have a number in their
 * second word that stands for that (malloc.c: tcache_key, glibc 2.34). So that it can be read whatever
 * allocator is there, a neighbour in the same page is still in use then: one that unmaps what is freed
 * gives each block pages of its own.
 */
static uint64_t find_cache_key(void *(*allocate)(size_t size), void (*release)(void *block))
{
    enum { BLOCKS = 3 };
    volatile uint64_t *block[BLOCKS];
    uint64_t key = 0;
    unsigned chosen = BLOCKS;
    for (unsigned i = 0; i < BLOCKS; i++) {
        block[i] = allocate(24);
        if (i && ((uintptr_t)block[i] ^ (uintptr_t)block[i - 1]) < RESIDENT_PAGE)
            chosen = i;
    }
    if (chosen < BLOCKS && block[chosen] && block[chosen - 1]) {
        block[chosen][1] = 0;
        release((void *)(uintptr_t)block[chosen]);
        key = block[chosen][1];
        block[chosen] = NULL;
    }
    for (unsigned i = 0; i < BLOCKS; i++)
        release((void *)(uintptr_t)block[i]);
    return key;
}

/* Whether it is glibc's malloc that is used, 2.33 or later, which has this function. */
void resident_setup(void)
{
    Dl_info info;
    void *function = dlsym(RTLD_NEXT, "mallinfo2");
    void *allocate = dlsym(RTLD_NEXT, "malloc");
    if (!function || !allocate || !dladdr(function, &info))
        return;
    const void *library = info.dli_fbase;
    /* libouro-native.so passes on to the next one, which is glibc's as a rule. */
    if (dladdr(allocate, &info) &&
        (info.dli_fbase == library || strstr(info.dli_fname, "/libouro-native.so"))) {
        void *(*take)(size_t);
        void (*give)(void *);
        void *release = dlsym(RTLD_NEXT, "free");
        memcpy(&take, &allocate, sizeof take);
        memcpy(&give, &release, sizeof give);
        resident.libc = (uintptr_t)function;
        resident.cache_key = release ? find_cache_key(take, give) : 0;
    }
}

void resident_forget(void)
{
    resident.measured = false;
    measure.cost = 0;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Files that are memory. */
static bool is_memory(const char *name)
{
    static const char *const names[] = {"/dev/shm/", "/memfd:",        "/dev/zero",
                                        "/SYSV",     "/anon_hugepage", "/dev/hugepages/"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (begins(name, names[i]))
            return true;
    return false;
}

static enum resident_place place_of(const char *name, bool private)
{
    if (!*name || begins(name, "[anon"))
        return PLACE_ANONYMOUS;
    if (begins(name, "[heap]"))
        return PLACE_BREAK;
    if (begins(name, "[stack"))
        return PLACE_STACK;
    if (*name == '[')
        return PLACE_KERNEL;
    return !private && is_memory(name) ? PLACE_SHARED : PLACE_FILE;
}

/* Whether reading the file's mapping may do something else than read. */
static bool is_device(const char *name)
{
    return (begins(name, "/dev/") && !is_memory(name)) || begins(name, "anon_inode:");
}

/* "START-END rwxp OFFSET MAJOR:MINOR INODE   NAME" */
static void read_mapping(char *line)
{
    if (resident.count == RESIDENT_MAPPINGS)
        return;
    struct resident_mapping *m = &resident.mappings[resident.count];
    char *at;
    m->start = strtoull(line, &at, 16);
    if (*at != '-')
        return;
    m->end = strtoull(at + 1, &at, 16);
    if (*at != ' ' || strlen(at) < 6)
        return;
    bool readable = at[1] == 'r';
    m->writable = at[2] == 'w';
    m->private = at[4] == 'p';
    (void)strtoull(at + 6, &at, 16); /* offset */
    uint64_t device = strtoull(at, &at, 16) << 8;
    device |= *at == ':' ? strtoull(at + 1, &at, 16) : 0;
    uint64_t inode = strtoull(at, &at, 10);
    while (*at == ' ')
        at++;
    m->file = inode ? inode ^ device << 40 : 0;
    m->place = (uint8_t)place_of(at, m->private);
    m->readable = readable && (m->place != PLACE_FILE || !is_device(at));
    m->resident = m->anonymous = m->claimed = 0;
    const struct resident_mapping *before = resident.count ? m - 1 : NULL;
    if (m->place == PLACE_ANONYMOUS && m->writable && before && before->end == m->start &&
        before->place == PLACE_FILE && before->writable) {
        m->place = PLACE_AFTER_FILE;
        m->file = before->file;
    }
    uintptr_t own = (uintptr_t)&resident_measure;
    if (m->start <= own && own < m->end)
        resident.own_file = m->file;
    resident.count++;
}

static void read_line(char *line)
{
    struct resident_mapping *last = resident.count ? &resident.mappings[resident.count - 1] : NULL;
    if ((*line >= '0' && *line <= '9') || (*line >= 'a' && *line <= 'f'))
        read_mapping(line);
    else if (last && begins(line, "Rss:"))
        last->resident = strtoull(line + 4, NULL, 10) * 1024;
    else if (last && begins(line, "Anonymous:"))
        last->anonymous = strtoull(line + 10, NULL, 10) * 1024;
}

/* Line by line, of whatever length: of one that does not fit the buffer the end is left out. */
static bool read_mappings(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    size_t held = 0;
    bool skip = false;
    ssize_t n;
    if (descriptor < 0)
        return false;
    while ((n = read(descriptor, measure.buffer + held, BUFFER - 1 - held)) > 0) {
        char *line = measure.buffer, *end;
        held += (size_t)n;
        measure.buffer[held] = '\0';
        while ((end = memchr(line, '\n', held - (size_t)(line - measure.buffer)))) {
            *end = '\0';
            if (!skip)
                read_line(line);
            skip = false;
            line = end + 1;
        }
        held -= (size_t)(line - measure.buffer);
        memmove(measure.buffer, line, held);
        if (held == BUFFER - 1) {
            if (!skip)
                read_line(measure.buffer);
            skip = true;
            held = 0;
        }
    }
    close(descriptor);
    return n == 0 && resident.count > 0;
}

/* A small file of /proc, as text in the buffer. False: it is not there. */
static bool slurp(const char *path)
{
    return small_file_read(path, measure.buffer, BUFFER);
}

static uint64_t read_rss(void)
{
    const char *line = slurp("/proc/self/status") ? strstr(measure.buffer, "VmRSS:") : NULL;
    return line ? strtoull(line + 6, NULL, 10) * 1024 : 0;
}

/*
 * glibc keeps what it knows of a thread at the upper end of its stack; the kernel has an address there,
 * that of the thread's list of robust locks. The first thread is different, but its stack has a name.
 */
static void read_stack(pid_t thread)
{
    void *list = NULL;
    size_t size;
    if (thread != getpid() && resident.stack_count < RESIDENT_STACKS &&
        syscall(SYS_get_robust_list, thread, &list, &size) == 0 && list)
        resident.stacks[resident.stack_count++] = (uintptr_t)list;
}

/* "NUMBER ARGUMENT… STACK CODE"; "running" has no number. */
static void read_call(pid_t thread, uintptr_t arguments[6])
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/syscall", (int)thread);
    if (!slurp(path))
        return;
    char *at = measure.buffer, *end;
    (void)strtoll(at, &end, 10);
    for (unsigned i = 0; i < 6 && end != at; i++) {
        at = end;
        arguments[i] = strtoull(at, &end, 16);
    }
}

static void read_threads(void)
{
    static _Alignas(8) char entries[8192];
    struct entry { /* linux_dirent64 */
        uint64_t inode;
        int64_t offset;
        uint16_t length;
        uint8_t type;
        char name[];
    };
    const pid_t own = gettid();
    uint32_t others = 0;
    resident.stack_count = 0;
    memset(resident.arguments, 0, resident.others * sizeof *resident.arguments);
    int tasks = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    long n;
    if (tasks < 0)
        return;
    while ((n = syscall(SYS_getdents64, tasks, entries, sizeof entries)) > 0)
        for (long at = 0; at < n;) {
            const struct entry *entry = (const struct entry *)(entries + at);
            pid_t thread = (pid_t)strtol(entry->name, NULL, 10);
            at += entry->length;
            if (thread <= 0)
                continue;
            read_stack(thread);
            if (thread != own && others < RESIDENT_STACKS)
                read_call(thread, resident.arguments[others++]);
        }
    resident.others = others;
    close(tasks);
}

static bool prepare(void)
{
    if (!measure.buffer)
        measure.buffer = memory_reserve(BUFFER);
    if (!resident.mappings)
        resident.mappings = memory_reserve(RESIDENT_MAPPINGS * sizeof *resident.mappings);
    resident.count = resident.stack_count = 0;
    resident.own_file = 0;
    return measure.buffer && resident.mappings;
}

bool resident_list(void)
{
    return prepare() && read_mappings("/proc/self/maps");
}

void resident_measure(bool bounded)
{
    uint64_t start = clock_now(CLOCK_MONOTONIC);
    resident.measured = false;
    if (bounded && start - measure.ended < SHARE * measure.cost)
        return;
    if (!prepare())
        return;
    read_threads();
    resident.measured = read_mappings("/proc/self/smaps");
    resident.rss = read_rss();
    measure.ended = clock_now(CLOCK_MONOTONIC);
    measure.cost = measure.ended - start;
}

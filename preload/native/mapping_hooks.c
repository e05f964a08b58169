/* SPDX-License-Identifier: MIT */
/*
 * mmap and its kin. What the program and its libraries map is recorded one by one, whatever the sample:
 * such calls are rare, and large. The C library's own mappings, for malloc and for stacks of threads, do
 * not pass here; those of another allocator behind malloc pass through. Address space that is only
 * reserved (PROT_NONE) is no memory.
 */
#undef _FILE_OFFSET_BITS /* which makes mmap64() of mmap() */

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "native_state.h"
#include "ouro/trace.h"

#define EXPORTED __attribute__((visibility("default")))

#ifndef MREMAP_DONTUNMAP
#    define MREMAP_DONTUNMAP 4
#endif

static struct {
    void *(*mmap)(void *, size_t, int, int, int, off_t);
    int (*munmap)(void *, size_t);
    void *(*mremap)(void *, size_t, size_t, int, ...);
    uintptr_t page;
    /* Callers that are passed through: the recorder, and the allocator behind malloc. */
    struct {
        uintptr_t start, end;
    } passed[2];
} calls;

/*
 * Held while addresses are given back: no other thread is to be given them, and to record that, before
 * they are taken out. Taken before native.lock and never while the loader is called.
 */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void mapping_hooks_resolve(void)
{
    const struct {
        const char *name;
        void *slot;
    } wanted[] = {{"mmap", &calls.mmap}, {"munmap", &calls.munmap}, {"mremap", &calls.mremap}};
    calls.page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        void *symbol = dlsym(RTLD_NEXT, wanted[i].name);
        memcpy(wanted[i].slot, &symbol, sizeof symbol);
    }
}

void mapping_hooks_pass(uintptr_t host, uintptr_t allocator)
{
    modules_range(host, &calls.passed[0].start, &calls.passed[0].end);
    modules_range(allocator, &calls.passed[1].start, &calls.passed[1].end);
}

/* Before the constructor has run there is only the system call. */
static void *call_mmap(void *at, size_t size, int protection, int flags, int file, off_t offset)
{
    if (!calls.mmap)
        return (void *)syscall(SYS_mmap, at, size, protection, flags, file, offset);
    return calls.mmap(at, size, protection, flags, file, offset);
}

static int call_munmap(void *start, size_t size)
{
    return calls.munmap ? calls.munmap(start, size) : (int)syscall(SYS_munmap, start, size);
}

static void *call_mremap(void *old, size_t old_size, size_t size, int flags, void *to)
{
    if (!calls.mremap)
        return (void *)syscall(SYS_mremap, old, old_size, size, flags, to);
    return calls.mremap(old, old_size, size, flags, to);
}

static bool passes(const void *caller)
{
    uintptr_t address = (uintptr_t)caller;
    if (native_thread.inside || !atomic_load(&native.active))
        return true;
    for (unsigned i = 0; i < 2; i++)
        if (address >= calls.passed[i].start && address < calls.passed[i].end)
            return true;
    return false;
}

static uintptr_t end_of(const void *start, size_t size)
{
    return ((uintptr_t)start + size + calls.page - 1) & ~(calls.page - 1);
}

/* Around what is done here: nothing of it is seen by the hooks. */
static void enter(void)
{
    native_thread.inside++;
    pthread_mutex_lock(&lock);
}

static void leave(void)
{
    pthread_mutex_unlock(&lock);
    native_thread.inside--;
}

static void take_out(const void *start, size_t size)
{
    lock_take(&native.lock);
    mappings_remove((uintptr_t)start, end_of(start, size));
    lock_give(&native.lock);
}

static void put_in(const void *start, size_t size, uint32_t stack)
{
    lock_take(&native.lock);
    mappings_add((uintptr_t)start, end_of(start, size), stack);
    if (stacks_kind(stack) != OURO_NATIVE_ARENA)
        native_allocated(end_of(start, size) - (uintptr_t)start);
    lock_give(&native.lock);
}

/* The caller's stack; 0: there is no room for more. */
static __attribute__((noinline)) uint32_t stack_here(enum ouro_native_kind kind)
{
    native_thread.inside++;
    uint32_t stack = stacks_here((uintptr_t)__builtin_dwarf_cfa() - sizeof(uintptr_t), kind);
    lock_give(&native.lock);
    native_thread.inside--;
    return stack;
}

static void *map(void *at, size_t size, int protection, int flags, int file, off_t offset)
{
    void *start;
    if (flags & MAP_FIXED) { /* in the place of what was there, if anything was */
        enter();
        start = call_mmap(at, size, protection, flags, file, offset);
        if (start != MAP_FAILED)
            take_out(start, size);
        leave();
    } else {
        start = call_mmap(at, size, protection, flags, file, offset);
    }
    if (start == MAP_FAILED || protection == PROT_NONE)
        return start;
    int saved = errno;
    uint32_t stack = stack_here(flags & MAP_ANONYMOUS ? OURO_NATIVE_MAPPING : OURO_NATIVE_FILE);
    enter();
    if (stack)
        put_in(start, size, stack);
    leave();
    errno = saved;
    return start;
}

/* Of a mapping that grows the whole is born anew, as of realloc(); one that does not stays what it was. */
static void *remap(void *old, size_t old_size, size_t size, int flags, void *to)
{
    int saved = errno;
    enter();
    lock_take(&native.lock);
    uint32_t before = mappings_find((uintptr_t)old);
    enum ouro_native_kind kind = before ? stacks_kind(before) : OURO_NATIVE_MAPPING;
    lock_give(&native.lock);
    leave();
    bool more = end_of(old, size) > end_of(old, old_size) || flags & MREMAP_DONTUNMAP;
    uint32_t stack = before && more ? stack_here(kind) : before;
    errno = saved;
    enter();
    void *start = call_mremap(old, old_size, size, flags, to);
    if (start == MAP_FAILED)
        goto out;
    saved = errno;
    if (start == old && !more) {
        take_out((char *)old + size,
                 old_size > size ? end_of(old, old_size) - end_of(old, size) : 0);
    } else {
        if (!(flags & MREMAP_DONTUNMAP))
            take_out(old, old_size);
        take_out(start, size);
        if (stack)
            put_in(start, size, stack);
    }
    errno = saved;
out:
    leave();
    return start;
}

EXPORTED void *mmap(void *at, size_t size, int protection, int flags, int file, off_t offset)
{
    if (passes(__builtin_return_address(0)))
        return call_mmap(at, size, protection, flags, file, offset);
    return map(at, size, protection, flags, file, offset);
}

EXPORTED void *mmap64(void *at, size_t size, int protection, int flags, int file, off64_t offset)
{
    if (passes(__builtin_return_address(0)))
        return call_mmap(at, size, protection, flags, file, offset);
    return map(at, size, protection, flags, file, offset);
}

EXPORTED int munmap(void *start, size_t size)
{
    if (passes(__builtin_return_address(0)))
        return call_munmap(start, size);
    enter();
    int status = call_munmap(start, size);
    if (status == 0)
        take_out(start, size);
    leave();
    return status;
}

EXPORTED void *mremap(void *old, size_t old_size, size_t size, int flags, ...)
{
    void *to = NULL;
    if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) {
        va_list rest;
        va_start(rest, flags);
        to = va_arg(rest, void *);
        va_end(rest);
    }
    if (passes(__builtin_return_address(0)))
        return call_mremap(old, old_size, size, flags, to);
    return remap(old, old_size, size, flags, to);
}

void mapping_hooks_fork_prepare(void)
{
    pthread_mutex_lock(&lock);
}

void mapping_hooks_fork_parent(void)
{
    pthread_mutex_unlock(&lock);
}

void mapping_hooks_fork_child(void)
{
    lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
}

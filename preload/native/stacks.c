/* SPDX-License-Identifier: MIT */
/* Native stacks: walking them, numbering them, and the counts of each. */
#include <dlfcn.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../descriptor.h"
#include "native_state.h"
#include "ouro/trace.h"
#include "walks.h"

#define STACKS (1u << STACK_BITS)
#define ADDRESSES ((size_t)1 << 23)
#define INDEX (1u << 19)
#define NEEDED 16384u /* bytes of stack that the unwinder may take, and then some */
#define PART (1u << 20)

struct stack {
    uint64_t hash;
    uint32_t first; /* of its addresses */
    uint32_t site;
    uint16_t count;
    uint8_t kind; /* enum ouro_native_kind */
    struct native_counts now, written;
};

static struct {
    int (*backtrace)(void **buffer, int size);
    struct stack *list; /* from 1 */
    uintptr_t *addresses;
    uint32_t *index;
    uint32_t count, used, written, kinds_written, counted;
    uintptr_t own_start, own_end, host_start, host_end;
} stacks;

/* Of the thread: where its stack is, once that was asked for. */
static __thread struct {
    uintptr_t low, high;
    bool known;
} bounds;

/* Of the thread: it is in the unwinder on our behalf. */
static __thread bool walking;

/*
 * libunwind tests addresses by writing what is there to a pipe of its own and reading it again. The
 * program must not meet its ends where it counts on the numbers; and once it has closed them, as
 * daemons close what they do not know, and has files of its own there, libunwind must not run.
 */
static struct {
    int ends[2];
    dev_t device;
    ino_t inode;
} tester = {.ends = {-1, -1}};

/* Of the program, and of libunwind. */
__attribute__((visibility("default"))) int pipe2(int ends[2], int flags)
{
    static int (*_Atomic next)(int[2], int);
    int (*function)(int[2], int) = atomic_load(&next);
    if (!function) {
        void *symbol = dlsym(RTLD_NEXT, "pipe2");
        memcpy(&function, &symbol, sizeof function);
        atomic_store(&next, function);
    }
    int result = function ? function(ends, flags) : (int)syscall(SYS_pipe2, ends, flags);
    struct stat status;
    if (result != 0 || !walking)
        return result;
    for (int i = 0; i < 2; i++)
        tester.ends[i] = ends[i] = descriptor_raise(ends[i]);
    if (fstat(ends[0], &status) == 0) {
        tester.device = status.st_dev;
        tester.inode = status.st_ino;
    }
    return 0;
}

/* A closed end does no harm: libunwind then opens another pipe. */
static bool may_test(void)
{
    struct stat status;
    for (int i = 0; i < 2; i++)
        if (tester.ends[i] >= 0 && fstat(tester.ends[i], &status) == 0 &&
            (status.st_dev != tester.device || status.st_ino != tester.inode))
            return false;
    return true;
}

static int unwind(void **found, int room)
{
    if (!may_test())
        return 0;
    walking = true;
    int count = stacks.backtrace(found, room);
    walking = false;
    return count;
}

/* Of the thread that begins the recording, the first as a rule. Not within malloc: it allocates. */
static void learn_first_bounds(void)
{
    pthread_attr_t attributes;
    void *start;
    size_t size;
    bounds.known = true;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
        return;
    if (pthread_attr_getstack(&attributes, &start, &size) == 0) {
        bounds.low = (uintptr_t)start;
        bounds.high = (uintptr_t)start + size;
    }
    pthread_attr_destroy(&attributes);
}

/*
 * libunwind must not come into the program's scope: its _Unwind_* would be taken for libgcc's by every
 * C++ library that is loaded later.
 */
bool stacks_setup(void)
{
    void *library = dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);
    void *function = library ? dlsym(library, "unw_backtrace") : NULL;
    if (!function)
        return false;
    memcpy(&stacks.backtrace, &function, sizeof function);
    stacks.list = native.host->reserve(STACKS * sizeof *stacks.list);
    stacks.addresses = native.host->reserve(ADDRESSES * sizeof *stacks.addresses);
    stacks.index = native.host->reserve(INDEX * sizeof *stacks.index);
    if (!stacks.list || !stacks.addresses || !stacks.index)
        return false;
    walks_setup(library);
    modules_refresh();
    uintptr_t address;
    memcpy(&address, &native.host->site, sizeof address);
    modules_range(address, &stacks.host_start, &stacks.host_end);
    modules_range((uintptr_t)&stacks_setup, &stacks.own_start, &stacks.own_end);
    learn_first_bounds();
    void *warm[8];
    unwind(warm, 8);
    return true;
}

/*
 * Of any other thread. pthread_getattr_np() holds the thread's lock while it allocates, so it must not be
 * called here; but what it reads is near: glibc keeps the block of a stack, its size and that of its
 * guard, in that order, in the thread's descriptor, which lies at the block's end (nptl/descr.h).
 */
static void learn_bounds(void)
{
    uintptr_t self = (uintptr_t)pthread_self(), end = (self | 4095) + 1;
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    bounds.known = true;
    for (uintptr_t at = self; at + 3 * sizeof(uintptr_t) <= end; at += sizeof(uintptr_t)) {
        uintptr_t words[3];
        memcpy(words, (const void *)at, sizeof words);
        uintptr_t top = words[0] + words[1];
        if (words[0] % 4096 == 0 && words[0] && words[0] < here && top > here && top > self &&
            top <= end && words[2] < words[1]) {
            bounds.low = words[0] + words[2];
            bounds.high = top;
            return;
        }
    }
}

/* The native stack, the innermost first. *ours: a frame is of the host's library. */
static unsigned walk(uintptr_t addresses[STACK_DEPTH], bool *ours)
{
    void *found[STACK_DEPTH];
    *ours = false;
    int count = unwind(found, STACK_DEPTH);
    unsigned kept = 0;
    for (int i = 0; i < count; i++) {
        uintptr_t address = (uintptr_t)found[i] - 1; /* of the call, not of what comes after it */
        if (address >= stacks.own_start && address < stacks.own_end && !kept)
            continue;
        *ours = *ours || (address >= stacks.host_start && address < stacks.host_end);
        addresses[kept++] = address;
    }
    return kept;
}

static uint64_t hash_of(const uintptr_t *addresses, unsigned count, uint32_t site, uint8_t kind)
{
    uint64_t hash = site + ((uint64_t)kind << 32) + 0x9e3779b97f4a7c15u;
    for (unsigned i = 0; i < count; i++)
        hash = (hash ^ addresses[i]) * 0xff51afd7ed558ccdu ^ hash >> 29;
    return hash;
}

static uint32_t number_of(const uintptr_t *addresses, unsigned count, uint32_t site, uint8_t kind)
{
    uint64_t hash = hash_of(addresses, count, site, kind);
    uint32_t at = (uint32_t)(hash >> 32) & (INDEX - 1);
    for (; stacks.index[at]; at = (at + 1) & (INDEX - 1)) {
        const struct stack *s = &stacks.list[stacks.index[at]];
        if (s->hash == hash && s->site == site && s->count == count && s->kind == kind &&
            (!count ||
             memcmp(&stacks.addresses[s->first], addresses, count * sizeof *addresses) == 0))
            return stacks.index[at];
    }
    if (stacks.count + 1 >= STACKS || stacks.used + count > ADDRESSES)
        return 0;
    uint32_t number = ++stacks.count;
    stacks.list[number] = (struct stack){
        .hash = hash, .first = stacks.used, .site = site, .count = (uint16_t)count, .kind = kind};
    if (count)
        memcpy(&stacks.addresses[stacks.used], addresses, count * sizeof *addresses);
    stacks.used += count;
    stacks.index[at] = number;
    return number;
}

/* Of what the runtime has through the host. */
static uint32_t number_ours(uint8_t kind)
{
    return kind == OURO_NATIVE_MALLOC ? 0 : number_of(NULL, 0, 0, OURO_NATIVE_ARENA);
}

/* The same, of a walk that is remembered. */
static uint32_t number_again(struct walk *walk, uint32_t site, uint8_t kind)
{
    uintptr_t addresses[STACK_DEPTH];
    if (walk->ours)
        return number_ours(kind);
    if (walk->stack && walk->site == site && walk->kind == kind)
        return walk->stack;
    for (uint32_t i = 0; i < walk->count; i++)
        addresses[i] = walk->word[walk->slots - walk->count + i] - 1;
    walk->site = site;
    walk->kind = kind;
    return walk->stack = number_of(addresses, walk->count, site, kind);
}

/* Not with the lock, which it takes. */
static __attribute__((noinline)) uint32_t number_walked(uintptr_t from, uint32_t site, uint8_t kind)
{
    uintptr_t addresses[STACK_DEPTH];
    struct walk made;
    bool ours;
    modules_refresh(); /* may take the loader's lock */
    unsigned count = walk(addresses, &ours);
    walking = true;
    bool learnt = count && walks_follow(from, addresses, count, &made);
    walking = false;
    lock_take(&native.lock);
    if (learnt) {
        made.ours = ours;
        walks_keep(&made);
    }
    return ours ? number_ours(kind) : number_of(addresses, count, site, kind);
}

uint32_t stacks_here(uintptr_t from, enum ouro_native_kind kind)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    uint32_t site = native.host->site();
    if (!bounds.known)
        learn_bounds();
    /* Not on an alternate stack, on one that a library switched to, or near the end of this one. */
    bool room = here >= bounds.low + NEEDED && here < bounds.high;
    lock_take(&native.lock);
    if (!room)
        return number_of(NULL, 0, site, (uint8_t)kind);
    struct walk *known = walks_find(from, bounds.high);
    if (known)
        return number_again(known, site, (uint8_t)kind);
    lock_give(&native.lock);
    return number_walked(from, site, (uint8_t)kind);
}

struct native_counts *stacks_counts(uint32_t stack)
{
    return &stacks.list[stack].now;
}

enum ouro_native_kind stacks_kind(uint32_t stack)
{
    return stacks.list[stack].kind;
}

void stacks_fork_child(void)
{
    for (uint32_t i = 1; i <= stacks.count; i++) {
        struct stack *s = &stacks.list[i];
        s->now.births -= s->now.deaths;
        s->now.bytes -= s->now.dead_bytes;
        s->now.deaths = s->now.dead_bytes = 0;
        s->written = (struct native_counts){0};
    }
    stacks.written = stacks.kinds_written = 0;
}

bool stacks_put(struct payload *out)
{
    bool more = false;
    lock_take(&native.lock);
    uint32_t first = stacks.written + 1, last = stacks.written;
    size_t bytes = 0;
    while (last < stacks.count && bytes < PART)
        bytes += 24 + 10 * (size_t)stacks.list[++last].count;
    if (last >= first) {
        more = true;
        payload_varint(out, first);
        payload_varint(out, last - first + 1);
        for (uint32_t i = first; i <= last; i++) {
            const struct stack *s = &stacks.list[i];
            uintptr_t before = 0;
            payload_varint(out, s->site);
            payload_varint(out, s->count);
            for (unsigned n = 0; n < s->count; n++) {
                payload_svarint(out, (int64_t)(stacks.addresses[s->first + n] - before));
                before = stacks.addresses[s->first + n];
            }
        }
        stacks.written = last;
    }
    lock_give(&native.lock);
    return more;
}

/* Of those that were written, the ones whose blocks are not malloc's. */
bool stacks_put_kinds(struct payload *out)
{
    uint64_t count = 0;
    uint32_t previous = 0, last;
    lock_take(&native.lock);
    for (last = stacks.kinds_written; last < stacks.written && count < PART / 16; last++)
        count += stacks.list[last + 1].kind != OURO_NATIVE_MALLOC;
    if (count)
        payload_varint(out, count);
    for (uint32_t i = stacks.kinds_written + 1; i <= last; i++) {
        if (stacks.list[i].kind == OURO_NATIVE_MALLOC)
            continue;
        payload_varint(out, i - previous);
        payload_varint(out, stacks.list[i].kind);
        previous = i;
    }
    stacks.kinds_written = last;
    lock_give(&native.lock);
    return count != 0;
}

static bool changed(const struct stack *s)
{
    return s->now.births != s->written.births || s->now.deaths != s->written.deaths ||
           s->now.dead_bytes != s->written.dead_bytes;
}

/* Only of stacks that were written; those that came meanwhile wait for the next time. */
bool stacks_put_counts(struct payload *out, uint64_t clock, uint64_t time)
{
    uint64_t count = 0;
    uint32_t previous = 0, last = stacks.counted;
    lock_take(&native.lock);
    while (last < stacks.written && count < PART / 64)
        count += changed(&stacks.list[++last]);
    if (count) {
        payload_varint(out, clock);
        payload_varint(out, time);
        payload_varint(out, count);
        for (uint32_t i = stacks.counted + 1; i <= last; i++) {
            struct stack *s = &stacks.list[i];
            if (!changed(s))
                continue;
            payload_varint(out, i - previous);
            payload_varint(out, s->now.births);
            payload_varint(out, s->now.bytes);
            payload_varint(out, s->now.deaths);
            payload_varint(out, s->now.dead_bytes);
            s->written = s->now;
            previous = i;
        }
    }
    stacks.counted = count ? last : 0;
    lock_give(&native.lock);
    return count != 0;
}

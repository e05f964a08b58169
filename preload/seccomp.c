/* SPDX-License-Identifier: MIT */
#include "seccomp.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "native.h"
#include "occasion.h"
#include "recorder.h"
#include "shim.h"

#define EXPORTED __attribute__((visibility("default")))

_Atomic unsigned seccomp_forbids;

typedef long system_call(long, long, long, long, long, long, long);
static system_call find_syscall;

static int (*real_prctl)(int, ...);
/* Where syscall() goes on. */
PRIVATE system_call *ouro_seccomp_next = find_syscall;

/* Other arguments of these calls are addresses, or what no filter can sensibly ask for. */
#define ANY_FILE 600 /* a descriptor as ours are */
static const struct call {
    unsigned works;
    int number;
    uint64_t arguments[6];
} calls[] = {
    {SECCOMP_RECORDING, SYS_writev, {ANY_FILE}},
    {SECCOMP_RECORDING, SYS_write, {STDERR_FILENO}},
    {SECCOMP_RECORDING, SYS_fstat, {ANY_FILE}},
    {SECCOMP_RECORDING, SYS_newfstatat, {ANY_FILE, 0, 0, AT_EMPTY_PATH}},
    {SECCOMP_RECORDING, SYS_openat, {(uint64_t)AT_FDCWD, 0, O_RDONLY | O_CLOEXEC}},
    {SECCOMP_RECORDING, SYS_read, {ANY_FILE}},
    {SECCOMP_RECORDING, SYS_close, {ANY_FILE}},
    {SECCOMP_RECORDING, SYS_getpid, {0}},
    {SECCOMP_RECORDING, SYS_rt_sigprocmask, {0}},
    {SECCOMP_RECORDING, SYS_rt_sigaction, {0}},
    {SECCOMP_RECORDING, SYS_futex, {0, FUTEX_WAIT_PRIVATE}},
    {SECCOMP_RECORDING, SYS_futex, {0, FUTEX_WAKE_PRIVATE}},
    {SECCOMP_RECORDING, SYS_mincore, {0}},
    {SECCOMP_RECORDING, SYS_madvise, {0, 4096, MADV_DONTNEED}},
    {SECCOMP_RECORDING, SYS_munmap, {0}},
    {SECCOMP_RECORDING | SECCOMP_RESERVING,
     SYS_mmap,
     {0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, (uint64_t)-1}},
    {SECCOMP_COPYING, SYS_clone, {CLONE_VM | CLONE_VFORK}},
    {SECCOMP_COPYING, SYS_clone, {0}},
    {SECCOMP_COPYING, SYS_wait4, {ANY_FILE}},
    {SECCOMP_COPYING, SYS_flock, {ANY_FILE}},
    {SECCOMP_COPYING, SYS_clock_nanosleep, {0}},
    {SECCOMP_COPYING, SYS_clock_gettime, {CLOCK_PROCESS_CPUTIME_ID}},
    {SECCOMP_COPYING, SYS_getrusage, {0}},
    {SECCOMP_COPYING, SYS_prlimit64, {0}},
    {SECCOMP_COPYING, SYS_stat, {0}},
    {SECCOMP_COPYING, SYS_newfstatat, {(uint64_t)AT_FDCWD}},
    {SECCOMP_COPYING, SYS_close_range, {0, ANY_FILE}},
    {SECCOMP_COPYING, SYS_openat, {(uint64_t)AT_FDCWD, 0, O_WRONLY | O_CLOEXEC}},
    {SECCOMP_COPYING, SYS_gettid, {0}},
    {SECCOMP_COPYING, SYS_getdents64, {ANY_FILE}},
    {SECCOMP_COPYING, SYS_get_robust_list, {0}},
    {SECCOMP_COPYING, SYS_pread64, {ANY_FILE}},
    {SECCOMP_COPYING, SYS_prctl, {PR_SET_NAME}},
    {SECCOMP_COPYING, SYS_prctl, {PR_SET_DUMPABLE}},
    {SECCOMP_COPYING, SYS_exit, {0}},
    {SECCOMP_COPYING, SYS_exit_group, {0}},
    {SECCOMP_BEGINNING, SYS_newfstatat, {(uint64_t)AT_FDCWD, 0, 0, AT_SYMLINK_NOFOLLOW}},
    {SECCOMP_BEGINNING, SYS_mkdir, {0, 0700}},
    {SECCOMP_BEGINNING, SYS_chmod, {0, 0700}},
    {SECCOMP_BEGINNING,
     SYS_openat,
     {(uint64_t)AT_FDCWD, 0, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
      0600}},
    {SECCOMP_BEGINNING, SYS_fchmod, {ANY_FILE, 0600}},
    {SECCOMP_BEGINNING, SYS_fcntl, {ANY_FILE, F_DUPFD_CLOEXEC}},
    {SECCOMP_BEGINNING, SYS_readlink, {0}},
    {SECCOMP_BEGINNING, SYS_getcwd, {0}},
    {SECCOMP_BEGINNING, SYS_getppid, {0}},
    {SECCOMP_ASKING, SYS_access, {0, X_OK}},
};

/* What the filter says; SECCOMP_RET_KILL_PROCESS to what the kernel would not take for a filter. */
static uint32_t verdict(const struct sock_filter *filter, unsigned length,
                        const struct seccomp_data *data)
{
    uint32_t a = 0, x = 0, memory[BPF_MEMWORDS] = {0};
    for (uint64_t at = 0; at < length; at++) {
        const struct sock_filter *i = &filter[at];
        const uint32_t k = i->k, operand = BPF_SRC(i->code) == BPF_X ? x : k;
        bool jumps = false;
        switch (i->code) {
        case BPF_LD | BPF_W | BPF_ABS:
            if (k % 4 || k > sizeof *data - sizeof a)
                return SECCOMP_RET_KILL_PROCESS;
            memcpy(&a, (const char *)data + k, sizeof a);
            continue;
        case BPF_LD | BPF_W | BPF_LEN:
            a = sizeof *data;
            continue;
        case BPF_LDX | BPF_W | BPF_LEN:
            x = sizeof *data;
            continue;
        case BPF_LD | BPF_IMM:
            a = k;
            continue;
        case BPF_LDX | BPF_IMM:
            x = k;
            continue;
        case BPF_LD | BPF_MEM:
            a = memory[k % BPF_MEMWORDS];
            continue;
        case BPF_LDX | BPF_MEM:
            x = memory[k % BPF_MEMWORDS];
            continue;
        case BPF_ST:
            memory[k % BPF_MEMWORDS] = a;
            continue;
        case BPF_STX:
            memory[k % BPF_MEMWORDS] = x;
            continue;
        case BPF_MISC | BPF_TAX:
            x = a;
            continue;
        case BPF_MISC | BPF_TXA:
            a = x;
            continue;
        case BPF_RET | BPF_K:
            return k;
        case BPF_RET | BPF_A:
            return a;
        case BPF_JMP | BPF_JA:
            at += k;
            continue;
        case BPF_ALU | BPF_NEG:
            a = -a;
            continue;
        default:
            break;
        }
        switch (i->code & ~(unsigned)BPF_X) {
        case BPF_ALU | BPF_ADD:
            a += operand;
            continue;
        case BPF_ALU | BPF_SUB:
            a -= operand;
            continue;
        case BPF_ALU | BPF_MUL:
            a *= operand;
            continue;
        case BPF_ALU | BPF_AND:
            a &= operand;
            continue;
        case BPF_ALU | BPF_OR:
            a |= operand;
            continue;
        case BPF_ALU | BPF_XOR:
            a ^= operand;
            continue;
        case BPF_ALU | BPF_LSH:
            a = operand < 32 ? a << operand : 0;
            continue;
        case BPF_ALU | BPF_RSH:
            a = operand < 32 ? a >> operand : 0;
            continue;
        case BPF_ALU | BPF_DIV:
            if (!operand) /* the kernel ends such a filter with 0, which kills */
                return SECCOMP_RET_KILL_THREAD;
            a /= operand;
            continue;
        case BPF_JMP | BPF_JEQ:
            jumps = a == operand;
            break;
        case BPF_JMP | BPF_JGT:
            jumps = a > operand;
            break;
        case BPF_JMP | BPF_JGE:
            jumps = a >= operand;
            break;
        case BPF_JMP | BPF_JSET:
            jumps = (a & operand) != 0;
            break;
        default:
            return SECCOMP_RET_KILL_PROCESS;
        }
        at += jumps ? i->jt : i->jf;
    }
    return SECCOMP_RET_KILL_PROCESS;
}

/* Error 0 is not among what a caller expects: clone() would have made a child of number 0. */
static bool harmless(uint32_t what)
{
    switch (what & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
    case SECCOMP_RET_LOG:
        return true;
    case SECCOMP_RET_ERRNO:
        return (what & SECCOMP_RET_DATA) != 0;
    default:
        return false;
    }
}

/* The kernel looks at the set before it finds that there is no such operation. */
static bool readable(const void *address)
{
    return syscall(SYS_rt_sigprocmask, 0x5eed, address, NULL, sizeof(uint64_t)) < 0 &&
           errno == EINVAL;
}

/* Whether the kernel could read it; bytes is at least 8. */
static bool all_readable(const void *start, size_t bytes)
{
    const char *p = start;
    for (size_t at = 0; at + sizeof(uint64_t) <= bytes; at += 4096)
        if (!readable(p + at))
            return false;
    return readable(p + bytes - sizeof(uint64_t));
}

/* The works that a filter forbids; 0 also for what the kernel will refuse. */
static unsigned forbidden_by(const struct sock_fprog *program)
{
    unsigned works = 0;
    if (!all_readable(program, sizeof *program) || !program->len || program->len > BPF_MAXINSNS ||
        !all_readable(program->filter, program->len * sizeof *program->filter))
        return 0;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        struct seccomp_data data = {.nr = calls[i].number, .arch = AUDIT_ARCH_X86_64};
        memcpy(data.args, calls[i].arguments, sizeof data.args);
        if (!harmless(verdict(program->filter, program->len, &data)))
            works |= calls[i].works;
    }
    return works;
}

/* Returns what was forbidden before. program is NULL for the mode that allows next to nothing. */
static unsigned give_up(bool strict, const struct sock_fprog *program)
{
    unsigned before = atomic_load(&seccomp_forbids);
    if (!shim_runtime() || seccomp_forbidden(SECCOMP_RECORDING) || recorder_borrowed())
        return before;
    int saved = errno;
    const unsigned all = SECCOMP_RECORDING | SECCOMP_COPYING | SECCOMP_BEGINNING |
                         SECCOMP_RESERVING | SECCOMP_ASKING;
    unsigned works = strict ? all : forbidden_by(program);
    if (works & SECCOMP_RECORDING) {
        occasion_end();
        recorder_suspend("the program forbids itself, by a filter of system calls (seccomp), calls "
                         "that recording needs: recording ends here");
    }
    atomic_fetch_or(&seccomp_forbids, works);
    errno = saved;
    return before;
}

static void installed(bool done, unsigned before)
{
    bool suspended = seccomp_forbidden(SECCOMP_RECORDING) && !(before & SECCOMP_RECORDING);
    if (done) {
        if (suspended)
            native_stop();
        return;
    }
    atomic_store(&seccomp_forbids, before);
    if (suspended) {
        int saved = errno;
        recorder_resume("the filter was refused: recording goes on");
        occasion_begin();
        errno = saved;
    }
}

void seccomp_resolve(void)
{
    void *symbol = dlsym(RTLD_NEXT, "prctl");
    memcpy(&real_prctl, &symbol, sizeof symbol);
    symbol = dlsym(RTLD_NEXT, "syscall");
    memcpy(&ouro_seccomp_next, &symbol, sizeof symbol);
}

/* Another library's constructor may be there first. */
static long find_syscall(long number, long a, long b, long c, long d, long e, long f)
{
    seccomp_resolve();
    return ouro_seccomp_next(number, a, b, c, d, e, f);
}

static const struct sock_fprog *filter_at(unsigned long address)
{
    const struct sock_fprog *program;
    memcpy(&program, &address, sizeof address);
    return program;
}

EXPORTED int prctl(int option, ...)
{
    unsigned long a[4];
    va_list more;
    va_start(more, option);
    for (int i = 0; i < 4; i++)
        a[i] = va_arg(more, unsigned long);
    va_end(more);
    if (!real_prctl)
        seccomp_resolve();
    if (option != PR_SET_SECCOMP)
        return real_prctl(option, a[0], a[1], a[2], a[3]);
    unsigned before = give_up(a[0] == SECCOMP_MODE_STRICT, filter_at(a[1]));
    int status = real_prctl(option, a[0], a[1], a[2], a[3]);
    installed(status == 0, before);
    return status;
}

/*
 * syscall() with any other number goes on as if we were not there: some calls return twice, and with
 * another stack.
 */
_Static_assert(SYS_seccomp == 317, "as below");
__asm__(".text\n"
        ".type syscall, @function\n"
        ".globl syscall\n"
        "syscall:\n"
        "    cmpq $317, %rdi\n"
        "    je ouro_seccomp_call\n"
        "    jmp *ouro_seccomp_next(%rip)\n"
        ".size syscall, . - syscall\n");

long ouro_seccomp_call(long number, unsigned long operation, unsigned long flags,
                       unsigned long argument) __attribute__((visibility("hidden"), used));

long ouro_seccomp_call(long number, unsigned long operation, unsigned long flags,
                       unsigned long argument)
{
    bool strict = operation == SECCOMP_SET_MODE_STRICT;
    bool sets = strict || operation == SECCOMP_SET_MODE_FILTER;
    unsigned before = sets ? give_up(strict, filter_at(argument)) : 0;
    long status = ouro_seccomp_next(number, (long)operation, (long)flags, (long)argument, 0, 0, 0);
    if (sets) /* with some flags a descriptor is the answer */
        installed(status >= 0, before);
    return status;
}

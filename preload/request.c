/* SPDX-License-Identifier: MIT */
#include "request.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "occasion.h"
#include "ouro/request.h"
#include "recorder.h"
#include "seccomp.h"

/* As the kernel takes it: the C library's sigaction() knows no such signal. */
struct kernel_action {
    void (*handler)(int, siginfo_t *, void *);
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};

#define FLAG_RESTORER 0x04000000ul

static struct kernel_action before;

/* Where a handler returns to on x86-64: rt_sigreturn. */
void ouro_request_return(void) __attribute__((visibility("hidden")));
__asm__(".text\n"
        ".type ouro_request_return, @function\n"
        ".hidden ouro_request_return\n"
        ".globl ouro_request_return\n"
        "ouro_request_return:\n"
        "    movq $15, %rax\n"
        "    syscall\n"
        ".size ouro_request_return, . - ouro_request_return\n");

/* Older C libraries have a handler there from the start, to cancel threads. */
static void hand_on(int number, siginfo_t *info, void *context)
{
    uintptr_t handler;
    memcpy(&handler, &before.handler, sizeof handler);
    if (handler != (uintptr_t)SIG_DFL && handler != (uintptr_t)SIG_IGN)
        before.handler(number, info, context);
}

static void on_request(int number, siginfo_t *info, void *context)
{
    int saved = errno;
    if (info->si_code != SI_QUEUE || info->si_value.sival_int != OURO_REQUEST_SNAPSHOT)
        hand_on(number, info, context);
    else if (!seccomp_forbidden(SECCOMP_RECORDING) && !recorder_borrowed())
        occasion_request();
    errno = saved;
}

void request_setup(void)
{
    const struct kernel_action action = {
        .handler = on_request,
        .flags = SA_SIGINFO | SA_RESTART | FLAG_RESTORER,
        .restorer = ouro_request_return,
    };
    syscall(SYS_rt_sigaction, OURO_REQUEST_SIGNAL, &action, &before, sizeof action.mask);
}

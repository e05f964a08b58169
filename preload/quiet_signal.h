/* SPDX-License-Identifier: MIT */
/*
 * Keeps a signal that a write of ours may raise (SIGPIPE, SIGXFSZ) away from the program: blocked
 * for the moment, and taken back if it came of us.
 */
#ifndef OURO_QUIET_SIGNAL_H
#define OURO_QUIET_SIGNAL_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>

struct quiet_signal {
    sigset_t ours, old;
    bool blocked, pending; /* pending: the program had one waiting already */
};

static inline void quiet_signal_block(int number, struct quiet_signal *quiet)
{
    sigset_t waiting;
    sigemptyset(&quiet->ours);
    sigaddset(&quiet->ours, number);
    quiet->pending = sigpending(&waiting) == 0 && sigismember(&waiting, number) == 1;
    quiet->blocked = pthread_sigmask(SIG_BLOCK, &quiet->ours, &quiet->old) == 0;
}

/* raised: our write failed in the way that raises the signal. errno is preserved. */
static inline void quiet_signal_restore(struct quiet_signal *quiet, bool raised)
{
    int saved = errno;
    if (!quiet->blocked)
        return;
    if (raised && !quiet->pending) {
        struct timespec none = {0, 0};
        sigtimedwait(&quiet->ours, NULL, &none);
    }
    pthread_sigmask(SIG_SETMASK, &quiet->old, NULL);
    errno = saved;
}

#endif

/* SPDX-License-Identifier: MIT */
/* Whether locks can be left out for the moment. */
#ifndef OURO_ALONE_H
#define OURO_ALONE_H

#include <stdbool.h>

/* glibc 2.32, <sys/single_threaded.h> */
extern char __libc_single_threaded __attribute__((weak));

/* No other thread is there. It stays so until the caller starts one. */
static inline bool alone(void)
{
    return &__libc_single_threaded && __libc_single_threaded;
}

#endif

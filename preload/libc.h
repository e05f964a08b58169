/* SPDX-License-Identifier: MIT */
/*
 * The interposed functions of libc: the ways out of a process (_exit, exec) and setlocale, which
 * every Python calls while it starts, also one in a library that was loaded late.
 */
#ifndef OURO_LIBC_H
#define OURO_LIBC_H

/* Finds the real functions. Once, in the constructor. */
void libc_resolve(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What resident.c (the program's side) leaves for resident_write.c (the copy's). Nobody else includes
 * this.
 */
#ifndef OURO_RESIDENT_STATE_H
#define OURO_RESIDENT_STATE_H

#include "private.h"
#include "resident.h"

#define RESIDENT_MAPPINGS (1u << 18) /* more than the kernel gives a process by default */
#define RESIDENT_STACKS 1024u
#define RESIDENT_PAGE 4096u

/* What a mapping is by itself; the first few are of the kernel's, the rest of the C library's. */
enum resident_place {
    PLACE_ANONYMOUS,
    PLACE_BREAK, /* "[heap]" */
    PLACE_STACK,
    PLACE_KERNEL,
    PLACE_SHARED,
    PLACE_FILE,
    PLACE_AFTER_FILE, /* anonymous, right behind a writable part of a file: variables without value */
};

struct resident_mapping {
    uintptr_t start, end;
    uint64_t resident, anonymous;     /* bytes; anonymous of a file: pages that were written to */
    uint64_t claimed;                 /* bytes, resident or not, that somebody claimed */
    uint64_t file;                    /* which, 0: none */
    uint8_t place;                    /* enum resident_place */
    bool readable, writable, private; /* readable: and no device */
};

struct resident_state {
    struct resident_mapping *mappings; /* ascending by address */
    uint32_t count;
    bool measured;
    uint64_t rss;       /* as the kernel tells it; bytes */
    uint64_t own_file;  /* the recorder's library */
    uintptr_t libc;     /* an address within the library whose malloc is used; 0: not glibc's */
    uint64_t cache_key; /* second word of a freed block that a thread keeps; 0: there are none */
    uintptr_t stacks[RESIDENT_STACKS]; /* an address in the uppermost page of each */
    /* Of other threads that are in a system call: its arguments, where buffers may be that nothing else
     * has the address of. Of use by standing here, in a variable (unreached.h). */
    uintptr_t arguments[RESIDENT_STACKS][6];
    uint32_t stack_count;
    uint32_t others; /* threads but the one that measures */
};

extern PRIVATE struct resident_state resident;

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What of a run can be compared with another one: figures under keys that do not depend on addresses,
 * process numbers, folders or hash seeds. Made from reports (digest_report.h) or read from a baseline
 * (baseline.h); several of one kind are joined into one. Plain data, sorted, in an arena of its own.
 */
#ifndef OURO_ANALYZER_DIGEST_H
#define OURO_ANALYZER_DIGEST_H

#include "structure/arena.h"

/* What a figure is about. In the order of reports, and of the lists of a baseline. */
enum digest_subject {
    DIGEST_TOTAL,   /* of the run: key one of digest_total_name() */
    DIGEST_CYCLE,   /* leaked cycles; key: signature; count: cycles */
    DIGEST_HELD,    /* leaked references; key: type; place: file and function */
    DIGEST_SUSPECT, /* what grows for as long as the program runs; key: signature */
    DIGEST_TEST,    /* what tests leak; key: name of the test; nothing: count 0 */
    DIGEST_ALIVE,   /* objects alive at the end; key: type; place: line */
    DIGEST_MADE,    /* objects allocated over the whole run; key: type; place: line */
    DIGEST_NATIVE,  /* native blocks alive at the end; key: C function and library; place: line */
    DIGEST_LEAK,    /* native leaks; key: C function and library; place: file and function */
    DIGEST_NATIVE_SUSPECT, /* native memory that grows; key: signature */
    DIGEST_TYPE,           /* objects alive at the end; key: type */
    DIGEST_HOLDER,         /* objects alive at the end; key: "type in holder" */
    DIGEST_RETAINED,       /* what an object keeps alive; key: path from a root */
    DIGEST_DUPLICATES, /* equal values; key: "type in holder"; bytes: that interning would save */
    DIGEST_COLLECTED,  /* freed by the cyclic collector; key: type */
    DIGEST_SUBJECTS
};

/* What is known of a run without a snapshot, and of any other; of native memory only where that was
 * recorded. */
#define DIGEST_OF_LEDGER (1u << DIGEST_TOTAL | 1u << DIGEST_MADE | 1u << DIGEST_COLLECTED)
#define DIGEST_OF_RUN ((1u << DIGEST_SUBJECTS) - 1)

/* Keys of DIGEST_TOTAL. */
enum digest_total {
    TOTAL_ALIVE,       /* at the snapshot at the end */
    TOTAL_PEAK,        /* highest point of the heap, of the process where it is highest */
    TOTAL_ALLOCATIONS, /* objects, over the whole run */
    TOTAL_COLLECTIONS, /* runs of the collector, all generations; bytes 0 */
    TOTAL_PROCESSES,   /* recorded; bytes 0 */
    TOTAL_NATIVE,      /* native blocks alive at the end, if they were recorded */
    DIGEST_TOTALS
};

/* A figure of several runs lies between these. Of one run they are equal. */
struct range {
    uint64_t low, high;
};

/* A line of source. */
struct digest_place {
    const char *file, *function; /* NULL: no place; "": no Python frame was there */
    uint32_t line;
    uint32_t first; /* line of the function's beginning */
};

/* The file of what importing modules makes, whoever imports them. */
#define DIGEST_IMPORTING "<importing>"

enum digest_flag {
    DIGEST_PENDING = 1u << 0,       /* cycles the collector will free in its course */
    DIGEST_UNCOLLECTABLE = 1u << 1, /* cycles it cannot free */
    DIGEST_RELEASED = 1u << 3,      /* a growth suspect that was let go when the program ended */
    DIGEST_LIBRARY = 1u << 2,       /* the place is in no code of the program */
};

struct digest_item {
    enum digest_subject subject;
    const char *key;
    struct digest_place place; /* part of the key only where enum digest_subject says so */
    struct range count, bytes;
    uint32_t flags;
    const char *detail; /* path of cycles; who holds what is alive; "" if nothing is known */
    const char *hint;   /* what to do about it; "" */
};

struct digest {
    struct digest_item *items; /* in the order of digest_compare() */
    uint32_t count, room;
    uint32_t runs;       /* that figures are ranges of; 0: nothing at all */
    const char *runtime; /* "cpython 3.12.1"; "" if runs or processes differ in it */
    uint64_t wall;       /* ns since 1970: the start of the run; 0: not known */
    struct digest_least {
        uint64_t count, bytes;
    } least[DIGEST_SUBJECTS]; /* items that are below both may not be listed */
    uint32_t known;           /* subjects that it tells of, 1 << subject each */
    bool damaged;             /* data of a run is damaged or inconsistent */
    bool sampled;             /* allocations are estimates */
    const char **notices;
    uint32_t notice_count;
    struct arena *arena;
};

/* Starts an empty digest. Returns 0, or -1 without memory; released by digest_free() either way. */
int digest_begin(struct digest *digest);
void digest_free(struct digest *digest);

/* Adds an item; its texts are copied. Returns false without memory. */
bool digest_add(struct digest *digest, const struct digest_item *item);

/* Adds a notice, a sentence. Returns false without memory. */
bool digest_notice(struct digest *digest, const char *text);

/* Sorts after the last digest_add(); items with the same key are added up. */
void digest_sort(struct digest *digest);

/* Orders items by subject, file, function, line, key, as far as they are part of the key. */
int digest_compare(const struct digest_item *left, const struct digest_item *right);

enum digest_join {
    /* Processes of one run: figures add up, but for the peak. What a process does not list is there
     * anything up to what is too small to be listed. */
    DIGEST_SUM,
    DIGEST_SPREAD, /* repeated runs: figures become ranges; what a run does not have is 0 there */
};

/* Joins sorted digests into a new one. Returns 0, or -1 without memory; released either way. */
int digest_join(const struct digest *parts, uint32_t count, enum digest_join how,
                struct digest *joined);

/* The item with a subject and key and no place, or NULL. */
const struct digest_item *digest_find(const struct digest *digest, enum digest_subject subject,
                                      const char *key);

/* The item with the same key as another one, or NULL. */
const struct digest_item *digest_find_like(const struct digest *digest,
                                           const struct digest_item *item);

/* Whether lines are part of the keys of a subject. */
bool digest_by_line(enum digest_subject subject);

/* "alive", "peak", …; "cycles", "alive", …: names in baselines and JSON. */
const char *digest_total_name(enum digest_total total);
const char *digest_subject_name(enum digest_subject subject);

#endif

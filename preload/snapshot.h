/* SPDX-License-Identifier: MIT */
/*
 * Snapshots: a silent copy of the process that writes its heap to the trace while the program goes
 * on. The core makes the copy and owns the stream (strings, types, objects, values, roots); the
 * runtime's adapter walks the heap in it (runtime.h: photograph).
 *
 * The copy is a child nobody waits for: made by clone() with no exit signal from a short-lived
 * helper, so the program's wait() never sees it. It closes every descriptor it does not need (a
 * pipe must not stay open because of it), ignores the terminal's signals, and ends by itself: done,
 * out of time, out of memory or by a fault, each with a SNAPSHOT_END that says so.
 */
#ifndef OURO_SNAPSHOT_H
#define OURO_SNAPSHOT_H

#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memory.h"
#include "ouro/trace.h"
#include "payload.h"

/*
 * Photographs the heap if the runtime is at a safe point. Returns after the copy was made
 * (milliseconds), not after it has written. errno is preserved. False: it was not the moment; what
 * will not change by trying again counts as done.
 */
bool snapshot_take(enum ouro_snapshot_reason reason);

/*
 * The same on request, of a process no thread of which is in the runtime; in a signal handler that
 * did not interrupt the recorder. False also if a thread came back into the runtime meanwhile.
 */
bool snapshot_take_idle(void);

/* What a copy tells the process at its end; in memory they share. */
struct snapshot_account {
    _Atomic uint32_t number;  /* of its snapshot; written last */
    _Atomic uint64_t cpu;     /* ns */
    _Atomic uint64_t objects; /* that it looked at */
};

/*
 * Photographs what a collection that is about to come will free, of the generations up to one, at the
 * birth of an object. Returns the snapshot's number and how long the program was held; 0: not done.
 */
uint32_t snapshot_take_collection(unsigned generation, struct snapshot_account *account,
                                  uint64_t *pause);

/* In a forked child: its snapshots count from 1, in a trace of their own. */
void snapshot_forked(void);

/* The rest is for the adapter, in the copy. */

/* An object before it is written. */
struct snapshot_object {
    uintptr_t address;
    uint32_t type; /* snapshot_type() */
    uint64_t size;
    uint64_t refcount;
    uint32_t flags; /* enum ouro_object_flag */
    uint32_t row;
    uint64_t birth; /* clock units; 0 not known */
};

struct snapshot_edge {
    uint32_t target; /* index */
    uint64_t label;  /* OURO_LABEL_* */
};

struct snapshot {
    uint32_t number;
    enum ouro_snapshot_reason reason;
    unsigned generation; /* of a collection: the oldest that is looked at */
    uint64_t examined;   /* likewise: objects that were */
    struct snapshot_account *account;
    uint32_t sequence;
    uint64_t epoch, clock, time, started;
    struct bump bump; /* all memory of the copy */
    struct payload head;
    /* The tables are private to snapshot.c. */
    struct snapshot_tables *tables;
    struct snapshot_values *values; /* private to snapshot_values.c */
    uint64_t objects, edges, bytes; /* written so far; bytes of what is not static */
    uint64_t unreadable;            /* of these, objects whose reading met a fault */
    struct {
        uint64_t used, room, slots;
    } interned;         /* the table of interned strings, all 0 if it was not found */
    uintptr_t stack;    /* the thread's stack ends there: what is below was left by earlier calls */
    sigjmp_buf recover; /* where a fault while reading an object leads to */
    volatile sig_atomic_t guarded;
};

/* Begins the stream with the collector's state in fields of enum ouro_snapshot_field. */
void snapshot_begin(struct snapshot *snapshot, const struct payload *fields);

/*
 * The index of the object at address; it is given one, and a place in the queue, when it is first
 * named. Out of memory ends the copy.
 */
uint32_t snapshot_index(struct snapshot *snapshot, uintptr_t address);
/* The same, UINT32_MAX when the object was not named so far. */
uint32_t snapshot_known(const struct snapshot *snapshot, uintptr_t address);
/* The address of an index, and how many there are. */
uintptr_t snapshot_address(const struct snapshot *snapshot, uint32_t index);
uint32_t snapshot_count(const struct snapshot *snapshot);

/* Marks kept per object by the adapter (8 bits), e.g. generation or "is a namespace". */
uint8_t *snapshot_marks(const struct snapshot *snapshot, uint32_t index);

uint32_t snapshot_string(struct snapshot *snapshot, const char *text, size_t length);

/* The identifier of a type, by the address of its type object; 0 when it is new. */
uint32_t snapshot_type_known(const struct snapshot *snapshot, uintptr_t type);
uint32_t snapshot_type(struct snapshot *snapshot, uintptr_t type, const char *name, uint32_t flags,
                       uint64_t basic_size, uint64_t item_size);

/* Writes the next object: indexes must come in ascending order without gaps. */
void snapshot_object(struct snapshot *snapshot, const struct snapshot_object *object,
                     const struct snapshot_edge *edges, size_t count);

/* A root before it is written; 0 in what there is nothing to say of. */
struct snapshot_root {
    enum ouro_root_kind kind;
    uint32_t flags; /* enum ouro_root_flag */
    uint32_t target;
    uint32_t name, function, file, thread; /* strings */
    uint32_t line;
};
void snapshot_root(struct snapshot *snapshot, const struct snapshot_root *root);

/* How many counted references to an object are known so far: edges and roots. */
uint32_t snapshot_references(const struct snapshot *snapshot, uint32_t index);

/*
 * A reference of an object that was written already; objects must come in ascending order.
 */
void snapshot_found(struct snapshot *snapshot, uint32_t index, uint32_t target, uint64_t label);

/* How many objects there is room for; nothing an adapter keeps needs more entries. */
size_t snapshot_limit(const struct snapshot *snapshot);

/* Ends the stream and the copy. */
void snapshot_end(struct snapshot *snapshot, enum ouro_snapshot_status status, const char *text)
    __attribute__((noreturn));

#endif

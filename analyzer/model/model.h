/* SPDX-License-Identifier: MIT */
/*
 * The model: a run as the analyses see it. Plain data, filled by the loader (load.c) from traces,
 * never changed afterwards. Structure of arrays, 32-bit identifiers, no runtime knowledge.
 *
 * Ownership: everything hangs off struct run and dies with run_free(). Strings are NUL-terminated
 * and escaped to valid UTF-8 by the loader (surrogates and stray bytes as \xNN); they live as long
 * as the run.
 */
#ifndef OURO_ANALYZER_MODEL_H
#define OURO_ANALYZER_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ouro/trace.h"
#include "structure/compact.h"
#include "structure/pair_counts.h"

#define NO_ID UINT32_MAX

/* References of a snapshot: their indexes are 32 bits wide. */
#define EDGES_MOST ((uint64_t)UINT32_MAX - 1)

#define DEATHS_BITS 2u    /* of a cause, in items of process.deaths */
#define LIFETIMES_BITS 6u /* of a bucket, in items of process.lifetimes */

/* Where code comes from; set by own_code_find(). */
enum code_origin {
    ORIGIN_STANDARD,  /* comes with the runtime, or only starts what is installed */
    ORIGIN_IMPORTING, /* the part of the runtime that imports */
    ORIGIN_INSTALLED,
    ORIGIN_STARTED, /* installed, in the package that is the program itself */
    ORIGIN_PROGRAM, /* a file of the programmer's, or a text that was executed */
};

struct function_info {
    const char *file;
    const char *name; /* qualified name */
    uint32_t first_line;
    uint8_t origin; /* enum code_origin */
};

/* A node of the calling-context tree. Site 0 is the root. */
struct site {
    uint32_t parent;
    uint32_t function; /* index into process.functions; 0 for the root */
    uint32_t line;     /* 0: not known */
    uint32_t offset;
    uint32_t flags; /* enum ouro_site_flag */
};

/*
 * A row of the ledger with its totals over the whole trace, in 1/process.unit. Row 0 is "not known".
 * Its lifetimes and the types of its dead are in lists of the process.
 */
struct row {
    uint32_t site;
    uint32_t flags; /* enum ouro_row_flag */
    uint64_t size;  /* bytes of each block, 0 when OURO_ROW_VARIABLE */
    uint64_t births, born_bytes;
    uint64_t deaths[3]; /* reference count, collector, shutdown */
    uint64_t died_bytes;
};

/* The end of an epoch. Live blocks and bytes, in 1/process.unit, contain blocks that the runtime keeps
 * in free lists and no row counts. */
struct epoch {
    uint64_t number, clock, time, live_blocks, live_bytes;
    uint64_t births;       /* in it, in 1/process.unit */
    size_t changes_end;    /* its changes end there, those of the epoch before where they begin */
    size_t native_end;     /* the same of native_changes */
    uint64_t native_clock; /* bytes of native memory allocated so far, in 1/OURO_SAMPLE_UNIT */
};

/* A run of the cyclic collector. */
struct collection {
    uint32_t generation;
    uint64_t start, pause;  /* ns since the start of the recording, ns; pause 0: not known */
    uint64_t objects;       /* collected, as the runtime counts them */
    uint64_t blocks, bytes; /* freed by it, in 1/process.unit */
    uint64_t clock;         /* at its end */
};

struct mark {
    uint64_t clock, time;
    const char *name;
};

struct child {
    uint64_t pid, time;
};

struct note {
    uint32_t code; /* enum ouro_note */
    uint64_t clock, time;
    const char *text;
};

struct type_info {
    const char *name;
    uint32_t flags; /* enum ouro_type_flag */
    uint64_t basic_size, item_size;
};

struct root {
    uint32_t kind;  /* enum ouro_root_kind */
    uint32_t flags; /* enum ouro_root_flag */
    uint32_t target;
    const char *name, *function, *file, *thread; /* "" when not given */
    uint32_t line;
};

/* A value that several objects have. */
struct value_info {
    uint32_t type;
    uint64_t length;
    unsigned char hash[16];
    uint32_t flags;      /* enum ouro_value_flag */
    const char *preview; /* escaped, printable; "" when withheld */
};

/* Bytes that an object could do without. */
struct spare {
    uint32_t object;
    uint32_t kind; /* enum ouro_spare_kind */
    uint64_t bytes;
    uint32_t detail;
};

/* Of the strings of a row that died, how many were looked at, and how many they stand for. */
struct sampled_row {
    uint32_t row;
    uint64_t samples, objects;
};

/* A value that was sampled more than once. */
struct sampled_value {
    uint32_t row;
    uint64_t samples, objects, length;
    uint32_t flags;      /* enum ouro_value_flag */
    const char *preview; /* escaped, printable; "" when withheld */
};

/* Memory of one kind: resident bytes, bytes in all, and in how many pieces, as the kind has it. */
struct memory_kind {
    uint64_t resident, extent, pieces;
};

/* The runtime's pools for blocks of one size: blocks in use, and those there is room for. */
struct memory_pools {
    uint64_t size, pools, used, room;
};

/* What the process's resident memory is made of; every resident page is of one kind. */
struct memory_use {
    bool known;
    uint64_t resident; /* by the kernel's count */
    uint64_t unnamed;  /* of kinds that this version does not know */
    struct memory_kind kinds[OURO_MEMORY_KINDS];
    uint32_t pool_count;
    struct memory_pools *pools;
};

/* A block of malloc that nothing leads to. */
struct unreached_block {
    uint64_t address, size; /* what malloc takes for it */
    uint64_t asked;         /* bytes asked for, where there is a stack */
    uint32_t stack;         /* process.native_stacks[stack − 1]; 0: not known */
};

/* One of them has an address within another one. */
struct unreached_lead {
    uint32_t from, to;
};

struct unreached {
    bool known;      /* it was looked for */
    uint32_t status; /* enum ouro_unreached_status */
    uint64_t
        threads; /* beside the one that took the snapshot: what only their registers held counts as
                         not reached */
    uint64_t searched, searched_bytes, blocks, bytes; /* of malloc; of these, not reached */
    uint32_t count, lead_count;
    struct unreached_block
        *list; /* ascending by address; fewer than blocks if these are too many */
    struct unreached_lead *leads; /* ascending by `from` */
};

struct gc_state {
    bool enabled, collecting;
    uint64_t debug;
    uint32_t generations; /* entries used below */
    uint64_t threshold[4], count[4], collections[4];
    uint64_t frozen, long_lived_total, long_lived_pending;
    uint64_t off_since; /* ns: a run was due and did not come; 0 not known, or it is on */
};

struct snapshot {
    uint32_t number;
    uint32_t reason; /* enum ouro_snapshot_reason */
    uint64_t clock, time, epoch, pause, duration;
    uint32_t status; /* enum ouro_snapshot_status; meaningless unless whole */
    bool whole;      /* its END chunk is there and every chunk between was read */
    bool loaded;     /* the objects and all that follows is here; else it is empty */
    /* Of the whole snapshot, also where it is not loaded: then as its end says, UINT64_MAX if not. */
    uint64_t objects, edges, bytes;
    uint64_t examined; /* of a collection: objects of the generations looked at */
    uint64_t cpu;      /* ns that the copy computed; 0 not known */
    const char *text;
    uint32_t threads;
    struct gc_state gc;
    struct {
        uint64_t used, room, slots;
    } interned; /* the table of interned strings; slots 0: not known */
    struct memory_use memory;
    struct unreached unreached;

    uint32_t type_count; /* types[1 … type_count] */
    struct type_info *types;
    uint32_t string_count; /* strings[0 … string_count], strings[0] is "" */
    const char **strings;

    uint32_t object_count;
    uint64_t *address;
    uint32_t *type;
    struct compact size; /* object_size() */
    uint32_t *refcount;
    uint16_t *flags;
    uint32_t *row;
    struct compact birth; /* in units of the clock: object_birth() */
    uint32_t *edge_first; /* object_count + 1 entries */
    uint64_t edge_count;  /* at most EDGES_MOST */
    uint32_t *edge_target;
    uint32_t *edge_label; /* OURO_LABEL_*: kind | flags | payload << OURO_LABEL_SHIFT */

    uint32_t found_count; /* of the edges: OURO_CHUNK_SNAPSHOT_FOUND without a name: only likely */
    uint32_t *found_target;

    uint32_t root_count;
    struct root *roots;

    uint32_t value_count; /* values[1 … value_count] */
    struct value_info *values;
    uint32_t member_count; /* objects that have one of the values, ascending by object */
    uint32_t *member_object;
    uint32_t *member_value;

    uint32_t spare_count;
    struct spare *spares; /* ascending by object */
};

/* A program or library of the process, by its code in memory. */
struct module_info {
    uint64_t bias, start, end;
    const char *path; /* as it is, to open */
    const char *name; /* the same, printable */
    unsigned char build_id[64];
    uint32_t build_id_size;
};

/* In units of 1/OURO_SAMPLE_UNIT. */
struct native_counts {
    uint64_t births, bytes, deaths, dead_bytes;
};

struct native_stack {
    uint32_t site;         /* the runtime's stack, 0: none */
    uint32_t first, count; /* addresses, the innermost first */
    uint32_t kind;         /* enum ouro_native_kind */
    struct native_counts counts;
};

struct process {
    const char *file; /* name of the trace in the run */
    const char *path; /* to open the trace once more: as it is, not for output */
    uint64_t pid, parent_pid, wall, start_clock, sample;
    const char *runtime, *runtime_version, *build, *executable, *directory, *parent_trace, *shim;
    uint32_t origin; /* enum ouro_origin */
    uint32_t flags;  /* enum ouro_process_flag */
    uint32_t argument_count;
    const char **arguments;

    uint32_t string_count;
    const char **strings; /* strings[0] is "" */
    uint32_t function_count;
    struct function_info *functions; /* [1 … function_count] */
    uint32_t site_count;
    struct site *sites; /* [0 … site_count] */
    uint32_t row_count;
    struct row *rows; /* [0 … row_count] */
    /*
     * Counts and bytes of rows, epochs and collections are in 1/unit: 1, or OURO_SAMPLE_UNIT when
     * allocations are sampled and all of them are estimates. Add first, divide last.
     */
    uint32_t unit;
    uint32_t type_count;
    const char **types; /* of the dead, [1 … type_count]; 0: not known */
    /*
     * Of each row, in 1/unit: deaths by type and cause (type << DEATHS_BITS | cause), those of them
     * whose birth is known by type and bucket (type << LIFETIMES_BITS | bucket), and as how many of a
     * type were named (type); more than deaths says where a type was named an epoch after.
     */
    struct item_lists deaths, lifetimes, named;
    uint32_t epoch_count;
    struct epoch *epochs;
    unsigned char *changes;        /* what each epoch changed: model/epoch_changes.h */
    unsigned char *native_changes; /* the same of native stacks */
    uint32_t collection_count;
    struct collection *collections;
    uint32_t mark_count;
    struct mark *marks;
    uint32_t child_count;
    struct child *children;
    uint64_t sampled_every; /* mean bytes between samples of values; 0: there are none */
    uint32_t sampled_row_count, sampled_value_count;
    struct sampled_row *sampled_rows;
    struct sampled_value *sampled_values;
    uint64_t
        native_sample; /* mean bytes between samples of native blocks, 1: all; 0: not recorded */
    uint32_t module_count, native_count, native_address_count;
    struct module_info *modules;
    struct native_stack *native_stacks;
    uint64_t *native_addresses;
    uint64_t life_count; /* lives recorded one by one: they stay in the trace */
    uint32_t note_count;
    struct note *notes;
    uint32_t snapshot_count;
    struct snapshot *snapshots; /* of the heap, ascending by number */
    uint32_t shape_count;
    uint64_t shapes_limit;   /* millionths of the run's time that looking at them may take */
    uint64_t shapes_spent;   /* ns that it took; 0 not known */
    struct snapshot *shapes; /* of what collections were about to free; never loaded */

    bool ended; /* an END chunk is there */
    uint32_t end_reason;
    bool exit_status_known;
    int exit_status;
    uint64_t end_births, end_deaths; /* in 1/unit */
    uint64_t end_unknown_frees, end_clock, end_time, peak_rss, own_bytes;

    /* What could not be read. */
    bool truncated;             /* the file ends inside a chunk */
    uint64_t bytes, bytes_used; /* of the file; in whole, valid chunks */
    uint64_t chunks, chunks_unknown, chunks_damaged, chunks_missing;
    const char *damage; /* what the first damaged chunk is and where, for experts; "" if none */
};

struct run {
    const char *path;
    uint32_t process_count;
    struct process *processes; /* parents before children, then by start */
    uint32_t problem_count;    /* traces of the folder that could not be read at all */
    const char **problems;     /* one line each, naming the file */
    struct arena *arena;       /* owns every byte above */
};

/* Bytes of the heap blocks that an object owns; no part of the heap where it is OURO_OBJECT_STATIC. */
static inline uint64_t object_size(const struct snapshot *snapshot, uint32_t object)
{
    return compact_get(&snapshot->size, object);
}

/* Whether it is no object but memory that C code has from malloc. */
static inline bool object_is_native(const struct snapshot *snapshot, uint32_t object)
{
    uint32_t type = snapshot->type[object];
    return type && snapshot->types[type].flags & OURO_TYPE_NATIVE;
}

/* The allocation clock at the birth of an object, in bytes; 0: not known. */
static inline uint64_t object_birth(const struct snapshot *snapshot, uint32_t object)
{
    return compact_get(&snapshot->birth, object) * OURO_CLOCK_UNIT;
}

/* The snapshot that was chosen when the run was opened, if it is whole; else NULL. */
const struct snapshot *process_last_snapshot(const struct process *process);

/* Line and function of the innermost frame of a site; strings "" and 0 for the root. */
void site_place(const struct process *process, uint32_t site, const char **file, uint32_t *line,
                const char **function);

void run_free(struct run *run);

#endif

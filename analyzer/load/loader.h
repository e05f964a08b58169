/* SPDX-License-Identifier: MIT */
/*
 * Private to the loader: the state while one trace is read, shared by load_trace.c (chunks and their
 * order), load_process.c, load_epoch.c, load_deaths.c and load_event.c (stream 0), load_snapshot.c (snapshots) and
 * load_objects.c (their columns).
 *
 * Memory is bounded by what the file really holds: every count is checked against the bytes that are
 * there before anything is allocated for it, arrays grow by half, and the whole model of a trace stays
 * below load_memory_most().
 */
#ifndef OURO_ANALYZER_LOADER_H
#define OURO_ANALYZER_LOADER_H

#include "load/load.h"
#include "model/model.h"
#include "structure/arena.h"
#include "structure/sparse.h"
#include "trace/chunk_reader.h"
#include "trace/cursor.h"

/* Snapshots are numbered from 1 to this. */
#define SNAPSHOT_NUMBER_MAX ((uint32_t)1 << 20)

enum load_status {
    LOAD_OK,
    LOAD_DAMAGED, /* the chunk breaks the format; what was read before that stays */
    LOAD_UNKNOWN, /* not a chunk that this version knows */
    LOAD_MEMORY,  /* no memory, or the bound is reached */
};

/* One snapshot being loaded; rooms are the items allocated for the model's arrays. */
struct snapshot_load {
    struct snapshot model;
    uint32_t next_sequence;
    bool wanted; /* its objects are, too */
    bool begun, ended;
    const char *broken; /* the first thing that is wrong with it, or NULL */
    uint32_t type_room, string_room, object_room, root_room, value_room, member_room, spare_room;
    uint32_t unreached_room, lead_room;
    uint64_t unreached_bytes;       /* of the blocks so far */
    uint32_t size_room, birth_room; /* of the numbers that are far */
    size_t edge_room;
    uint64_t max_target, max_row, max_member, max_root; /* largest seen, for checks at the end */
    uint64_t end_objects, end_edges;                    /* UINT64_MAX: not said */
    struct found_edge *found; /* edges that go behind those of their objects, ascending by object */
    uint32_t found_count, found_room;
};

/* The deaths of one type in one record of an epoch, and those not yet shared out. */
struct load_share {
    uint32_t type;
    uint64_t deaths, left;
};

struct found_edge {
    uint32_t object, target, label;
};

struct loader {
    struct arena *arena;
    struct process *process;
    uint32_t string_room, function_room, site_room, row_room, type_room, epoch_room, note_room,
        module_room, native_room, address_room, argument_room, collection_room, mark_room,
        child_room;
    struct pair_counts lifetimes, deaths, named; /* what will be those of the process */
    struct load_share *shares; /* of one record: a type each, the first for what is not known */
    uint64_t *weights, *parts; /* as many */
    uint32_t share_room, weight_room, part_room;
    size_t change_bytes, change_room;         /* of process.changes */
    uint32_t change_row;                      /* the last row in the changes of the present epoch */
    size_t native_bytes, native_changes_room; /* of process.native_changes */
    uint64_t native_clock;                    /* bytes allocated so far, in 1/OURO_SAMPLE_UNIT */
    uint64_t hole_budget;    /* definitions that may still be made up for lost ones */
    uint32_t next_sequence;  /* of stream 0 */
    struct sparse snapshots; /* pointers to struct snapshot_load by number */
    const uint32_t *wanted;  /* numbers of snapshots to load, ascending … */
    uint32_t wanted_count;   /* … so many */
    bool snapshots_only;     /* the process is known already, and none of its business */
    uint64_t newer;          /* the version of a trace that is too new */
    const char *detail;      /* what about the present chunk is not valid, or NULL */
};

/*
 * Reads the trace at path into *process (zeroed by the caller), which refers to memory of the arena.
 * Returns false with one line in error when nothing can be made of the file.
 */
bool load_trace(struct arena *arena, const char *path, const char *name,
                struct snapshot_choice choice, struct process *process, char *error,
                size_t error_size);

/* Stream 0: PROCESS, which is the first chunk, and all others. */
enum load_status load_process_header(struct loader *loader, struct cursor *c);
enum load_status load_process_chunk(struct loader *loader, uint16_t type, struct cursor *c);

/* OURO_CHUNK_EPOCH; then, when all are read, the lists that are made of them. */
enum load_status load_epoch(struct loader *loader, struct cursor *c);
bool load_epochs_finish(struct loader *loader);
/* How the deaths of one record of it go together; false: no memory. */
struct epoch_record;
bool load_deaths(struct loader *loader, uint32_t row, const struct epoch_record *record);
/* Chunks that tell of something that happened: runs of the collector, notes, marks, children,
 * snapshots. */
enum load_status load_event(struct loader *loader, uint16_t type, struct cursor *c);
/* OURO_CHUNK_VALUE_SAMPLES. */
enum load_status load_value_samples(struct loader *loader, struct cursor *c);
/* OURO_CHUNK_MODULES, _NATIVE_STACKS, _NATIVE_KINDS and _NATIVE. */
enum load_status load_native(struct loader *loader, uint16_t type, struct cursor *c);
/* OURO_CHUNK_LIVES: only checked, they are read when they are wanted (trace/lives.h). */
enum load_status load_lives(struct loader *loader, struct cursor *c);

/* The snapshot of a number, made on first use; NULL: no memory. number is 1 … SNAPSHOT_NUMBER_MAX. */
struct snapshot_load *load_snapshot_get(struct loader *loader, uint32_t number);
enum load_status load_snapshot_chunk(struct loader *loader, struct snapshot_load *load,
                                     uint16_t type, struct cursor *c);
/* OURO_CHUNK_SNAPSHOT_OBJECTS and _EDGES. */
enum load_status load_objects(struct loader *loader, struct snapshot_load *load, struct cursor *c);
enum load_status load_more_edges(struct loader *loader, struct snapshot_load *load,
                                 struct cursor *c);
/* OURO_CHUNK_SNAPSHOT_FOUND; then, when all objects are read, their place among the edges. */
enum load_status load_found(struct loader *loader, struct snapshot_load *load, struct cursor *c);
bool load_found_finish(struct loader *loader, struct snapshot_load *load);
/* OURO_CHUNK_SNAPSHOT_MEMORY. */
enum load_status load_memory(struct loader *loader, struct snapshot_load *load, struct cursor *c);
/* OURO_CHUNK_SNAPSHOT_UNREACHED and _UNREACHED_BLOCKS. */
enum load_status load_unreached(struct loader *loader, struct snapshot_load *load, uint16_t type,
                                struct cursor *c);

/* OURO_CHUNK_SNAPSHOT_SPARE. */
enum load_status load_spare(struct loader *loader, struct snapshot_load *load, struct cursor *c);
/* Edges that may still be added. */
uint64_t load_edges_most(const struct snapshot_load *load);
/* Room for as many more edges; false: no memory. */
bool load_reserve_edges(struct loader *loader, struct snapshot_load *load, uint64_t count);
/* Whether a label's payload is a string of the snapshot. */
bool load_label_names(uint32_t label);
/* Drops edges that lead nowhere, then gives back the memory that was allocated ahead. */
void load_objects_finish(struct loader *loader, struct snapshot_load *load);
/* Checks what can only be checked at the end and moves the snapshots into the process. The table of
 * snapshots is empty before the first is met, and the caller's to release. */
bool load_snapshots_finish(struct loader *loader);

/*
 * Makes *items hold at least need items of size bytes, growing by half at least; false: no memory.
 * After a failure the loader must give up, but nothing leaks: the arena has it all.
 */
bool load_grow(struct loader *loader, void *items, uint32_t *room, uint64_t need, size_t size);

/* Reads what is left of a file. LOAD_OK, LOAD_MEMORY, or LOAD_DAMAGED: the system failed. */
enum load_status load_chunks(struct loader *loader, struct chunk_reader *reader);

/* Bytes that the model of a file of that size may take. */
size_t load_memory_most(uint64_t size);

/* Says why there is no memory. */
void load_no_memory(const struct arena *arena, const char *path, char *error, size_t error_size);

/* Whether the objects of a snapshot are wanted. */
bool load_wants(const struct loader *loader, uint32_t number);

/* Gives back what *items has room for beyond count. */
void load_shrink(struct loader *loader, void *items, uint64_t count, size_t size);

/* { varint length, bytes } as escaped text; NULL: no memory. A failed cursor gives "". */
const char *load_text(struct loader *loader, struct cursor *c);

/*
 * Tells how count definitions that start with first_id follow the `have` that are there: how many
 * were lost in between. False: they overlap, leave a gap larger than the file can explain, or are
 * more than identifiers can number.
 */
bool load_gap(struct loader *loader, uint64_t first_id, uint32_t count, uint32_t have,
              uint32_t *lost);

#endif

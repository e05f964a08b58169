/* SPDX-License-Identifier: MIT */
/*
 * A run as a profile: what was allocated, what is in use, what leaked and what the peak was made of,
 * by call stack and type. What pprof, speedscope and flame graphs are written from, so that all of
 * them have the same figures, and these are the report's:
 *
 *   alloc   everything allocated since the start, plain memory of the runtime (tables of dicts, items
 *           of lists) included as a type of its own: churn.allocations + churn.plain_allocations
 *   inuse   the heap of the snapshot: an object with all blocks it owns. Without a snapshot what the
 *           ledger has alive at the end
 *   leaked  dead objects in and below cycles that are not pending; nothing without a snapshot
 *   peak    the heap at the end of the epoch where it was largest, blocks in free lists of the runtime
 *           included
 *
 * Native memory is a profile of its own, with alloc and inuse (at the end) alone, by mixed stack.
 *
 * In a sampled run allocations and the peak are estimates. The snapshot is exact, but only objects in
 * the sample have a call stack: what a type has is shared out as these say it.
 */
#ifndef OURO_ANALYZER_PROFILE_H
#define OURO_ANALYZER_PROFILE_H

#include "export/export.h"
#include "report/report.h"

enum measure {
    ALLOC_OBJECTS,
    ALLOC_SPACE,
    INUSE_OBJECTS,
    INUSE_SPACE,
    LEAKED_OBJECTS,
    LEAKED_SPACE,
    PEAK_OBJECTS,
    PEAK_SPACE,
    MEASURES
};

struct measure_info {
    const char *name;  /* "alloc_objects", … */
    const char *title; /* for people */
    bool bytes;        /* else objects */
};
extern const struct measure_info measure_infos[MEASURES];

/* A line of a function that is in a call stack, or what stands where there is no such line. */
struct profile_frame {
    uint32_t function; /* of the process, or beyond: native; 0: it stands for something else */
    uint32_t line;     /* 0: not known */
    const char *name, *file; /* file "": it has none */
};

/* Numbers of the frames that stand for something else. */
enum {
    FRAME_NO_PYTHON,  /* no frame was there, or the block is older than the recording */
    FRAME_FOLDED,     /* more levels of the recursion that the frame above it (callee) is in */
    FRAME_FREE_LISTS, /* no object: blocks that the runtime keeps for later */
    FRAME_FIRST       /* the first that is a line */
};

struct profile_sample {
    uint32_t site; /* the one that stands for all it is merged with */
    bool resting;  /* blocks in free lists */
    const char *type;
    uint64_t values[MEASURES];
    const uint32_t *stack; /* of native memory: its frames, the innermost first; else NULL */
    uint32_t depth;
};

struct profile {
    const struct process *process;
    bool native;
    const struct measure_info *measures;
    uint32_t measure_count; /* the first of enum measure */
    struct profile_frame *frames;
    uint32_t frame_count;
    uint32_t function_count; /* the highest number of a frame's function */
    uint32_t *frame_of;      /* site → frame */
    /* Call stacks that begin alike stand together; within one by type. None is all zero. */
    struct profile_sample *samples;
    uint32_t sample_count;
    uint64_t totals[MEASURES];
    uint32_t *stack; /* room for the deepest one */
    struct arena *arena;
};

/* The report is that of report_build_profile(), and must outlive the profile. Returns 0, or -1 without
 * memory; released by profile_free() either way. */
int profile_make(const struct report *report, struct profile *profile);
void profile_free(struct profile *profile);

/* The same of native memory; the report is that of report_build_native(). */
int profile_make_native(const struct report *report, struct profile *profile);

/*
 * Builds the report that a request asks for, and the profile. Returns 0, or -1 with one line in error;
 * both are to be released either way.
 */
int profile_of_request(const struct export_request *request, struct report *report,
                       struct profile *profile, char *error, size_t error_size);

/* The parts that both kinds of profiles share: numbers the frames of all sites, and measures the deepest
 * stack. False: no memory. */
bool profile_frames_make(const struct report *report, struct profile *profile);

/* The call stack of a sample as numbers of frames, the innermost first; valid until the next call. At
 * least one. */
const uint32_t *profile_stack(const struct profile *profile, const struct profile_sample *sample,
                              uint32_t *depth);

/* The command line of a process, or its executable where that is not known; to be released with free().
 * NULL: no memory. */
char *profile_command(const struct process *process);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The trace format, version 1: chunk types, record layouts and enumerations.
 *
 * This header is the machine-readable half of docs/trace-format.md, which is normative. It is the
 * only thing the shim (writer) and the analyzer (reader) share; it knows no runtime.
 *
 * All integers are little-endian. "varint" is unsigned LEB128 of at most 64 bits, "svarint" the
 * same after zigzag (include/ouro/varint.h). Sizes are bytes, times nanoseconds, the allocation
 * clock is bytes allocated so far.
 */
#ifndef OURO_TRACE_H
#define OURO_TRACE_H

#include <stdint.h>

#define OURO_TRACE_MAGIC 0x4f52554fu /* the bytes "OURO" */
#define OURO_TRACE_VERSION 1u
#define OURO_TRACE_SUFFIX ".trace"

/* Bounds a reader may rely on and must enforce. */
#define OURO_CHUNK_MAX (64u << 20) /* stored_size and raw_size of one chunk */

/* Every chunk starts with this header; the payload of stored_size bytes follows it. */
struct ouro_chunk_header {
    uint32_t magic;       /* OURO_TRACE_MAGIC */
    uint16_t type;        /* enum ouro_chunk */
    uint16_t flags;       /* enum ouro_chunk_flag */
    uint32_t stored_size; /* payload bytes in the file */
    uint32_t raw_size;    /* payload bytes after decompression */
    uint32_t stream;      /* 0: the process; n: its snapshot number n */
    uint32_t sequence;    /* 0, 1, … within the stream: a gap is a lost chunk */
    uint64_t checksum;    /* XXH3_64(payload as stored, seed = XXH3_64(first 24 header bytes)) */
};
_Static_assert(sizeof(struct ouro_chunk_header) == 32, "the header is 32 bytes on disk");

enum ouro_chunk_flag {
    OURO_CHUNK_ZSTD = 1u << 0, /* payload is one zstd frame of raw_size bytes */
};

enum ouro_chunk {
    /* stream 0: the process */
    OURO_CHUNK_PROCESS = 1,    /* tagged fields, enum ouro_process_field; first chunk of a file */
    OURO_CHUNK_STRINGS = 2,    /* string table */
    OURO_CHUNK_FUNCTIONS = 3,  /* function table */
    OURO_CHUNK_SITES = 4,      /* calling-context tree */
    OURO_CHUNK_ROWS = 5,       /* (site, size, domain) counters: the rows of the ledger */
    OURO_CHUNK_TYPES = 6,      /* types seen at death or creation by the ledger */
    OURO_CHUNK_EPOCH = 7,      /* changes of the rows since the previous epoch */
    OURO_CHUNK_COLLECTION = 8, /* runs of the cyclic collector */
    OURO_CHUNK_NOTE = 9,       /* something degraded or noteworthy */
    OURO_CHUNK_MARK = 10,      /* a named instant */
    OURO_CHUNK_CHILD = 11,     /* a child process was started */
    OURO_CHUNK_END = 12,       /* the process ended in an orderly way */
    OURO_CHUNK_LIVES = 13,     /* one record per object life */
    OURO_CHUNK_SNAPSHOT_TAKEN = 14, /* the program's side of a snapshot: its pause */
    OURO_CHUNK_FOLDED = 15, /* varint count, count × varint site: OURO_SITE_FOLDED from now on */
    /*
     * Samples of strings that died: varint mean bytes between samples, varint count, count × { varint
     * row, varint samples, varint objects that they stand for }, varint count, count × { varint row,
     * varint samples, varint objects, varint length, varint flags (enum ouro_value_flag), varint
     * preview length, preview bytes }: values that were sampled twice at least.
     */
    OURO_CHUNK_VALUE_SAMPLES = 16,
    /*
     * Native memory. MODULES: varint first, varint count, count × { varint bias, varint start, varint
     * end, path, build id, each { varint length, bytes } }. NATIVE_STACKS: varint first, varint count,
     * count × { varint site, varint n, n × svarint address − previous address }, the innermost first,
     * each an address within the call. NATIVE: varint clock, varint time, varint count, count × { varint
     * stack − previous stack, varint births, bytes, deaths, bytes of the dead }: the stack's totals so
     * far, in 1/OURO_SAMPLE_UNIT. NATIVE_KINDS: varint count, count × { varint stack − previous stack,
     * varint kind (enum ouro_native_kind) }: of stacks so far whose blocks are not malloc's.
     */
    OURO_CHUNK_MODULES = 17,
    OURO_CHUNK_NATIVE_STACKS = 18,
    OURO_CHUNK_NATIVE = 19,
    OURO_CHUNK_NATIVE_KINDS = 20,
    /* stream n: snapshot n */
    OURO_CHUNK_SNAPSHOT_BEGIN = 32,   /* tagged fields, enum ouro_snapshot_field */
    OURO_CHUNK_SNAPSHOT_STRINGS = 33, /* string table of the snapshot */
    OURO_CHUNK_SNAPSHOT_TYPES = 34,
    OURO_CHUNK_SNAPSHOT_OBJECTS = 35,   /* columns: objects and their edges */
    OURO_CHUNK_SNAPSHOT_ROOTS = 36,     /* named roots */
    OURO_CHUNK_SNAPSHOT_VALUES = 37,    /* values that more than one object has */
    OURO_CHUNK_SNAPSHOT_MEMBERS = 38,   /* which objects have them */
    OURO_CHUNK_SNAPSHOT_END = 39,       /* tagged fields, enum ouro_snapshot_end_field */
    OURO_CHUNK_SNAPSHOT_EDGES = 40,     /* columns: further edges of the object before them */
    OURO_CHUNK_SNAPSHOT_FOUND = 41,     /* edges found at the end, behind those of their objects */
    OURO_CHUNK_SNAPSHOT_SPARE = 42,     /* what objects could do without */
    OURO_CHUNK_SNAPSHOT_MEMORY = 43,    /* what resident memory is made of */
    OURO_CHUNK_SNAPSHOT_UNREACHED = 44, /* how much of malloc's memory nothing leads to */
    OURO_CHUNK_SNAPSHOT_UNREACHED_BLOCKS = 45,
};

/* What the blocks of a native stack are. */
enum ouro_native_kind {
    OURO_NATIVE_MALLOC = 0,  /* from malloc and its kin */
    OURO_NATIVE_MAPPING = 1, /* mapped by the program or a library: anonymous memory */
    OURO_NATIVE_FILE = 2,    /* or a file */
    OURO_NATIVE_ARENA = 3,   /* mapped by the runtime: the blocks within are in the ledger */
    OURO_NATIVE_KINDS,
};

/*
 * Tagged fields: repeated { varint field, varint length, length bytes }. Integers are 8 bytes
 * little-endian, strings are bytes (UTF-8 as a rule, not guaranteed). Unknown fields are skipped.
 */
enum ouro_process_field {
    OURO_PROCESS_VERSION = 1,         /* int: OURO_TRACE_VERSION; the first field */
    OURO_PROCESS_PID = 2,             /* int */
    OURO_PROCESS_PARENT_PID = 3,      /* int */
    OURO_PROCESS_WALL = 4,            /* int: CLOCK_REALTIME at the start of recording (of a forked
                                         child: when fork() was called), ns */
    OURO_PROCESS_RUNTIME = 5,         /* string: "cpython" */
    OURO_PROCESS_RUNTIME_VERSION = 6, /* string: "3.11.2" */
    OURO_PROCESS_BUILD = 7,           /* string: the runtime's full build description, one line */
    OURO_PROCESS_EXECUTABLE = 8,      /* string: path */
    OURO_PROCESS_DIRECTORY = 9,       /* string: working directory */
    OURO_PROCESS_ARGUMENT = 10,       /* string, repeated, in order */
    OURO_PROCESS_PARENT_TRACE = 11,   /* string: file name of the parent's trace in the same run */
    OURO_PROCESS_ORIGIN = 12,         /* int: enum ouro_origin */
    OURO_PROCESS_FLAGS = 13,          /* int: enum ouro_process_flag */
    OURO_PROCESS_SAMPLE = 14, /* int: mean bytes between samples; 0 or absent: every block */
    OURO_PROCESS_SHIM = 15,   /* string: version of the shim */
    OURO_PROCESS_CLOCK =
        16, /* int: the allocation clock at the start (a forked child's is not 0) */
    OURO_PROCESS_NATIVE = 18, /* int: mean bytes between samples of native blocks, 1: every block; 0
                                 or absent: native memory is not recorded */
    OURO_PROCESS_GC_SHAPES = 17, /* int: collections are looked at before they run, for at most so
                                    many millionths of the run's time; 0 or absent: they are not */
};

enum ouro_origin {
    OURO_ORIGIN_EXEC = 0, /* the program was started (exec) */
    OURO_ORIGIN_FORK = 1, /* the program forked: counters start with the blocks inherited */
};

enum ouro_process_flag {
    OURO_PROCESS_NO_VALUES = 1u << 0,     /* hashes are keyed, no previews, no data keys */
    OURO_PROCESS_FREE_THREADED = 1u << 1, /* the runtime runs without a global lock */
    OURO_PROCESS_APPROXIMATE = 1u << 2,   /* blocks recycled by free lists keep their first birth */
    OURO_PROCESS_LIVES = 1u << 3,         /* every life is in a LIVES chunk */
    OURO_PROCESS_NUMBERS = 1u << 4,       /* int and float are followed through free lists, too */
};

/*
 * With OURO_PROCESS_SAMPLE = R a block of S bytes is recorded with probability 1 − e^(−S/R) and
 * counts 1 / (1 − e^(−S/R)) times, in units of 1/1024: all counts and bytes of EPOCH, and the
 * births and deaths of END, are then 1024ths. The expectation of every sum is the exact sum. Only
 * lifetimes count each recorded block as 1.
 */
#define OURO_SAMPLE_UNIT 1024u

/*
 * STRINGS, SNAPSHOT_STRINGS: varint first_id, varint count, count × { varint length, bytes }.
 * FUNCTIONS:  varint first_id, varint count, count × { file string, name string, first line }.
 * SITES:      varint first_id, varint count, count × { parent site, function, line, offset, flags }.
 * ROWS:       varint first_id, varint count, count × { site, size, flags }.
 * TYPES:      varint first_id, varint count, count × { name string }.
 * Every item is a varint. Identifiers are dense and start at 1; string 0 is "", site 0 the root
 * (no frame of the runtime), row 0 "not known". A parent's id is below its child's.
 */
enum ouro_site_flag {
    OURO_SITE_LINE_APPROXIMATE = 1u << 0, /* the line may lag (just-in-time compiled code) */
    OURO_SITE_FOLDED = 1u << 1,           /* recursion was folded into this site */
};

enum ouro_row_flag {
    OURO_ROW_OBJECT = 1u << 0,   /* the object domain (else: plain memory of the runtime) */
    OURO_ROW_VARIABLE = 1u << 1, /* blocks of different sizes: bytes are counted, size is 0 */
};

/*
 * EPOCH: varint number, clock, time (ns since OURO_PROCESS_WALL), live blocks, live bytes, count,
 * then count records in ascending row order: { varint row − previous row, varint mask, the fields
 * whose bit is set, in bit order }. Counters are increments since the previous epoch.
 */
enum ouro_epoch_field {
    OURO_EPOCH_BIRTHS = 1u << 0,
    OURO_EPOCH_BORN_BYTES = 1u << 1, /* only rows with OURO_ROW_VARIABLE */
    OURO_EPOCH_DEATHS_REFCOUNT = 1u << 2,
    OURO_EPOCH_DEATHS_COLLECTOR = 1u << 3,
    OURO_EPOCH_DEATHS_SHUTDOWN = 1u << 4,
    OURO_EPOCH_DIED_BYTES = 1u << 5, /* only rows with OURO_ROW_VARIABLE */
    OURO_EPOCH_LIFETIMES = 1u << 6, /* varint n, n × { bucket, count }: bucket b holds lifetimes in
                                       [2^(b-1), 2^b) clock units of 256 bytes; 0: below one unit */
    OURO_EPOCH_TYPES = 1u << 7,     /* varint n, n × { type, deaths } */
};
#define OURO_EPOCH_FIELDS 0xffu
#define OURO_CLOCK_UNIT 256u /* births in the live table and lifetimes are in this unit */
#define OURO_LIFETIME_BUCKETS 40u

/* NOTE: varint code (enum ouro_note), clock, time, then the text to the end of the payload. */
enum ouro_note {
    OURO_NOTE_TRACER_LOST = 1,     /* another tracer took the runtime's only slot */
    OURO_NOTE_SNAPSHOT_FAILED = 2, /* text says why */
    OURO_NOTE_LIMIT = 3,           /* a table reached its bound; text says which */
    OURO_NOTE_OTHER = 15,
};

/*
 * COLLECTION: varint count, count × { varint generation, start (ns since OURO_PROCESS_WALL), pause
 * (ns; 0: not known), objects the collector says it freed, blocks and bytes freed meanwhile, clock
 * at its end }.
 */

/*
 * LIVES: varint count, then the columns of enum ouro_life_column, in order, each { varint byte
 * length, bytes }: one entry per life that ended, in order of death per thread; lives that had not
 * ended when the process did come last, with cause OURO_LIFE_ALIVE. Times are in clock units of
 * 256 bytes.
 */
enum ouro_life_column {
    OURO_LIFE_ROW,   /* svarint: difference to the previous life's row */
    OURO_LIFE_TYPE,  /* varint: type, 0 not known (always for plain memory) */
    OURO_LIFE_SIZE,  /* varint: only of rows with OURO_ROW_VARIABLE */
    OURO_LIFE_DEATH, /* svarint: time of death, difference to the previous life's */
    OURO_LIFE_AGE,   /* varint: units lived + 1; 0: birth not known (blocks up to 16 bytes) */
    OURO_LIFE_CAUSE, /* one byte: 0 reference count, 1 collector, 2 shutdown, 3 alive */
    OURO_LIFE_COLUMN_COUNT
};
#define OURO_LIFE_ALIVE 3u

/*
 * MARK: varint clock, time, then the name: "test NAME (PHASE)" and "test" where a runner of tests begins
 * a phase of a test and has ended it. CHILD: varint pid, time.
 */
/* SNAPSHOT_TAKEN: varint snapshot number, pause ns, clock, time, reason (absent in old traces). */

/* END: tagged fields. */
enum ouro_end_field {
    OURO_END_REASON = 1,        /* int: enum ouro_end_reason */
    OURO_END_EXIT_STATUS = 2,   /* int, absent when not known to the shim */
    OURO_END_CLOCK = 3,         /* int */
    OURO_END_TIME = 4,          /* int: ns since OURO_PROCESS_WALL */
    OURO_END_BIRTHS = 5,        /* int */
    OURO_END_DEATHS = 6,        /* int */
    OURO_END_UNKNOWN_FREES = 7, /* int: blocks freed whose birth was not seen */
    OURO_END_PEAK_RSS = 8,      /* int: bytes, the kernel's VmHWM */
    OURO_END_OWN_BYTES = 9,     /* int: bytes the shim itself holds at the end */
    OURO_END_SHAPES_SPENT = 10, /* int: ns that looking at collections took, copies included */
};
enum ouro_end_reason {
    OURO_END_EXIT = 0,   /* exit() or return from main */
    OURO_END_UEXIT = 1,  /* _exit() and its kin */
    OURO_END_EXEC = 2,   /* replaced by exec */
    OURO_END_SIGNAL = 3, /* ended itself by a signal: OURO_END_EXIT_STATUS is its number */
};

enum ouro_snapshot_field {
    OURO_SNAPSHOT_NUMBER = 1,                 /* int, equals the stream */
    OURO_SNAPSHOT_REASON = 2,                 /* int: enum ouro_snapshot_reason */
    OURO_SNAPSHOT_CLOCK = 3,                  /* int */
    OURO_SNAPSHOT_TIME = 4,                   /* int: ns since OURO_PROCESS_WALL */
    OURO_SNAPSHOT_EPOCH = 5,                  /* int: number of the last epoch before it */
    OURO_SNAPSHOT_GC_ENABLED = 6,             /* int: 0, 1 */
    OURO_SNAPSHOT_GC_DEBUG = 7,               /* int: the collector's debug flags */
    OURO_SNAPSHOT_GC_THRESHOLD = 8,           /* int, repeated, youngest generation first */
    OURO_SNAPSHOT_GC_COUNT = 9,               /* int, repeated */
    OURO_SNAPSHOT_GC_COLLECTIONS = 10,        /* int, repeated: runs of each generation so far */
    OURO_SNAPSHOT_GC_FROZEN = 11,             /* int: objects in the permanent generation */
    OURO_SNAPSHOT_GC_LONG_LIVED_TOTAL = 12,   /* int */
    OURO_SNAPSHOT_GC_LONG_LIVED_PENDING = 13, /* int */
    OURO_SNAPSHOT_THREADS = 14,               /* int: threads of the runtime */
    OURO_SNAPSHOT_GC_COLLECTING = 15,         /* int: 1 when a collection was under way */
    OURO_SNAPSHOT_GC_OFF_SINCE = 16, /* int: when it was first seen off, ns since OURO_PROCESS_WALL;
                                        absent: it is on, or nothing was due since it is off */
    OURO_SNAPSHOT_GENERATION = 17,   /* int: reason COLLECTION: the oldest generation looked at */
    OURO_SNAPSHOT_EXAMINED = 18,     /* int: likewise: objects of these generations */
};
#define OURO_GC_SAVEALL 0x20u /* bit of OURO_SNAPSHOT_GC_DEBUG: garbage is kept on purpose */

enum ouro_snapshot_reason {
    OURO_SNAPSHOT_AT_EXIT = 0,
    OURO_SNAPSHOT_AT_UEXIT = 1, /* _exit() */
    OURO_SNAPSHOT_ON_REQUEST = 2,
    OURO_SNAPSHOT_INTERVAL = 3,
    OURO_SNAPSHOT_GROWTH = 4,
    OURO_SNAPSHOT_MARK = 5,
    OURO_SNAPSHOT_COLLECTION = 6, /* what a collection is about to free */
};

/*
 * SNAPSHOT_TYPES: varint first_id, count, count × { name string, flags, basic size, item size }.
 * The name carries its module ("app.tree.Node", "__main__.Node"; builtins bare).
 */
enum ouro_type_flag {
    OURO_TYPE_GC = 1u << 0,         /* instances can be part of cycles the collector knows */
    OURO_TYPE_TRAVERSE = 1u << 1,   /* tells the collector its references */
    OURO_TYPE_CLEAR = 1u << 2,      /* can drop its references */
    OURO_TYPE_HEAP = 1u << 3,       /* created at run time */
    OURO_TYPE_FINALIZER = 1u << 4,  /* runs code when it dies (PEP 442) */
    OURO_TYPE_LEGACY_DEL = 1u << 5, /* legacy finalizer: the collector gives up */
    OURO_TYPE_USER = 1u << 6,       /* a class statement of the program or a library */
    OURO_TYPE_ATOM = 1u << 7,       /* instances never refer to other objects */
    OURO_TYPE_ATTRIBUTES = 1u << 8, /* the runtime's plain attribute table (dict) */
    OURO_TYPE_RECYCLED = 1u << 9,   /* has a free list: births before a re-use are approximate */
    OURO_TYPE_FIXED = 1u << 10,  /* the runtime makes what it refers to; no program can assign it */
    OURO_TYPE_NATIVE = 1u << 11, /* no objects: blocks that C code has from malloc */
};

/*
 * SNAPSHOT_OBJECTS: varint first index, varint count, then the columns of enum ouro_column, in
 * order, each { varint byte length, bytes }. Indexes are dense over the snapshot, from 0, in
 * chunk order. Edge columns hold the edges of all objects of the chunk one after the other.
 */
enum ouro_column {
    OURO_COLUMN_ADDRESS, /* svarint: difference to the previous object of the chunk (first: to 0) */
    OURO_COLUMN_TYPE,    /* varint: type */
    OURO_COLUMN_SIZE,    /* varint: bytes of all heap blocks the object owns alone */
    OURO_COLUMN_REFCOUNT, /* varint; 0 when immortal */
    OURO_COLUMN_FLAGS,    /* varint: enum ouro_object_flag */
    OURO_COLUMN_ROW,      /* varint: row of the ledger, 0 not known */
    OURO_COLUMN_BIRTH,    /* svarint: clock units (256 bytes), difference to the previous object */
    OURO_COLUMN_EDGES,    /* varint: number of edges */
    OURO_COLUMN_TARGET,   /* svarint per edge: target index − own index */
    OURO_COLUMN_LABEL,    /* varint per edge: OURO_LABEL_* */
    OURO_COLUMN_COUNT
};

/*
 * SNAPSHOT_EDGES: varint object index, varint count, then the columns TARGET and LABEL as above, for
 * edges of the last object of the chunks before it: a large container does not fit one chunk. INDEX
 * labels go on from the object's previous one.
 */

enum ouro_object_flag {
    OURO_OBJECT_TRACKED = 1u << 0, /* in a list of the collector */
    OURO_OBJECT_IMMORTAL = 1u << 1,
    OURO_OBJECT_STATIC = 1u << 2, /* not a heap block: its size is not heap */
    OURO_OBJECT_INTERNED = 1u << 3,
    OURO_OBJECT_FROZEN = 1u << 4, /* permanent generation */
    OURO_OBJECT_WEAKLY_REFERENCED = 1u << 5,
    OURO_OBJECT_FINALIZED = 1u << 6,
    OURO_OBJECT_NAMESPACE = 1u << 7,  /* a table of names: of a module, class or instance */
    OURO_OBJECT_GENERATION_SHIFT = 8, /* bits 8–9: generation + 1, 0 not known */
};

/*
 * A label is kind | flags | payload << 6. Payload is a string of the snapshot for the kinds that
 * name something, a number for OURO_LABEL_INDEX.
 */
enum ouro_label_kind {
    OURO_LABEL_NONE = 0,      /* a reference that could not be named */
    OURO_LABEL_ATTRIBUTE = 1, /* string: attribute or slot name */
    OURO_LABEL_KEY = 2,       /* string: the value under this key, 0 when not named */
    OURO_LABEL_INDEX = 3,   /* number: index − (index of the object's previous INDEX edge + 1) as
                                  zigzag; so 0, 0, 0, … for a plain sequence */
    OURO_LABEL_ELEMENT = 4, /* member of a set or the like, no payload */
    OURO_LABEL_CELL = 5,    /* string: free variable of a closure */
    OURO_LABEL_LOCAL = 6,   /* string: local variable of a frame object, generator, coroutine */
    OURO_LABEL_KEY_OBJECT = 7, /* the key itself */
    OURO_LABEL_NAMESPACE = 8,  /* the object's attribute table; the next edge names the attribute */
    OURO_LABEL_TYPE = 9,       /* the object's own type */
    OURO_LABEL_REFERENT = 10,  /* weak: recorded, keeps nothing alive */
};
#define OURO_LABEL_KIND_MASK 0xfu
#define OURO_LABEL_HIDDEN (1u << 4)   /* a real reference the collector is not told of */
#define OURO_LABEL_BORROWED (1u << 5) /* reported to the collector but not counted */
#define OURO_LABEL_SHIFT 6u

/*
 * SNAPSHOT_FOUND: varint count, count × { varint object index − previous object index, varint target
 * index, varint label }: references that reading the memory of their objects word by word turned up,
 * behind all other edges of the object.
 */

/*
 * SNAPSHOT_ROOTS: varint count, count × { kind, target index, name string, function string,
 * file string, line }, varint count (the same, or 0), count × { flags, thread string }. Unused items
 * are 0.
 */
enum ouro_root_kind {
    OURO_ROOT_MODULE = 1,       /* name: module */
    OURO_ROOT_LOCAL = 2,        /* name: variable; function, file, line: the frame */
    OURO_ROOT_STACK = 3,        /* a temporary of a frame */
    OURO_ROOT_THREAD = 4,       /* name: field of a thread's state */
    OURO_ROOT_INTERPRETER = 5,  /* name: field of the interpreter */
    OURO_ROOT_STATIC_TYPE = 6,  /* name: type */
    OURO_ROOT_INTERNED = 7,     /* the table of interned strings */
    OURO_ROOT_CODE = 8,         /* the code object of a running frame */
    OURO_ROOT_ATEXIT = 9,       /* called at exit, or an argument of that call */
    OURO_ROOT_SIGNAL = 10,      /* name: the signal whose handler it is */
    OURO_ROOT_STATIC_DATA = 11, /* name: file of a library with a variable that refers to it */
    OURO_ROOT_MEMORY = 12,      /* plain memory of the runtime or of C code; name: what is known */
};

enum ouro_root_flag {
    OURO_ROOT_COUNTED = 1u << 0, /* the holder owns one of the references that the target counts */
    OURO_ROOT_FOUND = 1u << 1,   /* an address in the holder's memory: likely, not certain */
};

/*
 * SNAPSHOT_VALUES: varint first_id, count, count × { varint type, varint length in the type's own
 * units, 16 bytes hash, varint flags, varint preview length, preview bytes }. Only values that at
 * least two objects have.
 * SNAPSHOT_MEMBERS: varint count, count × { varint object index − previous object index, varint
 * value }, ascending.
 */
enum ouro_value_flag {
    OURO_VALUE_TRUNCATED = 1u << 0, /* the preview is a beginning */
    OURO_VALUE_BYTES = 1u << 1,     /* the preview is raw bytes, not UTF-8 text */
};

/*
 * SNAPSHOT_SPARE: varint count, count × { varint object index − previous object index of the chunk,
 * varint kind, varint bytes, varint detail }, ascending: bytes that the object could do without.
 */
enum ouro_spare_kind {
    OURO_SPARE_EMPTY = 1,   /* an empty container: all of it */
    OURO_SPARE_ROOM = 2,    /* a container with more room than a copy of it would have */
    OURO_SPARE_WIDE = 3,    /* a str that few characters make wider; detail: how many they are */
    OURO_SPARE_SLOTS = 4,   /* an instance and its attribute table, if the class had slots */
    OURO_SPARE_RECORD = 5,  /* a dict, if it were an instance with slots; detail: its set of keys */
    OURO_SPARE_NUMBERS = 6, /* a sequence, if it were an array; its items come on top. detail: 0
                               float, 1 int */
};

/*
 * SNAPSHOT_MEMORY: varint resident memory by the kernel's count, varint count, count × { varint kind,
 * varint resident bytes, varint extent, varint pieces }, ascending by kind, every resident page under
 * one kind; then varint count, count × { varint size, varint pools, varint blocks in use, varint
 * blocks there is room for }: the runtime's pools for blocks of one size.
 */
enum ouro_memory_kind {
    OURO_MEMORY_BLOCKS = 1,      /* blocks of the runtime's own allocator that are in use */
    OURO_MEMORY_ROOM = 2,        /* the rest of the pools that these lie in */
    OURO_MEMORY_EMPTY = 3,       /* the rest of the arenas that the pools lie in; pieces: arenas */
    OURO_MEMORY_FRAMES = 4,      /* stacks of the runtime's own frames */
    OURO_MEMORY_MALLOC_USED = 5, /* heaps of malloc, as far as in use; extent: bytes in use */
    OURO_MEMORY_MALLOC_FREE = 6, /* the rest of these heaps; extent: bytes free */
    OURO_MEMORY_MALLOC_MAPPED = 7, /* blocks of malloc with a mapping of their own */
    OURO_MEMORY_MALLOC = 8,        /* heaps of malloc of which the use is not known */
    OURO_MEMORY_MAPPED = 9,        /* other anonymous mappings */
    OURO_MEMORY_STACKS = 10,       /* of threads */
    OURO_MEMORY_FILES = 11,        /* pages of mapped files as they are in the file */
    OURO_MEMORY_DATA = 12,         /* variables of libraries: pages of files that were written to */
    OURO_MEMORY_SHARED = 13,       /* memory shared with other processes that is no file's */
    OURO_MEMORY_OWN = 14,          /* the recorder's */
    OURO_MEMORY_KERNEL = 15,       /* what the kernel maps into every process */
    OURO_MEMORY_KINDS
};

/*
 * SNAPSHOT_UNREACHED: varint status, varint threads other than the one that took the snapshot (their
 * registers are not known), varint blocks of malloc, varint their bytes, varint blocks that nothing
 * leads to, varint their bytes. SNAPSHOT_UNREACHED_BLOCKS, after it: varint first index, varint count,
 * count × { varint address − previous address of the chunk, varint size, varint native stack or 0,
 * varint bytes asked for if the stack is not 0 }, ascending; varint count, count × { varint index −
 * previous index of the chunk, varint target index }: which of them leads to which, both written
 * before.
 */
enum ouro_unreached_status {
    OURO_UNREACHED_KNOWN = 0,
    OURO_UNREACHED_TIME = 1,       /* the search took too long: there are no blocks */
    OURO_UNREACHED_UNREADABLE = 2, /* not all memory could be read: likewise */
};

enum ouro_snapshot_end_field {
    OURO_SNAPSHOT_END_STATUS = 1,     /* int: enum ouro_snapshot_status */
    OURO_SNAPSHOT_END_OBJECTS = 2,    /* int */
    OURO_SNAPSHOT_END_EDGES = 3,      /* int */
    OURO_SNAPSHOT_END_DURATION = 4,   /* int: ns in the copy */
    OURO_SNAPSHOT_END_MEMORY = 5,     /* int: bytes the copy allocated */
    OURO_SNAPSHOT_END_TEXT = 6,       /* string: what went wrong */
    OURO_SNAPSHOT_END_BYTES = 8,      /* int: sizes of all objects that are not static */
    OURO_SNAPSHOT_END_CPU = 9,        /* int: ns of processor time of the copy */
    OURO_SNAPSHOT_END_UNREADABLE = 7, /* int: objects whose reading met a fault; their references
                                         are not known and they count as immortal */
    /* The runtime's table of interned strings, a hash table; absent: not found. */
    OURO_SNAPSHOT_END_INTERNED = 10,       /* int: entries */
    OURO_SNAPSHOT_END_INTERNED_ROOM = 11,  /* int: entries that fit before it grows */
    OURO_SNAPSHOT_END_INTERNED_SLOTS = 12, /* int: slots, a power of two */
};
enum ouro_snapshot_status {
    OURO_SNAPSHOT_COMPLETE = 0,
    OURO_SNAPSHOT_TIME_BOUND = 1,
    OURO_SNAPSHOT_MEMORY_BOUND = 2,
    OURO_SNAPSHOT_FAULT = 3,
};

#endif

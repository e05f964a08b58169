/* SPDX-License-Identifier: MIT */
/*
 * Where CPython keeps things: one row of byte offsets per version, selected once. Nothing else in
 * the adapter knows a version number.
 *
 * Sources: CPython's own headers, 3.8.18 to 3.15.0 (Include/cpython, Include/internal), x86-64.
 * From 3.13 on the interpreter publishes most of them at the start of _PyRuntime
 * (_Py_DebugOffsets); what drifts between patch releases is always taken from there.
 */
#ifndef OURO_CPYTHON_LAYOUT_H
#define OURO_CPYTHON_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../private.h"

#define LAYOUT_NONE UINT16_MAX
#define LAYOUT_TAGS 7ul /* low bits of a stack reference, 3.14+ */

/* How a frame's position counts. */
enum layout_position {
    POSITION_BYTES,   /* an int, bytes from the first bytecode: 3.8, 3.9 */
    POSITION_UNITS,   /* an int, code units of two bytes: 3.10 */
    POSITION_POINTER, /* a pointer into the bytecode: 3.11+ */
};

/* How a code object tells lines. */
enum layout_lines {
    LINES_LNOTAB, /* co_lnotab: 3.8, 3.9 */
    LINES_PEP626, /* co_linetable: 3.10 */
    LINES_PEP657, /* location table: 3.11+ */
};

/* Where instance attributes are when there is no dict. */
enum layout_values {
    VALUES_NONE,   /* always a dict: up to 3.10 */
    VALUES_311,    /* pointer at -32, dict at -24 */
    VALUES_TAGGED, /* one tagged word at -24: 3.12 */
    VALUES_INLINE, /* behind the object: 3.13+ */
};

struct cpython_layout {
    uint8_t minor;
    bool free_threaded;
    enum layout_position position_kind;
    enum layout_lines lines;
    enum layout_values values;

    uint16_t tstate_frame; /* frame, or cframe when cframe_frame is given */
    uint16_t cframe_frame; /* LAYOUT_NONE when there is no cframe */
    uint16_t tstate_interp, tstate_thread;
    uint16_t tstate_tracing; /* an int, above 0 while a trace or profile function runs */
    uint16_t frame_previous, frame_code, frame_position, frame_owner;
    uint16_t mark; /* a word of the frame in which activation.h keeps its mark */
    uint64_t mark_mask, mark_fresh, mark_set; /* bits; mark_set outside of mark_mask: no marks */
    bool mark_is_none;                        /* mark_set is the address of None */
    uint16_t frame_locals;      /* fast locals within a frame (3.11+) or frame object */
    uint16_t frameobject_frame; /* LAYOUT_NONE: the frame object is the frame */
    uint16_t generator_frame;   /* embedded frame, LAYOUT_NONE up to 3.10 */
    uint16_t frame_tlbc;        /* free-threaded 3.14+: index of the thread's bytecode copy */
    uint16_t code_filename, code_name, code_qualname; /* qualname LAYOUT_NONE up to 3.10 */
    uint16_t code_flags;
    uint16_t code_first_traceable; /* an int: code units before which nobody may look, 3.11+ */
    uint16_t code_first_line, code_table, code_bytes, code_tlbc;
    uint16_t code_local_count, code_local_names; /* 3.11+: co_nlocalsplus, co_localsplusnames */
    uint16_t managed_flags; /* type flags that put 16 more bytes before an object */
    uint16_t header;        /* bytes of an object's header: 16, free-threaded 32 */
    uint16_t string_state, string_length, string_ascii, string_compact;
    uint8_t string_interned_bits; /* width of the interned field at the bottom of state */
    uint16_t tuple_items;
    uint16_t heap_type_keys; /* ht_cached_keys */
    uint8_t keys_head;       /* bytes before dk_indices */

    /* The collector's state: offset within the interpreter (3.8: within _PyRuntime) and within. */
    uint32_t gc;
    uint16_t gc_enabled, gc_debug, gc_generations, gc_permanent, gc_stats, gc_collecting;
    uint16_t gc_generations_packed; /* where patch releases that pack the links have them; or 0 */
    uint16_t gc_long_lived;         /* long_lived_total; pending follows */
    bool gc_stats_pointer;          /* gc_stats holds a pointer (3.15) */
};

/* Offsets that are the same in every version (the free-threaded header adds 16). */
#define FLAG_HEAPTYPE (1ul << 9)
#define FLAG_GC (1ul << 14)
#define FLAG_INLINE_VALUES (1ul << 2)   /* 3.13+ */
#define FLAG_MANAGED_WEAKREF (1ul << 3) /* 3.12+ */
#define FLAG_MANAGED_DICT (1ul << 4)    /* 3.11+ */
#define FLAG_LONG (1ul << 24)
#define FLAG_LIST (1ul << 25)
#define FLAG_TUPLE (1ul << 26)
#define FLAG_BYTES (1ul << 27)
#define FLAG_UNICODE (1ul << 28)
#define FLAG_DICT (1ul << 29)
#define FLAG_EXCEPTION (1ul << 30)
#define FLAG_TYPE (1ul << 31)

extern PRIVATE struct cpython_layout layout;

/*
 * Selects the row for a version; runtime is the address of _PyRuntime. False when there is none
 * or when what the interpreter publishes contradicts it; reason then says what.
 */
bool layout_select(int minor, const unsigned char *runtime, const char **reason);

/* Frames cannot be marked with this interpreter: activation.h then knows none. */
void layout_without_marks(void);

static inline uintptr_t load_word(uintptr_t base, size_t offset)
{
    return *(const uintptr_t *)(base + offset);
}

static inline int load_int(uintptr_t base, size_t offset)
{
    return *(const int *)(base + offset);
}

/* Fields of a type object, by their offset in a build with a global lock. */
enum {
    TP_NAME = 24,
    TP_BASICSIZE = 32,
    TP_ITEMSIZE = 40,
    TP_FLAGS = 168,
    TP_TRAVERSE = 184,
    TP_CLEAR = 192,
    TP_RICHCOMPARE = 200,
    TP_WEAKLISTOFFSET = 208,
    TP_MEMBERS = 240,
    TP_BASE = 256,
    TP_DICT = 264,
    TP_DICTOFFSET = 288,
    TP_MRO = 344,
    TP_SUBCLASSES = 360,
    TP_DEL = 376,
    TP_FINALIZE = 392,
};

static inline uintptr_t type_word(uintptr_t type, size_t field)
{
    return load_word(type, field + layout.header - 16u);
}

static inline uintptr_t object_type(uintptr_t object)
{
    return load_word(object, layout.header - 8u);
}

#endif

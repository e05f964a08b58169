/* SPDX-License-Identifier: MIT */
#include "layout.h"

#include <string.h>

struct cpython_layout layout;

#define NO LAYOUT_NONE

/* clang-format off */
static const struct cpython_layout rows[] = {
    {.minor = 8, .position_kind = POSITION_BYTES, .lines = LINES_LNOTAB, .values = VALUES_NONE,
     .tstate_frame = 24, .cframe_frame = NO, .tstate_interp = 16, .tstate_thread = 176,
     .tstate_tracing = 44,
     .frame_previous = 24, .frame_code = 32, .frame_position = 104, .frame_owner = NO,
     .frame_locals = 360, .frameobject_frame = NO, .generator_frame = NO, .frame_tlbc = NO,
     .mark_set = 1, /* no mark: a trace function that moves a frame would not be noticed */
     .code_filename = 104, .code_name = 112, .code_qualname = NO, .code_flags = 36, .code_first_line = 40,
     .code_table = 120, .code_first_traceable = NO, .code_bytes = 48, .code_tlbc = NO, .code_local_count = 28,
     .code_local_names = 72, .header = 16, .string_state = 32, .string_length = 16,
     .string_ascii = 48, .string_compact = 72, .string_interned_bits = 2, .tuple_items = 24,
     .heap_type_keys = 872, .keys_head = 40,
     .gc = 344, .gc_enabled = 12, .gc_debug = 16, .gc_generations = 24, .gc_permanent = 104,
     .gc_stats = 128, .gc_collecting = 200, .gc_long_lived = 224},
    {.minor = 9, .position_kind = POSITION_BYTES, .lines = LINES_LNOTAB, .values = VALUES_NONE,
     .tstate_frame = 24, .cframe_frame = NO, .tstate_interp = 16, .tstate_thread = 176,
     .tstate_tracing = 44,
     .frame_previous = 24, .frame_code = 32, .frame_position = 104, .frame_owner = NO,
     .frame_locals = 360, .frameobject_frame = NO, .generator_frame = NO, .frame_tlbc = NO,
     .mark_set = 1, /* no mark: a trace function that moves a frame would not be noticed */
     .code_filename = 104, .code_name = 112, .code_qualname = NO, .code_flags = 36, .code_first_line = 40,
     .code_table = 120, .code_first_traceable = NO, .code_bytes = 48, .code_tlbc = NO, .code_local_count = 28,
     .code_local_names = 72, .header = 16, .string_state = 32, .string_length = 16,
     .string_ascii = 48, .string_compact = 72, .string_interned_bits = 2, .tuple_items = 24,
     .heap_type_keys = 864, .keys_head = 40,
     .gc = 616, .gc_enabled = 12, .gc_debug = 16, .gc_generations = 24, .gc_permanent = 104,
     .gc_stats = 128, .gc_collecting = 200, .gc_long_lived = 224},
    {.minor = 10, .position_kind = POSITION_UNITS, .lines = LINES_PEP626, .values = VALUES_NONE,
     .tstate_frame = 24, .cframe_frame = NO, .tstate_interp = 16, .tstate_thread = 176,
     .tstate_tracing = 44,
     .frame_previous = 24, .frame_code = 32, .frame_position = 96, .frame_owner = NO,
     .frame_locals = 352, .frameobject_frame = NO, .generator_frame = NO, .frame_tlbc = NO,
     .mark_set = 1, /* no mark: a trace function that moves a frame would not be noticed */
     .code_filename = 104, .code_name = 112, .code_qualname = NO, .code_flags = 36, .code_first_line = 40,
     .code_table = 120, .code_first_traceable = NO, .code_bytes = 48, .code_tlbc = NO, .code_local_count = 28,
     .code_local_names = 72, .header = 16, .string_state = 32, .string_length = 16,
     .string_ascii = 48, .string_compact = 72, .string_interned_bits = 2, .tuple_items = 24,
     .heap_type_keys = 872, .keys_head = 40,
     .gc = 616, .gc_enabled = 12, .gc_debug = 16, .gc_generations = 24, .gc_permanent = 104,
     .gc_stats = 128, .gc_collecting = 200, .gc_long_lived = 224},
    {.minor = 11, .position_kind = POSITION_POINTER, .lines = LINES_PEP657, .values = VALUES_311,
     .tstate_frame = 56, .cframe_frame = 8, .tstate_interp = 16, .tstate_thread = 152,
     .tstate_tracing = 44,
     .frame_previous = 48, .frame_code = 32, .frame_position = 56, .frame_owner = 69,
     .frame_locals = 72, .frameobject_frame = 24, .generator_frame = 80, .frame_tlbc = NO,
     .mark = 64, .mark_mask = 0x0000ff00ffffffff, .mark_fresh = 0xffffffff, .mark_set = 0xfffffffe,
     .code_filename = 112, .code_name = 120, .code_qualname = 128, .code_flags = 48, .code_first_line = 72,
     .code_table = 136, .code_first_traceable = 168, .code_bytes = 184, .code_tlbc = NO, .code_local_count = 76,
     .code_local_names = 96, .header = 16, .string_state = 32, .string_length = 16,
     .string_ascii = 48, .string_compact = 72, .string_interned_bits = 2, .tuple_items = 24,
     .heap_type_keys = 872, .keys_head = 32,
     .gc = 648, .gc_enabled = 12, .gc_debug = 16, .gc_generations = 24, .gc_permanent = 104,
     .gc_stats = 128, .gc_collecting = 200, .gc_long_lived = 224},
    {.minor = 12, .position_kind = POSITION_POINTER, .lines = LINES_PEP657,
     .values = VALUES_TAGGED,
     .tstate_frame = 56, .cframe_frame = 0, .tstate_interp = 16, .tstate_thread = 136,
     .tstate_tracing = 44,
     .frame_previous = 8, .frame_code = 0, .frame_position = 56, .frame_owner = 70,
     .frame_locals = 72, .frameobject_frame = 24, .generator_frame = 72, .frame_tlbc = NO,
     .mark = 64, .mark_mask = 0x00ff0000ffffffff, .mark_fresh = 0xffffffff, .mark_set = 0xfffffffe,
     .code_filename = 112, .code_name = 120, .code_qualname = 128, .code_flags = 48, .code_first_line = 68,
     .code_table = 136, .code_first_traceable = 176, .code_bytes = 192, .code_tlbc = NO, .code_local_count = 72,
     .code_local_names = 96, .header = 16, .string_state = 32, .string_length = 16,
     .string_ascii = 40, .string_compact = 56, .string_interned_bits = 2, .tuple_items = 24,
     .heap_type_keys = 880, .keys_head = 32,
     .gc = 112, .gc_enabled = 12, .gc_debug = 16, .gc_generations = 24, .gc_permanent = 104,
     .gc_stats = 128, .gc_collecting = 200, .gc_long_lived = 224},
    {.minor = 13, .position_kind = POSITION_POINTER, .lines = LINES_PEP657,
     .values = VALUES_INLINE,
     .tstate_frame = 72, .cframe_frame = NO, .tstate_interp = 16, .tstate_thread = 152,
     .tstate_tracing = 60,
     .frame_previous = 8, .frame_code = 0, .frame_position = 56, .frame_owner = 70,
     .frame_locals = 72, .frameobject_frame = 24, .generator_frame = 72, .frame_tlbc = NO,
     .mark = 40, .mark_mask = UINT64_MAX, .mark_is_none = true,
     .code_filename = 112, .code_name = 120, .code_qualname = 128, .code_flags = 48, .code_first_line = 68,
     .code_table = 136, .code_first_traceable = 184, .code_bytes = 200, .code_tlbc = NO, .code_local_count = 72,
     .code_local_names = 96, .header = 16, .string_state = 32, .string_length = 16,
     .string_ascii = 40, .string_compact = 56, .string_interned_bits = 2, .tuple_items = 24,
     .heap_type_keys = 880, .keys_head = 32,
     .gc_generations_packed = 20, /* 3.13.5 */
     .gc_enabled = 12, .gc_debug = 16, .gc_generations = 24, .gc_permanent = 104,
     .gc_stats = 128, .gc_collecting = 200, .gc_long_lived = 224},
    {.minor = 14, .position_kind = POSITION_POINTER, .lines = LINES_PEP657,
     .values = VALUES_INLINE,
     .tstate_frame = 72, .cframe_frame = NO, .tstate_interp = 16, .tstate_thread = 152,
     .tstate_tracing = 60,
     .frame_previous = 8, .frame_code = 0, .frame_position = 56, .frame_owner = 74,
     .frame_locals = 80, .frameobject_frame = 24, .generator_frame = 72, .frame_tlbc = NO,
     .mark = 72, .mark_mask = 0xffff0000, .mark_fresh = 0, .mark_set = 0x01000000,
     .code_filename = 112, .code_name = 120, .code_qualname = 128, .code_flags = 48, .code_first_line = 68,
     .code_table = 136, .code_first_traceable = 192, .code_bytes = 208, .code_tlbc = NO, .code_local_count = 72,
     .code_local_names = 96, .header = 16, .string_state = 32, .string_length = 16,
     .string_ascii = 40, .string_compact = 56, .string_interned_bits = 2, .tuple_items = 32,
     .heap_type_keys = 880, .keys_head = 32,
     .gc_enabled = 12, .gc_debug = 16, .gc_generations = 24, .gc_permanent = 96,
     .gc_stats = 120, .gc_collecting = 192, .gc_long_lived = 240},
    {.minor = 15, .position_kind = POSITION_POINTER, .lines = LINES_PEP657,
     .values = VALUES_INLINE,
     .tstate_frame = 72, .cframe_frame = NO, .tstate_interp = 16, .tstate_thread = 176,
     .tstate_tracing = 64,
     .frame_previous = 8, .frame_code = 0, .frame_position = 56, .frame_owner = 74,
     .frame_locals = 80, .frameobject_frame = 24, .generator_frame = 72, .frame_tlbc = NO,
     .mark = 72, .mark_mask = 0xffff0000, .mark_fresh = 0, .mark_set = 0x01000000,
     .code_filename = 112, .code_name = 120, .code_qualname = 128, .code_flags = 48, .code_first_line = 68,
     .code_table = 136, .code_first_traceable = 192, .code_bytes = 208, .code_tlbc = NO, .code_local_count = 72,
     .code_local_names = 96, .header = 16, .string_state = 32, .string_length = 16,
     .string_ascii = 40, .string_compact = 56, .string_interned_bits = 2, .tuple_items = 32,
     .heap_type_keys = 888, .keys_head = 32,
     .gc_enabled = 0, .gc_debug = 4, .gc_generations = 8, .gc_permanent = 80, .gc_stats = 104,
     .gc_collecting = 112, .gc_long_lived = 152, .gc_stats_pointer = true},
};

/*
 * Byte offsets within _Py_DebugOffsets of the fields the adapter takes from it, per minor version
 * (Include/internal/pycore_runtime.h in 3.13, pycore_debug_offsets.h from 3.14).
 */
static const struct published {
    uint8_t minor;
    uint16_t gc, gc_collecting, tstate_interp, tstate_frame, tstate_thread;
} published[] = {
    {13, 80, 576, 176, 184, 192},
    {14, 88, 656, 200, 208, 216},
    {15, 88, 760, 200, 208, 240},
};
/* clang-format on */

#define COOKIE_FREE_THREADED 16

/* A build without the global lock: a 32-byte header moves almost everything. */
static bool free_threaded(void)
{
    if (layout.minor < 13)
        return false;
    layout.free_threaded = true;
    layout.header = 32;
    uint16_t *const moved[] = {
        &layout.code_filename,     &layout.code_name,        &layout.code_qualname,
        &layout.code_first_line,   &layout.code_table,       &layout.code_bytes,
        &layout.code_flags,        &layout.code_local_count, &layout.code_local_names,
        &layout.string_state,      &layout.string_length,    &layout.string_ascii,
        &layout.string_compact,    &layout.tuple_items,      &layout.heap_type_keys,
        &layout.frameobject_frame, &layout.generator_frame,  &layout.code_first_traceable,
    };
    for (size_t i = 0; i < sizeof moved / sizeof *moved; i++)
        *moved[i] = (uint16_t)(*moved[i] + 16);
    if (layout.minor >= 14) {
        layout.frame_owner = 78;
        layout.mark_mask <<= 32;
        layout.mark_set <<= 32;
        layout.frame_tlbc = 72;
        layout.code_tlbc = 224;
        layout.code_bytes = 232;
        layout.string_interned_bits = 8;
    }
    return true;
}

void layout_without_marks(void)
{
    layout.mark_mask = 0;
    layout.mark_set = 1;
}

bool layout_select(int minor, const unsigned char *runtime, const char **reason)
{
    size_t i = 0;
    while (i < sizeof rows / sizeof *rows && rows[i].minor != minor)
        i++;
    if (i == sizeof rows / sizeof *rows) {
        *reason = "this version is not known";
        return false;
    }
    layout = rows[i];
    layout.managed_flags = minor >= 12   ? FLAG_MANAGED_DICT | FLAG_MANAGED_WEAKREF
                           : minor == 11 ? FLAG_MANAGED_DICT
                                         : 0;
    if (minor < 13)
        return true;
    if (!runtime || memcmp(runtime, "xdebugpy", 8) != 0) {
        *reason = "_PyRuntime does not start with its table of offsets";
        return false;
    }
    uint64_t word;
    memcpy(&word, runtime + 8, sizeof word);
    if ((word >> 16) != (0x300u | (unsigned)minor)) {
        *reason = "the interpreter's table of offsets is of another version";
        return false;
    }
    /* 3.14.0 to 3.14.4, and 3.15 before its release, have the collector that uses the mark. */
    if ((minor == 14 && (word >> 8 & 0xff) < 5) || (minor == 15 && (word & 0xffff) < 0xc0))
        layout_without_marks();
    memcpy(&word, runtime + COOKIE_FREE_THREADED, sizeof word);
    if (word && !free_threaded()) {
        *reason = "a build without the global lock is not known for this version";
        return false;
    }
    for (i = 0; published[i].minor != minor; i++)
        continue;
    const struct {
        uint16_t at;
        uint64_t limit;
    } take[] = {
        {published[i].gc, 1u << 20},        {published[i].gc_collecting, 4096},
        {published[i].tstate_interp, 4096}, {published[i].tstate_frame, 4096},
        {published[i].tstate_thread, 4096},
    };
    uint64_t value[5];
    for (size_t k = 0; k < 5; k++) {
        memcpy(&value[k], runtime + take[k].at, sizeof value[k]);
        if (value[k] >= take[k].limit || value[k] % 4) {
            *reason = "the interpreter's table of offsets holds an implausible value";
            return false;
        }
    }
    layout.gc = (uint32_t)value[0];
    layout.gc_collecting = (uint16_t)value[1];
    layout.tstate_interp = (uint16_t)value[2];
    layout.tstate_frame = (uint16_t)value[3];
    layout.tstate_thread = (uint16_t)value[4];
    return true;
}

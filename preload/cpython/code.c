/* SPDX-License-Identifier: MIT */
#include "code.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "../id_table.h"
#include "../ledger.h"
#include "../memory.h"
#include "../site_tree.h"
#include "api.h"
#include "hooks.h"
#include "layout.h"

uint32_t code_generation = 1;

/* From address to function. Open addressing; a removed entry keeps its place with function 0. */
struct known_code {
    uintptr_t code; /* 0: never used */
    uint32_t function;
};

static struct {
    struct known_code *entries;
    size_t mask, used; /* used counts removed entries too, at least one place is always free */
    size_t alive;
} known;

static bool rehash(size_t size)
{
    struct known_code *entries = memory_reserve(size * sizeof *entries);
    if (!entries)
        return false;
    size_t used = 0;
    for (size_t i = 0; known.entries && i <= known.mask; i++) {
        if (!known.entries[i].function)
            continue;
        size_t at = id_table_mix(known.entries[i].code);
        while (entries[at & (size - 1)].code)
            at++;
        entries[at & (size - 1)] = known.entries[i];
        used++;
    }
    if (known.entries)
        memory_release(known.entries, (known.mask + 1) * sizeof *entries);
    known.entries = entries;
    known.mask = size - 1;
    known.used = used;
    return true;
}

/* Room for one more entry; where memory runs out the table fills up to its last free place. */
static bool make_room(void)
{
    if ((known.used + 1) * 2 <= known.mask)
        return true;
    size_t size = known.mask + 1;
    return rehash(known.alive * 4 > size ? size * 2 : size) || known.used + 1 < size;
}

bool code_setup(void)
{
    return rehash(4096);
}

static struct known_code *find(uintptr_t code)
{
    for (size_t at = id_table_mix(code);; at++) {
        struct known_code *entry = &known.entries[at & known.mask];
        if (entry->code == code || !entry->code)
            return entry;
    }
}

size_t code_utf8(uintptr_t string, char *out, size_t size)
{
    if (!string || object_type(string) != (uintptr_t)api.unicode_type)
        return 0;
    uint32_t state = *(const uint32_t *)(string + layout.string_state);
    size_t length = load_word(string, layout.string_length);
    unsigned bits = state >> layout.string_interned_bits;
    unsigned kind = bits & 7;
    bool compact = bits >> 3 & 1, ascii = bits >> 4 & 1;
    if (!compact)
        return 0;
    uintptr_t data = string + (ascii ? layout.string_ascii : layout.string_compact);
    if (ascii) {
        if (length > size)
            length = size;
        memcpy(out, (const void *)data, length);
        return length;
    }
    size_t n = 0;
    for (size_t i = 0; i < length; i++) {
        uint32_t c = kind == 1   ? ((const uint8_t *)data)[i]
                     : kind == 2 ? ((const uint16_t *)data)[i]
                                 : ((const uint32_t *)data)[i];
        unsigned char u[4];
        size_t width = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        if (n + width > size)
            break;
        if (width == 1) {
            u[0] = (unsigned char)c;
        } else {
            static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
            for (size_t k = width; k-- > 1; c >>= 6)
                u[k] = (unsigned char)(0x80 | (c & 0x3f));
            u[0] = (unsigned char)(lead[width] | c);
        }
        memcpy(out + n, u, width);
        n += width;
    }
    return n;
}

static uint32_t intern(uintptr_t string)
{
    char buffer[4096];
    return site_tree_string(buffer, code_utf8(string, buffer, sizeof buffer));
}

/* The bytes of a bytes object. */
static const unsigned char *bytes_of(uintptr_t bytes, size_t *size)
{
    if (!bytes || object_type(bytes) != (uintptr_t)api.bytes_type) {
        *size = 0;
        return NULL;
    }
    *size = load_word(bytes, layout.header);
    return (const unsigned char *)bytes + layout.header + 16; /* ob_size, ob_shash */
}

uint32_t code_function(uintptr_t code)
{
    struct known_code *entry = find(code);
    if (entry->code && entry->function)
        return entry->function;
    size_t size;
    const unsigned char *table = bytes_of(load_word(code, layout.code_table), &size);
    uint16_t name = layout.code_qualname == LAYOUT_NONE ? layout.code_name : layout.code_qualname;
    uint32_t function = site_tree_function(
        intern(load_word(code, layout.code_filename)), intern(load_word(code, name)),
        (uint32_t)load_int(code, layout.code_first_line), XXH3_64bits(table, size));
    if (!function)
        return 0;
    if (!entry->code) {
        if (!make_room())
            return 0;
        entry = find(code);
        known.used++;
    }
    known.alive++;
    *entry = (struct known_code){code, function};
    hooks_watch(code);
    return function;
}

void code_died(uintptr_t address)
{
    site_tree_lock();
    struct known_code *entry = find(address);
    if (entry->code && entry->function) {
        entry->function = 0;
        known.alive--;
        if (++code_generation % LEDGER_GENERATIONS == 0)
            ledger_forget_rows();
    }
    site_tree_unlock();
}

/* Of a position that is a pointer, 3.11 and later. */
static uint32_t pointer_offset(uintptr_t code, uintptr_t frame, uintptr_t position)
{
    uintptr_t first = code + layout.code_bytes;
    if (layout.frame_tlbc != LAYOUT_NONE) {
        /* _PyCodeArray: size, then entries; Include/cpython/code.h */
        uintptr_t copies = load_word(code, layout.code_tlbc);
        uint32_t index = *(const uint32_t *)(frame + layout.frame_tlbc);
        if (copies && index < load_word(copies, 0))
            first = load_word(copies, 8 + 8ul * index);
    }
    return position < first ? 0 : (uint32_t)(position - first);
}

/* Objects/lnotab_notes.txt, 3.8 and 3.9. */
static uint32_t line_lnotab(const unsigned char *table, size_t size, uint32_t first,
                            uint32_t offset)
{
    int64_t line = first;
    uint64_t address = 0;
    for (size_t i = 0; i + 1 < size; i += 2) {
        address += table[i];
        if (address > offset)
            break;
        line += (signed char)table[i + 1];
    }
    return line > 0 ? (uint32_t)line : 0;
}

/* Objects/lnotab_notes.txt, 3.10. */
static uint32_t line_pep626(const unsigned char *table, size_t size, uint32_t first,
                            uint32_t offset)
{
    int64_t line = first;
    uint64_t end = 0;
    for (size_t i = 0; i + 1 < size; i += 2) {
        signed char step = (signed char)table[i + 1];
        end += table[i];
        if (step != -128)
            line += step;
        if (offset < end)
            return step == -128 || line < 0 ? 0 : (uint32_t)line;
    }
    return 0;
}

static uint64_t location_varint(const unsigned char **p, const unsigned char *end)
{
    uint64_t value = 0;
    for (unsigned shift = 0; *p < end && shift < 60; shift += 6) {
        unsigned char byte = *(*p)++;
        value |= (uint64_t)(byte & 63) << shift;
        if (!(byte & 64))
            break;
    }
    return value;
}

/* Objects/locations.md, 3.11 and later (PEP 657). */
static uint32_t line_pep657(const unsigned char *table, size_t size, uint32_t first,
                            uint32_t offset)
{
    const unsigned char *p = table, *end = table + size;
    int64_t line = first;
    uint64_t at = 0;
    while (p < end) {
        unsigned char head = *p++;
        unsigned code = head >> 3 & 15;
        at += 2ul * ((head & 7u) + 1);
        if (code == 13 || code == 14) {
            uint64_t step = location_varint(&p, end);
            line += step & 1 ? -(int64_t)(step >> 1) : (int64_t)(step >> 1);
        } else if (code >= 10 && code <= 12) {
            line += code - 10;
        }
        if (offset < at)
            return code == 15 || line < 0 ? 0 : (uint32_t)line;
        while (p < end && !(*p & 0x80))
            p++;
    }
    return 0;
}

static uint32_t line_at(uintptr_t code, uint32_t offset)
{
    size_t size;
    const unsigned char *table = bytes_of(load_word(code, layout.code_table), &size);
    uint32_t first = (uint32_t)load_int(code, layout.code_first_line);
    switch (layout.lines) {
    case LINES_LNOTAB:
        return line_lnotab(table, size, first, offset);
    case LINES_PEP626:
        return line_pep626(table, size, first, offset);
    case LINES_PEP657:
        return line_pep657(table, size, first, offset);
    }
    return 0;
}

void code_place(uintptr_t code, uintptr_t frame, uintptr_t position, uint32_t *offset,
                uint32_t *line)
{
    bool started = true;
    *offset = 0;
    if (layout.position_kind == POSITION_POINTER) {
        *offset = pointer_offset(code, frame, position);
    } else {
        int last = (int)position; /* f_lasti: -1 before the first instruction */
        started = last >= 0;
        /* Not the first instruction's: that may be of another line. No instruction is odd. */
        *offset = !started ? 1 : (uint32_t)last * (layout.position_kind == POSITION_UNITS ? 2 : 1);
    }
    if (line)
        *line = started ? line_at(code, *offset) : (uint32_t)load_int(code, layout.code_first_line);
}

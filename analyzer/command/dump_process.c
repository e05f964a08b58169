/* SPDX-License-Identifier: MIT */
/* Chunks of stream 0 as text but those of events, and what all dumps share. */
#include "command/dump.h"

#include <inttypes.h>
#include <stdlib.h>

#include "ouro/trace.h"
#include "text/text.h"
#include "trace/trace_names.h"

void dump_text(struct dump *dump, const struct cursor *c)
{
    size_t length = cursor_left(c), need = length * 4 + 1;
    if (need > dump->room) {
        char *text = realloc(dump->text, need);
        if (!text) {
            fputs("(no memory to show it)", dump->out);
            return;
        }
        dump->text = text;
        dump->room = need;
    }
    text_escape_into(dump->text, dump->room, c->at, length, TEXT_VALUE);
    fprintf(dump->out, "\"%s\"", dump->text);
}

void dump_fields(struct dump *dump, const struct dump_field *fields, struct cursor *c)
{
    while (cursor_left(c)) {
        uint64_t number = cursor_varint(c);
        struct cursor value = cursor_part(c);
        if (c->failed)
            break;
        const struct dump_field *field = fields;
        while (field->field && field->field != number)
            field++;
        if (!field->field) {
            fprintf(dump->out, "  field %" PRIu64 ": %zu bytes\n", number, cursor_left(&value));
        } else if (field->is_text) {
            fprintf(dump->out, "  %s ", field->name);
            dump_text(dump, &value);
            fputc('\n', dump->out);
        } else {
            uint64_t integer = cursor_int64(&value);
            if (value.failed)
                cursor_fail(c);
            else
                fprintf(dump->out, "  %s %" PRIu64 "\n", field->name, integer);
        }
    }
}

void dump_strings(struct dump *dump, struct cursor *c)
{
    uint64_t id = cursor_varint(c);
    for (uint32_t count = cursor_count(c, 1); count; count--) {
        struct cursor text = cursor_part(c);
        if (c->failed)
            return;
        fprintf(dump->out, "  string %" PRIu64 " ", id++);
        dump_text(dump, &text);
        fputc('\n', dump->out);
    }
}

static void functions(struct dump *dump, struct cursor *c)
{
    uint64_t id = cursor_varint(c);
    for (uint32_t count = cursor_count(c, 3); count; count--) {
        uint64_t file = cursor_varint(c), name = cursor_varint(c), line = cursor_varint(c);
        if (c->failed)
            return;
        fprintf(dump->out,
                "  function %" PRIu64 ": file string %" PRIu64 ", name string %" PRIu64
                ", line %" PRIu64 "\n",
                id++, file, name, line);
    }
}

static void sites(struct dump *dump, struct cursor *c)
{
    char flags[64];
    uint64_t id = cursor_varint(c);
    for (uint32_t count = cursor_count(c, 5); count; count--) {
        uint64_t parent = cursor_varint(c), function = cursor_varint(c), line = cursor_varint(c);
        uint64_t offset = cursor_varint(c), bits = cursor_varint(c);
        if (c->failed)
            return;
        fprintf(dump->out,
                "  site %" PRIu64 ": parent %" PRIu64 ", function %" PRIu64 ", line %" PRIu64
                ", offset %" PRIu64 ", flags %s\n",
                id++, parent, function, line, offset, site_flag_names(bits, flags, sizeof flags));
    }
}

static void rows(struct dump *dump, struct cursor *c)
{
    char flags[64];
    uint64_t id = cursor_varint(c);
    for (uint32_t count = cursor_count(c, 3); count; count--) {
        uint64_t site = cursor_varint(c), size = cursor_varint(c), bits = cursor_varint(c);
        if (c->failed)
            return;
        fprintf(dump->out, "  row %" PRIu64 ": site %" PRIu64 ", size %" PRIu64 ", flags %s\n",
                id++, site, size, row_flag_names(bits, flags, sizeof flags));
    }
}

static void types(struct dump *dump, struct cursor *c)
{
    uint64_t id = cursor_varint(c);
    for (uint32_t count = cursor_count(c, 1); count; count--) {
        uint64_t name = cursor_varint(c);
        if (c->failed)
            return;
        fprintf(dump->out, "  type %" PRIu64 ": name string %" PRIu64 "\n", id++, name);
    }
}

/* { n, n × { key, value } } as "name key:value …". */
static void pairs(struct dump *dump, const char *name, struct cursor *c)
{
    fprintf(dump->out, ", %s", name);
    for (uint32_t count = cursor_count(c, 2); count && !c->failed; count--) {
        uint64_t key = cursor_varint(c), value = cursor_varint(c);
        if (!c->failed)
            fprintf(dump->out, " %" PRIu64 ":%" PRIu64, key, value);
    }
}

static void epoch_row(struct dump *dump, uint64_t row, uint64_t mask, struct cursor *c)
{
    static const char *const names[] = {"births",
                                        "born bytes",
                                        "deaths by reference count",
                                        "deaths by collector",
                                        "deaths by shutdown",
                                        "died bytes"};
    fprintf(dump->out, "  row %" PRIu64, row);
    for (unsigned bit = 0; bit < sizeof names / sizeof *names; bit++) {
        if (mask >> bit & 1)
            fprintf(dump->out, ", %s %" PRIu64, names[bit], cursor_varint(c));
    }
    if (mask & OURO_EPOCH_LIFETIMES)
        pairs(dump, "lifetimes", c);
    if (mask & OURO_EPOCH_TYPES)
        pairs(dump, "types", c);
    fputc('\n', dump->out);
}

static void epoch(struct dump *dump, struct cursor *c)
{
    uint64_t number = cursor_varint(c), clock = cursor_varint(c), time = cursor_varint(c);
    uint64_t blocks = cursor_varint(c), bytes = cursor_varint(c), row = 0;
    uint32_t count = cursor_count(c, 2);
    if (c->failed)
        return;
    fprintf(dump->out,
            "  epoch %" PRIu64 ": clock %" PRIu64 ", time %" PRIu64 " ns, live blocks %" PRIu64
            ", live bytes %" PRIu64 ", %" PRIu32 " rows\n",
            number, clock, time, blocks, bytes, count);
    while (count-- && !c->failed) {
        row += cursor_varint(c);
        uint64_t mask = cursor_bounded(c, OURO_EPOCH_FIELDS);
        if (!c->failed)
            epoch_row(dump, row, mask, c);
    }
}

void dump_process_chunk(struct dump *dump, uint16_t type, struct cursor *c)
{
    static const struct dump_field process_fields[] = {
        {OURO_PROCESS_VERSION, "version", false},
        {OURO_PROCESS_PID, "pid", false},
        {OURO_PROCESS_PARENT_PID, "parent pid", false},
        {OURO_PROCESS_WALL, "wall clock", false},
        {OURO_PROCESS_RUNTIME, "runtime", true},
        {OURO_PROCESS_RUNTIME_VERSION, "runtime version", true},
        {OURO_PROCESS_BUILD, "build", true},
        {OURO_PROCESS_EXECUTABLE, "executable", true},
        {OURO_PROCESS_DIRECTORY, "directory", true},
        {OURO_PROCESS_ARGUMENT, "argument", true},
        {OURO_PROCESS_PARENT_TRACE, "parent trace", true},
        {OURO_PROCESS_ORIGIN, "origin", false},
        {OURO_PROCESS_FLAGS, "flags", false},
        {OURO_PROCESS_SAMPLE, "sample", false},
        {OURO_PROCESS_SHIM, "shim", true},
        {OURO_PROCESS_CLOCK, "clock", false},
        {OURO_PROCESS_GC_SHAPES, "gc shapes", false},
        {OURO_PROCESS_NATIVE, "native sample", false},
        {0},
    };
    static const struct dump_field end_fields[] = {
        {OURO_END_REASON, "reason", false},
        {OURO_END_EXIT_STATUS, "exit status", false},
        {OURO_END_CLOCK, "clock", false},
        {OURO_END_TIME, "time", false},
        {OURO_END_BIRTHS, "births", false},
        {OURO_END_DEATHS, "deaths", false},
        {OURO_END_UNKNOWN_FREES, "unknown frees", false},
        {OURO_END_PEAK_RSS, "peak resident bytes", false},
        {OURO_END_OWN_BYTES, "own bytes", false},
        {OURO_END_SHAPES_SPENT, "shapes spent", false},
        {0},
    };
    switch (type) {
    case OURO_CHUNK_PROCESS:
        dump_fields(dump, process_fields, c);
        break;
    case OURO_CHUNK_STRINGS:
        dump_strings(dump, c);
        break;
    case OURO_CHUNK_FUNCTIONS:
        functions(dump, c);
        break;
    case OURO_CHUNK_SITES:
        sites(dump, c);
        break;
    case OURO_CHUNK_ROWS:
        rows(dump, c);
        break;
    case OURO_CHUNK_TYPES:
        types(dump, c);
        break;
    case OURO_CHUNK_EPOCH:
        epoch(dump, c);
        break;
    case OURO_CHUNK_END:
        dump_fields(dump, end_fields, c);
        break;
    default:
        dump_event(dump, type, c);
    }
}

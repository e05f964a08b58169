/* SPDX-License-Identifier: MIT */
/* Chunks of stream 0 that tell of something that happened, as text. */
#include "command/dump.h"

#include <inttypes.h>

#include "ouro/trace.h"
#include "trace/lives.h"
#include "trace/trace_names.h"

static void note(struct dump *dump, struct cursor *c)
{
    uint64_t code = cursor_varint(c), clock = cursor_varint(c), time = cursor_varint(c);
    if (c->failed)
        return;
    fprintf(dump->out, "  %s, clock %" PRIu64 ", time %" PRIu64 " ns: ", note_name(code), clock,
            time);
    dump_text(dump, c);
    fputc('\n', dump->out);
}

static void mark(struct dump *dump, struct cursor *c)
{
    uint64_t clock = cursor_varint(c), time = cursor_varint(c);
    if (c->failed)
        return;
    fprintf(dump->out, "  clock %" PRIu64 ", time %" PRIu64 " ns: ", clock, time);
    dump_text(dump, c);
    fputc('\n', dump->out);
}

static void child(struct dump *dump, struct cursor *c)
{
    uint64_t pid = cursor_varint(c), time = cursor_varint(c);
    if (!c->failed)
        fprintf(dump->out, "  pid %" PRIu64 ", time %" PRIu64 " ns\n", pid, time);
}

static void snapshot_taken(struct dump *dump, struct cursor *c)
{
    uint64_t number = cursor_varint(c), pause = cursor_varint(c);
    uint64_t clock = cursor_varint(c), time = cursor_varint(c);
    if (!c->failed)
        fprintf(dump->out,
                "  snapshot %" PRIu64 ": pause %" PRIu64 " ns, clock %" PRIu64 ", time %" PRIu64
                " ns\n",
                number, pause, clock, time);
}

static void collections(struct dump *dump, struct cursor *c)
{
    for (uint32_t count = cursor_count(c, 7); count; count--) {
        uint64_t generation = cursor_varint(c), start = cursor_varint(c), pause = cursor_varint(c);
        uint64_t objects = cursor_varint(c), blocks = cursor_varint(c), bytes = cursor_varint(c);
        uint64_t clock = cursor_varint(c);
        if (c->failed)
            return;
        fprintf(dump->out,
                "  generation %" PRIu64 ", time %" PRIu64 " ns, pause %" PRIu64
                " ns: collected %" PRIu64 " objects, freed %" PRIu64 " blocks, %" PRIu64
                " bytes, clock %" PRIu64 "\n",
                generation, start, pause, objects, blocks, bytes, clock);
    }
}

static void folded(struct dump *dump, struct cursor *c)
{
    for (uint32_t count = cursor_count(c, 1); count; count--) {
        uint64_t site = cursor_varint(c);
        if (c->failed)
            return;
        fprintf(dump->out, "  site %" PRIu64 "\n", site);
    }
}

/* Which lives have an entry in the column of sizes is said by their rows, in other chunks: the sizes
 * come at the end. */
static void lives(struct dump *dump, struct cursor *c)
{
    static const char *const causes[] = {"reference count", "collector", "shutdown", "alive"};
    struct lives lives;
    struct life life = {0};
    if (!lives_begin(&lives, c)) {
        cursor_fail(c);
        return;
    }
    while (lives.done < lives.count) {
        uint32_t row = lives_row(&lives, UINT32_MAX - 1);
        if (!lives_next(&lives, UINT32_MAX, false, &life)) {
            cursor_fail(c);
            return;
        }
        fprintf(dump->out, "  row %" PRIu32 ", type %" PRIu32 ", death %" PRIu32 ", ", row,
                life.type, life.death);
        if (life.age)
            fprintf(dump->out, "age %" PRIu32, life.age - 1);
        else
            fputs("age not known", dump->out);
        fprintf(dump->out, ", %s\n", causes[life.cause]);
    }
    struct cursor *sizes = &lives.columns[OURO_LIFE_SIZE];
    fputs("  sizes", dump->out);
    while (cursor_left(sizes)) {
        uint64_t size = cursor_varint(sizes);
        if (!sizes->failed)
            fprintf(dump->out, " %" PRIu64, size);
    }
    fputc('\n', dump->out);
    if (sizes->failed)
        cursor_fail(c);
}

static void value_samples(struct dump *dump, struct cursor *c)
{
    fprintf(dump->out, "  every %" PRIu64 " bytes\n", cursor_varint(c));
    for (uint64_t count = cursor_varint(c); count && !c->failed; count--) {
        uint64_t row = cursor_varint(c), samples = cursor_varint(c), objects = cursor_varint(c);
        fprintf(dump->out, "  row %" PRIu64 " samples %" PRIu64 " objects %" PRIu64 "\n", row,
                samples, objects);
    }
    for (uint64_t count = cursor_varint(c); count && !c->failed; count--) {
        uint64_t row = cursor_varint(c), samples = cursor_varint(c), objects = cursor_varint(c);
        uint64_t length = cursor_varint(c), flags = cursor_varint(c);
        fprintf(dump->out,
                "  row %" PRIu64 " samples %" PRIu64 " objects %" PRIu64 " length %" PRIu64
                " flags %" PRIu64 " ",
                row, samples, objects, length, flags);
        struct cursor preview = cursor_part(c);
        dump_text(dump, &preview);
        fputc('\n', dump->out);
    }
}

static void modules(struct dump *dump, struct cursor *c)
{
    cursor_varint(c);
    for (uint64_t count = cursor_varint(c); count && !c->failed; count--) {
        uint64_t bias = cursor_varint(c), start = cursor_varint(c), end = cursor_varint(c);
        struct cursor path = cursor_part(c), id = cursor_part(c);
        if (c->failed)
            return;
        fprintf(dump->out,
                "  0x%" PRIx64 "-0x%" PRIx64 " bias 0x%" PRIx64 " %zu bytes of path, build ", start,
                end, bias, cursor_left(&path));
        while (cursor_left(&id))
            fprintf(dump->out, "%02x", *cursor_bytes(&id, 1));
        fputc('\n', dump->out);
    }
}

static void native_stacks(struct dump *dump, struct cursor *c)
{
    cursor_varint(c);
    for (uint64_t count = cursor_varint(c); count && !c->failed; count--) {
        fprintf(dump->out, "  site %" PRIu64 ":", cursor_varint(c));
        uint64_t address = 0;
        for (uint64_t frames = cursor_varint(c); frames && !c->failed; frames--) {
            address += (uint64_t)cursor_svarint(c);
            fprintf(dump->out, " 0x%" PRIx64, address);
        }
        fputc('\n', dump->out);
    }
}

static void native(struct dump *dump, struct cursor *c)
{
    uint64_t stack = 0, clock = cursor_varint(c), time = cursor_varint(c);
    fprintf(dump->out, "  clock %" PRIu64 " time %" PRIu64 "\n", clock, time);
    for (uint64_t count = cursor_varint(c); count && !c->failed; count--) {
        stack += cursor_varint(c);
        uint64_t births = cursor_varint(c), bytes = cursor_varint(c);
        uint64_t deaths = cursor_varint(c), dead = cursor_varint(c);
        if (!c->failed)
            fprintf(dump->out,
                    "  stack %" PRIu64 " births %" PRIu64 " bytes %" PRIu64 " deaths %" PRIu64
                    " bytes %" PRIu64 "\n",
                    stack, births, bytes, deaths, dead);
    }
}

static void native_kinds(struct dump *dump, struct cursor *c)
{
    uint64_t stack = 0;
    for (uint64_t count = cursor_varint(c); count && !c->failed; count--) {
        stack += cursor_varint(c);
        uint64_t kind = cursor_varint(c);
        if (!c->failed)
            fprintf(dump->out, "  stack %" PRIu64 " kind %" PRIu64 "\n", stack, kind);
    }
}

void dump_event(struct dump *dump, uint16_t type, struct cursor *c)
{
    switch (type) {
    case OURO_CHUNK_COLLECTION:
        collections(dump, c);
        break;
    case OURO_CHUNK_NOTE:
        note(dump, c);
        break;
    case OURO_CHUNK_MARK:
        mark(dump, c);
        break;
    case OURO_CHUNK_CHILD:
        child(dump, c);
        break;
    case OURO_CHUNK_SNAPSHOT_TAKEN:
        snapshot_taken(dump, c);
        break;
    case OURO_CHUNK_FOLDED:
        folded(dump, c);
        break;
    case OURO_CHUNK_VALUE_SAMPLES:
        value_samples(dump, c);
        break;
    case OURO_CHUNK_LIVES:
        lives(dump, c);
        break;
    case OURO_CHUNK_MODULES:
        modules(dump, c);
        break;
    case OURO_CHUNK_NATIVE_STACKS:
        native_stacks(dump, c);
        break;
    case OURO_CHUNK_NATIVE:
        native(dump, c);
        break;
    case OURO_CHUNK_NATIVE_KINDS:
        native_kinds(dump, c);
        break;
    default:
        fprintf(dump->out, "  %zu bytes that this version cannot read\n", cursor_left(c));
    }
}

/* SPDX-License-Identifier: MIT */
#include "small_trace.h"

static void put(struct payload *p, const uint64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        payload_varint(p, numbers[i]);
}
#define PUT(p, ...)                         \
    put(p, (const uint64_t[]){__VA_ARGS__}, \
        sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

static void chunk(struct builder *b, uint16_t type, uint32_t stream, bool compressed,
                  struct payload *p)
{
    build_chunk(b, type, compressed ? OURO_CHUNK_ZSTD : 0, stream, p->bytes, p->size);
    payload_clear(p);
    *p = (struct payload){0};
}

/* Two modules; three stacks, of malloc, of a mapping and one that is not known. */
static void native(struct builder *b, uint32_t site, bool compressed)
{
    struct payload p = {0};
    PUT(&p, 1, 2, 0x1000, 0x1000, 0x2000);
    payload_text(&p, "libx.so");
    payload_text(&p, "0123456789abcdefghij");
    PUT(&p, 0x1800, 0x1800, 0x3000);
    payload_text(&p, "./y.so");
    PUT(&p, 0);
    chunk(b, OURO_CHUNK_MODULES, 0, compressed, &p);
    PUT(&p, 1, 3, site, 2);
    payload_svarint(&p, 0x1100);
    payload_svarint(&p, 0x900);
    PUT(&p, 0, 1);
    payload_svarint(&p, 0x1200);
    PUT(&p, site, 0);
    chunk(b, OURO_CHUNK_NATIVE_STACKS, 0, compressed, &p);
    PUT(&p, 1, 2, 1);
    chunk(b, OURO_CHUNK_NATIVE_KINDS, 0, compressed, &p);
    PUT(&p, 512, 1000, 2);
    PUT(&p, 1, 5 * 1024, 600 * 1024, 1024, 100 * 1024);
    PUT(&p, 1, 1024, 8192 * 1024, 0, 4096 * 1024);
    chunk(b, OURO_CHUNK_NATIVE, 0, compressed, &p);
}

/* Four blocks that nothing leads to: two that lead to each other, and one below the first of the others. */
static void unreached(struct builder *b, uint32_t stream, bool compressed)
{
    struct payload p = {0};
    PUT(&p, OURO_UNREACHED_KNOWN, 1, 9, 4000, 4, 288);
    chunk(b, OURO_CHUNK_SNAPSHOT_UNREACHED, stream, compressed, &p);
    PUT(&p, 0, 3, 0x5000, 64, 1, 60, 0x100, 96, 1, 90, 0x100, 64, 0);
    PUT(&p, 2, 0, 1, 1, 0);
    chunk(b, OURO_CHUNK_SNAPSHOT_UNREACHED_BLOCKS, stream, compressed, &p);
    PUT(&p, 3, 1, 0x6000, 64, 3, 64);
    PUT(&p, 1, 2, 3);
    chunk(b, OURO_CHUNK_SNAPSHOT_UNREACHED_BLOCKS, stream, compressed, &p);
}

struct builder *small_trace(bool compressed)
{
    struct builder *b = build_new();
    build_compress(b, compressed);
    build_process_int(b, OURO_PROCESS_NATIVE, 1);
    uint32_t site = build_site(b, 0, build_function(b, "app.py", "main", 1), 5);
    uint32_t row = build_row(b, site, 64, OURO_ROW_OBJECT);
    build_delta(b, row, (struct builder_delta){.births = 4, .deaths_refcount = 1});
    build_lifetime(b, row, 1, 1);
    build_dead(b, row, "app.Node", 1);
    build_epoch(b, 512, 1000, 3, 192);
    native(b, site, compressed);
    const struct builder_collection collection = {0, 900, 50, 1, 1, 64};
    const struct builder_life lives[] = {{.row = row, .type = 1, .death = 2, .age = 2},
                                         {.row = row, .death = 2, .age = 1, .cause = 3}};
    build_collection(b, &collection);
    build_mark(b, "warm");
    build_child(b, 1001);
    struct builder_snapshot *s = build_snapshot(b);
    uint32_t node = build_type(s, "app.Node", OURO_TYPE_GC);
    uint32_t str = build_type(s, "str", 0);
    uint32_t parent = build_object(s, node, 64, row), child = build_object(s, node, 64, row);
    uint32_t text = build_object(s, str, 50, row), copy = build_object(s, str, 50, 0);
    build_edge(s, parent, child, OURO_LABEL_ATTRIBUTE, "child");
    build_edge(s, child, parent, OURO_LABEL_ATTRIBUTE, "parent");
    build_element(s, parent, text, 3);
    build_edge(s, parent, copy, OURO_LABEL_KEY, "k");
    build_root(s, OURO_ROOT_MODULE, parent, "app", NULL, NULL, 0);
    uint32_t value = build_value(s, str, "x");
    build_member(s, text, value);
    build_member(s, copy, value);
    build_snapshot_flush(s);
    unreached(b, build_snapshot_number(s), compressed);
    uint32_t more = build_object(s, node, 64, row);
    build_edge(s, more, parent, OURO_LABEL_ATTRIBUTE, "parent");
    build_note(b, OURO_NOTE_OTHER, "a note");
    build_snapshot_taken(b, 1, 99);
    build_snapshot_end(s);
    build_lives(b, lives, 2);
    build_end(b, 0);
    return b;
}

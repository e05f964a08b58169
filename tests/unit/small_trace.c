/* SPDX-License-Identifier: MIT */
#include "small_trace.h"

struct builder *small_trace(bool compressed)
{
    struct builder *b = build_new();
    build_compress(b, compressed);
    uint32_t site = build_site(b, 0, build_function(b, "app.py", "main", 1), 5);
    uint32_t row = build_row(b, site, 64, OURO_ROW_OBJECT);
    build_delta(b, row, (struct builder_delta){.births = 4, .deaths_refcount = 1});
    build_lifetime(b, row, 1, 1);
    build_dead(b, row, "app.Node", 1);
    build_epoch(b, 512, 1000, 3, 192);
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
    uint32_t more = build_object(s, node, 64, row);
    build_edge(s, more, parent, OURO_LABEL_ATTRIBUTE, "parent");
    build_note(b, OURO_NOTE_OTHER, "a note");
    build_snapshot_taken(b, 1, 99);
    build_snapshot_end(s);
    build_lives(b, lives, 2);
    build_end(b, 0);
    return b;
}

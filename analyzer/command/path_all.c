/* SPDX-License-Identifier: MIT */
#include "command/path_all.h"

#include <jansson.h>

#include "report/json_writer.h"
#include "text/human.h"

/* Levels beyond this one are not indented any further. */
#define INDENT_MAX 16u

void path_all_text(const struct page *page, const struct merged_paths *merged, const char *what)
{
    char text[1200];
    snprintf(text, sizeof text, "%s object%s %s, %s", human_count(merged->objects).text,
             merged->objects == 1 ? "" : "s", what, human_bytes(merged->bytes).text);
    page_wrap(page, "  ", text);
    fprintf(page->out, "\n  %11s %10s  path\n", "objects", "bytes");
    for (uint32_t n = 0; n < merged->count; n++) {
        const struct merged_node *node = &merged->nodes[n];
        uint32_t level = node->depth < INDENT_MAX ? node->depth : INDENT_MAX;
        int indent = 2 * (int)level;
        fprintf(page->out, "  %11s %10s  %*s", human_count(node->objects).text,
                human_bytes(node->bytes).text, indent, "");
        snprintf(text, sizeof text, "%s%s%s", node->edge, *node->edge ? " -> " : "", node->type);
        page_name(page, text, PAGE_WIDTH - 26 - indent);
        fputc('\n', page->out);
        if (!node->more)
            continue;
        snprintf(text, sizeof text, "%*s%s more path%s to %s", indent + 2, "",
                 human_count(node->more).text, node->more == 1 ? "" : "s",
                 human_count(node->more_objects).text);
        fprintf(page->out, "  %22s  %s\n", "", text);
    }
    if (merged->more)
        fprintf(page->out, "  %22s  %s more roots of %s\n", "", human_count(merged->more).text,
                human_count(merged->more_objects).text);
}

static json_t *node_json(const struct merged_node *node)
{
    json_t *o = json_with(json_object(), "type", json_string(node->type));
    o = json_with(o, "edge", json_string(node->edge));
    o = json_with(o, "steps", json_number(node->steps));
    o = json_with(o, "ends", json_number(node->wanted));
    o = json_with(o, "objects", json_number(node->objects));
    o = json_with(o, "bytes", json_number(node->bytes));
    o = json_with(o, "more", json_number(node->more));
    return json_with(o, "more_objects", json_number(node->more_objects));
}

int path_all_json(FILE *out, const struct merged_paths *merged, const char *what)
{
    json_t *arrays[PATH_ALL_DEPTH_MAX + 2] = {json_array()}; /* borrowed but for the first */
    bool made = arrays[0] != NULL;
    for (uint32_t n = 0; made && n < merged->count; n++) {
        uint32_t depth = merged->nodes[n].depth;
        json_t *children = json_array();
        json_t *o = json_with(node_json(&merged->nodes[n]), "children", children);
        made = o && json_array_append_new(arrays[depth], o) == 0;
        arrays[depth + 1] = children;
    }
    json_t *all = json_with(json_object(), "of", json_string(what));
    all = json_with(all, "objects", json_number(merged->objects));
    all = json_with(all, "bytes", json_number(merged->bytes));
    all = json_with(all, "more", json_number(merged->more));
    all = json_with(all, "more_objects", json_number(merged->more_objects));
    all = json_with(json_object(), "paths", json_with(all, "tree", arrays[0]));
    int status = made && all && json_dumpf(all, out, JSON_COMPACT) == 0 ? 0 : -1;
    json_decref(all);
    fputc('\n', out);
    return status;
}

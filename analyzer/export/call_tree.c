/* SPDX-License-Identifier: MIT */
#include "export/call_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/fingerprint.h"
#include "export/profile.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

const char *call_measure_name(enum call_measure measure)
{
    static const char *const names[] = {
        [CALL_LIVE] = "live",       [CALL_PEAK] = "peak",     [CALL_ALLOCATED] = "allocated",
        [CALL_CHURNED] = "churned", [CALL_LEAKED] = "leaked", [CALL_NATIVE] = "native",
    };
    return names[measure];
}

/* Strings are known by their hash: equal ones come from several tables and, of two runs, twice. */
static bool string_add(struct call_tree *tree, const char *text, uint32_t *number)
{
    size_t length = strlen(text);
    XXH128_hash_t hash = XXH3_128bits(text, length);
    uint32_t known = tree->strings.count;
    if (!key_table_add(&tree->strings, &hash, number))
        return false;
    if (*number < known)
        return true;
    if (*number == tree->string_room) {
        uint32_t room = tree->string_room ? tree->string_room * 2 : 256;
        const char **strings = realloc(tree->string, room * sizeof *strings);
        if (!strings)
            return false;
        tree->string = strings;
        tree->string_room = room;
    }
    tree->string[*number] = arena_copy(tree->arena, text, length);
    return tree->string[*number] != NULL;
}

int call_tree_begin(struct call_tree *tree, uint32_t sides, bool by_function)
{
    struct call_node root = {NO_ID, 0};
    struct call_frame none = {0};
    uint32_t number;
    *tree = (struct call_tree){.sides = sides, .by_function = by_function, .arena = arena_new()};
    key_table_init(&tree->strings, sizeof(XXH128_hash_t));
    key_table_init(&tree->frames, sizeof(struct call_frame));
    key_table_init(&tree->nodes, sizeof(struct call_node));
    key_table_init(&tree->leaves, sizeof(struct call_leaf));
    return tree->arena && string_add(tree, "", &number) &&
                   key_table_add(&tree->frames, &none, &number) &&
                   key_table_add(&tree->nodes, &root, &number)
               ? 0
               : -1;
}

void call_tree_free(struct call_tree *tree)
{
    key_table_free(&tree->strings);
    key_table_free(&tree->frames);
    key_table_free(&tree->nodes);
    key_table_free(&tree->leaves);
    free(tree->string);
    free(tree->values);
    arena_free(tree->arena);
    *tree = (struct call_tree){0};
}

static bool leaf_add(struct call_tree *tree, uint32_t side, enum call_measure measure,
                     struct call_leaf leaf, struct call_value value)
{
    uint32_t number;
    if (!key_table_add(&tree->leaves, &leaf, &number))
        return false;
    if (number >= tree->leaf_room) {
        uint32_t room = tree->leaf_room ? tree->leaf_room * 2 : 1024;
        size_t each = (size_t)tree->sides * CALL_MEASURES, old = tree->leaf_room * each;
        struct call_value *values = realloc(tree->values, room * each * sizeof *values);
        if (!values)
            return false;
        memset(values + old, 0, (room * each - old) * sizeof *values);
        tree->values = values;
        tree->leaf_room = room;
    }
    struct call_value *sum = call_tree_value(tree, number, side, measure);
    sum->blocks += value.blocks;
    sum->bytes += value.bytes;
    tree->totals[side][measure].blocks += value.blocks;
    tree->totals[side][measure].bytes += value.bytes;
    return true;
}

/* The work of adding one report. */
struct addition {
    struct call_tree *tree;
    const struct report *report;
    uint32_t side;
    uint32_t *node; /* of each site */
};

static bool name_add(struct addition *a, enum call_measure measure, uint32_t site, const char *type,
                     struct call_value value)
{
    struct call_leaf leaf = {.node = a->node[site]};
    return string_add(a->tree, type, &leaf.type) &&
           leaf_add(a->tree, a->side, measure, leaf, value);
}

/* Parents come before their children in the trace. */
static bool nodes_add(struct addition *a)
{
    const struct process *p = a->report->process;
    struct call_tree *tree = a->tree;
    a->node = calloc((size_t)p->site_count + 1, sizeof *a->node);
    if (!a->node)
        return false;
    for (uint32_t s = 1; s <= p->site_count; s++) {
        const char *file, *function;
        struct call_frame frame = {0};
        struct call_node node = {.parent = a->node[p->sites[s].parent]};
        site_place(p, s, &file, &frame.line, &function);
        frame.library = site_is_library(p, s);
        if (tree->by_function) {
            frame.line = 0;
            file = fingerprint_file(p, file, tree->arena);
            function = fingerprint_text(function, tree->arena);
        }
        if (!file || !function || !string_add(tree, file, &frame.file) ||
            !string_add(tree, function, &frame.function) ||
            !key_table_add(&tree->frames, &frame, &node.frame) ||
            !key_table_add(&tree->nodes, &node, &a->node[s]))
            return false;
    }
    return true;
}

/* What all exports by call stack have alike. */
static bool profile_add(struct addition *a)
{
    static const enum measure objects_of[] = {
        [CALL_LIVE] = INUSE_OBJECTS,
        [CALL_PEAK] = PEAK_OBJECTS,
        [CALL_ALLOCATED] = ALLOC_OBJECTS,
        [CALL_LEAKED] = LEAKED_OBJECTS,
    };
    struct profile profile;
    bool ok = profile_make(a->report, &profile) == 0;
    for (uint32_t i = 0; ok && i < profile.sample_count; i++) {
        const struct profile_sample *s = &profile.samples[i];
        for (unsigned m = 0; ok && m < CALL_MEASURES; m++) {
            if (m == CALL_CHURNED || m == CALL_NATIVE)
                continue; /* not of the profile */
            const uint64_t *values = &s->values[objects_of[m]];
            if (values[0] || values[1])
                ok = name_add(a, m, s->site, s->type, (struct call_value){values[0], values[1]});
        }
    }
    profile_free(&profile);
    return ok;
}

static bool churned_add(struct addition *a)
{
    const struct churn *c = &a->report->churn;
    for (uint32_t i = 0; i < c->site_count; i++) {
        const struct churn_site *s = &c->sites[i];
        if (s->short_lived && !name_add(a, CALL_CHURNED, s->site, s->type ? s->type : "(not known)",
                                        (struct call_value){s->short_lived, s->short_bytes}))
            return false;
    }
    return true;
}

/* Of the machine, or the runtime itself. */
static bool is_installed(const struct process *process, const char *module)
{
    return strncmp(module, "/usr/", 5) == 0 || strncmp(module, "/lib", 4) == 0 ||
           strstr(module, "-packages/") || strstr(module, "/lib-dynload/") ||
           strstr(module, "/libpython") || strcmp(module, process->executable) == 0 || !*module;
}

/* A native frame below another call. */
static bool native_node(struct addition *a, const struct native_place *place, uint32_t *node)
{
    struct call_tree *tree = a->tree;
    const char *slash = strrchr(place->module, '/'), *base = slash ? slash + 1 : place->module;
    const char *file = *place->file ? place->file : place->module, *function = place->function;
    struct call_frame frame = {.line = tree->by_function ? 0 : place->line,
                               .library = is_installed(a->report->process, place->module)};
    struct call_node call = {.parent = *node};
    char name[256];
    if (!*function) {
        snprintf(name, sizeof name, "(%s)", *base ? base : "native code of no file");
        function = name;
    }
    if (tree->by_function) {
        file = fingerprint_file(a->report->process, file, tree->arena);
        function = fingerprint_text(function, tree->arena);
    }
    return file && function && string_add(tree, file, &frame.file) &&
           string_add(tree, function, &frame.function) &&
           key_table_add(&tree->frames, &frame, &call.frame) &&
           key_table_add(&tree->nodes, &call, node);
}

/* Stacks are those of the runtime, with the native frames below them. */
static bool native_add(struct addition *a)
{
    const struct native_sites *sites = &a->report->native;
    for (uint32_t i = 0; sites->list && i < sites->count; i++) {
        const struct native_site *site = &sites->list[i];
        char text[32];
        struct call_leaf leaf = {.node = a->node[site->site]};
        if (!site->alive_bytes)
            continue;
        for (uint32_t at = site->count; at-- > 0;) {
            const struct native_code *code = symbols_find(a->report->symbols, site->addresses[at]);
            for (uint32_t n = code ? code->count : 0; n-- > 0;)
                if (!native_node(a, &code->places[n], &leaf.node))
                    return false;
            if (!code)
                return false;
        }
        snprintf(text, sizeof text, "(%s)", native_kind_name(site->kind));
        if (!string_add(a->tree, text, &leaf.type) ||
            !leaf_add(a->tree, a->side, CALL_NATIVE, leaf,
                      (struct call_value){site->alive, site->alive_bytes}))
            return false;
    }
    return true;
}

int call_tree_add(struct call_tree *tree, const struct report *report, uint32_t side,
                  uint32_t **node_of_site)
{
    struct addition a = {tree, report, side, NULL};
    bool ok = nodes_add(&a) && profile_add(&a) && churned_add(&a) && native_add(&a);
    if (node_of_site)
        *node_of_site = a.node;
    else
        free(a.node);
    return ok ? 0 : -1;
}

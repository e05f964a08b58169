/* SPDX-License-Identifier: MIT */
#include "graph/holder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/edge_label.h"
#include "graph/graph.h"
#include "graph/owner_map.h"

enum telling {
    HOLDER_ATTRIBUTE,
    HOLDER_KEY,
    HOLDER_ITEM,
    HOLDER_CELL,
    HOLDER_LOCAL,
    HOLDER_KEYS,
    HOLDER_UNNAMED,
    HOLDER_NOBODY,
};

#define STR "x = sys.intern(x)"
#define OTHER "x = cache.setdefault(x, x), one cache for all"
static const char *const fixes[][2] = {
    [HOLDER_ATTRIBUTE] = {"before it is stored in the attribute: " STR,
                          "before it is stored in the attribute: " OTHER},
    [HOLDER_KEY] = {"before it is stored under the key (object_hook=, row factory): " STR,
                    "before it is stored under the key (object_hook=, row factory): " OTHER},
    [HOLDER_ITEM] = {"before it goes into the container: " STR,
                     "before it goes into the container: " OTHER},
    [HOLDER_CELL] = {"where the variable is set: " STR, "where the variable is set: " OTHER},
    [HOLDER_LOCAL] = {"where the variable is set: " STR, "where the variable is set: " OTHER},
    [HOLDER_KEYS] = {"before it becomes a key: " STR, "before it becomes a key: " OTHER},
    [HOLDER_UNNAMED] = {"where it is made: " STR, "where it is made: " OTHER},
    [HOLDER_NOBODY] = {"where it is made: " STR, "where it is made: " OTHER},
};

/* The place a reference from an object stands for. */
static struct holder holder_of(const struct snapshot *snapshot, const struct type_order *order,
                               const uint32_t *owner, uint32_t source, uint32_t label)
{
    static const uint8_t telling_of[] = {
        [OURO_LABEL_NONE] = HOLDER_UNNAMED,      [OURO_LABEL_ATTRIBUTE] = HOLDER_ATTRIBUTE,
        [OURO_LABEL_KEY] = HOLDER_KEY,           [OURO_LABEL_INDEX] = HOLDER_ITEM,
        [OURO_LABEL_ELEMENT] = HOLDER_ITEM,      [OURO_LABEL_CELL] = HOLDER_CELL,
        [OURO_LABEL_LOCAL] = HOLDER_LOCAL,       [OURO_LABEL_KEY_OBJECT] = HOLDER_KEYS,
        [OURO_LABEL_NAMESPACE] = HOLDER_UNNAMED, [OURO_LABEL_TYPE] = HOLDER_UNNAMED,
    };
    uint32_t kind = label & OURO_LABEL_KIND_MASK, top = owner_map_top(owner, source);
    bool named = *edge_label_name(snapshot, label);
    struct holder holder = {HOLDER_UNNAMED, order->rank[snapshot->type[top]], 0};
    if (kind < sizeof telling_of)
        holder.telling = telling_of[kind];
    if (holder.telling == HOLDER_ATTRIBUTE && !named)
        holder.telling = HOLDER_UNNAMED;
    if (holder.telling == HOLDER_KEYS && top != source) /* the names of attributes themselves */
        holder.type = order->rank[snapshot->type[source]];
    if (named)
        holder.string = label >> OURO_LABEL_SHIFT;
    return holder;
}

int holder_compare(const struct snapshot *snapshot, const struct holder *left,
                   const struct holder *right)
{
    if (left->telling != right->telling)
        return left->telling < right->telling ? -1 : 1;
    if (left->type != right->type)
        return left->type < right->type ? -1 : 1;
    if (left->string == right->string)
        return 0;
    return strcmp(snapshot->strings[left->string], snapshot->strings[right->string]);
}

struct holder *holders_find(const struct snapshot *snapshot, const struct type_order *order,
                            const uint32_t *slot, uint32_t slots)
{
    struct referrers referrers = {0};
    struct holder *holders = malloc(((size_t)slots + 1) * sizeof *holders);
    uint32_t *owner = owner_map_build(snapshot);
    if (!holders || !owner || referrers_build(snapshot, slot, slots, VIEW_STRONG, &referrers) < 0) {
        free(holders);
        holders = NULL;
        goto out;
    }
    for (uint32_t s = 0; s < slots; s++) {
        struct holder best = {HOLDER_NOBODY, 0, 0};
        for (uint64_t r = referrers.first[s]; r < referrers.first[s + 1]; r++) {
            struct holder holder =
                holder_of(snapshot, order, owner, referrers.source[r], referrers.label[r]);
            if (holder_compare(snapshot, &holder, &best) < 0)
                best = holder;
        }
        holders[s] = best;
    }
out:
    free(owner);
    referrers_free(&referrers);
    return holders;
}

bool holder_is_key(const struct holder *holder)
{
    return holder->telling == HOLDER_KEY && holder->string != 0;
}

bool holder_is_attribute(const struct holder *holder)
{
    return holder->telling == HOLDER_ATTRIBUTE;
}

bool holder_is_item(const struct holder *holder)
{
    return holder->telling == HOLDER_ITEM;
}

bool holder_is_in_dict(const struct holder *holder)
{
    return holder->telling == HOLDER_KEY || holder->telling == HOLDER_KEYS;
}

bool holder_is_programs(const struct type_order *order, const struct holder *holder)
{
    return holder->telling != HOLDER_NOBODY && !(order->flags[holder->type] & OURO_TYPE_FIXED);
}

bool holder_is_assigned(const struct snapshot *snapshot, const struct type_order *order,
                        const struct holder *holder)
{
    const char *name = snapshot->strings[holder->string];
    size_t length = strlen(name);
    bool special = holder->telling == HOLDER_ATTRIBUTE && length > 4 && !strncmp(name, "__", 2) &&
                   !strcmp(name + length - 2, "__");
    return holder_is_programs(order, holder) && !special;
}

struct holder holder_any_key(struct holder holder)
{
    holder.string = 0;
    return holder;
}

const char *holder_text(const struct snapshot *snapshot, const struct type_order *order,
                        const struct holder *holder, struct arena *arena)
{
    static const struct {
        uint32_t kind;
        const char *between; /* the type and the label */
    } form[] = {
        [HOLDER_ATTRIBUTE] = {OURO_LABEL_ATTRIBUTE, ""},
        [HOLDER_KEY] = {OURO_LABEL_KEY, ""},
        [HOLDER_ITEM] = {OURO_LABEL_INDEX, ""},
        [HOLDER_CELL] = {OURO_LABEL_CELL, " "},
        [HOLDER_LOCAL] = {OURO_LABEL_LOCAL, " "},
        [HOLDER_KEYS] = {OURO_LABEL_KEY_OBJECT, ""},
        [HOLDER_UNNAMED] = {OURO_LABEL_NONE, ""},
    };
    if (holder->telling == HOLDER_NOBODY)
        return "(not known)";
    const char *type = order->name[holder->type], *between = form[holder->telling].between;
    const char *label =
        holder->telling == HOLDER_KEYS
            ? ".keys()"
            : edge_label_text(arena, form[holder->telling].kind, snapshot->strings[holder->string]);
    if (!label)
        return NULL;
    size_t room = strlen(type) + strlen(between) + strlen(label) + 1;
    char *text = arena_alloc(arena, room, 1);
    if (text)
        snprintf(text, room, "%s%s%s", type, between, label);
    return text;
}

const char *holder_fix(const struct holder *holder, bool is_str)
{
    return fixes[holder->telling][!is_str];
}

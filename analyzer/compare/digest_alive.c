/* SPDX-License-Identifier: MIT */
#include "compare/digest_alive.h"

#include <stdlib.h>
#include <string.h>

#include "compare/fingerprint.h"
#include "graph/holder.h"
#include "graph/root_paths.h"

/* A key of data dicts below so many objects is data itself, as for interning. */
#define KEY_LEAST 4u

/* Paths from a root are looked for only of lines and types with so much. */
#define PATH_OBJECTS 10u
#define PATH_BYTES 4096u

struct work {
    const struct report *report;
    const struct snapshot *snapshot;
    struct digest *digest;
    uint32_t *slot;   /* object → its number among the living in the heap; NO_ID: none of them */
    uint32_t *object; /* the way back */
    uint32_t count;
    struct holder *holders;  /* of each */
    uint32_t *group;         /* of each: number of its line and type */
    struct key_table groups; /* by (line, type) */
    struct key_table kinds;  /* by (type, holder) */
    struct tally alive;      /* group 0, by group number */
    struct tally by_kind;    /* group 0, by kind number */
    struct tally held;       /* by group number, by kind number */
    uint32_t *youngest;      /* group → its youngest object */
    struct heap_roots roots;
    struct root_paths paths;
};

struct group_key {
    uint32_t line, type;
};

struct kind_key {
    uint32_t type;
    struct holder holder;
};

static bool living_find(struct work *w)
{
    const struct snapshot *s = w->snapshot;
    w->slot = malloc(((size_t)s->object_count + 1) * sizeof *w->slot);
    w->object = calloc((size_t)s->object_count + 1, sizeof *w->object);
    w->group = malloc(((size_t)s->object_count + 1) * sizeof *w->group);
    if (!w->slot || !w->object || !w->group)
        return false;
    for (uint32_t o = 0; o < s->object_count; o++) {
        bool counts =
            w->report->garbage.class[o] == CLASS_LIVE && !(s->flags[o] & OURO_OBJECT_STATIC);
        w->slot[o] = counts ? w->count : NO_ID;
        if (counts)
            w->object[w->count++] = o;
    }
    w->holders = holders_find(s, &w->report->order, w->slot, w->count);
    return w->holders != NULL;
}

/* Forgets the keys of data dicts that hold but a few objects, and what no program can change. */
static bool holders_merge(struct work *w)
{
    struct key_table places;
    uint32_t *of = malloc(((size_t)w->count + 1) * sizeof *of);
    uint32_t *objects = NULL;
    key_table_init(&places, sizeof(struct kind_key));
    bool ok = of != NULL;
    for (uint32_t n = 0; ok && n < w->count; n++) {
        struct kind_key key = {w->report->order.rank[w->snapshot->type[w->object[n]]],
                               w->holders[n]};
        of[n] = NO_ID;
        ok = !holder_is_key(&key.holder) || key_table_add(&places, &key, &of[n]);
    }
    if (ok && !(objects = calloc((size_t)places.count + 1, sizeof *objects)))
        ok = false;
    for (uint32_t n = 0; ok && n < w->count; n++) {
        if (of[n] != NO_ID)
            objects[of[n]]++;
    }
    for (uint32_t n = 0; ok && n < w->count; n++) {
        if (of[n] != NO_ID && objects[of[n]] < KEY_LEAST)
            w->holders[n] = holder_any_key(w->holders[n]);
    }
    key_table_free(&places);
    free(of);
    free(objects);
    return ok;
}

/* Sums up by line and type, by type and holder, and by both. */
static bool living_sum(struct work *w, const struct source_lines *lines)
{
    const struct snapshot *s = w->snapshot;
    const struct process *process = w->report->process;
    for (uint32_t n = 0; n < w->count; n++) {
        uint32_t object = w->object[n], row = s->row[object];
        uint32_t site = row <= process->row_count ? process->rows[row].site : 0;
        uint32_t rank = w->report->order.rank[s->type[object]], kind;
        uint64_t size = object_size(s, object);
        struct group_key key = {lines->of_site[site], rank};
        struct kind_key held = {rank, w->holders[n]};
        if (!key_table_add(&w->groups, &key, &w->group[n]) ||
            !key_table_add(&w->kinds, &held, &kind) ||
            !tally_add(&w->alive, 0, w->group[n], 1, size) ||
            !tally_add(&w->by_kind, 0, kind, 1, size) ||
            !tally_add(&w->held, w->group[n], kind, 1, size))
            return false;
    }
    return true;
}

/* Of each line and type the object born last: what keeps it is what keeps a leak. */
static bool youngest_find(struct work *w)
{
    w->youngest = malloc(((size_t)w->groups.count + 1) * sizeof *w->youngest);
    if (!w->youngest)
        return false;
    memset(w->youngest, 0xff, ((size_t)w->groups.count + 1) * sizeof *w->youngest);
    for (uint32_t n = 0; n < w->count; n++) {
        uint32_t *best = &w->youngest[w->group[n]];
        if (*best == NO_ID ||
            object_birth(w->snapshot, w->object[n]) > object_birth(w->snapshot, *best))
            *best = w->object[n];
    }
    return true;
}

/* Who keeps the objects of a line and type: the path to the youngest, or what holds most of them. NULL
 * without memory. */
static const char *keeper(struct work *w, uint32_t group, const struct tally_entry *sum)
{
    struct arena *arena = w->digest->arena;
    if (sum->objects >= PATH_OBJECTS || sum->bytes >= PATH_BYTES) {
        struct root_path path;
        if (root_path_find(&w->paths, w->youngest[group], arena, &path) < 0)
            return NULL;
        if (path.name && *path.name && *path.name != '(' && strlen(path.name) < 160)
            return fingerprint_path(path.name, arena);
    }
    uint32_t entries;
    const struct tally_entry *entry = tally_group(&w->held, group, &entries);
    if (!entries)
        return "";
    const struct kind_key *key = key_table_key(&w->kinds, entry->item);
    if (!holder_is_programs(&w->report->order, &key->holder))
        return "";
    return holder_text(w->snapshot, &w->report->order, &key->holder, arena);
}

static struct range exactly(uint64_t n)
{
    return (struct range){n, n};
}

static bool lines_add(struct work *w, const struct source_lines *lines)
{
    uint32_t entries;
    const struct tally_entry *entry = tally_group(&w->alive, 0, &entries);
    for (uint32_t i = 0; i < entries; i++) {
        const struct group_key *key = key_table_key(&w->groups, entry[i].item);
        const char *detail = keeper(w, entry[i].item, &entry[i]);
        const struct digest_item item = {
            .subject = DIGEST_ALIVE,
            .key = w->report->order.name[key->type],
            .place = lines->places[key->line],
            .count = exactly(entry[i].objects),
            .bytes = exactly(entry[i].bytes),
            .flags = lines->library[key->line] ? DIGEST_LIBRARY : 0,
            .detail = detail,
        };
        if (!detail || !digest_add(w->digest, &item))
            return false;
    }
    return true;
}

static bool holders_add(struct work *w)
{
    uint32_t entries;
    const struct tally_entry *entry = tally_group(&w->by_kind, 0, &entries);
    for (uint32_t i = 0; i < entries; i++) {
        const struct kind_key *key = key_table_key(&w->kinds, entry[i].item);
        if (!holder_is_programs(&w->report->order, &key->holder))
            continue;
        const char *holder =
            holder_text(w->snapshot, &w->report->order, &key->holder, w->digest->arena);
        if (!holder)
            return false;
        const char *masked =
            fingerprint_pair(w->report->order.name[key->type], " in ", holder, w->digest->arena);
        const struct digest_item item = {
            .subject = DIGEST_HOLDER,
            .key = masked,
            .count = exactly(entry[i].objects),
            .bytes = exactly(entry[i].bytes),
        };
        if (!masked || !digest_add(w->digest, &item))
            return false;
    }
    return true;
}

static bool types_add(struct work *w)
{
    uint32_t types = w->report->order.count;
    uint64_t(*sums)[2] = calloc((size_t)types + 1, sizeof *sums);
    bool ok = sums != NULL;
    for (uint32_t n = 0; ok && n < w->count; n++) {
        uint32_t rank = w->report->order.rank[w->snapshot->type[w->object[n]]];
        sums[rank][0]++;
        sums[rank][1] += object_size(w->snapshot, w->object[n]);
    }
    for (uint32_t t = 0; ok && t < types; t++) {
        const struct digest_item item = {
            .subject = DIGEST_TYPE,
            .key = w->report->order.name[t],
            .count = exactly(sums[t][0]),
            .bytes = exactly(sums[t][1]),
        };
        ok = !sums[t][0] || digest_add(w->digest, &item);
    }
    free(sums);
    return ok;
}

int digest_add_alive(const struct report *report, struct source_lines *lines, struct digest *digest)
{
    struct work w = {.report = report, .snapshot = report->snapshot, .digest = digest};
    key_table_init(&w.groups, sizeof(struct group_key));
    key_table_init(&w.kinds, sizeof(struct kind_key));
    tally_init(&w.alive);
    tally_init(&w.by_kind);
    tally_init(&w.held);
    bool ok = living_find(&w) && holders_merge(&w) && living_sum(&w, lines) && youngest_find(&w) &&
              tally_sort(&w.alive, NULL, NULL) && tally_sort(&w.by_kind, NULL, NULL) &&
              tally_sort(&w.held, NULL, NULL) &&
              heap_roots_find(w.snapshot, report->garbage.class, &w.roots) == 0 &&
              root_paths_build(w.snapshot, &w.roots, report->garbage.class, &w.paths) == 0 &&
              lines_add(&w, lines) && holders_add(&w) && types_add(&w);
    root_paths_free(&w.paths);
    heap_roots_free(&w.roots);
    tally_free(&w.alive);
    tally_free(&w.by_kind);
    tally_free(&w.held);
    key_table_free(&w.groups);
    key_table_free(&w.kinds);
    free(w.holders);
    free(w.slot);
    free(w.object);
    free(w.group);
    free(w.youngest);
    return ok ? 0 : -1;
}

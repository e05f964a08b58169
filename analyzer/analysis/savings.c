/* SPDX-License-Identifier: MIT */
#include "analysis/savings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/interning_copies.h"
#include "analysis/release.h"
#include "graph/edge_label.h"
#include "structure/key_table.h"

#define KEYS_SHOWN 8u

/* What makes records one finding. Without padding: it is a key. */
struct finding_key {
    uint32_t kind, type, detail; /* detail: set of keys */
    uint32_t function, line;     /* of the program's frame; 0 where the kind goes by type */
};

/* One object that could be smaller, or go. */
struct candidate {
    uint32_t object, finding;
    uint64_t bytes;
};

struct finding {
    struct finding_key key;
    struct saving saving;
    uint32_t first; /* the candidate that comes first */
};

struct work {
    const struct process *process;
    const struct snapshot *snapshot;
    const struct type_order *order;
    const struct site_table *sites;
    const struct garbage *garbage;
    struct savings *savings;
    struct key_table keys; /* of findings */
    struct finding *findings;
    uint32_t finding_room;
    struct candidate *candidates;
    uint32_t candidate_count, candidate_room;
    bool *claimed; /* objects that count already */
    struct release release;
};

const char *saving_kind_name(enum saving_kind kind)
{
    static const char *const name[] = {"equal", "slots", "record", "numbers",
                                       "room",  "empty", "wide",   "code"};
    return name[kind];
}

static const char *fix_text(const struct finding_key *key)
{
    switch (key->kind) {
    case SAVING_SLOTS:
        return "__slots__ in the class, or @dataclass(slots=True)";
    case SAVING_RECORD:
        return "a class with __slots__, or a named tuple, with these keys";
    case SAVING_NUMBERS:
        return key->detail ? "array.array('q', …) or a numpy array: no objects at all"
                           : "array.array('d', …) or a numpy array: no objects at all";
    case SAVING_ROOM:
        return "a copy once it is complete, list(x), dict(x), set(x), or a tuple: copies have no "
               "room to grow";
    case SAVING_EMPTY:
        return "make it when something goes into it; None or () until then";
    case SAVING_WIDE:
        return "keep it without its few wide characters, or as UTF-8: one of them makes every "
               "character wide";
    case SAVING_CODE:
        return "compile it once, and load a module under one name";
    default:
        return "";
    }
}

/* The program's frame of an object's birth; false: it is not the program that makes it. */
static bool place_of(const struct work *w, uint32_t object, uint32_t *frame)
{
    uint32_t row = w->snapshot->row[object];
    *frame = 0;
    if (!site_table_has(w->sites, row))
        return true; /* a sample left it out */
    *frame = site_programs_frame(w->process, site_table_of_row(w->sites, row));
    return *frame != 0;
}

/* Adds an object to a finding, and to a new one where there is none of that key. */
static int candidate_add(struct work *w, const struct finding_key *key, uint32_t frame,
                         uint32_t object, uint64_t bytes)
{
    uint32_t number, known = w->keys.count;
    if (!key_table_add(&w->keys, key, &number))
        return -1;
    if (number >= w->finding_room) {
        uint32_t room = w->finding_room ? w->finding_room * 2 : 64;
        struct finding *findings = realloc(w->findings, room * sizeof *findings);
        if (!findings)
            return -1;
        w->findings = findings;
        w->finding_room = room;
    }
    struct finding *f = &w->findings[number];
    if (number == known)
        *f = (struct finding){
            .key = *key,
            .first = w->candidate_count,
            .saving = {.kind = (enum saving_kind)key->kind,
                       .type = w->order->name[key->type],
                       .what = "",
                       .site = frame,
                       .fix = fix_text(key)},
        };
    if (w->candidate_count == w->candidate_room) {
        if (w->candidate_room > UINT32_MAX / 2)
            return -1;
        uint32_t room = w->candidate_room ? w->candidate_room * 2 : 1024;
        struct candidate *candidates = realloc(w->candidates, room * sizeof *candidates);
        if (!candidates)
            return -1;
        w->candidates = candidates;
        w->candidate_room = room;
    }
    w->candidates[w->candidate_count++] = (struct candidate){object, number, bytes};
    f->saving.bytes += bytes;
    return 0;
}

/* Where the middle of a sequence was made: free lists hide where the sequence itself was. */
static bool place_of_sequence(const struct work *w, uint32_t object, uint32_t *frame)
{
    const struct snapshot *s = w->snapshot;
    uint32_t first = s->edge_first[object], count = s->edge_first[object + 1] - first;
    return (count && place_of(w, s->edge_target[first + count / 2], frame)) ||
           place_of(w, object, frame);
}

/* The numbers that only this sequence holds go with it. */
static int numbers_add(struct work *w, const struct finding_key *key, uint32_t frame,
                       uint32_t object)
{
    const struct snapshot *s = w->snapshot;
    const uint32_t stays = OURO_OBJECT_IMMORTAL | OURO_OBJECT_STATIC;
    for (uint32_t e = s->edge_first[object]; e < s->edge_first[object + 1]; e++) {
        uint32_t item = s->edge_target[e];
        if ((s->edge_label[e] & OURO_LABEL_KIND_MASK) == OURO_LABEL_INDEX &&
            s->refcount[item] == 1 && !(s->flags[item] & stays) &&
            candidate_add(w, key, frame, item, object_size(s, item)) < 0)
            return -1;
    }
    return 0;
}

/* What the snapshot says objects could do without. */
static int spares_add(struct work *w)
{
    static const enum saving_kind kinds[] = {
        [OURO_SPARE_EMPTY] = SAVING_EMPTY,   [OURO_SPARE_ROOM] = SAVING_ROOM,
        [OURO_SPARE_WIDE] = SAVING_WIDE,     [OURO_SPARE_SLOTS] = SAVING_SLOTS,
        [OURO_SPARE_RECORD] = SAVING_RECORD, [OURO_SPARE_NUMBERS] = SAVING_NUMBERS,
    };
    const struct snapshot *s = w->snapshot;
    for (uint32_t i = 0; i < s->spare_count; i++) {
        const struct spare *spare = &s->spares[i];
        uint32_t o = spare->object, frame;
        if (spare->kind < OURO_SPARE_EMPTY || spare->kind > OURO_SPARE_NUMBERS ||
            w->garbage->class[o] != CLASS_LIVE || s->flags[o] & OURO_OBJECT_STATIC)
            continue;
        if (spare->kind == OURO_SPARE_NUMBERS ? !place_of_sequence(w, o, &frame)
                                              : !place_of(w, o, &frame)) {
            w->savings->foreign_bytes += spare->bytes;
            continue;
        }
        struct finding_key key = {.kind = kinds[spare->kind], .type = w->order->rank[s->type[o]]};
        const struct site *site = &w->process->sites[frame];
        if (key.kind == SAVING_RECORD || key.kind == SAVING_NUMBERS)
            key.detail = spare->detail;
        if (key.kind != SAVING_SLOTS && key.kind != SAVING_RECORD) {
            key.function = w->sites->same_function[site->function];
            key.line = site->line;
        }
        if (candidate_add(w, &key, frame, o, spare->bytes) < 0 ||
            (key.kind == SAVING_NUMBERS && numbers_add(w, &key, frame, o) < 0))
            return -1;
    }
    return 0;
}

/* All code objects with an equal one but the oldest of each, and what dies with them. */
static int code_add(struct work *w)
{
    const struct snapshot *s = w->snapshot;
    uint32_t *oldest = malloc(((size_t)s->value_count + 1) * sizeof *oldest);
    int status = oldest ? 0 : -1;
    if (oldest)
        memset(oldest, 0xff, ((size_t)s->value_count + 1) * sizeof *oldest);
    for (int pass = 0; pass < 2 && !status; pass++) {
        for (uint32_t m = 0; m < s->member_count && !status; m++) {
            uint32_t o = s->member_object[m], *first = &oldest[s->member_value[m]], frame;
            uint32_t rank = w->order->rank[s->type[o]];
            if (!(w->order->flags[rank] & OURO_TYPE_FIXED) || w->garbage->class[o] != CLASS_LIVE)
                continue;
            if (!pass) {
                if (*first == NO_ID || copies_older(s, o, *first))
                    *first = o;
                continue;
            }
            if (*first == o || s->flags[o] & (OURO_OBJECT_IMMORTAL | OURO_OBJECT_STATIC) ||
                !place_of(w, o, &frame))
                continue;
            const struct site *site = &w->process->sites[frame];
            const struct finding_key key = {
                .kind = SAVING_CODE,
                .type = rank,
                .function = w->sites->same_function[site->function],
                .line = site->line,
            };
            size_t from = w->release.dead.count;
            uint64_t bytes = 0;
            if (!release_object(&w->release, o) || !release_run(&w->release, &bytes))
                status = -1;
            for (size_t i = from; i < w->release.dead.count && !status; i++)
                status = candidate_add(w, &key, frame, w->release.dead.items[i],
                                       object_size(s, w->release.dead.items[i]));
        }
    }
    free(oldest);
    return status;
}

/* The keys of a record, from its edges. */
static const char *keys_text(const struct work *w, uint32_t object)
{
    const struct snapshot *s = w->snapshot;
    char text[512];
    size_t used = 0;
    uint32_t keys = 0;
    for (uint32_t e = s->edge_first[object]; e < s->edge_first[object + 1]; e++) {
        uint32_t label = s->edge_label[e];
        if ((label & OURO_LABEL_KIND_MASK) != OURO_LABEL_KEY)
            continue;
        const char *name = edge_label_name(s, label);
        if (keys++ < KEYS_SHOWN && *name && used < sizeof text)
            used +=
                (size_t)snprintf(text + used, sizeof text - used, "%s%s", used ? ", " : "", name);
    }
    if (used >= sizeof text - 32)
        used = 0;
    if (!used)
        used = (size_t)snprintf(text, sizeof text, "%u keys", (unsigned)keys);
    else if (keys > KEYS_SHOWN)
        used += (size_t)snprintf(text + used, sizeof text - used, ", … (%u)", (unsigned)keys);
    return arena_copy(w->savings->arena, text, used);
}

static int finding_compare(const void *left, const void *right)
{
    const struct finding *a = left, *b = right;
    if (a->saving.bytes != b->saving.bytes)
        return a->saving.bytes < b->saving.bytes ? 1 : -1;
    return memcmp(&a->key, &b->key, sizeof a->key);
}

static int saving_compare(const void *left, const void *right)
{
    const struct saving *a = left, *b = right;
    if (a->added_bytes != b->added_bytes)
        return a->added_bytes < b->added_bytes ? 1 : -1;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    int order = strcmp(a->type, b->type);
    if (!order)
        order = strcmp(a->what, b->what);
    return order ? order : (a->site > b->site) - (a->site < b->site);
}

static void total_add(struct savings *n, const struct saving *saving)
{
    n->bytes += saving->added_bytes;
    n->kind_bytes[saving->kind] += saving->added_bytes;
    n->kind_objects[saving->kind] += saving->objects;
}

/* Equal values that are worth it. */
static void equal_list(struct work *w, const struct interning *interning)
{
    struct savings *n = w->savings;
    for (uint32_t g = 0; g < interning->group_count; g++) {
        const struct interning_group *group = &interning->groups[g];
        if (group->advice == ADVICE_NO)
            continue;
        n->list[n->count] = (struct saving){
            .kind = SAVING_EQUAL,
            .type = group->type,
            .what = group->holder,
            .objects = group->copies,
            .bytes = group->net_bytes,
            .added_bytes = group->added_bytes,
            .site = group->fix.site,
            .fix = group->fix.text,
        };
        total_add(n, &n->list[n->count++]);
    }
}

/* Findings with most bytes first: each object counts for the first one that has it. */
static int findings_list(struct work *w)
{
    struct savings *n = w->savings;
    uint32_t count = w->keys.count;
    uint32_t *rank = calloc((size_t)count + 1, sizeof *rank);
    uint32_t *end = calloc((size_t)count + 2, sizeof *end);
    uint32_t *sorted = calloc((size_t)w->candidate_count + 1, sizeof *sorted);
    int status = rank && end && sorted ? 0 : -1;
    if (status)
        goto out;
    if (count)
        qsort(w->findings, count, sizeof *w->findings, finding_compare);
    for (uint32_t f = 0; f < count; f++)
        rank[w->candidates[w->findings[f].first].finding] = f;
    for (uint32_t c = 0; c < w->candidate_count; c++)
        end[rank[w->candidates[c].finding] + 1]++;
    for (uint32_t f = 0; f < count; f++)
        end[f + 1] += end[f];
    for (uint32_t c = w->candidate_count; c-- > 0;)
        sorted[--end[rank[w->candidates[c].finding] + 1]] = c;
    for (uint32_t f = 0; f < count; f++) {
        struct saving *saving = &w->findings[f].saving;
        uint32_t stop = f + 1 < count ? end[f + 2] : w->candidate_count;
        for (uint32_t i = end[f + 1]; i < stop; i++) {
            const struct candidate *c = &w->candidates[sorted[i]];
            /* What goes with an object is in its bytes only. */
            saving->objects +=
                w->order->rank[w->snapshot->type[c->object]] == w->findings[f].key.type;
            if (w->claimed[c->object])
                continue;
            w->claimed[c->object] = true;
            saving->added_bytes += c->bytes;
        }
        if (saving->bytes < SAVINGS_LEAST) {
            n->small_bytes += saving->added_bytes;
            continue;
        }
        if (saving->kind == SAVING_NUMBERS)
            saving->what = w->findings[f].key.detail ? "of int" : "of float";
        if (saving->kind == SAVING_RECORD)
            saving->what = keys_text(w, w->candidates[w->findings[f].first].object);
        if (!saving->what)
            status = -1;
        n->list[n->count] = *saving;
        total_add(n, &n->list[n->count++]);
    }
out:
    free(rank);
    free(end);
    free(sorted);
    return status;
}

int savings_find(const struct process *process, const struct snapshot *snapshot,
                 const struct type_order *order, const struct site_table *sites,
                 const struct garbage *garbage, const struct interning *interning,
                 struct savings *savings)
{
    *savings = (struct savings){.arena = arena_new()};
    struct work w = {
        .process = process,
        .snapshot = snapshot,
        .order = order,
        .sites = sites,
        .garbage = garbage,
        .savings = savings,
        .claimed = calloc((size_t)snapshot->object_count + 1, sizeof *w.claimed),
    };
    key_table_init(&w.keys, sizeof(struct finding_key));
    int status = -1;
    if (!savings->arena || !w.claimed || release_init(snapshot, &w.release) < 0 ||
        spares_add(&w) < 0 || code_add(&w) < 0)
        goto out;
    savings->list = arena_alloc(savings->arena, (uint64_t)interning->group_count + w.keys.count,
                                sizeof *savings->list);
    if (!savings->list)
        goto out;
    for (size_t i = 0; i < interning->advised_dead.count; i++)
        w.claimed[interning->advised_dead.items[i]] = true;
    equal_list(&w, interning);
    if (findings_list(&w) < 0)
        goto out;
    qsort(savings->list, savings->count, sizeof *savings->list, saving_compare);
    status = 0;
out:
    key_table_free(&w.keys);
    free(w.findings);
    free(w.candidates);
    free(w.claimed);
    release_free(&w.release);
    return status;
}

void savings_free(struct savings *savings)
{
    arena_free(savings->arena);
    *savings = (struct savings){0};
}

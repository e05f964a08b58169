/* SPDX-License-Identifier: MIT */
#include "export/profile.h"

#include <stdlib.h>
#include <string.h>

#include "model/estimate.h"

const struct measure_info measure_infos[MEASURES] = {
    [ALLOC_OBJECTS] = {"alloc_objects", "allocated objects", false},
    [ALLOC_SPACE] = {"alloc_space", "allocated bytes", true},
    [INUSE_OBJECTS] = {"inuse_objects", "live objects", false},
    [INUSE_SPACE] = {"inuse_space", "live bytes", true},
    [LEAKED_OBJECTS] = {"leaked_objects", "leaked objects", false},
    [LEAKED_SPACE] = {"leaked_space", "leaked bytes", true},
    [PEAK_OBJECTS] = {"peak_objects", "objects at the peak", false},
    [PEAK_SPACE] = {"peak_space", "bytes at the peak", true},
};

/* Types that have no number among the names. */
#define TYPE_UNKNOWN ROW_TYPE_UNKNOWN
#define TYPE_PLAIN (UINT32_MAX - 1)
#define TYPE_RESTING (UINT32_MAX - 2)

/* Weights of sampled objects are kept in parts of this. */
#define WEIGHT_UNIT 65536.0

struct key {
    uint32_t site, type;
};
_Static_assert(sizeof(struct key) == 8, "keys are compared as bytes");

/* A sample before it is finished. Values are weights until they are shared out. */
struct draft {
    struct key key;
    uint32_t rank; /* of its site: call stacks that begin alike have ranks next to each other */
    uint64_t values[MEASURES];
};

struct work {
    const struct report *report;
    const struct process *process;
    struct profile *profile;
    struct key_table keys;
    struct draft *drafts;
    uint32_t draft_room;
    uint32_t *of_snapshot; /* type of the snapshot → number */
    uint32_t *rank;        /* site → its place in the order of call stacks */
};

static int name_compare(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The number of a name that may be NULL, or stand for something else than a type. */
static uint32_t type_number(const struct work *w, const char *name)
{
    const struct row_types *types = &w->report->types;
    if (!name || name == PLAIN_MEMORY)
        return name ? TYPE_PLAIN : TYPE_UNKNOWN;
    const char **found =
        bsearch(&name, types->names, types->name_count, sizeof *types->names, name_compare);
    return found ? (uint32_t)(found - types->names) : TYPE_UNKNOWN;
}

static const char *type_name(const struct work *w, uint32_t number)
{
    switch (number) {
    case TYPE_UNKNOWN:
        return "(not known)";
    case TYPE_PLAIN:
        return PLAIN_MEMORY;
    case TYPE_RESTING:
        return "(free lists)";
    default:
        return w->report->types.names[number];
    }
}

/* The draft of a place and type; NULL: no memory. Valid until the next is asked for. */
static struct draft *draft_at(struct work *w, uint32_t site, uint32_t type)
{
    const struct key key = {site, type};
    uint32_t before = w->keys.count, number;
    if (!key_table_add(&w->keys, &key, &number))
        return NULL;
    if (number == w->draft_room) {
        uint32_t room = w->draft_room ? w->draft_room * 2 : 1024;
        struct draft *drafts = realloc(w->drafts, room * sizeof *drafts);
        if (!drafts)
            return NULL;
        w->drafts = drafts;
        w->draft_room = room;
    }
    if (number == before)
        w->drafts[number] = (struct draft){.key = key};
    return &w->drafts[number];
}

static bool add(struct work *w, uint32_t site, uint32_t type, enum measure objects, uint64_t count,
                uint64_t bytes)
{
    if (!count && !bytes)
        return true;
    struct draft *draft = draft_at(w, site, type);
    if (!draft)
        return false;
    draft->values[objects] += count;
    draft->values[objects + 1] += bytes;
    return true;
}

/* What was allocated, and, if there is no snapshot, what of it is alive. In 1/process.unit. */
static bool ledger_add(struct work *w)
{
    const struct process *p = w->process;
    bool alive = !w->report->snapshot;
    for (uint32_t r = 1; r <= p->row_count; r++) {
        const struct row *row = &p->rows[r];
        uint32_t count, site = site_table_of_row(&w->report->sites, r);
        const struct row_type *items = row_types_of(&w->report->types, r, &count);
        if (!(row->flags & OURO_ROW_OBJECT)) {
            uint64_t deaths = row->deaths[0] + row->deaths[1] + row->deaths[2];
            if (!add(w, site, TYPE_PLAIN, ALLOC_OBJECTS, row->births, row->born_bytes))
                return false;
            if (alive && row->births > deaths && row->born_bytes >= row->died_bytes &&
                !add(w, site, TYPE_PLAIN, INUSE_OBJECTS, row->births - deaths,
                     row->born_bytes - row->died_bytes))
                return false;
            continue;
        }
        for (uint32_t k = 0; k < count; k++) {
            const struct row_type *item = &items[k];
            if (!add(w, site, item->number, ALLOC_OBJECTS, row_type_deaths(item) + item->alive,
                     item->died_bytes + item->alive_bytes))
                return false;
            if (alive && !add(w, site, item->number, INUSE_OBJECTS, item->alive, item->alive_bytes))
                return false;
        }
    }
    return true;
}

static bool peak_add(struct work *w)
{
    const struct timeline *t = &w->report->timeline;
    for (uint32_t s = 0; s < t->site_count; s++) {
        const struct live_site *site = &t->sites[s];
        if (!add(w, site->site, type_number(w, site->type), PEAK_OBJECTS, site->live.blocks,
                 site->live.bytes))
            return false;
    }
    return add(w, 0, TYPE_RESTING, PEAK_OBJECTS, t->resting.blocks, t->resting.bytes);
}

/* Objects and bytes that a type has in all. */
struct have {
    uint64_t objects, bytes;
};

/* Of the drafts of one type, which are order[0 … count − 1], shares out what it has. */
static bool type_share(struct work *w, const uint32_t *order, uint32_t count, enum measure objects,
                       const struct have *have)
{
    uint64_t *weights = calloc(count, 2 * sizeof *weights), sum = 0;
    if (!weights)
        return false;
    for (unsigned half = 0; half < 2; half++) {
        uint64_t total = half ? have->bytes : have->objects;
        sum = 0;
        for (uint32_t i = 0; i < count; i++) {
            weights[i] = w->drafts[order[i]].values[objects + half];
            sum |= weights[i];
        }
        if (!sum)
            weights[0] = 1; /* that of no site: nothing is known */
        estimate_share(total, weights, count, weights + count);
        for (uint32_t i = 0; i < count; i++)
            w->drafts[order[i]].values[objects + half] = weights[count + i];
    }
    free(weights);
    return true;
}

static int draft_order(const void *left, const void *right, void *drafts)
{
    const struct key *a = &((const struct draft *)drafts)[*(const uint32_t *)left].key;
    const struct key *b = &((const struct draft *)drafts)[*(const uint32_t *)right].key;
    if (a->type != b->type)
        return a->type < b->type ? -1 : 1;
    return (a->site > b->site) - (a->site < b->site);
}

/* Type by type, shares out what the heap has by the weights in the drafts. */
static bool heap_share(struct work *w, enum measure objects, const struct have *have)
{
    uint32_t names = w->report->types.name_count, count;
    for (uint32_t t = 0; t <= names; t++) { /* so that each type has a draft without a site */
        if ((have[t].objects || have[t].bytes) && !draft_at(w, 0, t == names ? TYPE_UNKNOWN : t))
            return false;
    }
    count = w->keys.count;
    uint32_t *order = malloc(((size_t)count + 1) * sizeof *order);
    bool ok = order != NULL;
    for (uint32_t d = 0; ok && d < count; d++)
        order[d] = d;
    if (ok && count)
        qsort_r(order, count, sizeof *order, draft_order, w->drafts);
    for (uint32_t first = 0, end; ok && first < count; first = end) {
        uint32_t type = w->drafts[order[first]].key.type;
        for (end = first; end < count && w->drafts[order[end]].key.type == type; end++)
            ;
        if (type == TYPE_UNKNOWN || type < names)
            ok = type_share(w, order + first, end - first, objects,
                            &have[type == TYPE_UNKNOWN ? names : type]);
    }
    free(order);
    return ok;
}

/* Objects of the snapshot: all, or those whose byte in which is not 0. */
static bool heap_add(struct work *w, const uint8_t *which, enum measure objects)
{
    const struct process *p = w->process;
    const struct snapshot *s = w->report->snapshot;
    uint32_t names = w->report->types.name_count;
    struct have *have = calloc((size_t)names + 1, sizeof *have);
    bool ok = have != NULL;
    for (uint32_t o = 0; ok && o < s->object_count; o++) {
        if (which && !which[o])
            continue;
        uint32_t row = s->row[o] <= p->row_count ? s->row[o] : 0;
        uint32_t type = w->of_snapshot[s->type[o]];
        uint64_t bytes = s->flags[o] & OURO_OBJECT_STATIC ? 0 : object_size(s, o);
        struct have *of_type = &have[type == TYPE_UNKNOWN ? names : type];
        of_type->objects++;
        of_type->bytes += bytes;
        if (!site_table_has(&w->report->sites, row))
            continue;
        /* The block decides whether an object is in the sample; tables it owns have their own. */
        uint64_t block = p->rows[row].flags & OURO_ROW_VARIABLE ? bytes : p->rows[row].size;
        double weight = p->sample ? estimate_weight(p, block) * WEIGHT_UNIT : 1;
        ok = add(w, site_table_of_row(&w->report->sites, row), type, objects, (uint64_t)weight,
                 (uint64_t)(weight * (double)bytes));
    }
    ok = ok && heap_share(w, objects, have);
    free(have);
    return ok;
}

static bool snapshot_add(struct work *w)
{
    const struct snapshot *s = w->report->snapshot;
    if (!s)
        return true;
    w->of_snapshot = malloc(((size_t)s->type_count + 1) * sizeof *w->of_snapshot);
    if (!w->of_snapshot)
        return false;
    w->of_snapshot[0] = TYPE_UNKNOWN;
    for (uint32_t t = 1; t <= s->type_count; t++)
        w->of_snapshot[t] = type_number(w, s->types[t].name);
    return heap_add(w, NULL, INUSE_OBJECTS) &&
           (!w->report->cycles.leaked || heap_add(w, w->report->cycles.leaked, LEAKED_OBJECTS));
}

/* What the report says each measure of the ledger is in all. */
static void totals_tell(struct work *w)
{
    const struct report *report = w->report;
    const struct churn *churn = &report->churn;
    uint64_t *totals = w->profile->totals, plain = 0, bytes = 0;
    totals[ALLOC_OBJECTS] = churn->allocations + churn->plain_allocations;
    totals[ALLOC_SPACE] = churn->bytes + churn->plain_bytes;
    if (report->timeline.peak != NO_ID) {
        totals[PEAK_OBJECTS] = report->timeline.points[report->timeline.peak].blocks;
        totals[PEAK_SPACE] = report->timeline.points[report->timeline.peak].bytes;
    }
    for (uint32_t d = 0; d < w->keys.count; d++) {
        const struct draft *draft = &w->drafts[d];
        plain += draft->key.type == TYPE_PLAIN ? draft->values[INUSE_OBJECTS] : 0;
        bytes += draft->values[INUSE_SPACE];
        totals[LEAKED_OBJECTS] += draft->values[LEAKED_OBJECTS];
        totals[LEAKED_SPACE] += draft->values[LEAKED_SPACE];
    }
    totals[INUSE_OBJECTS] =
        report->snapshot ? report->heap.objects : churn->alive + estimate_whole(w->process, plain);
    totals[INUSE_SPACE] = report->snapshot ? report->heap.bytes : estimate_whole(w->process, bytes);
}

/* Ranks sites so that a site comes right after its parent and all that hangs below an earlier child
 * of that. */
static bool sites_rank(struct work *w)
{
    const struct process *p = w->process;
    const uint32_t *canonical = w->report->sites.canonical;
    size_t room = (size_t)p->site_count + 1;
    uint32_t *first = calloc(room, sizeof *first), *next = calloc(room, sizeof *next);
    w->rank = calloc(room, sizeof *w->rank);
    bool ok = first && next && w->rank;
    for (uint32_t s = ok ? p->site_count : 0; s; s--) {
        uint32_t parent = canonical[p->sites[s].parent];
        if (canonical[s] != s)
            continue;
        next[s] = first[parent];
        first[parent] = s;
    }
    for (uint32_t at = ok ? first[0] : 0, rank = 1; at;) {
        w->rank[at] = rank++;
        if (first[at]) {
            at = first[at];
            continue;
        }
        while (at && !next[at])
            at = canonical[p->sites[at].parent];
        at = next[at];
    }
    free(first);
    free(next);
    return ok;
}

static int draft_compare(const void *left, const void *right)
{
    const struct draft *a = left, *b = right;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return (a->key.type > b->key.type) - (a->key.type < b->key.type);
}

/* Makes the samples of the drafts: whole numbers that add up to the totals. */
static bool samples_make(struct work *w)
{
    struct profile *profile = w->profile;
    uint32_t count = w->keys.count;
    uint64_t *weights = calloc((size_t)count + 1, 2 * sizeof *weights);
    profile->samples = calloc((size_t)count + 1, sizeof *profile->samples);
    if (!weights || !profile->samples || !sites_rank(w)) {
        free(weights);
        return false;
    }
    for (uint32_t d = 0; d < count; d++)
        w->drafts[d].rank = w->rank[w->drafts[d].key.site];
    if (count)
        qsort(w->drafts, count, sizeof *w->drafts, draft_compare);
    for (unsigned m = 0; m < MEASURES; m++) {
        for (uint32_t d = 0; d < count; d++)
            weights[d] = w->drafts[d].values[m];
        estimate_share(profile->totals[m], weights, count, weights + count);
        for (uint32_t d = 0; d < count; d++)
            w->drafts[d].values[m] = weights[count + d];
    }
    free(weights);
    for (uint32_t d = 0; d < count; d++) {
        const struct draft *draft = &w->drafts[d];
        struct profile_sample *sample = &profile->samples[profile->sample_count];
        uint64_t any = 0;
        for (unsigned m = 0; m < MEASURES; m++)
            any |= draft->values[m];
        if (!any)
            continue;
        sample->site = draft->key.site;
        sample->resting = draft->key.type == TYPE_RESTING;
        sample->type = type_name(w, draft->key.type);
        memcpy(sample->values, draft->values, sizeof sample->values);
        profile->sample_count++;
    }
    return true;
}

int profile_make(const struct report *report, struct profile *profile)
{
    struct work w = {.report = report, .process = report->process, .profile = profile};
    *profile = (struct profile){
        .process = report->process, .measures = measure_infos, .measure_count = MEASURES};
    key_table_init(&w.keys, sizeof(struct key));
    bool ok =
        snapshot_add(&w) && ledger_add(&w) && peak_add(&w) && profile_frames_make(report, profile);
    if (ok) {
        totals_tell(&w);
        ok = samples_make(&w);
    }
    key_table_free(&w.keys);
    free(w.drafts);
    free(w.of_snapshot);
    free(w.rank);
    return ok ? 0 : -1;
}

void profile_free(struct profile *profile)
{
    free(profile->frames);
    free(profile->frame_of);
    free(profile->samples);
    free(profile->stack);
    arena_free(profile->arena);
    *profile = (struct profile){0};
}

char *profile_command(const struct process *process)
{
    char *line = NULL;
    size_t size;
    FILE *words = open_memstream(&line, &size);
    if (!words)
        return NULL;
    if (!process->argument_count)
        fputs(process->executable, words);
    for (uint32_t i = 0; i < process->argument_count; i++)
        fprintf(words, "%s%s", i ? " " : "", process->arguments[i]);
    bool failed = ferror(words) != 0;
    failed |= fclose(words) != 0;
    if (failed) {
        free(line);
        line = NULL;
    }
    return line;
}

int profile_of_request(const struct export_request *request, struct report *report,
                       struct profile *profile, char *error, size_t error_size)
{
    const struct process *process = request->process;
    bool native = export_is_native(request->what);
    *profile = (struct profile){0};
    int status = native ? report_build_native(request->run, process, report)
                        : report_build_profile(request->run, process, report);
    if (status == 0)
        status = native ? profile_make_native(report, profile) : profile_make(report, profile);
    if (status < 0)
        snprintf(error, error_size, "not enough memory");
    return status;
}

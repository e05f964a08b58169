/* SPDX-License-Identifier: MIT */
#include "growth/growth.h"

#include <stdlib.h>
#include <string.h>

#include "cycles/path.h"
#include "growth/container.h"
#include "growth/growth_judge.h"
#include "growth/growth_name.h"
#include "growth/growth_pattern.h"
#include "model/estimate.h"

/* Lines that grow: more than that many are not told one by one. */
#define LINES_MOST 4096u
#define SITES_MOST 5u
/* Objects of a line whose paths are compared, and steps of all paths that are followed at most. */
#define SAMPLES 320u
#define STEPS_MOST (8u << 20)

/* A line that passed both tests. */
struct found {
    uint32_t line, slot; /* of the survivors */
    enum growth_verdict verdict;
    uint32_t root_kind; /* where there is no container: of the roots that lead to most of it */
    bool doubtful; /* the runtime recycles the type unseen: another line may have let it grow */
    struct container container;
    uint32_t suspect;
};

struct work {
    const struct row_types *types;
    const struct site_table *sites;
    const struct snapshot *snapshot;
    const struct garbage *garbage;
    struct growth *growth;
    uint32_t *candidate; /* lines that grow steadily */
    uint32_t candidate_count;
    struct survivors survivors;
    struct found *found;
    uint32_t found_count;
    struct retained retained;
    struct root_paths paths;
    struct container_finder finder;
};

static double added_bytes(const struct growth_series *series, uint32_t line)
{
    uint32_t last = series->span.points - 1;
    double added = series->line[line].bytes[last] - series->line[line].bytes[0];
    return added > 0 ? added : 0;
}

/* Lines that grow steadily. Memory of an object that is not its own block (the table of a dict) has no
 * type: where there is a snapshot, its object speaks for it. */
static int candidates_find(struct work *w)
{
    const struct growth_series *series = &w->growth->series;
    w->candidate = malloc(((size_t)series->lines.count + 1) * sizeof *w->candidate);
    if (!w->candidate)
        return -1;
    for (uint32_t l = 0; l < series->lines.count && w->candidate_count < LINES_MOST; l++) {
        const struct place *place =
            &series->places[series->lines.members[series->lines.items[l].first]];
        if (series->lines.items[l].kind == LINE_IMPORT || (w->snapshot && !place->type))
            continue;
        if (growth_is_steady(&series->span, &series->line[l]))
            w->candidate[w->candidate_count++] = l;
    }
    return 0;
}

static int judge(struct work *w)
{
    const struct growth_series *series = &w->growth->series;
    w->found = calloc((size_t)w->candidate_count + 1, sizeof *w->found);
    if (!w->found ||
        (w->snapshot && survivors_find(series, w->types, w->snapshot, w->garbage, w->candidate,
                                       w->candidate_count, &w->survivors) < 0))
        return -1;
    for (uint32_t i = 0; i < w->candidate_count; i++) {
        uint32_t line = w->candidate[i];
        enum growth_verdict verdict =
            w->snapshot
                ? growth_judge_ages(&series->span, &series->line[line], &w->survivors.ages[i])
                : growth_judge_alone(&series->span);
        if (verdict != GROWTH_HELD && verdict != GROWTH_RELEASED)
            continue;
        struct found found = {.line = line, .slot = i, .verdict = verdict};
        found.container = (struct container){NO_ID, NO_ID, 0};
        found.doubtful = w->snapshot && w->survivors.ages[i].unknown > 0;
        w->found[w->found_count++] = found;
    }
    return 0;
}

static const uint32_t *survivors_of(const struct work *w, const struct found *found,
                                    uint32_t *count)
{
    *count = 0;
    if (!w->snapshot || found->verdict != GROWTH_HELD)
        return NULL;
    *count = w->survivors.first[found->slot + 1] - w->survivors.first[found->slot];
    return w->survivors.object + w->survivors.first[found->slot];
}

/* Of a line: objects of each point of the run alike, so that what is there for a moment only does not
 * outweigh what stays. Where births are not known, of all. */
static uint32_t sample(const struct work *w, const uint32_t *objects, uint32_t count,
                       uint32_t sampled[SAMPLES])
{
    const struct growth_span *span = &w->growth->series.span;
    uint32_t of[GROWTH_POINTS_MOST + 1] = {0}, met[GROWTH_POINTS_MOST + 1] = {0}, taken = 0;
    uint32_t each = SAMPLES / (GROWTH_POINTS_MOST + 1);
    for (uint32_t n = 0; n < count; n++)
        of[growth_span_point(span, object_birth(w->snapshot, objects[n])) + 1]++;
    bool known = of[0] < count;
    for (uint32_t n = 0; n < count; n++) {
        uint32_t point =
            (uint32_t)(growth_span_point(span, object_birth(w->snapshot, objects[n])) + 1);
        uint32_t stride = of[point] / each + 1;
        if ((point || !known) && met[point]++ % stride == 0)
            sampled[taken++] = objects[n];
    }
    return taken;
}

/* What most of some objects hang from, as the kind of a root (enum ouro_root_kind); 0: not known. */
static uint32_t root_kind_of(const struct work *w, const uint32_t *objects, uint32_t count)
{
    uint32_t of[OURO_ROOT_MEMORY + 1] = {0}, best = 0;
    for (uint32_t n = 0; n < count; n++) {
        uint32_t o = objects[n];
        while (w->paths.before[o] != NO_ID)
            o = w->paths.before[o];
        uint32_t record = heap_roots_record(&w->retained.roots, o);
        uint32_t kind = record == NO_ID ? 0 : w->snapshot->roots[record].kind;
        if (kind == OURO_ROOT_STACK || kind == OURO_ROOT_CODE)
            kind = OURO_ROOT_LOCAL;
        of[kind <= OURO_ROOT_MEMORY ? kind : 0]++;
    }
    for (uint32_t kind = 1; kind <= OURO_ROOT_MEMORY; kind++) {
        if (of[kind] > (best ? of[best] : 0))
            best = kind;
    }
    return best;
}

/* Whether what the container has of a line is of all ages; other holders may have the rest. */
static bool container_has_all_ages(struct work *w, const struct found *found,
                                   const uint32_t *objects, uint32_t count)
{
    const struct growth_span *span = &w->growth->series.span;
    bool born[GROWTH_POINTS_MOST] = {false};
    uint32_t steps = 0;
    if (w->survivors.ages[found->slot].unknown > 0)
        return true;
    for (uint32_t n = 0; n < count && steps < STEPS_MOST; n++) {
        int point = growth_span_point(span, object_birth(w->snapshot, objects[n]));
        if (point >= 0 && !born[point])
            born[point] =
                container_is_above(&w->paths, found->container.object, objects[n], &steps);
    }
    uint32_t empty = 0;
    for (uint32_t k = 0; k < span->points; k++)
        empty += !born[k];
    return empty <= 1 || steps >= STEPS_MOST; /* by chance one may be empty */
}

static int containers_find(struct work *w)
{
    const struct snapshot *s = w->snapshot;
    uint32_t kept = 0, sampled[SAMPLES];
    if (!s)
        return 0;
    if (retained_find(s, w->garbage, &w->retained) < 0 ||
        root_paths_build(s, &w->retained.roots, w->garbage->class, &w->paths) < 0 ||
        container_finder_make(&w->paths, &w->finder) < 0)
        return -1;
    for (uint32_t i = 0; i < w->found_count; i++) {
        uint32_t count;
        const uint32_t *objects = survivors_of(w, &w->found[i], &count);
        struct found *found = &w->found[i];
        if (count) {
            uint32_t samples = sample(w, objects, count, sampled);
            found->container = container_find(&w->finder, sampled, samples);
            if (found->container.object == NO_ID) {
                found->root_kind = root_kind_of(w, sampled, samples);
                found->container.entry = sampled[0];
            }
        }
        if (found->container.object == NO_ID || container_has_all_ages(w, found, objects, count))
            w->found[kept++] = *found;
    }
    w->found_count = kept;
    return 0;
}

/*
 * Whether objects of its type that are kept by other suspects are enough to explain why a doubtful line
 * grew: whoever keeps recycled objects makes another line, which finds none to recycle, grow.
 */
static bool explained(const struct work *w, const struct found *found)
{
    const struct growth *g = w->growth;
    const struct snapshot *s = w->snapshot;
    const struct growth_line *line = &g->series.line[found->line];
    double kept = 0, grown = line->count[g->series.span.points - 1] - line->count[0];
    uint32_t count, steps = 0;
    const uint32_t *objects = survivors_of(w, found, &count);
    for (uint32_t o = 0; count && o < s->object_count && kept * 2 < grown; o++) {
        if (s->type[o] != s->type[objects[0]] || w->garbage->class[o])
            continue;
        for (uint32_t i = 0; i < g->suspect_count && steps < STEPS_MOST; i++) {
            uint32_t container = g->suspects[i].container;
            if (container != NO_ID && container_is_above(&w->paths, container, o, &steps)) {
                kept++;
                break;
            }
        }
    }
    return count && kept * 2 >= grown;
}

/* Lines whose objects tell their births come first. */
static int found_compare(const void *left, const void *right)
{
    const struct found *a = left, *b = right;
    if (a->doubtful != b->doubtful)
        return a->doubtful ? 1 : -1;
    return (a->line > b->line) - (a->line < b->line);
}

/* One suspect for each container, and one for each line whose container is not known. */
static int suspects_group(struct work *w)
{
    struct growth *g = w->growth;
    g->suspects = arena_alloc(g->arena, (size_t)w->found_count + 1, sizeof *g->suspects);
    if (!g->suspects)
        return -1;
    uint32_t kept = 0;
    qsort(w->found, w->found_count, sizeof *w->found, found_compare);
    for (uint32_t i = 0; i < w->found_count; i++) {
        struct found found = w->found[i];
        found.suspect = g->suspect_count;
        for (uint32_t n = 0; n < kept; n++) {
            if (w->found[n].container.object == found.container.object &&
                w->found[n].root_kind == found.root_kind &&
                (found.container.object != NO_ID || found.root_kind)) {
                found.suspect = w->found[n].suspect;
                break;
            }
        }
        if (found.suspect == g->suspect_count && found.doubtful && explained(w, &found))
            continue;
        struct growth_suspect *suspect = &g->suspects[found.suspect];
        if (found.suspect == g->suspect_count) {
            suspect->container = found.container.object;
            suspect->root_kind = found.root_kind;
            suspect->released = found.verdict == GROWTH_RELEASED;
            g->suspect_count++;
        }
        suspect->member_count++;
        w->found[kept++] = found;
    }
    w->found_count = kept;
    return 0;
}

/* The type most entries have that something piled up in, and which line made what piles up. */
static uint32_t entry_type_of(const struct work *w, const struct growth_suspect *suspect)
{
    const struct snapshot *s = w->snapshot;
    double most = -1;
    uint32_t type = 0;
    for (uint32_t i = 0; i < w->found_count; i++) {
        const struct found *found = &w->found[i];
        const struct growth_suspect *its = &w->growth->suspects[found->suspect];
        if (its != suspect)
            continue;
        const struct growth_line *line = &w->growth->series.line[found->line];
        double grown = line->count[w->growth->series.span.points - 1] - line->count[0];
        uint32_t of = s->type[found->container.entry];
        if (grown > most || (!(grown < most) && of < type)) {
            most = grown;
            type = of;
        }
    }
    return type;
}

/* What is put into the container says most, if it is more than a container itself; then classes. */
enum telling { TELLING_ENTRY, TELLING_CLASS, TELLING_OTHER, TELLING_PLUMBING };

static uint8_t telling_of(const struct work *w, const struct found *found, const char *type,
                          const char *entry_type)
{
    if (!type || path_type_is_plumbing(type))
        return TELLING_PLUMBING;
    if (entry_type && !strcmp(type, entry_type))
        return TELLING_ENTRY;
    uint32_t count;
    const uint32_t *objects = survivors_of(w, found, &count);
    uint32_t flags = count ? w->snapshot->types[w->snapshot->type[objects[0]]].flags : 0;
    return flags & OURO_TYPE_USER ? TELLING_CLASS : TELLING_OTHER;
}

static int member_compare(const void *left, const void *right)
{
    const struct growth_member *a = left, *b = right;
    if (a->telling != b->telling)
        return a->telling < b->telling ? -1 : 1;
    if (a->grown_bytes > b->grown_bytes || a->grown_bytes < b->grown_bytes)
        return a->grown_bytes < b->grown_bytes ? 1 : -1;
    return (a->line > b->line) - (a->line < b->line);
}

static int members_list(struct work *w, uint32_t number)
{
    struct growth *g = w->growth;
    struct growth_suspect *suspect = &g->suspects[number];
    uint32_t last = g->series.span.points - 1;
    suspect->members = arena_alloc(g->arena, suspect->member_count, sizeof *suspect->members);
    if (!suspect->members)
        return -1;
    suspect->member_count = 0;
    if (suspect->container != NO_ID) {
        const struct snapshot *s = w->snapshot;
        suspect->container_type = s->types[s->type[suspect->container]].name;
        suspect->entry_type = s->types[entry_type_of(w, suspect)].name;
    }
    for (uint32_t i = 0; i < w->found_count; i++) {
        const struct found *found = &w->found[i];
        if (found->suspect != number)
            continue;
        const struct growth_line *line = &g->series.line[found->line];
        const struct place *place =
            &g->series.places[g->series.lines.members[g->series.lines.items[found->line].first]];
        struct growth_member member = {.line = found->line,
                                       .site = place->site,
                                       .type = place->type,
                                       .grown = line->count[last] - line->count[0],
                                       .grown_bytes = added_bytes(&g->series, found->line)};
        uint32_t count;
        const uint32_t *objects = survivors_of(w, found, &count);
        for (uint32_t n = 0; n < count; n++)
            member.bytes += object_size(w->snapshot, objects[n]);
        member.alive = count;
        member.telling = telling_of(w, found, place->type, suspect->entry_type);
        suspect->members[suspect->member_count++] = member;
    }
    return 0;
}

/* What would die with the entries that came since the warm-up; and how many entries there are. */
static void entries_sum(const struct work *w, struct growth_suspect *suspect, uint32_t type)
{
    const struct snapshot *s = w->snapshot;
    uint32_t container = suspect->container;
    for (uint64_t e = s->edge_first[container]; e < s->edge_first[container + 1]; e++) {
        uint32_t entry = s->edge_target[e];
        uint64_t birth = object_birth(s, entry);
        if (w->paths.before[entry] != container || s->type[entry] != type ||
            !edge_counts(s->edge_label[e], VIEW_STRONG))
            continue;
        suspect->entries++;
        if (!birth || birth >= w->growth->series.span.warm_up)
            suspect->bytes += w->retained.bytes[entry];
    }
}

/* The type of most keys that a container refers to. */
static const char *key_type(const struct snapshot *s, uint32_t container)
{
    uint32_t type = 0, votes = 0; /* a majority vote (Boyer and Moore) */
    for (uint64_t e = s->edge_first[container]; e < s->edge_first[container + 1]; e++) {
        uint32_t of = s->type[s->edge_target[e]];
        if ((s->edge_label[e] & OURO_LABEL_KIND_MASK) != OURO_LABEL_KEY_OBJECT)
            continue;
        if (!votes)
            type = of;
        votes = of == type ? votes + 1 : votes - 1;
    }
    return votes ? s->types[type].name : "";
}

static uint32_t flags_of(const struct snapshot *s, const uint32_t *objects, uint32_t count)
{
    const uint32_t flags[] = {OURO_OBJECT_FINALIZED, OURO_OBJECT_INTERNED, OURO_OBJECT_IMMORTAL};
    uint32_t most = 0;
    for (unsigned f = 0; f < sizeof flags / sizeof *flags; f++) {
        uint32_t have = 0;
        for (uint32_t n = 0; n < count; n++)
            have += (s->flags[objects[n]] & flags[f]) != 0;
        if (count && have * 2 > count)
            most |= flags[f];
    }
    return most;
}

/* Of the line that speaks for the suspect. */
static const struct found *speaker(const struct work *w, const struct growth_suspect *suspect)
{
    for (uint32_t i = 0; i < w->found_count; i++) {
        if (w->found[i].line == suspect->members[0].line)
            return &w->found[i];
    }
    return NULL;
}

/* The last whole snapshot before this one; 0: there is none. */
static uint32_t earlier_snapshot(const struct process *process, const struct snapshot *snapshot)
{
    uint32_t number = 0;
    for (uint32_t i = 0; i < process->snapshot_count; i++) {
        const struct snapshot *s = &process->snapshots[i];
        if (s->whole && (!snapshot || s->number < snapshot->number))
            number = s->number;
    }
    return number;
}

static int holder_tell(struct work *w, struct growth_suspect *suspect)
{
    const struct snapshot *s = w->snapshot;
    struct growth *g = w->growth;
    const struct found *main = speaker(w, suspect);
    uint32_t count = 0;
    const uint32_t *objects = main ? survivors_of(w, main, &count) : NULL;
    struct growth_evidence evidence = {.key = "",
                                       .earlier = earlier_snapshot(w->types->process, s),
                                       .flags = count ? flags_of(s, objects, count) : 0};
    struct root_path to_entry;
    if (suspect->container != NO_ID) {
        uint32_t type = entry_type_of(w, suspect);
        entries_sum(w, suspect, type);
        evidence.key = key_type(s, suspect->container);
        if (root_path_find(&w->paths, suspect->container, g->arena, &suspect->path) < 0)
            return -1;
    }
    if (main && main->container.entry != NO_ID) {
        if (root_path_find(&w->paths, main->container.entry, g->arena, &to_entry) < 0)
            return -1;
        evidence.path = &to_entry;
    }
    suspect->objects = count;
    if (!suspect->bytes) {
        for (uint32_t m = 0; m < suspect->member_count; m++)
            suspect->bytes += suspect->members[m].bytes;
    }
    return growth_pattern_find(&evidence, g->arena, suspect);
}

/* Which places made what speaks for each suspect. */
static int sites_share(struct work *w)
{
    struct growth *g = w->growth;
    struct tally tally;
    int status = -1;
    tally_init(&tally);
    for (uint32_t i = 0; i < g->suspect_count; i++) {
        const struct found *main = speaker(w, &g->suspects[i]);
        uint32_t count;
        const uint32_t *objects = survivors_of(w, main, &count);
        for (uint32_t n = 0; n < count; n++) {
            uint32_t site = site_table_of_row(w->sites, w->snapshot->row[objects[n]]);
            if (!tally_add(&tally, i, site, 1, object_size(w->snapshot, objects[n])))
                goto out;
        }
        if (!count && !tally_add(&tally, i, g->suspects[i].members[0].site, 1, 1))
            goto out;
    }
    if (!tally_sort(&tally, site_compare, w->types->process))
        goto out;
    for (uint32_t i = 0; i < g->suspect_count; i++) {
        if (!site_shares(&tally, i, SITES_MOST, g->arena, &g->suspects[i].sites,
                         &g->suspects[i].site_count))
            goto out;
    }
    status = 0;
out:
    tally_free(&tally);
    return status;
}

/* The series of a suspect, and how fast it grows. */
static void rates_set(const struct growth *g, struct growth_suspect *suspect)
{
    const struct growth_span *span = &g->series.span;
    uint32_t last = span->points - 1;
    for (uint32_t m = 0; m < suspect->member_count; m++) {
        const struct growth_line *line = &g->series.line[suspect->members[m].line];
        for (uint32_t k = 0; k <= last; k++) {
            suspect->size[k] += line->bytes[k];
            suspect->count[k] += m ? 0 : line->count[k];
        }
    }
    double count = suspect->count[last] - suspect->count[0];
    double bytes = suspect->size[last] - suspect->size[0];
    double seconds = (double)(span->time[last] - span->time[0]) / 1e9;
    double clock = (double)(span->clock[last] - span->clock[0]);
    suspect->count_rate = seconds > 0 ? count / seconds : 0;
    suspect->bytes_rate = seconds > 0 ? bytes / seconds : 0;
    suspect->count_per_byte = clock > 0 ? count / clock : 0;
    suspect->bytes_per_byte = clock > 0 ? bytes / clock : 0;
}

static int suspect_compare(const void *left, const void *right)
{
    const struct growth_suspect *a = left, *b = right;
    if (a->released != b->released)
        return a->released ? 1 : -1;
    if (a->bytes_per_byte > b->bytes_per_byte || a->bytes_per_byte < b->bytes_per_byte)
        return a->bytes_per_byte < b->bytes_per_byte ? 1 : -1;
    return strcmp(a->signature, b->signature);
}

/* What the runtime keeps where nobody can see it (its method cache, for one) looks like growth until
 * it is full: without a holder, what a library's line made is not told. */
static bool is_runtimes(const struct process *process, const struct growth_suspect *suspect)
{
    uint32_t kind = suspect->root_kind;
    bool unseen = !kind || kind == OURO_ROOT_INTERPRETER || kind == OURO_ROOT_STATIC_DATA ||
                  kind == OURO_ROOT_MEMORY;
    return suspect->container == NO_ID && unseen && !suspect->pattern && !suspect->released &&
           site_is_library(process, suspect->members[0].site);
}

/* Collections of weak references grow with what they refer to: where that has been found, they say
 * nothing more. */
static bool is_echo(const struct growth_suspect *suspect)
{
    static const char *const weak[] = {"weakref.ReferenceType", "weakref.KeyedRef",
                                       "weakref.WeakMethod"};
    for (size_t i = 0; suspect->entry_type && i < sizeof weak / sizeof *weak; i++) {
        if (!strcmp(suspect->entry_type, weak[i]))
            return true;
    }
    return false;
}

static void runtimes_drop(const struct process *process, struct growth *g)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < g->suspect_count; i++) {
        if (!is_runtimes(process, &g->suspects[i]))
            g->suspects[kept++] = g->suspects[i];
    }
    g->suspect_count = kept;
}

static void echoes_drop(struct growth *g)
{
    uint32_t kept = 0, echoes = 0;
    for (uint32_t i = 0; i < g->suspect_count; i++)
        echoes += is_echo(&g->suspects[i]);
    if (echoes == g->suspect_count)
        return;
    for (uint32_t i = 0; i < g->suspect_count; i++) {
        if (!is_echo(&g->suspects[i]))
            g->suspects[kept++] = g->suspects[i];
    }
    g->suspect_count = kept;
}

static int suspects_tell(struct work *w)
{
    struct growth *g = w->growth;
    for (uint32_t i = 0; i < g->suspect_count; i++) {
        struct growth_suspect *suspect = &g->suspects[i];
        if (members_list(w, i) < 0)
            return -1;
        qsort(suspect->members, suspect->member_count, sizeof *suspect->members, member_compare);
        suspect->type = suspect->members[0].type;
        rates_set(g, suspect);
        if (holder_tell(w, suspect) < 0)
            return -1;
        growth_signature(w->types->process, suspect);
    }
    if (sites_share(w) < 0)
        return -1;
    runtimes_drop(w->types->process, g);
    echoes_drop(g);
    qsort(g->suspects, g->suspect_count, sizeof *g->suspects, suspect_compare);
    return 0;
}

int growth_find(const struct row_types *types, const struct site_table *sites,
                const struct snapshot *snapshot, const struct garbage *garbage,
                struct growth *growth)
{
    struct work w = {
        .types = types, .sites = sites, .snapshot = snapshot, .garbage = garbage, .growth = growth};
    int status = -1;
    *growth = (struct growth){.arena = arena_new()};
    if (!growth->arena || growth_series_build(types, sites, snapshot, &growth->series) < 0)
        goto out;
    if (growth->series.span.points &&
        (candidates_find(&w) < 0 || judge(&w) < 0 ||
         (w.found_count &&
          (containers_find(&w) < 0 || suspects_group(&w) < 0 || suspects_tell(&w) < 0))))
        goto out;
    status = 0;
out:
    free(w.candidate);
    free(w.found);
    survivors_free(&w.survivors);
    container_finder_free(&w.finder);
    root_paths_free(&w.paths);
    retained_free(&w.retained);
    return status;
}

void growth_free(struct growth *growth)
{
    growth_series_free(&growth->series);
    arena_free(growth->arena);
    *growth = (struct growth){0};
}

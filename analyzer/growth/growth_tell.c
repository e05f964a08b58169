/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "cycles/path.h"
#include "growth/growth_name.h"
#include "growth/growth_pattern.h"
#include "growth/growth_work.h"

/* Places listed of a suspect. */
#define SITES_MOST 5u

static double added_bytes(const struct growth_series *series, uint32_t line)
{
    uint32_t last = series->span.points - 1;
    double added = series->line[line].bytes[last] - series->line[line].bytes[0];
    return added > 0 ? added : 0;
}

/* The type most entries have that something piled up in, and which line made what piles up. */
static uint32_t entry_type_of(const struct growth_work *w, const struct growth_suspect *suspect)
{
    const struct snapshot *s = w->snapshot;
    double most = -1;
    uint32_t type = 0;
    for (uint32_t i = 0; i < w->found_count; i++) {
        const struct growth_found *found = &w->found[i];
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

static uint8_t telling_of(const struct growth_work *w, const struct growth_found *found,
                          const char *type, const char *entry_type)
{
    if (!type || path_type_is_plumbing(type))
        return TELLING_PLUMBING;
    if (entry_type && !strcmp(type, entry_type))
        return TELLING_ENTRY;
    uint32_t count;
    const uint32_t *objects = growth_survivors_of(w, found, &count);
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

static int members_list(struct growth_work *w, uint32_t number)
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
        const struct growth_found *found = &w->found[i];
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
        const uint32_t *objects = growth_survivors_of(w, found, &count);
        for (uint32_t n = 0; n < count; n++)
            member.bytes += object_size(w->snapshot, objects[n]);
        member.alive = count;
        member.telling = telling_of(w, found, place->type, suspect->entry_type);
        suspect->members[suspect->member_count++] = member;
    }
    return 0;
}

/*
 * What would die with the entries that came since the warm-up; and how many entries there are. What
 * gathers has taken up something in each of the stretches since; or it is a chain, which has one entry.
 */
static void entries_sum(const struct growth_work *w, const struct growth_found *main,
                        struct growth_suspect *suspect, uint32_t type)
{
    const struct snapshot *s = w->snapshot;
    uint32_t container = suspect->container, added = 0;
    for (uint64_t e = s->edge_first[container]; e < s->edge_first[container + 1]; e++) {
        uint32_t entry = s->edge_target[e];
        uint64_t birth = object_birth(s, entry);
        if (w->paths.before[entry] != container || !edge_counts(s->edge_label[e], VIEW_STRONG))
            continue;
        bool is_new = !birth || birth >= w->growth->series.span.warm_up,
             counts = s->type[entry] == type;
        added += is_new;
        suspect->entries += counts;
        suspect->bytes += is_new && counts ? w->retained.bytes[entry] : 0;
    }
    suspect->spread = added + 1 < w->growth->series.span.points && !(main && main->container.chain);
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
static const struct growth_found *speaker(const struct growth_work *w,
                                          const struct growth_suspect *suspect)
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

static int holder_tell(struct growth_work *w, struct growth_suspect *suspect)
{
    const struct snapshot *s = w->snapshot;
    struct growth *g = w->growth;
    const struct growth_found *main = speaker(w, suspect);
    uint32_t count = 0;
    const uint32_t *objects = main ? growth_survivors_of(w, main, &count) : NULL;
    struct growth_evidence evidence = {.key = "",
                                       .earlier = earlier_snapshot(w->types->process, s),
                                       .flags = count ? flags_of(s, objects, count) : 0};
    struct root_path to_entry;
    if (suspect->container != NO_ID) {
        uint32_t type = entry_type_of(w, suspect);
        entries_sum(w, main, suspect, type);
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
static int sites_share(struct growth_work *w)
{
    struct growth *g = w->growth;
    struct tally tally;
    int status = -1;
    tally_init(&tally);
    for (uint32_t i = 0; i < g->suspect_count; i++) {
        const struct growth_found *main = speaker(w, &g->suspects[i]);
        uint32_t count;
        const uint32_t *objects = growth_survivors_of(w, main, &count);
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

int growth_suspects_tell(struct growth_work *w)
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

/* SPDX-License-Identifier: MIT */
/* Tables of what happened during the run: places, allocations, epochs, collections, lives. */
#include "analysis/churn.h"
#include "analysis/collector.h"
#include "model/estimate.h"
#include "sql/place.h"

static int number_of(const struct process *process, uint64_t sum, sqlite3_context *context)
{
    return sql_number(context, estimate_whole(process, sum));
}

/* --- sites ---------------------------------------------------------------------------------- */

enum site_column {
    SITE_ID,
    SITE_PARENT,
    SITE_FILE,
    SITE_LINE,
    SITE_FUNCTION,
    SITE_LIBRARY,
    SITE_FOLDED,
    SITE_BLOCKS,
    SITE_BYTES,
    SITE_DIED_REFCOUNT,
    SITE_DIED_COLLECTOR,
    SITE_DIED_SHUTDOWN
};

static const struct sql_column site_columns[] = {
    {"id", "INTEGER", "0: no Python frame, or not known"},
    {"parent", "INTEGER", "sites.id of the caller"},
    {"file", "TEXT", "of the innermost frame"},
    {"line", "INTEGER", ""},
    {"function", "TEXT", ""},
    {"library", "INTEGER", "1: of the runtime or installed"},
    {"folded", "INTEGER", "1: levels of recursion were folded into it"},
    {"blocks", "INTEGER", "allocated right there, objects and plain memory"},
    {"bytes", "INTEGER", "of these"},
    {"died_refcount", "INTEGER", "blocks by cause of death"},
    {"died_collector", "INTEGER", ""},
    {"died_shutdown", "INTEGER", ""},
};

static int sites_count(struct sql_source *source, uint64_t *rows)
{
    *rows = (uint64_t)source->process->site_count + 1;
    return sql_source_site_totals(source);
}

static uint64_t sites_estimate(const struct sql_source *source)
{
    return source->process->site_count;
}

static int sites_value(struct sql_source *source, uint64_t row, int column,
                       sqlite3_context *context)
{
    const struct process *p = source->process;
    const struct sql_site_total *total = &source->site_total[row];
    uint32_t s = (uint32_t)row;
    switch ((enum site_column)column) {
    case SITE_ID:
        return sql_number(context, s);
    case SITE_PARENT:
        return s ? sql_number(context, p->sites[s].parent) : 0;
    case SITE_FILE:
    case SITE_LINE:
    case SITE_FUNCTION:
        return sql_place(source, s, column - SITE_FILE, context);
    case SITE_LIBRARY:
        return s ? sql_number(context, site_is_library(p, s)) : 0;
    case SITE_FOLDED:
        return sql_number(context, !!(p->sites[s].flags & OURO_SITE_FOLDED));
    case SITE_BLOCKS:
        return number_of(p, total->blocks, context);
    case SITE_BYTES:
        return number_of(p, total->bytes, context);
    case SITE_DIED_REFCOUNT:
    case SITE_DIED_COLLECTOR:
    case SITE_DIED_SHUTDOWN:
        return number_of(p, total->deaths[column - SITE_DIED_REFCOUNT], context);
    }
    return 0;
}

static int sites_by_id(struct sql_source *source, const struct sql_key *key, struct sql_rows *rows)
{
    *rows = sql_row(key->number, (uint64_t)source->process->site_count + 1);
    return 0;
}

static uint32_t group_parent(const struct sql_source *source, uint32_t row)
{
    return row ? source->process->sites[row].parent : NO_ID;
}

static int sites_by_parent(struct sql_source *source, const struct sql_key *key,
                           struct sql_rows *rows)
{
    uint32_t sites = source->process->site_count + 1;
    if (sql_groups_build(&source->by_parent, source, sites, sites, group_parent) < 0)
        return -1;
    *rows = sql_groups_rows(&source->by_parent, key->number);
    return 0;
}

static const struct sql_index site_indexes[] = {
    {SITE_ID, true, sites_by_id, NULL},
    {SITE_PARENT, false, sites_by_parent, NULL},
};

const struct sql_table sql_table_sites = {
    "sites",
    "where objects are allocated: the calling-context tree",
    site_columns,
    COUNT(site_columns),
    true,
    site_indexes,
    COUNT(site_indexes),
    sites_count,
    sites_estimate,
    sites_value,
};

/* --- frames --------------------------------------------------------------------------------- */

enum frame_column { FRAME_SITE, FRAME_DEPTH, FRAME_FRAME, FRAME_FILE, FRAME_LINE, FRAME_FUNCTION };

static const struct sql_column frame_columns[] = {
    {"site", "INTEGER", "sites.id of the stack"},
    {"depth", "INTEGER", "0: innermost"},
    {"frame", "INTEGER", "sites.id of this frame as the innermost one"},
    {"file", "TEXT", ""},
    {"line", "INTEGER", ""},
    {"function", "TEXT", ""},
};

static int frames_count(struct sql_source *source, uint64_t *rows)
{
    if (sql_source_frames(source) < 0)
        return -1;
    *rows = source->frame_first[source->process->site_count + 1];
    return 0;
}

static uint64_t frames_estimate(const struct sql_source *source)
{
    return (uint64_t)source->process->site_count * 16;
}

/* The site whose stack a row belongs to. */
static uint32_t frame_site(struct sql_source *source, uint64_t row)
{
    const uint64_t *first = source->frame_first;
    uint32_t s = source->hint_site, low = 0, high = source->process->site_count + 1;
    if (row >= first[s] && row < first[s + 1])
        return s;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (first[middle] <= row)
            low = middle;
        else
            high = middle;
    }
    return source->hint_site = low;
}

static int frames_value(struct sql_source *source, uint64_t row, int column,
                        sqlite3_context *context)
{
    uint32_t site = frame_site(source, row), frame = site;
    uint64_t depth = row - source->frame_first[site];
    for (uint64_t up = 0; up < depth; up++)
        frame = source->process->sites[frame].parent;
    switch ((enum frame_column)column) {
    case FRAME_SITE:
        return sql_number(context, site);
    case FRAME_DEPTH:
        return sql_number(context, depth);
    case FRAME_FRAME:
        return sql_number(context, frame);
    case FRAME_FILE:
    case FRAME_LINE:
    case FRAME_FUNCTION:
        return sql_place(source, frame, column - FRAME_FILE, context);
    }
    return 0;
}

static int frames_by_site(struct sql_source *source, const struct sql_key *key,
                          struct sql_rows *rows)
{
    if (key->number < 0 || key->number > source->process->site_count)
        return 0;
    *rows = (struct sql_rows){NULL, source->frame_first[key->number],
                              source->frame_first[key->number + 1]};
    return 0;
}

static const struct sql_index frame_indexes[] = {{FRAME_SITE, false, frames_by_site, NULL}};

const struct sql_table sql_table_frames = {
    "frames",
    "the stack of each site, a row a frame",
    frame_columns,
    COUNT(frame_columns),
    false,
    frame_indexes,
    COUNT(frame_indexes),
    frames_count,
    frames_estimate,
    frames_value,
};

/* --- allocations ---------------------------------------------------------------------------- */

enum allocation_column {
    ALLOCATION_TYPE,
    ALLOCATION_SITE,
    ALLOCATION_FILE,
    ALLOCATION_LINE,
    ALLOCATION_FUNCTION,
    ALLOCATION_OBJECTS,
    ALLOCATION_BYTES,
    ALLOCATION_ALIVE,
    ALLOCATION_DIED_REFCOUNT,
    ALLOCATION_DIED_COLLECTOR,
    ALLOCATION_DIED_SHUTDOWN,
    ALLOCATION_SHORT_LIVED,
    ALLOCATION_LIFETIME_P50,
    ALLOCATION_LIFETIME_P99
};

static const struct sql_column allocation_columns[] = {
    {"type", "TEXT", "NULL: not known"},
    {"site", "INTEGER", "sites.id"},
    {"file", "TEXT", ""},
    {"line", "INTEGER", ""},
    {"function", "TEXT", ""},
    {"objects", "INTEGER", "over the whole run"},
    {"bytes", "INTEGER", "of these"},
    {"alive", "INTEGER", "objects at the end"},
    {"died_refcount", "INTEGER", "objects by cause of death"},
    {"died_collector", "INTEGER", ""},
    {"died_shutdown", "INTEGER", ""},
    {"short_lived", "INTEGER", "died within 64 KiB of allocation"},
    {"lifetime_p50", "INTEGER", "bytes of allocation; NULL: not known"},
    {"lifetime_p99", "INTEGER", ""},
};

static int allocations_count(struct sql_source *source, uint64_t *rows)
{
    if (sql_source_ledger(source) < 0)
        return -1;
    *rows = source->ledger.churn.site_count;
    return 0;
}

static uint64_t allocations_estimate(const struct sql_source *source)
{
    return source->process->row_count;
}

static int percentile(const struct lifetimes *lifetimes, unsigned percent, sqlite3_context *context)
{
    uint64_t bound = lifetimes_percentile(lifetimes, percent);
    return bound ? sql_number(context, bound) : 0;
}

static int allocations_value(struct sql_source *source, uint64_t row, int column,
                             sqlite3_context *context)
{
    const struct churn_site *s = &source->ledger.churn.sites[row];
    switch ((enum allocation_column)column) {
    case ALLOCATION_TYPE:
        return sql_text(context, s->type);
    case ALLOCATION_SITE:
        return sql_number(context, s->site);
    case ALLOCATION_FILE:
    case ALLOCATION_LINE:
    case ALLOCATION_FUNCTION:
        return sql_place(source, s->site, column - ALLOCATION_FILE, context);
    case ALLOCATION_OBJECTS:
        return sql_number(context, s->allocations);
    case ALLOCATION_BYTES:
        return sql_number(context, s->bytes);
    case ALLOCATION_ALIVE:
        return sql_number(context, s->alive);
    case ALLOCATION_DIED_REFCOUNT:
    case ALLOCATION_DIED_COLLECTOR:
    case ALLOCATION_DIED_SHUTDOWN:
        return sql_number(context, s->deaths[column - ALLOCATION_DIED_REFCOUNT]);
    case ALLOCATION_SHORT_LIVED:
        return sql_number(context, s->short_lived);
    case ALLOCATION_LIFETIME_P50:
        return percentile(&s->lifetimes, 50, context);
    case ALLOCATION_LIFETIME_P99:
        return percentile(&s->lifetimes, 99, context);
    }
    return 0;
}

const struct sql_table sql_table_allocations = {
    "allocations",
    "what each place allocated of each type over the whole run",
    allocation_columns,
    COUNT(allocation_columns),
    false,
    NULL,
    0,
    allocations_count,
    allocations_estimate,
    allocations_value,
};

/* --- epochs --------------------------------------------------------------------------------- */

enum epoch_column {
    EPOCH_ID,
    EPOCH_CLOCK,
    EPOCH_TIME,
    EPOCH_LIVE_BLOCKS,
    EPOCH_LIVE_BYTES,
    EPOCH_BLOCKS
};

static const struct sql_column epoch_columns[] = {
    {"id", "INTEGER", "its number"},
    {"clock", "INTEGER", "bytes allocated until its end"},
    {"time", "REAL", "seconds since the start of the recording"},
    {"live_blocks", "INTEGER", "at its end"},
    {"live_bytes", "INTEGER", ""},
    {"blocks", "INTEGER", "allocated in it"},
};

static int epochs_count(struct sql_source *source, uint64_t *rows)
{
    *rows = source->process->epoch_count;
    return 0;
}

static uint64_t epochs_estimate(const struct sql_source *source)
{
    return source->process->epoch_count;
}

static int epochs_value(struct sql_source *source, uint64_t row, int column,
                        sqlite3_context *context)
{
    const struct epoch *e = &source->process->epochs[row];
    switch ((enum epoch_column)column) {
    case EPOCH_ID:
        return sql_number(context, e->number);
    case EPOCH_CLOCK:
        return sql_number(context, e->clock);
    case EPOCH_TIME:
        return sql_real(context, (double)e->time / 1e9);
    case EPOCH_LIVE_BLOCKS:
        return number_of(source->process, e->live_blocks, context);
    case EPOCH_LIVE_BYTES:
        return number_of(source->process, e->live_bytes, context);
    case EPOCH_BLOCKS:
        return number_of(source->process, e->births, context);
    }
    return 0;
}

const struct sql_table sql_table_epochs = {
    "epochs",
    "the size of the heap over time",
    epoch_columns,
    COUNT(epoch_columns),
    false,
    NULL,
    0,
    epochs_count,
    epochs_estimate,
    epochs_value,
};

/* --- collections ---------------------------------------------------------------------------- */

enum collection_column {
    COLLECTION_ID,
    COLLECTION_GENERATION,
    COLLECTION_TIME,
    COLLECTION_PAUSE,
    COLLECTION_OBJECTS,
    COLLECTION_BLOCKS,
    COLLECTION_BYTES,
    COLLECTION_CLOCK
};

static const struct sql_column collection_columns[] = {
    {"id", "INTEGER", ""},
    {"generation", "INTEGER", "0: youngest"},
    {"time", "REAL", "seconds since the start of the recording"},
    {"pause", "REAL", "seconds; NULL: not known"},
    {"objects", "INTEGER", "collected, as the runtime counts them"},
    {"blocks", "INTEGER", "freed"},
    {"bytes", "INTEGER", "freed"},
    {"clock", "INTEGER", "at its end"},
};

static int collections_count(struct sql_source *source, uint64_t *rows)
{
    *rows = source->process->collection_count;
    return 0;
}

static uint64_t collections_estimate(const struct sql_source *source)
{
    return source->process->collection_count;
}

static int collections_value(struct sql_source *source, uint64_t row, int column,
                             sqlite3_context *context)
{
    const struct collection *c = &source->process->collections[row];
    switch ((enum collection_column)column) {
    case COLLECTION_ID:
        return sql_number(context, row);
    case COLLECTION_GENERATION:
        return sql_number(context, c->generation);
    case COLLECTION_TIME:
        return sql_real(context, (double)c->start / 1e9);
    case COLLECTION_PAUSE:
        return c->pause ? sql_real(context, (double)c->pause / 1e9) : 0;
    case COLLECTION_OBJECTS:
        return sql_number(context, c->objects);
    case COLLECTION_BLOCKS:
        return number_of(source->process, c->blocks, context);
    case COLLECTION_BYTES:
        return number_of(source->process, c->bytes, context);
    case COLLECTION_CLOCK:
        return sql_number(context, c->clock);
    }
    return 0;
}

const struct sql_table sql_table_collections = {
    "collections",
    "runs of the cyclic collector",
    collection_columns,
    COUNT(collection_columns),
    true,
    NULL,
    0,
    collections_count,
    collections_estimate,
    collections_value,
};

/* --- lives ---------------------------------------------------------------------------------- */

enum life_column {
    LIFE_TYPE,
    LIFE_OBJECT,
    LIFE_SIZE,
    LIFE_BIRTH,
    LIFE_DEATH,
    LIFE_AGE,
    LIFE_CAUSE,
    LIFE_WEIGHT,
    LIFE_SITE,
    LIFE_FILE,
    LIFE_LINE,
    LIFE_FUNCTION
};

static const struct sql_column life_columns[] = {
    {"type", "TEXT", "at its death; NULL: not known"},
    {"object", "INTEGER", "0: plain memory of the runtime"},
    {"size", "INTEGER", ""},
    {"birth", "INTEGER", "on the allocation clock; NULL: not known"},
    {"death", "INTEGER", "NULL: alive at the end"},
    {"age", "INTEGER", "bytes allocated in between"},
    {"cause", "TEXT", "refcount, collector, shutdown; NULL: alive"},
    {"weight", "REAL", "blocks it stands for; 1 but in sampled runs"},
    {"site", "INTEGER", "sites.id"},
    {"file", "TEXT", ""},
    {"line", "INTEGER", ""},
    {"function", "TEXT", ""},
};

static int lives_count(struct sql_source *source, uint64_t *rows)
{
    if (sql_source_lives(source) < 0)
        return -1;
    *rows = source->life_count;
    return 0;
}

static uint64_t lives_estimate(const struct sql_source *source)
{
    return source->process->life_count;
}

static int lives_value(struct sql_source *source, uint64_t row, int column,
                       sqlite3_context *context)
{
    static const char *const causes[] = {"refcount", "collector", "shutdown", NULL};
    const struct process *p = source->process;
    const struct sql_life *life = &source->lives[row];
    bool alive = life->cause == OURO_LIFE_ALIVE;
    switch ((enum life_column)column) {
    case LIFE_TYPE:
        return life->type ? sql_text(context, p->types[life->type]) : 0;
    case LIFE_OBJECT:
        return sql_number(context, !!(p->rows[life->row].flags & OURO_ROW_OBJECT));
    case LIFE_SIZE:
        return sql_number(context, life->size);
    case LIFE_BIRTH:
        return life->birth_known ? sql_number(context, life->birth) : 0;
    case LIFE_DEATH:
        return alive ? 0 : sql_number(context, life->death);
    case LIFE_AGE:
        return life->age_known ? sql_number(context, life->age) : 0;
    case LIFE_CAUSE:
        return alive ? 0 : sql_text(context, causes[life->cause & 3]);
    case LIFE_WEIGHT:
        return sql_real(context, p->sample ? estimate_weight(p, life->size) : 1);
    case LIFE_SITE:
        return sql_number(context, p->rows[life->row].site);
    case LIFE_FILE:
    case LIFE_LINE:
    case LIFE_FUNCTION:
        return sql_place(source, p->rows[life->row].site, column - LIFE_FILE, context);
    }
    return 0;
}

const struct sql_table sql_table_lives = {
    "lives",
    "every block of a run recorded with --lives",
    life_columns,
    COUNT(life_columns),
    false,
    NULL,
    0,
    lives_count,
    lives_estimate,
    lives_value,
};

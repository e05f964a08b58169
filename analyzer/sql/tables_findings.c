/* SPDX-License-Identifier: MIT */
/* Tables of the run itself, of roots, and of what the analyses found. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "graph/root_name.h"
#include "sql/place.h"
#include "trace/trace_names.h"

/* --- run ------------------------------------------------------------------------------------ */

static const struct sql_column run_columns[] = {
    {"key", "TEXT", ""},
    {"value", "", ""},
};

enum run_row {
    RUN_PROGRAM,
    RUN_RUNTIME,
    RUN_PID,
    RUN_STARTED,
    RUN_SAMPLE,
    RUN_STACKS,
    RUN_CLOCK,
    RUN_SNAPSHOT,
    RUN_SNAPSHOT_TIME,
    RUN_OBJECTS,
    RUN_BYTES,
    RUN_EDGES,
    RUN_ROWS
};

static int run_count(struct sql_source *source, uint64_t *rows)
{
    (void)source;
    *rows = RUN_ROWS;
    return 0;
}

static uint64_t run_estimate(const struct sql_source *source)
{
    (void)source;
    return RUN_ROWS;
}

static const char *program_text(const struct process *p, struct arena *arena)
{
    size_t room = 1;
    for (uint32_t a = 0; a < p->argument_count; a++)
        room += strlen(p->arguments[a]) + 1;
    char *text = arena_room(arena, room), *at = text;
    for (uint32_t a = 0; text && a < p->argument_count; a++)
        at = stpcpy(stpcpy(at, a ? " " : ""), p->arguments[a]);
    if (text)
        *at = '\0';
    return text;
}

static int run_value(struct sql_source *source, uint64_t row, int column, sqlite3_context *context)
{
    static const char *const keys[RUN_ROWS] = {
        "program", "runtime",  "pid",           "started", "sample", "stacks",
        "clock",   "snapshot", "snapshot_time", "objects", "bytes",  "edges",
    };
    const struct process *p = source->process;
    const struct snapshot *s = source->snapshot;
    char text[256];
    if (column == 0)
        return sql_text(context, keys[row]);
    if (row >= RUN_SNAPSHOT && !s)
        return 0;
    switch ((enum run_row)row) {
    case RUN_PROGRAM: {
        const char *program = program_text(p, source->arena);
        return program ? sql_text(context, program) : -1;
    }
    case RUN_RUNTIME:
        snprintf(text, sizeof text, "%s %s", p->runtime, p->runtime_version);
        return sql_text_copy(context, text);
    case RUN_PID:
        return sql_number(context, p->pid);
    case RUN_STARTED:
        return p->wall ? sql_real(context, (double)p->wall / 1e9) : 0;
    case RUN_SAMPLE:
        return p->sample ? sql_number(context, p->sample) : 0;
    case RUN_STACKS:
        return sql_text(context, report_stacks(p));
    case RUN_CLOCK:
        return p->epoch_count ? sql_number(context, p->epochs[p->epoch_count - 1].clock) : 0;
    case RUN_SNAPSHOT:
        return sql_number(context, s->number);
    case RUN_SNAPSHOT_TIME:
        return sql_real(context, (double)s->time / 1e9);
    case RUN_OBJECTS:
        return sql_number(context, s->object_count);
    case RUN_BYTES:
        return sql_source_totals(source) < 0 ? -1 : sql_number(context, source->totals.bytes);
    case RUN_EDGES:
        return sql_number(context, s->edge_count);
    case RUN_ROWS:
        break;
    }
    return 0;
}

const struct sql_table sql_table_run = {
    "run",
    "what is known of the process and its snapshot",
    run_columns,
    COUNT(run_columns),
    false,
    NULL,
    0,
    run_count,
    run_estimate,
    run_value,
};

/* --- roots ---------------------------------------------------------------------------------- */

enum root_column {
    ROOT_ID,
    ROOT_OBJECT,
    ROOT_KIND,
    ROOT_NAME,
    ROOT_FUNCTION,
    ROOT_FILE,
    ROOT_LINE,
    ROOT_THREAD,
    ROOT_REFERENCES
};

static const struct sql_column root_columns[] = {
    {"id", "INTEGER", ""},
    {"object", "INTEGER", "objects.id"},
    {"kind", "TEXT", "module, local, interpreter, immortal, unknown holder, …"},
    {"name", "TEXT", "of a module, variable, field, library"},
    {"function", "TEXT", "of a frame"},
    {"file", "TEXT", ""},
    {"line", "INTEGER", ""},
    {"thread", "TEXT", ""},
    {"unknown", "INTEGER", "of an unknown holder: how many references"},
};

static int roots_count(struct sql_source *source, uint64_t *rows)
{
    if (sql_source_roots(source) < 0)
        return -1;
    *rows = (uint64_t)source->heap->root_count + source->extra_root_count;
    return 0;
}

static uint64_t roots_estimate(const struct sql_source *source)
{
    return source->heap->root_count;
}

/* An object that is a root without a record. */
static int extra_root_value(struct sql_source *source, uint32_t object, int column,
                            sqlite3_context *context)
{
    const struct heap_roots *roots = &source->retained.roots;
    bool unknown = roots->reason[object] == ROOT_UNKNOWN;
    if (column == ROOT_OBJECT)
        return sql_number(context, object);
    if (column == ROOT_KIND)
        return sql_text(context, unknown ? "unknown holder"
                                 : source->heap->flags[object] & OURO_OBJECT_IMMORTAL ? "immortal"
                                                                                      : "static");
    if (column == ROOT_REFERENCES && unknown)
        return sql_number(context, heap_roots_unknown(roots, object));
    return 0;
}

static int roots_value(struct sql_source *source, uint64_t row, int column,
                       sqlite3_context *context)
{
    const struct snapshot *heap = source->heap;
    if (column == ROOT_ID)
        return sql_number(context, row);
    if (row >= heap->root_count)
        return extra_root_value(source, source->extra_roots[row - heap->root_count], column,
                                context);
    const struct root *root = &heap->roots[row];
    switch ((enum root_column)column) {
    case ROOT_OBJECT:
        return sql_number(context, root->target);
    case ROOT_KIND:
        return sql_text(context, root_kind_name(root->kind));
    case ROOT_NAME:
        return *root->name ? sql_text(context, root->name) : 0;
    case ROOT_FUNCTION:
        return *root->function ? sql_text(context, root->function) : 0;
    case ROOT_FILE:
        return *root->file ? sql_text(context, root->file) : 0;
    case ROOT_LINE:
        return root->line ? sql_number(context, root->line) : 0;
    case ROOT_THREAD:
        return *root->thread ? sql_text(context, root->thread) : 0;
    case ROOT_ID:
    case ROOT_REFERENCES:
        break;
    }
    return 0;
}

const struct sql_table sql_table_roots = {
    "roots",
    "what keeps objects alive that no object refers to",
    root_columns,
    COUNT(root_columns),
    true,
    NULL,
    0,
    roots_count,
    roots_estimate,
    roots_value,
};

/* --- cycles --------------------------------------------------------------------------------- */

enum cycle_column {
    CYCLE_SIGNATURE,
    CYCLE_VERDICT,
    CYCLE_REASON,
    CYCLE_PENDING,
    CYCLE_COUNT,
    CYCLE_OBJECTS,
    CYCLE_BYTES,
    CYCLE_PATH,
    CYCLE_CUT,
    CYCLE_PATTERN,
    CYCLE_HINT,
    CYCLE_SITE,
    CYCLE_FILE,
    CYCLE_LINE,
    CYCLE_FUNCTION,
    CYCLE_SHARE,
    CYCLE_AGE,
    CYCLE_EXAMPLE
};

static const struct sql_column cycle_columns[] = {
    {"signature", "TEXT", "of this kind of cycles, the same in other runs"},
    {"verdict", "TEXT", "GARBAGE, UNCOLLECTABLE, EXTERNALLY_HELD"},
    {"reason", "TEXT", "why it is still there"},
    {"pending", "INTEGER", "1: the collector will free it in its course"},
    {"cycles", "INTEGER", "of this kind"},
    {"objects", "INTEGER", "members and what only they keep"},
    {"bytes", "INTEGER", "of these"},
    {"path", "TEXT", "A .b → list [*] → back"},
    {"cut", "TEXT", "the reference to give up"},
    {"pattern", "TEXT", "see ouro explain"},
    {"hint", "TEXT", "what to write instead"},
    {"site", "INTEGER", "sites.id that made most of it"},
    {"file", "TEXT", ""},
    {"line", "INTEGER", ""},
    {"function", "TEXT", ""},
    {"share", "REAL", "of the bytes, made there"},
    {"age", "REAL", "seconds, of the oldest"},
    {"example", "INTEGER", "objects.id of a member"},
};

static int cycles_count(struct sql_source *source, uint64_t *rows)
{
    if (sql_source_cycles(source) < 0)
        return -1;
    *rows = source->cycles.cycles.group_count;
    return 0;
}

static uint64_t findings_estimate(const struct sql_source *source)
{
    (void)source;
    return 64;
}

static int cycle_path(const struct cycle_group *group, sqlite3_context *context)
{
    sqlite3_str *text = sqlite3_str_new(NULL);
    for (uint32_t i = 0; i < group->path_count; i++) {
        const struct cycle_step *step = &group->path[i];
        sqlite3_str_appendf(text, "%s%s%s → ", step->type, *step->edge ? " " : "", step->edge);
    }
    sqlite3_str_appendall(text, group->path_count < group->path_length ? "… → back" : "back");
    int length = sqlite3_str_length(text);
    char *whole = sqlite3_str_finish(text);
    if (!whole)
        return -1;
    sqlite3_result_text(context, whole, length, sqlite3_free);
    return 0;
}

static int cycle_cut(const struct cycle_group *group, sqlite3_context *context)
{
    if (group->fix.at >= group->path_count || !group->fix.cuts)
        return 0;
    const struct cycle_step *step = &group->path[group->fix.at];
    char *text = sqlite3_mprintf("%s%s%s", step->type, *step->edge ? " " : "", step->edge);
    if (!text)
        return -1;
    sqlite3_result_text(context, text, -1, sqlite3_free);
    return 0;
}

static int cycles_value(struct sql_source *source, uint64_t row, int column,
                        sqlite3_context *context)
{
    const struct cycle_group *g = &source->cycles.cycles.groups[row];
    uint32_t site = g->site_count ? g->sites[0].site : 0;
    switch ((enum cycle_column)column) {
    case CYCLE_SIGNATURE:
        return sql_text(context, g->signature);
    case CYCLE_VERDICT:
        return sql_text(context, verdict_name(g->verdict));
    case CYCLE_REASON:
        return sql_text(context, g->reason);
    case CYCLE_PENDING:
        return sql_number(context, g->pending);
    case CYCLE_COUNT:
        return sql_number(context, g->count);
    case CYCLE_OBJECTS:
        return sql_number(context, g->objects);
    case CYCLE_BYTES:
        return sql_number(context, g->bytes);
    case CYCLE_PATH:
        return cycle_path(g, context);
    case CYCLE_CUT:
        return cycle_cut(g, context);
    case CYCLE_PATTERN:
        return sql_text(context, g->fix.pattern);
    case CYCLE_HINT:
        return sql_text(context, g->fix.hint);
    case CYCLE_SITE:
        return sql_number(context, site);
    case CYCLE_FILE:
    case CYCLE_LINE:
    case CYCLE_FUNCTION:
        return sql_place(source, site, column - CYCLE_FILE, context);
    case CYCLE_SHARE:
        return g->site_count ? sql_real(context, g->sites[0].share) : 0;
    case CYCLE_AGE:
        return g->age_known ? sql_real(context, g->age) : 0;
    case CYCLE_EXAMPLE:
        return g->example_count ? sql_number(context, g->example[0]) : 0;
    }
    return 0;
}

const struct sql_table sql_table_cycles = {
    "cycles",
    "leaked cycles by kind, as ouro cycles",
    cycle_columns,
    COUNT(cycle_columns),
    false,
    NULL,
    0,
    cycles_count,
    findings_estimate,
    cycles_value,
};

/* --- duplicates ----------------------------------------------------------------------------- */

enum duplicate_column {
    DUPLICATE_TYPE,
    DUPLICATE_HOLDER,
    DUPLICATE_COPIES,
    DUPLICATE_DISTINCT,
    DUPLICATE_GROSS,
    DUPLICATE_NET,
    DUPLICATE_ADVICE,
    DUPLICATE_FIX,
    DUPLICATE_EXAMPLE,
    DUPLICATE_SITE,
    DUPLICATE_FILE,
    DUPLICATE_LINE,
    DUPLICATE_FUNCTION
};

static const struct sql_column duplicate_columns[] = {
    {"type", "TEXT", ""},
    {"holder", "TEXT", "type.attribute, type['key'], type[*]"},
    {"copies", "INTEGER", "objects that have a value some other object has"},
    {"distinct_values", "INTEGER", "values among them"},
    {"gross_bytes", "INTEGER", "of all copies but one of each value"},
    {"net_bytes", "INTEGER", "what the heap would shrink by"},
    {"advice", "TEXT", "intern, maybe, no"},
    {"fix", "TEXT", "what to write"},
    {"example", "TEXT", "the beginning of a value"},
    {"site", "INTEGER", "sites.id that made most of them"},
    {"file", "TEXT", ""},
    {"line", "INTEGER", ""},
    {"function", "TEXT", ""},
};

static int duplicates_count(struct sql_source *source, uint64_t *rows)
{
    if (sql_source_interning(source) < 0)
        return -1;
    *rows = source->interning.interning.group_count;
    return 0;
}

static int duplicates_value(struct sql_source *source, uint64_t row, int column,
                            sqlite3_context *context)
{
    const struct interning_group *g = &source->interning.interning.groups[row];
    uint32_t site = g->site_count ? g->sites[0].site : 0;
    switch ((enum duplicate_column)column) {
    case DUPLICATE_TYPE:
        return sql_text(context, g->type);
    case DUPLICATE_HOLDER:
        return sql_text(context, g->holder);
    case DUPLICATE_COPIES:
        return sql_number(context, g->copies);
    case DUPLICATE_DISTINCT:
        return sql_number(context, g->distinct);
    case DUPLICATE_GROSS:
        return sql_number(context, g->gross_bytes);
    case DUPLICATE_NET:
        return sql_number(context, g->net_bytes);
    case DUPLICATE_ADVICE:
        return sql_text(context, interning_advice_name(g->advice));
    case DUPLICATE_FIX:
        return sql_text(context, g->fix.text);
    case DUPLICATE_EXAMPLE:
        return g->example_count ? sql_text(context, g->examples[0].value) : 0;
    case DUPLICATE_SITE:
        return sql_number(context, site);
    case DUPLICATE_FILE:
    case DUPLICATE_LINE:
    case DUPLICATE_FUNCTION:
        return sql_place(source, site, column - DUPLICATE_FILE, context);
    }
    return 0;
}

const struct sql_table sql_table_duplicates = {
    "duplicates",
    "equal values by holder, as ouro intern",
    duplicate_columns,
    COUNT(duplicate_columns),
    false,
    NULL,
    0,
    duplicates_count,
    findings_estimate,
    duplicates_value,
};

/* --- suspects ------------------------------------------------------------------------------- */

enum suspect_column {
    SUSPECT_SIGNATURE,
    SUSPECT_TYPE,
    SUSPECT_CONTAINER,
    SUSPECT_CONTAINER_ID,
    SUSPECT_OBJECTS,
    SUSPECT_BYTES,
    SUSPECT_BYTES_PER_SECOND,
    SUSPECT_HINT,
    SUSPECT_SITE,
    SUSPECT_FILE,
    SUSPECT_LINE,
    SUSPECT_FUNCTION
};

static const struct sql_column suspect_columns[] = {
    {"signature", "TEXT", "the same in other runs"},
    {"type", "TEXT", "of what piles up"},
    {"container", "TEXT", "where, as an expression; NULL: not known"},
    {"container_id", "INTEGER", "objects.id"},
    {"objects", "INTEGER", ""},
    {"bytes", "INTEGER", "that would die with what was added since the warm-up"},
    {"bytes_per_second", "REAL", ""},
    {"hint", "TEXT", ""},
    {"site", "INTEGER", "sites.id that made most of them"},
    {"file", "TEXT", ""},
    {"line", "INTEGER", ""},
    {"function", "TEXT", ""},
};

static int suspects_count(struct sql_source *source, uint64_t *rows)
{
    if (sql_source_leaks(source) < 0)
        return -1;
    *rows = source->leaks.growth.suspect_count;
    return 0;
}

static int suspects_value(struct sql_source *source, uint64_t row, int column,
                          sqlite3_context *context)
{
    const struct growth_suspect *s = &source->leaks.growth.suspects[row];
    uint32_t site = s->site_count ? s->sites[0].site : 0;
    switch ((enum suspect_column)column) {
    case SUSPECT_SIGNATURE:
        return sql_text(context, s->signature);
    case SUSPECT_TYPE:
        return sql_text(context, s->type);
    case SUSPECT_CONTAINER:
        return sql_text(context, s->path.name);
    case SUSPECT_CONTAINER_ID:
        return s->container != NO_ID ? sql_number(context, s->container) : 0;
    case SUSPECT_OBJECTS:
        return sql_number(context, s->objects);
    case SUSPECT_BYTES:
        return sql_number(context, s->bytes);
    case SUSPECT_BYTES_PER_SECOND:
        return sql_real(context, s->bytes_rate);
    case SUSPECT_HINT:
        return sql_text(context, s->hint);
    case SUSPECT_SITE:
        return sql_number(context, site);
    case SUSPECT_FILE:
    case SUSPECT_LINE:
    case SUSPECT_FUNCTION:
        return sql_place(source, site, column - SUSPECT_FILE, context);
    }
    return 0;
}

const struct sql_table sql_table_suspects = {
    "suspects",
    "what grows for as long as the program runs, as ouro leaks",
    suspect_columns,
    COUNT(suspect_columns),
    false,
    NULL,
    0,
    suspects_count,
    findings_estimate,
    suspects_value,
};

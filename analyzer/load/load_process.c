/* SPDX-License-Identifier: MIT */
/*
 * Stream 0 of a trace: the process, its tables and its end.
 *
 * Definitions that a damaged chunk took with it are made up (named "?"), because what follows refers
 * to the others by number.
 */
#include "load/loader.h"

#include <string.h>

#include "load/type_rename.h"
#include "text/text.h"

static const char lost_name[] = "?";

static enum load_status status_of(const struct cursor *c)
{
    return c->failed ? LOAD_DAMAGED : LOAD_OK;
}

/* A tagged field whose value is text. */
static bool field_text(struct loader *loader, const struct cursor *value, const char **text)
{
    *text = text_escape(loader->arena, value->at, cursor_left(value), TEXT_NAME);
    return *text != NULL;
}

enum load_status load_process_header(struct loader *loader, struct cursor *c)
{
    struct process *p = loader->process;
    bool memory = true;
    for (bool first = true; cursor_left(c) && memory; first = false) {
        uint64_t field = cursor_varint(c);
        struct cursor value = cursor_part(c);
        if (c->failed)
            break;
        if (first) {
            uint64_t version = field == OURO_PROCESS_VERSION ? cursor_int64(&value) : 0;
            if (version > OURO_TRACE_VERSION)
                loader->newer = version;
            if (version != OURO_TRACE_VERSION)
                return LOAD_DAMAGED;
            continue;
        }
        switch (field) {
        case OURO_PROCESS_PID:
            p->pid = cursor_int64(&value);
            break;
        case OURO_PROCESS_PARENT_PID:
            p->parent_pid = cursor_int64(&value);
            break;
        case OURO_PROCESS_WALL:
            p->wall = cursor_int64(&value);
            break;
        case OURO_PROCESS_RUNTIME:
            memory = field_text(loader, &value, &p->runtime);
            break;
        case OURO_PROCESS_RUNTIME_VERSION:
            memory = field_text(loader, &value, &p->runtime_version);
            break;
        case OURO_PROCESS_BUILD:
            memory = field_text(loader, &value, &p->build);
            break;
        case OURO_PROCESS_EXECUTABLE:
            memory = field_text(loader, &value, &p->executable);
            break;
        case OURO_PROCESS_DIRECTORY:
            memory = field_text(loader, &value, &p->directory);
            break;
        case OURO_PROCESS_ARGUMENT:
            memory = load_grow(loader, &p->arguments, &loader->argument_room,
                               (uint64_t)p->argument_count + 1, sizeof *p->arguments) &&
                     field_text(loader, &value, &p->arguments[p->argument_count]);
            p->argument_count += memory;
            break;
        case OURO_PROCESS_PARENT_TRACE:
            memory = field_text(loader, &value, &p->parent_trace);
            break;
        case OURO_PROCESS_ORIGIN:
            p->origin = (uint32_t)cursor_int64(&value);
            break;
        case OURO_PROCESS_FLAGS:
            p->flags = (uint32_t)cursor_int64(&value);
            break;
        case OURO_PROCESS_SAMPLE:
            p->sample = cursor_int64(&value);
            p->unit = p->sample ? OURO_SAMPLE_UNIT : 1;
            break;
        case OURO_PROCESS_SHIM:
            memory = field_text(loader, &value, &p->shim);
            break;
        case OURO_PROCESS_NATIVE:
            p->native_sample = cursor_int64(&value);
            break;
        case OURO_PROCESS_GC_SHAPES:
            p->shapes_limit = cursor_int64(&value);
            break;
        case OURO_PROCESS_CLOCK:
            p->start_clock = cursor_int64(&value);
            break;
        }
        if (value.failed)
            cursor_fail(c);
    }
    return memory ? status_of(c) : LOAD_MEMORY;
}

static enum load_status strings(struct loader *loader, struct cursor *c)
{
    struct process *p = loader->process;
    uint64_t first_id = cursor_varint(c);
    uint32_t count = cursor_count(c, 1), lost;
    if (c->failed || !load_gap(loader, first_id, count, p->string_count, &lost))
        return LOAD_DAMAGED;
    if (!load_grow(loader, &p->strings, &loader->string_room,
                   (uint64_t)p->string_count + lost + count + 1, sizeof *p->strings))
        return LOAD_MEMORY;
    for (; lost; lost--)
        p->strings[++p->string_count] = lost_name;
    for (; count; count--) {
        const char *text = load_text(loader, c);
        if (!text)
            return LOAD_MEMORY;
        if (c->failed)
            return LOAD_DAMAGED;
        p->strings[++p->string_count] = text;
    }
    return LOAD_OK;
}

static enum load_status functions(struct loader *loader, struct cursor *c)
{
    struct process *p = loader->process;
    uint64_t first_id = cursor_varint(c);
    uint32_t count = cursor_count(c, 3), lost;
    if (c->failed || !load_gap(loader, first_id, count, p->function_count, &lost))
        return LOAD_DAMAGED;
    if (!load_grow(loader, &p->functions, &loader->function_room,
                   (uint64_t)p->function_count + lost + count + 1, sizeof *p->functions))
        return LOAD_MEMORY;
    for (; lost; lost--)
        p->functions[++p->function_count] =
            (struct function_info){.file = lost_name, .name = lost_name};
    for (; count; count--) {
        uint32_t file = cursor_id(c, p->string_count);
        uint32_t name = cursor_id(c, p->string_count);
        uint32_t first_line = cursor_saturated(c);
        if (c->failed)
            return LOAD_DAMAGED;
        p->functions[++p->function_count] = (struct function_info){
            .file = p->strings[file], .name = p->strings[name], .first_line = first_line};
    }
    return LOAD_OK;
}

static enum load_status sites(struct loader *loader, struct cursor *c)
{
    struct process *p = loader->process;
    uint64_t first_id = cursor_varint(c);
    uint32_t count = cursor_count(c, 5), lost;
    if (c->failed || !load_gap(loader, first_id, count, p->site_count, &lost))
        return LOAD_DAMAGED;
    if (!load_grow(loader, &p->sites, &loader->site_room,
                   (uint64_t)p->site_count + lost + count + 1, sizeof *p->sites))
        return LOAD_MEMORY;
    for (; lost; lost--)
        p->sites[++p->site_count] = (struct site){0};
    for (; count; count--) {
        struct site site;
        site.parent = cursor_id(c, p->site_count);
        site.function = cursor_id(c, p->function_count);
        site.line = cursor_saturated(c);
        site.offset = cursor_saturated(c);
        site.flags = (uint32_t)cursor_varint(c);
        if (c->failed)
            return LOAD_DAMAGED;
        p->sites[++p->site_count] = site;
    }
    return LOAD_OK;
}

/* Sites into which recursion was folded after they were defined. */
static enum load_status folded(struct loader *loader, struct cursor *c)
{
    struct process *p = loader->process;
    for (uint32_t count = cursor_count(c, 1); count && !c->failed; count--) {
        uint32_t site = cursor_id(c, p->site_count);
        if (site && !c->failed)
            p->sites[site].flags |= OURO_SITE_FOLDED;
    }
    return status_of(c);
}

static enum load_status rows(struct loader *loader, struct cursor *c)
{
    struct process *p = loader->process;
    uint64_t first_id = cursor_varint(c);
    uint32_t count = cursor_count(c, 3), lost;
    if (c->failed || !load_gap(loader, first_id, count, p->row_count, &lost))
        return LOAD_DAMAGED;
    if (!load_grow(loader, &p->rows, &loader->row_room, (uint64_t)p->row_count + lost + count + 1,
                   sizeof *p->rows))
        return LOAD_MEMORY;
    for (; lost; lost--)
        p->rows[++p->row_count] = (struct row){0};
    for (; count; count--) {
        struct row row = {0};
        row.site = cursor_id(c, p->site_count);
        row.size = cursor_varint(c);
        row.flags = (uint32_t)cursor_varint(c);
        if (c->failed)
            return LOAD_DAMAGED;
        p->rows[++p->row_count] = row;
    }
    return LOAD_OK;
}

static enum load_status types(struct loader *loader, struct cursor *c)
{
    struct process *p = loader->process;
    uint64_t first_id = cursor_varint(c);
    uint32_t count = cursor_count(c, 1), lost;
    if (c->failed || !load_gap(loader, first_id, count, p->type_count, &lost))
        return LOAD_DAMAGED;
    if (!load_grow(loader, &p->types, &loader->type_room,
                   (uint64_t)p->type_count + lost + count + 1, sizeof *p->types))
        return LOAD_MEMORY;
    for (; lost; lost--)
        p->types[++p->type_count] = lost_name;
    for (; count; count--) {
        uint32_t name = cursor_id(c, p->string_count);
        if (c->failed)
            return LOAD_DAMAGED;
        const char *text = type_rename(loader->arena, p->strings[name]);
        if (!text)
            return LOAD_MEMORY;
        p->types[++p->type_count] = text;
    }
    return LOAD_OK;
}

static enum load_status end(struct loader *loader, struct cursor *c)
{
    struct process *p = loader->process;
    p->ended = true;
    while (cursor_left(c)) {
        uint64_t field = cursor_varint(c);
        struct cursor value = cursor_part(c);
        if (c->failed || field < OURO_END_REASON || field > OURO_END_SHAPES_SPENT)
            continue;
        uint64_t number = cursor_int64(&value);
        if (value.failed)
            return LOAD_DAMAGED;
        switch (field) {
        case OURO_END_REASON:
            p->end_reason = (uint32_t)number;
            break;
        case OURO_END_EXIT_STATUS:
            p->exit_status_known = true;
            p->exit_status = (int)(uint32_t)number;
            break;
        case OURO_END_CLOCK:
            p->end_clock = number;
            break;
        case OURO_END_TIME:
            p->end_time = number;
            break;
        case OURO_END_BIRTHS:
            p->end_births = number;
            break;
        case OURO_END_DEATHS:
            p->end_deaths = number;
            break;
        case OURO_END_UNKNOWN_FREES:
            p->end_unknown_frees = number;
            break;
        case OURO_END_PEAK_RSS:
            p->peak_rss = number;
            break;
        case OURO_END_OWN_BYTES:
            p->own_bytes = number;
            break;
        case OURO_END_SHAPES_SPENT:
            p->shapes_spent = number;
            break;
        }
    }
    return status_of(c);
}

enum load_status load_process_chunk(struct loader *loader, uint16_t type, struct cursor *c)
{
    switch (type) {
    case OURO_CHUNK_STRINGS:
        return strings(loader, c);
    case OURO_CHUNK_FUNCTIONS:
        return functions(loader, c);
    case OURO_CHUNK_SITES:
        return sites(loader, c);
    case OURO_CHUNK_ROWS:
        return rows(loader, c);
    case OURO_CHUNK_TYPES:
        return types(loader, c);
    case OURO_CHUNK_EPOCH:
        return load_epoch(loader, c);
    case OURO_CHUNK_COLLECTION:
    case OURO_CHUNK_NOTE:
    case OURO_CHUNK_MARK:
    case OURO_CHUNK_CHILD:
    case OURO_CHUNK_SNAPSHOT_TAKEN:
        return load_event(loader, type, c);
    case OURO_CHUNK_FOLDED:
        return folded(loader, c);
    case OURO_CHUNK_VALUE_SAMPLES:
        return load_value_samples(loader, c);
    case OURO_CHUNK_MODULES:
    case OURO_CHUNK_NATIVE_STACKS:
    case OURO_CHUNK_NATIVE_KINDS:
    case OURO_CHUNK_NATIVE:
        return load_native(loader, type, c);
    case OURO_CHUNK_LIVES:
        return load_lives(loader, c);
    case OURO_CHUNK_END:
        return end(loader, c);
    case OURO_CHUNK_PROCESS: /* a second one */
        return LOAD_DAMAGED;
    default:
        return LOAD_UNKNOWN;
    }
}

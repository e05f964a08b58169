/* SPDX-License-Identifier: MIT */
/*
 * Chunks of the process that tell of something that happened at one moment.
 */
#include "load/loader.h"
#include "text/text.h"
#include "trace/lives.h"

static enum load_status collections(struct loader *loader, struct cursor *c)
{
    struct process *p = loader->process;
    for (uint32_t count = cursor_count(c, 7); count; count--) {
        struct collection run = {.generation = cursor_saturated(c)};
        run.start = cursor_varint(c);
        run.pause = cursor_varint(c);
        run.objects = cursor_varint(c);
        run.blocks = cursor_varint(c);
        run.bytes = cursor_varint(c);
        run.clock = cursor_varint(c);
        if (c->failed)
            break;
        if (!load_grow(loader, &p->collections, &loader->collection_room,
                       (uint64_t)p->collection_count + 1, sizeof *p->collections))
            return LOAD_MEMORY;
        p->collections[p->collection_count++] = run;
    }
    return c->failed ? LOAD_DAMAGED : LOAD_OK;
}

static enum load_status note(struct loader *loader, struct cursor *c)
{
    struct process *p = loader->process;
    struct note note;
    note.code = cursor_saturated(c);
    note.clock = cursor_varint(c);
    note.time = cursor_varint(c);
    if (c->failed)
        return LOAD_DAMAGED;
    note.text = text_escape(loader->arena, c->at, cursor_left(c), TEXT_NAME);
    if (!note.text || !load_grow(loader, &p->notes, &loader->note_room, (uint64_t)p->note_count + 1,
                                 sizeof *p->notes))
        return LOAD_MEMORY;
    p->notes[p->note_count++] = note;
    return LOAD_OK;
}

static enum load_status snapshot_taken(struct loader *loader, struct cursor *c)
{
    uint32_t number = cursor_id(c, SNAPSHOT_NUMBER_MAX);
    uint64_t pause = cursor_varint(c);
    uint64_t clock = cursor_varint(c);
    uint64_t time = cursor_varint(c);
    if (c->failed || number == 0)
        return LOAD_DAMAGED;
    uint32_t reason = cursor_left(c) ? cursor_saturated(c) : OURO_SNAPSHOT_AT_EXIT;
    struct snapshot_load *load = load_snapshot_get(loader, number);
    if (!load)
        return LOAD_MEMORY;
    load->model.pause = pause;
    if (!load->begun) { /* what the copy itself says wins */
        load->model.clock = clock;
        load->model.time = time;
        load->model.reason = reason;
    }
    return LOAD_OK;
}

static enum load_status mark(struct loader *loader, struct cursor *c)
{
    struct process *p = loader->process;
    struct mark mark = {.clock = cursor_varint(c)};
    mark.time = cursor_varint(c);
    if (c->failed)
        return LOAD_DAMAGED;
    mark.name = text_escape(loader->arena, c->at, cursor_left(c), TEXT_NAME);
    if (!mark.name || !load_grow(loader, &p->marks, &loader->mark_room, (uint64_t)p->mark_count + 1,
                                 sizeof *p->marks))
        return LOAD_MEMORY;
    p->marks[p->mark_count++] = mark;
    return LOAD_OK;
}

static enum load_status child(struct loader *loader, struct cursor *c)
{
    struct process *p = loader->process;
    struct child child = {.pid = cursor_varint(c)};
    child.time = cursor_varint(c);
    if (c->failed)
        return LOAD_DAMAGED;
    if (!load_grow(loader, &p->children, &loader->child_room, (uint64_t)p->child_count + 1,
                   sizeof *p->children))
        return LOAD_MEMORY;
    p->children[p->child_count++] = child;
    return LOAD_OK;
}

enum load_status load_event(struct loader *loader, uint16_t type, struct cursor *c)
{
    switch (type) {
    case OURO_CHUNK_COLLECTION:
        return collections(loader, c);
    case OURO_CHUNK_NOTE:
        return note(loader, c);
    case OURO_CHUNK_MARK:
        return mark(loader, c);
    case OURO_CHUNK_CHILD:
        return child(loader, c);
    default:
        return snapshot_taken(loader, c);
    }
}

enum load_status load_lives(struct loader *loader, struct cursor *c)
{
    struct lives lives;
    if (!lives_begin(&lives, c))
        return LOAD_DAMAGED;
    loader->process->life_count += lives.count;
    return LOAD_OK;
}

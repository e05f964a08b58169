/* SPDX-License-Identifier: MIT */
#include "sql/source.h"

#include <stdlib.h>
#include <string.h>

#include "export/lives_read.h"
#include "graph/edge_label.h"

enum made {
    MADE_ORDER = 1u << 0,
    MADE_SITES = 1u << 1,
    MADE_GARBAGE = 1u << 2,
    MADE_RETAINED = 1u << 3,
    MADE_TOTALS = 1u << 4,
    MADE_CYCLES = 1u << 5,
    MADE_INTERNING = 1u << 6,
    MADE_LEDGER = 1u << 7,
    MADE_LEAKS = 1u << 8,
    MADE_LABELS = 1u << 9,
    MADE_ROOTS = 1u << 10,
    MADE_LIVES = 1u << 11,
};

/* Notes that something was made, if it was. */
static int made(struct sql_source *source, enum made what, int status)
{
    if (status == 0)
        source->made |= what;
    return status;
}

int sql_source_open(struct sql_source *source, const struct run *run, const struct process *process,
                    const struct snapshot *snapshot)
{
    static uint32_t nothing;
    *source = (struct sql_source){.run = run, .process = process, .snapshot = snapshot};
    source->empty.edge_first = &nothing;
    source->heap = snapshot ? snapshot : &source->empty;
    source->arena = arena_new();
    key_table_init(&source->labels, sizeof(uint32_t));
    return source->arena ? 0 : -1;
}

void sql_source_close(struct sql_source *source)
{
    type_order_free(&source->order);
    site_table_free(&source->sites);
    garbage_free(&source->garbage);
    retained_free(&source->retained);
    heap_free(&source->totals);
    report_free(&source->cycles);
    report_free(&source->interning);
    report_free(&source->ledger);
    report_free(&source->leaks);
    sql_groups_free(&source->by_type);
    sql_groups_free(&source->by_site);
    sql_groups_free(&source->by_dominator);
    sql_groups_free(&source->by_target);
    sql_groups_free(&source->by_parent);
    sql_groups_free(&source->by_value);
    key_table_free(&source->labels);
    free(source->type_total);
    free(source->type_retained);
    free(source->by_address);
    free(source->frame_first);
    free(source->site_total);
    free(source->extra_roots);
    free(source->lives);
    arena_free(source->arena);
    *source = (struct sql_source){0};
}

int sql_source_order(struct sql_source *source)
{
    if (source->made & MADE_ORDER || !source->snapshot)
        return 0;
    return made(source, MADE_ORDER, type_order_build(source->snapshot, &source->order));
}

uint32_t sql_source_type(const struct sql_source *source, const char *name)
{
    uint32_t low = 0, high = source->order.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(source->order.name[middle], name);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NO_ID;
}

int sql_source_sites(struct sql_source *source)
{
    if (source->made & MADE_SITES)
        return 0;
    return made(source, MADE_SITES, site_table_build(source->process, &source->sites));
}

int sql_source_garbage(struct sql_source *source)
{
    if (source->made & MADE_GARBAGE || !source->snapshot)
        return 0;
    return made(source, MADE_GARBAGE, garbage_find(source->snapshot, &source->garbage));
}

int sql_source_retained(struct sql_source *source)
{
    if (source->made & MADE_RETAINED || !source->snapshot)
        return 0;
    if (sql_source_garbage(source) < 0)
        return -1;
    return made(source, MADE_RETAINED,
                retained_find(source->snapshot, &source->garbage, &source->retained));
}

int sql_source_totals(struct sql_source *source)
{
    if (source->made & MADE_TOTALS || !source->snapshot)
        return 0;
    if (sql_source_order(source) < 0 || sql_source_garbage(source) < 0 ||
        heap_measure(source->snapshot, &source->order, &source->garbage, &source->totals) < 0)
        return -1;
    source->type_total = calloc((size_t)source->order.count + 1, sizeof *source->type_total);
    if (!source->type_total)
        return -1;
    for (uint32_t t = 0; t < source->totals.type_count; t++) {
        uint32_t type = sql_source_type(source, source->totals.types[t].type);
        if (type != NO_ID)
            source->type_total[type] = t + 1;
    }
    return made(source, MADE_TOTALS, 0);
}

int sql_source_type_retained(struct sql_source *source)
{
    struct retained_list list;
    if (source->type_retained || !source->snapshot)
        return 0;
    if (sql_source_totals(source) < 0 || sql_source_sites(source) < 0 ||
        sql_source_retained(source) < 0 ||
        retained_groups(source->snapshot, &source->order, &source->sites, &source->retained,
                        RETAINED_BY_TYPE, UINT32_MAX, source->arena, &list) < 0)
        return -1;
    source->type_retained = calloc((size_t)source->order.count + 1, sizeof *source->type_retained);
    if (!source->type_retained)
        return -1;
    for (uint32_t e = 0; e < list.count; e++) {
        uint32_t type = sql_source_type(source, list.entries[e].name);
        if (type != NO_ID)
            source->type_retained[type] = list.entries[e].retained;
    }
    return 0;
}

int sql_source_cycles(struct sql_source *source)
{
    if (source->made & MADE_CYCLES)
        return 0;
    report_free(&source->cycles);
    return made(source, MADE_CYCLES,
                report_build_cycles(source->run, source->process, &source->cycles));
}

int sql_source_interning(struct sql_source *source)
{
    static const struct interning_query all = {INTERNING_BY_HOLDER, NULL, 0};
    if (source->made & MADE_INTERNING)
        return 0;
    report_free(&source->interning);
    return made(source, MADE_INTERNING,
                report_build_interning(source->run, source->process, &all, &source->interning));
}

int sql_source_ledger(struct sql_source *source)
{
    if (source->made & MADE_LEDGER)
        return 0;
    report_free(&source->ledger);
    return made(source, MADE_LEDGER,
                report_build_ledger(source->run, source->process, CHURN_WITHIN, &source->ledger));
}

int sql_source_leaks(struct sql_source *source)
{
    if (source->made & MADE_LEAKS)
        return 0;
    report_free(&source->leaks);
    return made(source, MADE_LEAKS,
                report_build_leaks(source->run, source->process, &source->leaks));
}

static int address_compare(const void *left, const void *right, void *context)
{
    const uint64_t *address = context;
    uint64_t a = address[*(const uint32_t *)left], b = address[*(const uint32_t *)right];
    return a < b ? -1 : a > b;
}

int sql_source_addresses(struct sql_source *source)
{
    uint32_t count = source->heap->object_count;
    if (source->by_address)
        return 0;
    source->by_address = malloc(((size_t)count + 1) * sizeof *source->by_address);
    if (!source->by_address)
        return -1;
    for (uint32_t o = 0; o < count; o++)
        source->by_address[o] = o;
    qsort_r(source->by_address, count, sizeof *source->by_address, address_compare,
            source->heap->address);
    return 0;
}

int sql_source_labels(struct sql_source *source)
{
    uint32_t number, last = NO_ID;
    if (source->made & MADE_LABELS)
        return 0;
    for (uint64_t e = 0; e < source->heap->edge_count; e++) {
        uint32_t key = sql_label_key(source->heap->edge_label[e]);
        if (key == last)
            continue;
        last = key;
        if (!key_table_add(&source->labels, &key, &number))
            return -1;
    }
    source->label_text =
        arena_alloc(source->arena, source->labels.count, sizeof *source->label_text);
    for (uint32_t n = 0; source->label_text && n < source->labels.count; n++) {
        uint32_t label = *(const uint32_t *)key_table_key(&source->labels, n);
        source->label_text[n] = edge_label_text(source->arena, label & OURO_LABEL_KIND_MASK,
                                                edge_label_name(source->heap, label));
        if (!source->label_text[n])
            return -1;
    }
    return made(source, MADE_LABELS, source->label_text ? 0 : -1);
}

int sql_source_roots(struct sql_source *source)
{
    if (source->made & MADE_ROOTS || !source->snapshot)
        return 0;
    if (sql_source_retained(source) < 0)
        return -1;
    const struct heap_roots *roots = &source->retained.roots;
    source->extra_roots = malloc(((size_t)roots->count + 1) * sizeof *source->extra_roots);
    if (!source->extra_roots)
        return -1;
    for (uint32_t r = 0; r < roots->count; r++) {
        if (heap_roots_record(roots, roots->object[r]) == NO_ID)
            source->extra_roots[source->extra_root_count++] = roots->object[r];
    }
    return made(source, MADE_ROOTS, 0);
}

int sql_source_frames(struct sql_source *source)
{
    const struct process *p = source->process;
    size_t sites = (size_t)p->site_count + 1;
    if (source->frame_first)
        return 0;
    uint32_t *depth = malloc(sites * sizeof *depth);
    uint64_t *first = malloc((sites + 1) * sizeof *first);
    if (!depth || !first) {
        free(depth);
        free(first);
        return -1;
    }
    /* A parent comes before its children. */
    depth[0] = 0;
    first[0] = first[1] = 0;
    for (uint32_t s = 1; s <= p->site_count; s++) {
        depth[s] = depth[p->sites[s].parent] + 1;
        first[s + 1] = first[s] + depth[s];
    }
    free(depth);
    source->frame_first = first;
    return 0;
}

int sql_source_site_totals(struct sql_source *source)
{
    const struct process *p = source->process;
    if (source->site_total)
        return 0;
    source->site_total = calloc((size_t)p->site_count + 1, sizeof *source->site_total);
    if (!source->site_total)
        return -1;
    for (uint32_t r = 0; r <= p->row_count; r++) {
        const struct row *row = &p->rows[r];
        struct sql_site_total *total = &source->site_total[row->site];
        total->blocks += row->births;
        total->bytes += row->born_bytes;
        for (int cause = 0; cause < 3; cause++)
            total->deaths[cause] += row->deaths[cause];
    }
    return 0;
}

static bool life_keep(const struct life_told *told, void *context)
{
    struct sql_source *source = context;
    if (source->life_count == source->life_room) {
        uint64_t room = source->life_room ? source->life_room * 2 : 4096;
        struct sql_life *lives = realloc(source->lives, room * sizeof *lives);
        if (!lives)
            return false;
        source->lives = lives;
        source->life_room = room;
    }
    source->lives[source->life_count++] = (struct sql_life){
        .size = told->size,
        .birth = told->birth,
        .death = told->death,
        .age = told->age,
        .row = told->row,
        .type = told->type,
        .cause = told->cause,
        .birth_known = told->birth_known,
        .age_known = told->age_known,
    };
    return true;
}

int sql_source_lives(struct sql_source *source)
{
    char error[256];
    if (source->made & MADE_LIVES || !source->process->life_count)
        return 0;
    source->life_count = 0;
    int status = lives_read(source->process, life_keep, source, error, sizeof error);
    source->lives_damaged = status != 0;
    return made(source, MADE_LIVES, status == LIVES_STOPPED ? -1 : 0);
}

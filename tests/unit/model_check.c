/* SPDX-License-Identifier: MIT */
#include "model_check.h"

#include "model/epoch_changes.h"

#define CHECK(condition)       \
    do {                       \
        if (!(condition))      \
            return #condition; \
    } while (0)

static const char *check_edges(const struct snapshot *s)
{
    CHECK(s->edge_first[0] == 0);
    CHECK(s->edge_first[s->object_count] == s->edge_count);
    for (uint32_t i = 0; i < s->object_count; i++)
        CHECK(s->edge_first[i] <= s->edge_first[i + 1]);
    for (uint64_t e = 0; e < s->edge_count; e++) {
        uint32_t kind = s->edge_label[e] & OURO_LABEL_KIND_MASK;
        CHECK(s->edge_target[e] < s->object_count);
        if (kind == OURO_LABEL_ATTRIBUTE || kind == OURO_LABEL_KEY || kind == OURO_LABEL_CELL ||
            kind == OURO_LABEL_LOCAL)
            CHECK(s->edge_label[e] >> OURO_LABEL_SHIFT <= s->string_count);
    }
    for (uint32_t i = 0; i < s->found_count; i++)
        CHECK(s->found_target[i] < s->object_count);
    return NULL;
}

/* Blocks that nothing leads to, within what was said of all of them. */
static const char *check_unreached(const struct unreached *u)
{
    uint64_t bytes = 0;
    CHECK(u->blocks <= u->searched && u->bytes <= u->searched_bytes);
    CHECK(u->count <= u->blocks);
    for (uint32_t i = 0; i < u->count; i++) {
        CHECK(i == 0 || u->list[i - 1].address < u->list[i].address);
        CHECK(u->list[i].asked <= u->list[i].size);
        CHECK(u->list[i].size <= u->bytes - bytes);
        bytes += u->list[i].size;
    }
    for (uint32_t i = 0; i < u->lead_count; i++) {
        CHECK(u->leads[i].from < u->count && u->leads[i].to < u->count);
        CHECK(i == 0 || u->leads[i - 1].from <= u->leads[i].from);
    }
    return NULL;
}

const char *model_check_snapshot(const struct process *p, const struct snapshot *s)
{
    const char *wrong = check_edges(s);
    wrong = wrong ? wrong : check_unreached(&s->unreached);
    if (wrong)
        return wrong;
    for (uint32_t i = 0; i < s->object_count; i++) {
        CHECK(s->type[i] >= 1 && s->type[i] <= s->type_count);
        CHECK(s->row[i] <= p->row_count);
    }
    for (uint32_t i = 1; i <= s->type_count; i++)
        CHECK(s->types[i].name);
    for (uint32_t i = 0; i < s->root_count; i++) {
        const struct root *root = &s->roots[i];
        CHECK(root->target < s->object_count);
        CHECK(root->name && root->function && root->file && root->thread);
    }
    for (uint32_t i = 1; i <= s->value_count; i++)
        CHECK(s->values[i].type <= s->type_count && s->values[i].preview);
    for (uint32_t i = 0; i < s->member_count; i++) {
        CHECK(s->member_object[i] < s->object_count);
        CHECK(s->member_value[i] >= 1 && s->member_value[i] <= s->value_count);
        CHECK(i == 0 || s->member_object[i - 1] < s->member_object[i]);
    }
    for (uint32_t i = 0; i < s->spare_count; i++) {
        CHECK(s->spares[i].object < s->object_count);
        CHECK(i == 0 || s->spares[i - 1].object < s->spares[i].object);
    }
    return NULL;
}

/* What is known of rows refers to what there is. */
static const char *check_ledger(const struct process *p)
{
    const struct item_lists *lists[] = {&p->deaths, &p->lifetimes, &p->named};
    static const unsigned bits[] = {DEATHS_BITS, LIFETIMES_BITS, 0};
    static const unsigned below[] = {3, OURO_LIFETIME_BUCKETS, 1};
    for (unsigned l = 0; l < 3; l++) {
        for (uint32_t r = 0; r <= p->row_count; r++)
            CHECK(lists[l]->first[r] <= lists[l]->first[r + 1]);
        for (uint32_t i = 0; i < lists[l]->first[p->row_count + 1]; i++) {
            uint32_t item = lists[l]->items[i].item;
            CHECK(item >> bits[l] <= p->type_count);
            CHECK((item & ((1u << bits[l]) - 1)) < below[l]);
        }
    }
    for (uint32_t e = 0; e < p->epoch_count; e++) {
        struct row_changes changes = row_changes_of(p, e);
        struct row_change change;
        while (row_changes_next(&changes, &change))
            CHECK(change.row <= p->row_count);
    }
    for (uint32_t i = 0; i < p->sampled_row_count; i++)
        CHECK(p->sampled_rows[i].row <= p->row_count);
    for (uint32_t i = 0; i < p->sampled_value_count; i++)
        CHECK(p->sampled_values[i].row <= p->row_count);
    return NULL;
}

/* Native memory: stacks, their modules, and what epochs changed. */
static const char *check_native(const struct process *p)
{
    for (uint32_t i = 0; i < p->module_count; i++)
        CHECK(p->modules[i].start <= p->modules[i].end && p->modules[i].name);
    for (uint32_t i = 0; i < p->native_count; i++) {
        const struct native_stack *stack = &p->native_stacks[i];
        CHECK(stack->site <= p->site_count);
        CHECK((uint64_t)stack->first + stack->count <= p->native_address_count);
        CHECK(stack->kind < OURO_NATIVE_KINDS);
        CHECK(stack->counts.deaths <= stack->counts.births);
        CHECK(stack->counts.dead_bytes <= stack->counts.bytes);
    }
    for (uint32_t e = 0; e < p->epoch_count; e++) {
        struct native_changes changes = native_changes_of(p, e);
        struct native_change change;
        CHECK(changes.at <= changes.end);
        while (native_changes_next(&changes, &change))
            CHECK(change.stack < p->native_count);
    }
    return NULL;
}

static const char *check_process(const struct process *p)
{
    for (uint32_t f = 1; f <= p->function_count; f++)
        CHECK(p->functions[f].file && p->functions[f].name);
    for (uint32_t s = 1; s <= p->site_count; s++) {
        CHECK(p->sites[s].parent < s);
        CHECK(p->sites[s].function <= p->function_count);
    }
    for (uint32_t r = 0; r <= p->row_count; r++)
        CHECK(p->rows[r].site <= p->site_count);
    for (uint32_t t = 1; t <= p->type_count; t++)
        CHECK(p->types[t]);
    return check_ledger(p);
}

const char *model_check(const struct run *run)
{
    const char *wrong = NULL;
    for (uint32_t i = 0; i < run->process_count && !wrong; i++) {
        const struct process *p = &run->processes[i];
        wrong = check_process(p);
        wrong = wrong ? wrong : check_native(p);
        for (uint32_t s = 0; s < p->snapshot_count && !wrong; s++)
            wrong = model_check_snapshot(p, &p->snapshots[s]);
    }
    return wrong;
}

/* SPDX-License-Identifier: MIT */
#include "compare/by_process.h"

#include <stdlib.h>
#include <string.h>

#include "compare/digest_report.h"

/* Not what only waits for the collector, nor what no line of the program made. */
static bool worth_telling(const struct digest_item *item)
{
    switch (item->subject) {
    case DIGEST_CYCLE:
        return !(item->flags & DIGEST_PENDING);
    case DIGEST_HELD:
    case DIGEST_LEAK:
    case DIGEST_NATIVE_SUSPECT:
    case DIGEST_SUSPECT:
    case DIGEST_TYPE:
    case DIGEST_DUPLICATES:
        return true;
    case DIGEST_ALIVE:
        return *item->place.file && strcmp(item->place.file, DIGEST_IMPORTING) != 0;
    default:
        return false;
    }
}

static int item_compare(const void *left, const void *right)
{
    const struct digest_item *a = ((const struct by_process_entry *)left)->item;
    const struct digest_item *b = ((const struct by_process_entry *)right)->item;
    if (a->subject != b->subject)
        return a->subject < b->subject ? -1 : 1;
    if (a->bytes.high != b->bytes.high)
        return a->bytes.high < b->bytes.high ? 1 : -1;
    return digest_compare(a, b);
}

int by_process_build(const struct run *run, struct by_process *table)
{
    *table = (struct by_process){.run = run, .tree = process_tree(run)};
    table->digests = calloc((size_t)run->process_count + 1, sizeof *table->digests);
    if (!table->tree || !table->digests || digest_processes(run, table->digests) < 0 ||
        digest_join(table->digests, run->process_count, DIGEST_SUM, &table->all) < 0)
        return -1;
    table->entries = malloc(((size_t)table->all.count + 1) * sizeof *table->entries);
    if (!table->entries)
        return -1;
    for (uint32_t i = 0; i < table->all.count; i++) {
        if (worth_telling(&table->all.items[i]))
            table->entries[table->count++].item = &table->all.items[i];
    }
    if (table->count)
        qsort(table->entries, table->count, sizeof *table->entries, item_compare);
    return 0;
}

void by_process_free(struct by_process *table)
{
    for (uint32_t i = 0; table->digests && i < table->run->process_count; i++)
        digest_free(&table->digests[i]);
    free(table->digests);
    free(table->tree);
    free(table->entries);
    digest_free(&table->all);
    *table = (struct by_process){0};
}

const struct digest_item *by_process_cell(const struct by_process *table,
                                          const struct digest_item *item, uint32_t column)
{
    return digest_find_like(&table->digests[table->tree[column].process], item);
}

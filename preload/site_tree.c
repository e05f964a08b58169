/* SPDX-License-Identifier: MIT */
#include "site_tree.h"

#include <pthread.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "id_table.h"
#include "memory.h"
#include "ouro/trace.h"
#include "thread.h"

struct site_tree site_tree;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct id_table string_table, function_table, site_table, row_table;
static struct bump text;

bool site_tree_create(uint32_t capacity)
{
    site_tree.strings = memory_reserve(sizeof *site_tree.strings * capacity);
    site_tree.functions = memory_reserve(sizeof *site_tree.functions * capacity);
    site_tree.sites = memory_reserve(sizeof *site_tree.sites * capacity);
    site_tree.rows = memory_reserve(sizeof *site_tree.rows * capacity);
    site_tree.folded = memory_reserve(sizeof *site_tree.folded * capacity);
    site_tree.capacity = capacity;
    return site_tree.strings && site_tree.functions && site_tree.sites && site_tree.rows &&
           site_tree.folded;
}

void site_tree_destroy(void)
{
    memory_release(site_tree.strings, sizeof *site_tree.strings * site_tree.capacity);
    memory_release(site_tree.functions, sizeof *site_tree.functions * site_tree.capacity);
    memory_release(site_tree.sites, sizeof *site_tree.sites * site_tree.capacity);
    memory_release(site_tree.rows, sizeof *site_tree.rows * site_tree.capacity);
    memory_release(site_tree.folded, sizeof *site_tree.folded * site_tree.capacity);
    site_tree = (struct site_tree){0};
}

uint64_t site_tree_bytes(void)
{
    return site_tree.string_count * sizeof *site_tree.strings + text.total +
           site_tree.function_count * sizeof *site_tree.functions +
           site_tree.site_count * sizeof *site_tree.sites +
           site_tree.row_count * sizeof *site_tree.rows +
           (string_table.mask + function_table.mask + site_table.mask + row_table.mask) * 8;
}

void site_tree_lock(void)
{
    this_thread.inside++;
    pthread_mutex_lock(&lock);
}

void site_tree_unlock(void)
{
    pthread_mutex_unlock(&lock);
    this_thread.inside--;
}

void site_tree_reset_lock(void)
{
    lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
}

/* The next identifier of a table, or 0 when it is full. */
static uint32_t next_id(uint32_t count)
{
    if (count + 1 < site_tree.capacity)
        return count + 1;
    site_tree.full = true;
    return 0;
}

uint32_t site_tree_string(const char *bytes, size_t length)
{
    uint64_t hash = XXH3_64bits(bytes, length), probe = hash >> 32;
    uint32_t id;
    while ((id = id_table_next(&string_table, hash, &probe)))
        if (site_tree.strings[id].length == length &&
            memcmp(site_tree.strings[id].text, bytes, length) == 0)
            return id;
    char *copy = bump_alloc(&text, length + 1);
    id = next_id(site_tree.string_count);
    if (!copy || !id || !id_table_add(&string_table, hash, id))
        return 0;
    memcpy(copy, bytes, length);
    copy[length] = '\0';
    site_tree.strings[id] = (struct site_string){copy, (uint32_t)length};
    site_tree.string_count = id;
    return id;
}

uint32_t site_tree_function(uint32_t file, uint32_t name, uint32_t first_line, uint64_t fingerprint)
{
    uint64_t hash = id_table_mix((uint64_t)file << 32 | name);
    hash = id_table_mix(hash ^ first_line ^ fingerprint);
    uint64_t probe = hash >> 32;
    uint32_t id;
    while ((id = id_table_next(&function_table, hash, &probe))) {
        const struct site_function *f = &site_tree.functions[id];
        if (f->file == file && f->name == name && f->first_line == first_line &&
            f->fingerprint == fingerprint)
            return id;
    }
    id = next_id(site_tree.function_count);
    if (!id || !id_table_add(&function_table, hash, id))
        return 0;
    site_tree.functions[id] = (struct site_function){file, name, first_line, fingerprint};
    site_tree.function_count = id;
    return id;
}

static uint64_t site_hash(uint32_t parent, uint32_t function, uint32_t offset)
{
    return id_table_mix(((uint64_t)parent << 32 | function) ^
                        (uint64_t)offset * 0x9e3779b97f4a7c15u);
}

uint32_t site_tree_find(uint32_t parent, uint32_t function, uint32_t offset)
{
    uint64_t hash = site_hash(parent, function, offset), probe = hash >> 32;
    uint32_t id;
    while ((id = id_table_next(&site_table, hash, &probe))) {
        const struct site_node *node = &site_tree.sites[id];
        if (node->parent == parent && node->function == function && node->offset == offset)
            return id;
    }
    return 0;
}

uint32_t site_tree_add(uint32_t parent, uint32_t function, uint32_t offset, uint32_t line,
                       uint32_t flags)
{
    uint32_t id = next_id(site_tree.site_count);
    if (!id || !id_table_add(&site_table, site_hash(parent, function, offset), id))
        return 0;
    site_tree.sites[id] = (struct site_node){parent, function, line, offset, flags};
    site_tree.site_count = id;
    return id;
}

void site_tree_fold(uint32_t site)
{
    if (site_tree.sites[site].flags & OURO_SITE_FOLDED)
        return;
    site_tree.sites[site].flags |= OURO_SITE_FOLDED;
    site_tree.folded[site_tree.folded_count++] = site;
}

uint32_t site_tree_row(uint32_t site, uint64_t size, bool object)
{
    uint32_t flags = object ? OURO_ROW_OBJECT : 0;
    if (size > LIVE_SIZE_LIMIT) {
        flags |= OURO_ROW_VARIABLE;
        size = 0;
    }
    uint64_t hash = id_table_mix((uint64_t)site << 32 | size << 2 | flags);
    uint64_t probe = hash >> 32;
    uint32_t id;
    while ((id = id_table_next(&row_table, hash, &probe))) {
        const struct site_row *row = &site_tree.rows[id];
        if (row->site == site && row->size == size && row->flags == flags)
            return id;
    }
    id = next_id(site_tree.row_count);
    if (!id || !id_table_add(&row_table, hash, id))
        return 0;
    site_tree.rows[id] = (struct site_row){site, flags, size};
    site_tree.row_count = id;
    return id;
}

/* SPDX-License-Identifier: MIT */
/*
 * What an epoch writes: new strings, functions, sites, rows and types, runs of the collector, and
 * the increments of every row that changed.
 */
#include <stdatomic.h>
#include <string.h>

#include "ledger.h"
#include "lives.h"
#include "native.h"
#include "options.h"
#include "recorder_state.h"
#include "site_tree.h"
#include "type_table.h"

static void write_strings(void)
{
    while (recorder.strings_written < site_tree.string_count && recorder.running) {
        uint32_t first = recorder.strings_written + 1, last = first;
        uint64_t bytes = 0;
        while (last < site_tree.string_count && bytes < CHUNK_BYTES)
            bytes += site_tree.strings[last++].length + 4;
        payload_varint(&recorder.payload, first);
        payload_varint(&recorder.payload, last - first + 1);
        for (uint32_t id = first; id <= last; id++)
            payload_counted(&recorder.payload, site_tree.strings[id].text,
                            site_tree.strings[id].length);
        recorder_flush(OURO_CHUNK_STRINGS);
        recorder.strings_written = last;
    }
}

/* Writes a table of varints in chunks: item() appends one element. */
static void write_table(enum ouro_chunk type, uint32_t *written, uint32_t count,
                        void (*item)(uint32_t id))
{
    while (*written < count && recorder.running) {
        uint32_t first = *written + 1;
        uint32_t last = count - first < CHUNK_BYTES / 16 ? count : first + CHUNK_BYTES / 16;
        payload_varint(&recorder.payload, first);
        payload_varint(&recorder.payload, last - first + 1);
        for (uint32_t id = first; id <= last; id++)
            item(id);
        recorder_flush(type);
        *written = last;
    }
}

static void put_function(uint32_t id)
{
    const struct site_function *f = &site_tree.functions[id];
    payload_varint(&recorder.payload, f->file);
    payload_varint(&recorder.payload, f->name);
    payload_varint(&recorder.payload, f->first_line);
}

static void put_site(uint32_t id)
{
    const struct site_node *s = &site_tree.sites[id];
    payload_varint(&recorder.payload, s->parent);
    payload_varint(&recorder.payload, s->function);
    payload_varint(&recorder.payload, s->line);
    payload_varint(&recorder.payload, s->offset);
    payload_varint(&recorder.payload, s->flags);
}

static void put_row(uint32_t id)
{
    const struct site_row *r = &site_tree.rows[id];
    payload_varint(&recorder.payload, r->site);
    payload_varint(&recorder.payload, r->size);
    payload_varint(&recorder.payload, r->flags);
}

static void put_type(uint32_t id)
{
    payload_varint(&recorder.payload, type_table.names[id]);
}

/* Types of a row whose deaths have changed in any ledger; put: how many to write and remember. */
static unsigned row_types(uint32_t row, unsigned put)
{
    unsigned changed = 0;
    for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next)
        for (uint32_t i = __atomic_load_n(&ledger->counters[row].types, __ATOMIC_ACQUIRE); i;
             i = ledger->typed[i].next) {
            struct typed_deaths *entry = &ledger->typed[i];
            uint64_t news = typed_deaths_news(&ledger->counters[row], entry);
            if (!news)
                continue;
            /* A type met after the tables were written waits for the next epoch. */
            if (entry->type > recorder.types_written) {
                recorder.types_wait = true;
                continue;
            }
            changed++;
            if (!put)
                continue;
            if (changed > put) { /* another thread came by since they were counted */
                recorder.types_wait = true;
                return put;
            }
            payload_varint(&recorder.payload, entry->type);
            payload_varint(&recorder.payload, news);
            entry->written += news;
        }
    return changed;
}

/* Adds what a word has counted since it was written, and remembers that it is. */
static void add_news(uint64_t *change, const uint64_t *now, uint64_t *was)
{
    uint64_t count = WORD_READ(*now);
    *change += count - *was;
    *was = count;
}

/* What is alive, or by how much more that is than it was: modulo 2^64. */
struct live_sum {
    uint64_t blocks, bytes;
};

static struct live_sum live_change(const struct counter *c, uint32_t row)
{
    uint64_t blocks = WORD_READ(c->births);
    for (int cause = 0; cause < DEATH_CAUSES; cause++)
        blocks -= WORD_READ(c->deaths[cause]);
    return (struct live_sum){blocks, blocks * site_tree.rows[row].size + WORD_READ(c->born_bytes) -
                                         WORD_READ(c->died_bytes)};
}

/* The increments of one row over all ledgers since the last epoch. */
static bool row_changes(uint32_t row, struct counter *change)
{
    bool changed = false;
    for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next) {
        const struct counter *now = &ledger->counters[row];
        struct counter *was = &ledger->written[row];
        if (ledger_events(now) == ledger->seen[row])
            continue;
        if (!changed)
            *change = (struct counter){0};
        changed = true;
        add_news(&change->births, &now->births, &was->births);
        add_news(&change->born_bytes, &now->born_bytes, &was->born_bytes);
        add_news(&change->died_bytes, &now->died_bytes, &was->died_bytes);
        uint64_t deathless = ledger_events(was);
        for (int cause = 0; cause < DEATH_CAUSES; cause++)
            add_news(&change->deaths[cause], &now->deaths[cause], &was->deaths[cause]);
        ledger->seen[row] = ledger_events(was);
        for (unsigned b = 0; ledger->seen[row] != deathless && b < LEDGER_LIFETIMES; b++) {
            uint32_t count = WORD_READ(now->lifetimes[b]);
            change->lifetimes[b] += count - was->lifetimes[b];
            was->lifetimes[b] = count;
        }
    }
    if (changed) {
        const struct live_sum live = live_change(change, row);
        recorder.live_blocks += live.blocks;
        recorder.live_bytes += live.bytes;
    }
    if (changed || !recorder.types_waited || !row_types(row, 0))
        return changed;
    *change = (struct counter){0};
    return true;
}

static void put_changes(uint32_t row, const struct counter *change)
{
    struct payload *p = &recorder.payload;
    const uint64_t fields[] = {change->births,    change->born_bytes, change->deaths[0],
                               change->deaths[1], change->deaths[2],  change->died_bytes};
    uint64_t mask = 0;
    for (unsigned i = 0; i < 6; i++)
        if (fields[i])
            mask |= 1u << i;
    unsigned buckets = 0;
    if (change->deaths[0] || change->deaths[1] || change->deaths[2])
        for (unsigned b = 0; b < LEDGER_LIFETIMES; b++)
            buckets += change->lifetimes[b] != 0;
    if (buckets)
        mask |= OURO_EPOCH_LIFETIMES;
    unsigned types = row_types(row, 0);
    if (types)
        mask |= OURO_EPOCH_TYPES;
    payload_varint(p, mask);
    for (unsigned i = 0; i < 6; i++)
        if (fields[i])
            payload_varint(p, fields[i]);
    if (buckets) {
        payload_varint(p, buckets);
        for (unsigned b = 0; b < LEDGER_LIFETIMES; b++)
            if (change->lifetimes[b]) {
                payload_varint(p, b);
                payload_varint(p, change->lifetimes[b]);
            }
    }
    if (types) {
        payload_varint(p, types);
        row_types(row, types);
    }
}

/*
 * Marks the rows that have changed in a ledger, up to the last one given: nearly all are as they were,
 * so of each row no more is looked at than where its events are counted. Returns what is alive.
 */
static struct live_sum find_changes(uint32_t rows)
{
    struct live_sum live = {recorder.live_blocks, recorder.live_bytes};
    for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next)
        for (uint32_t row = 1; row <= rows; row++) {
            const struct counter *now = &ledger->counters[row];
            __builtin_prefetch(now + 24);
            bool changed = ledger_events(now) != ledger->seen[row];
            if (!changed && !(recorder.types_waited && WORD_READ(now->types)))
                continue;
            recorder.changed[row / 64] |= 1ul << row % 64;
            if (changed) {
                const struct live_sum is = live_change(now, row),
                                      was = live_change(&ledger->written[row], row);
                live.blocks += is.blocks - was.blocks;
                live.bytes += is.bytes - was.bytes;
            }
        }
    return live;
}

/* The next marked row from one on, whose mark is taken off; above rows: there is none. */
static uint32_t next_change(uint32_t row, uint32_t rows)
{
    for (; row <= rows; row = row / 64 * 64 + 64) {
        uint64_t *word = &recorder.changed[row / 64], marked = *word & ~0ul << row % 64;
        if (marked) {
            *word &= ~(marked & -marked);
            return row / 64 * 64 + (unsigned)__builtin_ctzl(marked);
        }
    }
    return rows + 1;
}

/*
 * The count of changed rows comes before them in the chunk but is known after: the records are
 * gathered in the upper half of the payload's memory and the head written in front of them.
 */
static void write_epoch_chunk(uint32_t *row, uint32_t rows, struct live_sum live)
{
    struct payload *p = &recorder.payload;
    const size_t head_room = 128;
    p->size = head_room;
    uint64_t count = 0;
    uint32_t previous = 0;
    struct counter change;
    for (; p->size < CHUNK_BYTES && (*row = next_change(*row, rows)) <= rows; ++*row) {
        if (!row_changes(*row, &change))
            continue;
        payload_varint(p, *row - previous);
        put_changes(*row, &change);
        previous = *row;
        count++;
    }
    unsigned char head[8 * OURO_VARINT_MAX];
    size_t n = 0;
    n += ouro_varint_put(head + n, recorder.epoch);
    n += ouro_varint_put(head + n, recorder_clock());
    n += ouro_varint_put(head + n, recorder_time());
    n += ouro_varint_put(head + n, live.blocks);
    n += ouro_varint_put(head + n, live.bytes);
    n += ouro_varint_put(head + n, count);
    unsigned char *start = p->data + head_room - n;
    memcpy(start, head, n);
    size_t size = p->size - (head_room - n);
    if (!trace_file_append(&recorder.file, OURO_CHUNK_EPOCH, 0, 0, &recorder.file.sequence, start,
                           size, size))
        recorder.running = false;
    payload_clear(p);
}

/* Sites into which recursion was folded since: they may have been written before. */
static void write_folded(void)
{
    if (recorder.folded_written == site_tree.folded_count || !recorder.running)
        return;
    payload_varint(&recorder.payload, site_tree.folded_count - recorder.folded_written);
    while (recorder.folded_written < site_tree.folded_count)
        payload_varint(&recorder.payload, site_tree.folded[recorder.folded_written++]);
    recorder_flush(OURO_CHUNK_FOLDED);
}

uint32_t epoch_write_tables(void)
{
    site_tree_lock(); /* the tables below must not grow while their prefix is written */
    write_strings();
    write_table(OURO_CHUNK_FUNCTIONS, &recorder.functions_written, site_tree.function_count,
                put_function);
    write_table(OURO_CHUNK_SITES, &recorder.sites_written, site_tree.site_count, put_site);
    write_table(OURO_CHUNK_ROWS, &recorder.rows_written, site_tree.row_count, put_row);
    write_table(OURO_CHUNK_TYPES, &recorder.types_written, type_table.count, put_type);
    write_folded();
    uint32_t rows = site_tree.row_count;
    site_tree_unlock();
    return rows;
}

void epoch_write_collections(void)
{
    if (!recorder.collection_count)
        return;
    if (recorder.running) {
        payload_varint(&recorder.payload, recorder.collection_count);
        for (uint32_t i = 0; i < recorder.collection_count; i++) {
            const struct recorder_collection *c = &recorder.collections[i];
            const uint64_t items[] = {c->generation, c->start, c->pause, c->objects,
                                      c->blocks,     c->bytes, c->clock};
            for (unsigned k = 0; k < sizeof items / sizeof *items; k++)
                payload_varint(&recorder.payload, items[k]);
        }
        recorder_flush(OURO_CHUNK_COLLECTION);
    }
    recorder.collection_count = 0;
}

uint64_t recorder_live_bytes(void)
{
    uint64_t bytes = 0;
    site_tree_lock();
    uint32_t rows = site_tree.row_count;
    site_tree_unlock();
    for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next)
        for (uint32_t row = 1; row <= rows; row++)
            bytes += live_change(&ledger->counters[row], row).bytes;
    return options.sample ? bytes / OURO_SAMPLE_UNIT : bytes;
}

void epoch_write(void)
{
    epoch_write_collections();
    uint32_t rows = epoch_write_tables();
    recorder.epoch++;
    uint64_t start = recorder_time();
    recorder.types_waited = recorder.types_wait;
    recorder.types_wait = false;
    const struct live_sum live = find_changes(rows);
    uint32_t row = 1;
    do
        write_epoch_chunk(&row, rows, live);
    while (row <= rows && recorder.running);
    native_write();
    recorder.epoch_time = recorder_time();
    recorder.epoch_cost = recorder.epoch_time - start;
}

void epoch_put_lives(const struct life *lives, uint32_t count)
{
    struct payload *column = &recorder.column, *out = &recorder.payload;
    payload_varint(out, count);
    for (int c = 0; c < OURO_LIFE_COLUMN_COUNT; c++) {
        uint32_t row = 0, death = 0;
        for (uint32_t i = 0; i < count; i++) {
            const struct life *life = &lives[i];
            if (c == OURO_LIFE_ROW)
                payload_svarint(column, (int64_t)life->row - row);
            else if (c == OURO_LIFE_TYPE)
                payload_varint(column, life->type);
            else if (c == OURO_LIFE_SIZE && site_tree.rows[life->row].flags & OURO_ROW_VARIABLE)
                payload_varint(column, life->size);
            else if (c == OURO_LIFE_DEATH)
                payload_svarint(column, (int32_t)(life->death - death));
            else if (c == OURO_LIFE_AGE)
                payload_varint(column, life->age);
            else if (c == OURO_LIFE_CAUSE)
                payload_bytes(column, &life->cause, 1);
            row = life->row;
            death = life->death;
        }
        payload_counted(out, column->data, column->size);
        payload_clear(column);
    }
}

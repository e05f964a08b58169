/* SPDX-License-Identifier: MIT */
#include "values.h"

#include <string.h>
#include <sys/random.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "../options.h"
#include "../snapshot_stream.h"
#include "composite.h"
#include "layout.h"
#include "value_kind.h"
#include "value_text.h"

/*
 * Without values in the trace the hashes must not tell them either: they get a secret that is as
 * long as the hash takes, so that nobody can try values against them.
 */
static const unsigned char *secret(void)
{
    static unsigned char key[XXH3_SECRET_DEFAULT_SIZE];
    static bool made;
    if (!made) {
        for (size_t have = 0; have < sizeof key;) {
            ssize_t got = getrandom(key + have, sizeof key - have, 0);
            have += got > 0 ? (size_t)got : 0;
        }
        made = true;
    }
    return key;
}

static XXH128_hash_t hash_bytes(const void *data, size_t size, uint64_t tag)
{
    if (options.values)
        return XXH3_128bits_withSeed(data, size, tag * 0x9e3779b97f4a7c15u);
    XXH128_hash_t hash = XXH3_128bits_withSecret(data, size, secret(), XXH3_SECRET_DEFAULT_SIZE);
    uint64_t both[] = {hash.low64, hash.high64, tag};
    return XXH3_128bits_withSecret(both, sizeof both, secret(), XXH3_SECRET_DEFAULT_SIZE);
}

/* Objects whose values consist of others: indexes, while the snapshot is written. */
static struct {
    uint32_t *index;
    uint32_t count;
    uint8_t *state; /* of every object, enum state */
} composites;

enum state { STATE_OTHER, STATE_NEW, STATE_OPEN, STATE_DONE };

static void composites_add(struct snapshot *snapshot, uint32_t index)
{
    if (!composites.index) {
        size_t limit = snapshot_limit(snapshot);
        composites.index = snapshot_reserve(snapshot, limit * sizeof *composites.index);
        composites.state = snapshot_reserve(snapshot, limit);
    }
    composites.index[composites.count++] = index;
    composites.state[index] = STATE_NEW;
}

void values_add(struct snapshot *snapshot, uint32_t index, const struct snapshot_object *object)
{
    struct value_content content;
    enum value_kind kind = value_kind(object_type(object->address));
    if (kind >= VALUE_FIRST_COMPOSITE) {
        composites_add(snapshot, index);
        return;
    }
    if (!value_content(object->address, kind, &content))
        return;
    XXH128_hash_t hash = hash_bytes(content.data, content.size, content.tag);
    const struct snapshot_value value = {{hash.low64, hash.high64}, content.length, object->type};
    snapshot_value_add(snapshot, index, &value, !content.cached);
}

/* The value of a composite while its parts are visited. */
struct sum {
    struct snapshot *snapshot;
    uint64_t ordered[2]; /* hash of all parts so far */
    uint64_t any[2];     /* sum of the hashes of parts whose order does not matter */
    uint32_t *stack;     /* of composites that must have their values first; some twice */
    size_t depth, room;
    bool waits, none;
};

/* What stands for a part: its value with its type, or itself. */
static void part_key(struct sum *sum, uintptr_t part, uint64_t key[3])
{
    key[0] = key[1] = 0;
    key[2] = part;
    if (!part)
        return;
    enum value_kind kind = value_kind(object_type(part));
    if (kind == VALUE_IDENTITY)
        return;
    uint32_t index = kind == VALUE_NONE ? UINT32_MAX : snapshot_known(sum->snapshot, part);
    if (index == UINT32_MAX) {
        sum->none = true;
        return;
    }
    const struct snapshot_value *value = snapshot_value_of(sum->snapshot, index);
    if (value) {
        key[0] = value->hash[0];
        key[1] = value->hash[1];
        key[2] = value->type;
    } else if (composites.state && composites.state[index] == STATE_NEW) {
        if (sum->depth == sum->room) {
            sum->none = true;
            return;
        }
        sum->stack[sum->depth++] = index;
        sum->waits = true;
    } else { /* has mutable parts, or is a part of itself */
        sum->none = true;
    }
}

static void visit(void *context, uintptr_t name, uintptr_t part, bool ordered)
{
    struct sum *sum = context;
    uint64_t words[8];
    if (sum->none)
        return;
    part_key(sum, part, words);
    part_key(sum, name, words + 3);
    if (sum->waits || sum->none)
        return;
    if (ordered) {
        memcpy(words + 6, sum->ordered, sizeof sum->ordered);
        XXH128_hash_t hash = hash_bytes(words, sizeof words, 1);
        sum->ordered[0] = hash.low64;
        sum->ordered[1] = hash.high64;
    } else {
        XXH128_hash_t hash = hash_bytes(words, sizeof *words * 6, 2);
        sum->any[0] += hash.low64;
        sum->any[1] += hash.high64;
    }
}

/* Gives the composite its value if those of all its parts are known, else puts these on the stack. */
static void compute(struct sum *sum, uint32_t index)
{
    uintptr_t object = snapshot_address(sum->snapshot, index);
    enum value_kind kind = value_kind(object_type(object));
    struct value_content content;
    if (!value_content(object, kind, &content)) {
        sum->none = true;
        return;
    }
    composite_each(object, kind, visit, sum);
    if (sum->waits || sum->none)
        return;
    XXH128_hash_t hash = hash_bytes(content.data, content.size, content.tag);
    const uint64_t words[] = {hash.low64,      hash.high64, sum->ordered[0],
                              sum->ordered[1], sum->any[0], sum->any[1]};
    hash = hash_bytes(words, sizeof words, kind);
    const struct snapshot_value value = {
        {hash.low64, hash.high64},
        content.length,
        snapshot_type_known(sum->snapshot, object_type(object)),
    };
    snapshot_value_add(sum->snapshot, index, &value, !content.cached);
}

static void step(struct sum *sum)
{
    size_t depth = sum->depth;
    uint32_t index = sum->stack[depth - 1];
    if (composites.state[index] == STATE_DONE) {
        sum->depth--;
        return;
    }
    composites.state[index] = STATE_OPEN;
    sum->waits = sum->none = false;
    memset(sum->ordered, 0, sizeof sum->ordered);
    memset(sum->any, 0, sizeof sum->any);
    if (sigsetjmp(sum->snapshot->recover, 0)) {
        sum->none = true; /* it cannot be read */
    } else {
        sum->snapshot->guarded = 1;
        compute(sum, index);
    }
    sum->snapshot->guarded = 0;
    if (sum->waits && !sum->none)
        return;
    composites.state[index] = STATE_DONE;
    sum->depth = depth - 1; /* what else was put there has its turn by itself */
}

void values_finish(struct snapshot *snapshot)
{
    static struct sum sum; /* survives a fault */
    sum = (struct sum){.snapshot = snapshot, .room = snapshot_limit(snapshot)};
    if (composites.count)
        sum.stack = snapshot_reserve(snapshot, sum.room * sizeof *sum.stack);
    for (uint32_t i = 0; i < composites.count; i++) {
        sum.stack[sum.depth++] = composites.index[i];
        while (sum.depth)
            step(&sum);
    }
}

snapshot_preview values_preview(void)
{
    return options.values ? value_text : NULL;
}

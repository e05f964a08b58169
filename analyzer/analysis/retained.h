/* SPDX-License-Identifier: MIT */
/*
 * Who keeps the memory: for every object the bytes that would die with it, and the same for all
 * objects of a type, of a module, or of a place in the program. Dead objects are counted apart: what
 * only they keep is in no figure of a live object.
 */
#ifndef OURO_ANALYZER_RETAINED_H
#define OURO_ANALYZER_RETAINED_H

#include "cycles/garbage.h"
#include "graph/dominators.h"
#include "graph/root_paths.h"
#include "model/sites.h"
#include "model/type_order.h"

struct retained {
    struct heap_roots roots;
    struct dominators dominators;
    uint64_t *bytes; /* object → bytes that die with it */
    uint64_t
        *native; /* likewise, those of them that C code has from malloc; NULL: there are none */
};

/* Returns 0, or -1 without memory; released by retained_free() either way. */
int retained_find(const struct snapshot *snapshot, const struct garbage *garbage,
                  struct retained *retained);
void retained_free(struct retained *retained);

/* What an entry of a list stands for. */
enum retained_by { RETAINED_BY_OBJECT, RETAINED_BY_TYPE, RETAINED_BY_MODULE, RETAINED_BY_SITE };

/* "object", "type", "module", "site" */
const char *retained_by_name(enum retained_by by);

/* An object or a group of objects. */
struct retained_entry {
    const char
        *name; /* of an object its path as an expression; of a group what they have in common */
    const char *type; /* of an object; NULL: several */
    uint32_t object;  /* NO_ID: a group */
    uint32_t site;    /* of a group by site; else 0 */
    bool heap_type;   /* a group of instances of a class of the program or a library */
    uint64_t objects, shallow, retained;
    uint64_t native;       /* of retained: what C code has from malloc */
    struct root_path path; /* of an object */
};

struct retained_list {
    struct retained_entry *entries; /* in the arena; most bytes retained first */
    uint32_t count;
    uint64_t more; /* entries left out */
    enum retained_by by;
};

/*
 * The live objects that retain most, at most `most` of them. Objects that keep nine tenths of their
 * bytes through one object below them are passed over: that one is listed. Returns 0, or -1 without
 * memory.
 */
int retained_objects(const struct snapshot *snapshot, const struct garbage *garbage,
                     const struct retained *retained, uint32_t most, struct arena *arena,
                     struct retained_list *list);

/*
 * Groups of objects (by is not RETAINED_BY_OBJECT), dead ones left out. What a group retains is the sum over its objects that no other one of the group
 * dominates. Returns as above.
 */
int retained_groups(const struct snapshot *snapshot, const struct type_order *order,
                    const struct site_table *sites, const struct retained *retained,
                    enum retained_by by, uint32_t most, struct arena *arena,
                    struct retained_list *list);

#endif

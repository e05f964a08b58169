/* SPDX-License-Identifier: MIT */
/*
 * What holds an object, as a place in the program rather than as an object: "app.Row.country",
 * "dict['status']", "list[*]". An object with several referrers is given to one of them by a fixed
 * rule: the reference that tells most (attribute, key, index, …), then by name.
 */
#ifndef OURO_ANALYZER_HOLDER_H
#define OURO_ANALYZER_HOLDER_H

#include "model/model.h"
#include "model/type_order.h"
#include "structure/arena.h"

/* A place. Without padding, so that it can be a key. Places with equal texts may differ in string. */
struct holder {
    uint32_t telling; /* what kind of place, most telling first: enum in holder.c */
    uint32_t type;    /* number of struct type_order */
    uint32_t string;  /* of the snapshot: attribute, key or variable; 0: none */
};

/*
 * The holders of `slots` objects; slot is as for referrers_build(). Returns an array for free(), or
 * NULL without memory. An object no reference leads to has the holder all zero but for telling.
 */
struct holder *holders_find(const struct snapshot *snapshot, const struct type_order *order,
                            const uint32_t *slot, uint32_t slots);

/* Orders holders by kind, type and name (not string number): <0, 0, >0. */
int holder_compare(const struct snapshot *snapshot, const struct holder *left,
                   const struct holder *right);

/* Whether the holder is a named key of a data dict, and the same place with any key. */
bool holder_is_key(const struct holder *holder);
struct holder holder_any_key(struct holder holder);

/* Whether it is an attribute, an element of a container, a value or a key of a data dict. */
bool holder_is_attribute(const struct holder *holder);
bool holder_is_item(const struct holder *holder);
bool holder_is_in_dict(const struct holder *holder);

/* Whether a program can change what is there: not where no reference is known, nor in what the
 * runtime makes, as the tables of code objects. */
bool holder_is_programs(const struct type_order *order, const struct holder *holder);

/* Whether a program's own statement puts it there, too: not an attribute that the language has for itself
 * (`__bases__`). */
bool holder_is_assigned(const struct snapshot *snapshot, const struct type_order *order,
                        const struct holder *holder);

/* The text, in the arena; NULL without memory. */
const char *holder_text(const struct snapshot *snapshot, const struct type_order *order,
                        const struct holder *holder, struct arena *arena);

/* How a programmer replaces a value there by its one copy, for str or for other types. */
const char *holder_fix(const struct holder *holder, bool is_str);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What an object is: its type, size, reference count, birth. In the copy only.
 */
#ifndef OURO_CPYTHON_OBJECTS_H
#define OURO_CPYTHON_OBJECTS_H

#include "../snapshot.h"
#include "api.h"
#include "layout.h"

/* struct _object of a build without the global lock: ob_gc_bits, Include/object.h */
#define OBJECT_MUTEX 10u
#define GC_BITS 11u
#define GC_BIT_TRACKED 1u
#define GC_BIT_FINALIZED 2u
#define GC_BIT_FROZEN 8u
#define GC_BIT_DEFERRED 64u

/* Whether this is the copy of the process. */
extern bool objects_in_copy;

/*
 * An object's own lock (ob_mutex, without a global lock): in the copy, whoever held it is not there any
 * more, and nobody would ever give it back.
 */
static inline void object_unlock(uintptr_t object)
{
    if (objects_in_copy && layout.free_threaded)
        *(uint8_t *)(object + OBJECT_MUTEX) = 0;
}

/* PyDict_Next(). */
static inline int object_dict_next(uintptr_t dict, ptrdiff_t *at, py_object **key,
                                   py_object **value)
{
    object_unlock(dict);
    return api.PyDict_Next((void *)dict, at, key, value);
}

/* Fills in everything but the address, which is given; mark is its snapshot_marks byte. */
void objects_describe(struct snapshot *snapshot, struct snapshot_object *object, uint8_t mark);

/* The dict that holds an object's attributes, or 0: instance, class and module dicts. */
uintptr_t object_namespace(uintptr_t object);

/* Where the object in a block of the object domain starts, if there is a new one; else 0. */
uintptr_t objects_in_block(const struct snapshot *snapshot, uintptr_t block, uint64_t size);

/* The reference count, and whether the object is immortal (then the count is 0). */
uint64_t objects_refcount(uintptr_t object, bool *immortal);

/* What an instance has under that name in its own attributes, or 0; runs nothing. */
uintptr_t objects_attribute(uintptr_t object, const char *name);

/* Start of the inline attribute values of an instance, or 0 when it has none (a dict instead). */
uintptr_t object_inline_values(uintptr_t object, uintptr_t type);

/* Bytes before an object of the type within its block, if it is none that is a type itself. */
static inline unsigned type_head(uintptr_t type)
{
    uintptr_t flags = type_word(type, TP_FLAGS);
    unsigned head = flags & layout.managed_flags ? 16 : 0;
    return flags & FLAG_GC && !layout.free_threaded ? head + 16 : head;
}

/* Bytes before the object within its block: collector's links, managed dict and weakrefs. */
static inline unsigned object_head(uintptr_t object)
{
    uintptr_t type = object_type(object);
    /* Static types are not in the collector's lists though their metatype's instances are. */
    if (!layout.free_threaded && type_word(type, TP_FLAGS) & FLAG_TYPE &&
        !(type_word(object, TP_FLAGS) & FLAG_HEAPTYPE))
        return type_word(type, TP_FLAGS) & layout.managed_flags ? 16 : 0;
    return type_head(type);
}

/* Writes a type's name with its module ("app.tree.Node", builtins bare). Reads memory only. */
#define OBJECTS_TYPE_NAME 600
void objects_type_name(uintptr_t type, char *name, size_t size);

/* The identifier of a type in the snapshot, made on first use. */
uint32_t objects_type(struct snapshot *snapshot, uintptr_t type);

/* Whether a class statement made the type. */
bool objects_is_class_statement(uintptr_t type);

/*
 * At start-up, where looking for it takes no lock that a copy could find held: learns from one class
 * that a class statement made how to tell them from types made by C code.
 */
void objects_learn_class(uintptr_t type);

#endif

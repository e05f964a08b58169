/* SPDX-License-Identifier: MIT */
/*
 * Which types have values that may be compared, and of what such a value consists: plain bytes, and
 * other objects. Equality is by exact type, and by all that tells two objects apart: of two that have
 * equal values either could stand for the other.
 */
#ifndef OURO_CPYTHON_VALUE_KIND_H
#define OURO_CPYTHON_VALUE_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum value_kind {
    VALUE_NONE,     /* not compared: mutable, or not known to be immutable */
    VALUE_IDENTITY, /* equal to itself alone, as None, classes, functions and members of an Enum */
    VALUE_STR,
    VALUE_BYTES,
    VALUE_INT,
    VALUE_FLOAT,
    VALUE_COMPLEX,
    VALUE_DECIMAL,
    VALUE_DATE,
    VALUE_TIMEDELTA,
    VALUE_FIRST_COMPOSITE, /* those from here on refer to other values */
    VALUE_TIME = VALUE_FIRST_COMPOSITE,
    VALUE_DATETIME,
    VALUE_TIMEZONE,
    VALUE_TUPLE, /* named tuples, too */
    VALUE_FROZENSET,
    VALUE_SLOTS,      /* of all its slots: UUID, Fraction */
    VALUE_ATTRIBUTES, /* of slots and attributes: frozen dataclasses */
    VALUE_CODE,
};

enum value_kind value_kind(uintptr_t type);

/* The bytes that make up a value, where they lie. */
struct value_content {
    const void *data;
    size_t size;     /* bytes */
    uint64_t length; /* in the type's own units: code points, bytes, digits, items */
    uint64_t tag;    /* what else tells values apart: storage kind, sign */
    bool cached;     /* the runtime keeps one object of this value for all who ask */
};

/* The bytes of an object of that kind. False when it has no value after all. */
bool value_content(uintptr_t object, enum value_kind kind, struct value_content *content);

#endif

/* SPDX-License-Identifier: MIT */
#include "value_kind.h"

#include <string.h>

#include "api.h"
#include "edges.h"
#include "layout.h"
#include "objects.h"

#define KNOWN 4096u
#define DIGIT_BYTES 4u

static struct known {
    uintptr_t type;
    enum value_kind kind;
} known[KNOWN];

/* Types of the standard library whose values are compared, by name. */
static const struct {
    const char *name;
    enum value_kind kind;
} declared[] = {
    {"datetime.date", VALUE_DATE},
    {"datetime.datetime", VALUE_DATETIME},
    {"datetime.time", VALUE_TIME},
    {"datetime.timedelta", VALUE_TIMEDELTA},
    {"datetime.timezone", VALUE_TIMEZONE},
    {"decimal.Decimal", VALUE_DECIMAL},
    {"uuid.UUID", VALUE_SLOTS},
    {"fractions.Fraction", VALUE_SLOTS},
};

/* The value under a name in a type's own table, or 0. */
static uintptr_t in_class(uintptr_t type, const char *name)
{
    uintptr_t flags = type_word(type, TP_FLAGS);
    return flags & FLAG_HEAPTYPE ? objects_attribute(type, name) : 0;
}

static bool is_true(uintptr_t object)
{
    struct value_content content;
    return object && object_type(object) == (uintptr_t)api.bool_type &&
           value_content(object, VALUE_INT, &content) && content.length && content.tag != 1;
}

/* _DataclassParams keeps its answers in slots: Lib/dataclasses.py, 3.8 to 3.15. */
static bool is_frozen_dataclass(uintptr_t type)
{
    uintptr_t parameters = in_class(type, "__dataclass_params__");
    if (!parameters)
        return false;
    uintptr_t its_type = object_type(parameters);
    bool eq = is_true(objects_attribute(parameters, "eq"));
    bool frozen = is_true(objects_attribute(parameters, "frozen"));
    for (size_t at = layout.header; at + 8 <= type_word(its_type, TP_BASICSIZE); at += 8) {
        const char *name = edges_member_at(its_type, at);
        if (name && strcmp(name, "eq") == 0)
            eq = is_true(load_word(parameters, at));
        else if (name && strcmp(name, "frozen") == 0)
            frozen = is_true(load_word(parameters, at));
    }
    return eq && frozen;
}

/* A class over tuple that adds nothing but names: collections.namedtuple, typing.NamedTuple. */
static bool is_named_tuple(uintptr_t type)
{
    uintptr_t tuple = (uintptr_t)api.tuple_type, flags = type_word(type, TP_FLAGS);
    return flags & FLAG_TUPLE && flags & FLAG_HEAPTYPE && !(flags & FLAG_MANAGED_DICT) &&
           !type_word(type, TP_DICTOFFSET) &&
           type_word(type, TP_BASICSIZE) == type_word(tuple, TP_BASICSIZE) &&
           type_word(type, TP_RICHCOMPARE) == type_word(tuple, TP_RICHCOMPARE) &&
           in_class(type, "_fields");
}

static enum value_kind find_kind(uintptr_t type)
{
    const struct {
        const py_object *type;
        enum value_kind kind;
    } exact[] = {
        {api.unicode_type, VALUE_STR},
        {api.bytes_type, VALUE_BYTES},
        {api.long_type, VALUE_INT},
        {api.float_type, VALUE_FLOAT},
        {api.complex_type, VALUE_COMPLEX},
        {api.tuple_type, VALUE_TUPLE},
        {api.frozenset_type, VALUE_FROZENSET},
        {api.code_type, VALUE_CODE},
        {api.bool_type, VALUE_IDENTITY},
        {api.type_type, VALUE_IDENTITY},
        {api.c_function_type, VALUE_IDENTITY},
    };
    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++)
        if (type == (uintptr_t)exact[i].type)
            return exact[i].kind;
    char name[OBJECTS_TYPE_NAME];
    objects_type_name(type, name, sizeof name);
    for (size_t i = 0; i < sizeof declared / sizeof *declared; i++)
        if (strcmp(name, declared[i].name) == 0)
            return declared[i].kind;
    if (is_named_tuple(type))
        return VALUE_TUPLE;
    if (is_frozen_dataclass(type))
        return VALUE_ATTRIBUTES;
    if (type == object_type((uintptr_t)api.none) ||
        type_word(type, TP_RICHCOMPARE) == type_word((uintptr_t)api.object_type, TP_RICHCOMPARE))
        return VALUE_IDENTITY;
    return VALUE_NONE;
}

enum value_kind value_kind(uintptr_t type)
{
    struct known *slot = &known[(type >> 4 ^ type >> 16) % KNOWN];
    if (slot->type != type)
        *slot = (struct known){type, find_kind(type)}; /* types do not change in the copy */
    return slot->kind;
}

/* lv_tag from 3.12, the signed ob_size before: Include/cpython/longintrepr.h */
static void integer_content(uintptr_t object, struct value_content *content)
{
    uintptr_t word = load_word(object, layout.header);
    if (layout.minor >= 12) {
        content->length = word >> 3;
        content->tag = word & 3;
    } else {
        intptr_t size = (intptr_t)word;
        content->length = (uint64_t)(size < 0 ? -size : size);
        content->tag = size < 0 ? 2 : size == 0;
    }
    const uint32_t *digits = (const uint32_t *)(object + layout.header + 8);
    content->data = digits;
    content->size = content->length * DIGIT_BYTES;
    /* Those the runtime has made once for all: _Py_NSMALLNEGINTS, _Py_NSMALLPOSINTS. */
    content->cached =
        !content->length || (content->length == 1 && digits[0] <= (content->tag == 2 ? 5u : 256u));
}

/* PyASCIIObject's state. Up to 3.11 the characters of a str may be a block of their own. */
static bool string_content(uintptr_t object, struct value_content *content)
{
    unsigned bits =
        *(const uint32_t *)(object + layout.string_state) >> layout.string_interned_bits;
    unsigned kind = bits & 7;
    bool compact = bits >> 3 & 1, ascii = bits >> 4 & 1;
    if (!kind || (!compact && layout.minor >= 12))
        return false;
    content->length = load_word(object, layout.string_length);
    content->data =
        compact ? (const void *)(object + (ascii ? layout.string_ascii : layout.string_compact))
                : (const void *)load_word(object, layout.string_compact);
    content->size = content->length * kind;
    content->tag = kind; /* a str is always stored in the narrowest kind that holds it */
    content->cached = content->length == 0 || (content->length == 1 && kind == 1);
    return content->data != NULL;
}

/*
 * PyDecObject, Modules/_decimal/_decimal.c: hash, then mpd_t { flags, exponent, digits, length,
 * allocated, data }. Numbers that are equal but written otherwise (1.0, 1.00) are different values.
 */
static bool decimal_content(uintptr_t object, struct value_content *content)
{
    enum { FLAGS = 8, EXPONENT = 16, DIGITS = 24, LENGTH = 32, DATA = 48, SIZE = 88 };
    enum { SIGN_AND_SPECIAL = 0x0f };
    if (type_word(object_type(object), TP_BASICSIZE) != layout.header + SIZE + 0ul)
        return false;
    uintptr_t fields = object + layout.header;
    content->length = load_word(fields, DIGITS);
    content->size = load_word(fields, LENGTH) * 8;
    content->data = (const void *)load_word(fields, DATA);
    content->tag =
        (*(const uint8_t *)(fields + FLAGS) & SIGN_AND_SPECIAL) | load_word(fields, EXPONENT) << 4;
    return content->data != NULL;
}

bool value_content(uintptr_t object, enum value_kind kind, struct value_content *content)
{
    uintptr_t fields = object + layout.header;
    *content = (struct value_content){.data = (const void *)fields};
    switch (kind) {
    case VALUE_NONE:
    case VALUE_IDENTITY:
        return false;
    case VALUE_STR:
        return string_content(object, content);
    case VALUE_BYTES:
        content->length = content->size = load_word(fields, 0);
        content->data = (const void *)(fields + 16);
        content->cached = content->size <= 1;
        return true;
    case VALUE_INT:
        integer_content(object, content);
        return true;
    case VALUE_FLOAT:
        content->length = 1;
        content->size = 8;
        return true;
    case VALUE_COMPLEX:
        content->length = 1;
        content->size = 16;
        return true;
    case VALUE_DECIMAL:
        return decimal_content(object, content);
    /* Include/datetime.h: a hash, then a flag whether there is a tzinfo, then the digits. */
    case VALUE_DATE:
        content->data = (const void *)(fields + 9);
        content->length = content->size = 4;
        return true;
    case VALUE_TIMEDELTA:
        content->data = (const void *)(fields + 8);
        content->length = content->size = 12;
        return true;
    case VALUE_TIME:
        content->data = (const void *)(fields + 8);
        content->length = content->size = 8; /* flag, 6 bytes, fold */
        return true;
    case VALUE_DATETIME:
        content->data = (const void *)(fields + 8);
        content->length = content->size = 12; /* flag, 10 bytes, fold */
        return true;
    case VALUE_TUPLE:
        content->length = content->tag = load_word(fields, 0);
        content->cached = !content->length && object_type(object) == (uintptr_t)api.tuple_type;
        return true;
    case VALUE_FROZENSET:
        content->length = content->tag = load_word(fields, 8); /* used */
        content->cached = !content->length;
        return true;
    case VALUE_CODE:
        content->data = (const void *)(object + layout.code_first_line);
        content->size = 4;
        content->length = 1;
        content->tag = (unsigned)load_int(object, layout.code_flags);
        return true;
    case VALUE_TIMEZONE:
    case VALUE_SLOTS:
    case VALUE_ATTRIBUTES:
        content->length = 1;
        return true;
    }
    return false;
}

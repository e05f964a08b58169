/* SPDX-License-Identifier: MIT */
#include "value_text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "code.h"
#include "composite.h"
#include "layout.h"
#include "objects.h"
#include "value_kind.h"

/* Values within values are written to this depth, "…" stands for those below. */
#define NESTED_MOST 3u
#define ELLIPSIS "\xe2\x80\xa6"

struct text {
    char *out;
    size_t size, length;
    unsigned depth, parts; /* of the value being written: nesting, parts so far */
    bool full;
};

static void put(struct text *text, const char *bytes, size_t count)
{
    if (text->full || count > text->size - text->length) {
        text->full = true;
        return;
    }
    memcpy(text->out + text->length, bytes, count);
    text->length += count;
}

__attribute__((format(printf, 2, 3))) static void print(struct text *text, const char *format, ...)
{
    char line[160];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    put(text, line, n < 0 ? 0 : (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

/* The shortest decimal that reads back as the same double. */
static void put_float(struct text *text, double value)
{
    char line[40] = "";
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(line, sizeof line, "%.*g", digits, value);
        if (strtod(line, NULL) == value || isnan(value))
            break;
    }
    put(text, line, strlen(line));
}

static void put_integer(struct text *text, const struct value_content *content)
{
    const uint32_t *digits = content->data; /* of 30 bits each, least first */
    const char *sign = content->tag == 2 ? "-" : "";
    if (content->length <= 2) {
        unsigned long value = content->length ? digits[0] : 0;
        if (content->length == 2)
            value |= (unsigned long)digits[1] << 30;
        print(text, "%s%lu", sign, value);
    } else {
        print(text, "%sint of %lu bits", sign, (unsigned long)content->length * 30);
    }
}

/* Coefficients of one word are written out: 19 digits in a word, Modules/_decimal/libmpdec. */
static void put_decimal(struct text *text, const struct value_content *content)
{
    const char *sign = content->tag & 1 ? "-" : "";
    int64_t exponent = (int64_t)content->tag >> 4;
    if (content->tag & 2)
        print(text, "%sInfinity", sign);
    else if (content->tag & 0xc)
        print(text, "%sNaN", sign);
    else if (content->size != 8)
        print(text, "Decimal of %lu digits", (unsigned long)content->length);
    else {
        char digits[24], *end;
        int count = snprintf(digits, sizeof digits, "%lu", *(const unsigned long *)content->data);
        end = digits + count;
        if (exponent < 0 && -exponent < count)
            print(text, "%s%.*s.%s", sign, (int)(count + exponent), digits, end + exponent);
        else if (exponent)
            print(text, "%s%sE%+ld", sign, digits, (long)exponent);
        else
            print(text, "%s%s", sign, digits);
    }
}

static void put_date(struct text *text, enum value_kind kind, const struct value_content *content)
{
    const unsigned char *d = content->data;
    if (kind == VALUE_TIMEDELTA) {
        int32_t part[3]; /* days, seconds, microseconds */
        memcpy(part, d, sizeof part);
        print(text, "%d days, %d.%06d s", part[0], part[1], part[2]);
        return;
    }
    if (kind != VALUE_DATE)
        d++; /* the flag of the time zone */
    if (kind != VALUE_TIME) {
        print(text, "%04u-%02u-%02u", d[0] * 256u + d[1], d[2], d[3]);
        d += 4;
    }
    if (kind == VALUE_DATE)
        return;
    unsigned fraction = d[3] * 65536u + d[4] * 256u + d[5];
    print(text, "%s%02u:%02u:%02u", kind == VALUE_DATETIME ? " " : "", d[0], d[1], d[2]);
    if (fraction)
        print(text, ".%06u", fraction);
}

static void put_object(struct text *text, uintptr_t object);

static void put_part(void *context, uintptr_t name, uintptr_t part, bool ordered)
{
    struct text *text = context;
    (void)ordered;
    if (text->full)
        return;
    if (text->parts++)
        put(text, ", ", 2);
    if (name) {
        char line[64];
        put(text, line, code_utf8(name, line, sizeof line));
        put(text, "=", 1);
    }
    put_object(text, part);
}

static void put_composite(struct text *text, uintptr_t object, enum value_kind kind)
{
    char name[OBJECTS_TYPE_NAME];
    bool plain = object_type(object) == (uintptr_t)api.tuple_type;
    unsigned parts = text->parts;
    if (text->depth == NESTED_MOST) {
        put(text, ELLIPSIS, sizeof ELLIPSIS - 1);
        return;
    }
    if (!plain) {
        objects_type_name(object_type(object), name, sizeof name);
        const char *last = strrchr(name, '.');
        put(text, last ? last + 1 : name, strlen(last ? last + 1 : name));
    }
    put(text, "(", 1);
    text->depth++;
    text->parts = 0;
    composite_each(object, kind, put_part, text);
    put(text, ",", plain && text->parts == 1);
    text->depth--;
    text->parts = parts;
    put(text, ")", 1);
}

/* A code object's name and first line. */
static void put_code(struct text *text, uintptr_t code)
{
    char line[80];
    uint16_t name = layout.code_qualname == LAYOUT_NONE ? layout.code_name : layout.code_qualname;
    put(text, line, code_utf8(load_word(code, name), line, sizeof line));
    print(text, ":%d", load_int(code, layout.code_first_line));
}

/* Within another value. */
static void put_object(struct text *text, uintptr_t object)
{
    struct value_content content;
    if (!object) {
        put(text, "-", 1);
        return;
    }
    enum value_kind kind = value_kind(object_type(object));
    if (object == (uintptr_t)api.none) {
        put(text, "None", 4);
    } else if (!value_content(object, kind, &content)) {
        put(text, ELLIPSIS, sizeof ELLIPSIS - 1);
    } else if (kind == VALUE_STR) {
        char line[100];
        put(text, "'", 1);
        put(text, line, code_utf8(object, line, sizeof line));
        put(text, "'", 1);
    } else if (kind == VALUE_BYTES) {
        print(text, "%lu bytes", (unsigned long)content.size);
    } else if (kind == VALUE_INT) {
        put_integer(text, &content);
    } else if (kind == VALUE_FLOAT || kind == VALUE_COMPLEX) {
        double parts[2] = {0, 0};
        memcpy(parts, content.data, content.size);
        put_float(text, parts[0]);
        if (kind == VALUE_COMPLEX) {
            put(text, "+", 1);
            put_float(text, parts[1]);
            put(text, "j", 1);
        }
    } else if (kind == VALUE_DECIMAL) {
        put_decimal(text, &content);
    } else if (kind == VALUE_DATE || kind == VALUE_TIME || kind == VALUE_DATETIME ||
               kind == VALUE_TIMEDELTA) {
        put_date(text, kind, &content);
    } else if (kind == VALUE_CODE) {
        put_code(text, object);
    } else {
        put_composite(text, object, kind);
    }
}

uint32_t value_text(uintptr_t address, char *out, size_t size, size_t *length)
{
    struct value_content content;
    enum value_kind kind = value_kind(object_type(address));
    *length = 0;
    if (!value_content(address, kind, &content))
        return 0;
    if (kind == VALUE_STR) {
        *length = code_utf8(address, out, size);
        return content.size > *length || *length + 4 > size ? OURO_VALUE_TRUNCATED : 0;
    }
    if (kind == VALUE_BYTES) {
        *length = content.size < size ? content.size : size;
        memcpy(out, content.data, *length);
        return OURO_VALUE_BYTES | (content.size > size ? OURO_VALUE_TRUNCATED : 0u);
    }
    struct text text = {.out = out, .size = size};
    put_object(&text, address);
    *length = text.length;
    return text.full ? OURO_VALUE_TRUNCATED : 0u;
}

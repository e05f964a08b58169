/* SPDX-License-Identifier: MIT */
#include "values.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "../options.h"
#include "api.h"
#include "code.h"
#include "layout.h"

/* The bytes that make up a value, where they lie. */
struct content {
    const void *data;
    size_t size;     /* bytes */
    uint64_t length; /* in the type's own units: code points, bytes, digits */
    uint64_t tag;    /* what else tells values apart: storage kind, sign */
};

/* lv_tag from 3.12, the signed ob_size before: Include/cpython/longintrepr.h */
static void integer_content(uintptr_t object, struct content *content)
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
    content->data = (const void *)(object + layout.header + 8);
    content->size = content->length * 4;
}

static bool string_content(uintptr_t object, struct content *content)
{
    unsigned bits =
        *(const uint32_t *)(object + layout.string_state) >> layout.string_interned_bits;
    unsigned kind = bits & 7;
    bool compact = bits >> 3 & 1, ascii = bits >> 4 & 1;
    if (!compact || !kind)
        return false;
    content->length = load_word(object, layout.string_length);
    content->data = (const void *)(object + (ascii ? layout.string_ascii : layout.string_compact));
    content->size = content->length * kind;
    content->tag = kind; /* a str is always stored in the narrowest kind that holds it */
    return true;
}

static bool read_content(uintptr_t object, struct content *content)
{
    uintptr_t type = object_type(object);
    *content = (struct content){0};
    if (type == (uintptr_t)api.unicode_type)
        return string_content(object, content);
    if (type == (uintptr_t)api.bytes_type) {
        content->length = content->size = load_word(object, layout.header);
        content->data = (const void *)(object + layout.header + 16);
        return true;
    }
    if (type == (uintptr_t)api.long_type) {
        integer_content(object, content);
        return true;
    }
    if (type == (uintptr_t)api.float_type || type == (uintptr_t)api.complex_type) {
        content->length = 1;
        content->size = type == (uintptr_t)api.float_type ? 8 : 16;
        content->data = (const void *)(object + layout.header);
        return true;
    }
    return false;
}

/* Without values in the trace the hash must not tell them either: it gets a secret key. */
static uint64_t secret(void)
{
    static uint64_t key;
    if (!key && !options.values && getrandom(&key, sizeof key, GRND_NONBLOCK) != sizeof key)
        key = (uint64_t)(uintptr_t)&key; /* the address is random where nothing else is */
    return key;
}

void values_add(struct snapshot *snapshot, uint32_t index, const struct snapshot_object *object)
{
    struct content content;
    if (!read_content(object->address, &content))
        return;
    XXH128_hash_t hash = XXH3_128bits_withSeed(content.data, content.size,
                                               secret() ^ content.tag * 0x9e3779b97f4a7c15u);
    const uint64_t words[2] = {hash.low64, hash.high64};
    snapshot_value(snapshot, index, object->type, words, content.length);
}

/* The shortest decimal that reads back as the same double. */
static size_t float_text(double value, char *out, size_t size)
{
    int n = 0;
    for (int digits = 15; digits <= 17; digits++) {
        n = snprintf(out, size, "%.*g", digits, value);
        if (strtod(out, NULL) == value || isnan(value))
            break;
    }
    return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

static size_t integer_text(const struct content *content, char *out, size_t size)
{
    const uint32_t *digits = content->data; /* of 30 bits each, least first */
    const char *sign = content->tag == 2 ? "-" : "";
    int n;
    if (content->length <= 2) {
        unsigned long value = content->length ? digits[0] : 0;
        if (content->length == 2)
            value |= (unsigned long)digits[1] << 30;
        n = snprintf(out, size, "%s%lu", sign, value);
    } else {
        n = snprintf(out, size, "%sint of %lu bits", sign, (unsigned long)content->length * 30);
    }
    return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

static uint32_t preview(uintptr_t address, char *out, size_t size, size_t *length)
{
    struct content content;
    uintptr_t type = object_type(address);
    *length = 0;
    if (!read_content(address, &content))
        return 0;
    if (type == (uintptr_t)api.unicode_type) {
        *length = code_utf8(address, out, size);
        return content.size > *length || *length + 4 > size ? OURO_VALUE_TRUNCATED : 0;
    }
    if (type == (uintptr_t)api.bytes_type) {
        *length = content.size < size ? content.size : size;
        memcpy(out, content.data, *length);
        return OURO_VALUE_BYTES | (content.size > size ? OURO_VALUE_TRUNCATED : 0u);
    }
    if (type == (uintptr_t)api.long_type) {
        *length = integer_text(&content, out, size);
        return 0;
    }
    double parts[2] = {0, 0};
    memcpy(parts, content.data, content.size);
    *length = float_text(parts[0], out, size);
    if (content.size == 16 && *length + 40 < size) {
        out[(*length)++] = '+';
        *length += float_text(parts[1], out + *length, size - *length);
        out[(*length)++] = 'j';
    }
    return 0;
}

snapshot_preview values_preview(void)
{
    return options.values ? preview : NULL;
}

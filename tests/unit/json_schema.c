/* SPDX-License-Identifier: MIT */
#include "json_schema.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct check {
    const json_t *root;
    char path[512];
    char *error;
    size_t size;
};

__attribute__((format(printf, 2, 3))) static bool fail(struct check *c, const char *format, ...)
{
    va_list arguments;
    int used = snprintf(c->error, c->size, "%s: ", c->path);
    va_start(arguments, format);
    if (used > 0 && (size_t)used < c->size)
        vsnprintf(c->error + used, c->size - (size_t)used, format, arguments);
    va_end(arguments);
    return false;
}

static bool type_is(const json_t *value, const char *type)
{
    if (!strcmp(type, "number"))
        return json_is_number(value);
    if (!strcmp(type, "integer"))
        return json_is_integer(value);
    if (!strcmp(type, "string"))
        return json_is_string(value);
    if (!strcmp(type, "boolean"))
        return json_is_boolean(value);
    if (!strcmp(type, "array"))
        return json_is_array(value);
    if (!strcmp(type, "object"))
        return json_is_object(value);
    return !strcmp(type, "null") && json_is_null(value);
}

static bool type_matches(const json_t *types, const json_t *value)
{
    size_t i;
    json_t *type;
    if (json_is_string(types))
        return type_is(value, json_string_value(types));
    json_array_foreach(types, i, type)
    {
        if (type_is(value, json_string_value(type)))
            return true;
    }
    return false;
}

static bool enum_matches(const json_t *allowed, const json_t *value)
{
    size_t i;
    json_t *item;
    json_array_foreach(allowed, i, item)
    {
        if (json_equal(item, value))
            return true;
    }
    return false;
}

static bool matches(struct check *c, const json_t *schema, const json_t *value);

/* Below a member or an element; the recursion is as deep as the schema. */
static bool matches_below(struct check *c, const json_t *schema, const json_t *value,
                          const char *step)
{
    size_t length = strlen(c->path);
    snprintf(c->path + length, sizeof c->path - length, "%s", step);
    bool result = matches(c, schema, value);
    if (result)
        c->path[length] = '\0';
    return result;
}

static bool object_matches(struct check *c, const json_t *schema, const json_t *value)
{
    const json_t *properties = json_object_get(schema, "properties");
    const char *key;
    json_t *member;
    size_t i;
    json_array_foreach(json_object_get(schema, "required"), i, member)
    {
        if (!json_object_get(value, json_string_value(member)))
            return fail(c, "lacks %s", json_string_value(member));
    }
    json_object_foreach((json_t *)value, key, member)
    {
        const json_t *below = json_object_get(properties, key);
        char step[128];
        snprintf(step, sizeof step, ".%s", key);
        if (below) {
            if (!matches_below(c, below, member, step))
                return false;
        } else if (json_is_false(json_object_get(schema, "additionalProperties"))) {
            return fail(c, "has %s", key);
        }
    }
    return true;
}

static bool matches(struct check *c, const json_t *schema, const json_t *value)
{
    static const char *const known[] = {
        "$schema", "title",    "description",          "type",  "enum",        "minimum",
        "$ref",    "required", "additionalProperties", "items", "definitions", "properties"};
    const char *key;
    json_t *rule;
    json_object_foreach((json_t *)schema, key, rule)
    {
        size_t k = 0;
        while (k < sizeof known / sizeof *known && strcmp(known[k], key) != 0)
            k++;
        if (k == sizeof known / sizeof *known)
            return fail(c, "the schema uses %s, which is not checked", key);
        if (!strcmp(key, "type") && !type_matches(rule, value))
            return fail(c, "is not of the type");
        if (!strcmp(key, "enum") && !enum_matches(rule, value))
            return fail(c, "is not one of those allowed");
        if (!strcmp(key, "minimum") && json_number_value(value) < json_number_value(rule))
            return fail(c, "is too small");
        if (!strcmp(key, "$ref")) {
            const char *name = strrchr(json_string_value(rule), '/') + 1;
            const json_t *definitions = json_object_get(c->root, "definitions");
            if (!matches(c, json_object_get(definitions, name), value))
                return false;
        }
    }
    if (json_is_object(value))
        return object_matches(c, schema, value);
    const json_t *items = json_object_get(schema, "items");
    for (size_t i = 0; items && i < json_array_size(value); i++) {
        char step[32];
        snprintf(step, sizeof step, "[%zu]", i);
        if (!matches_below(c, items, json_array_get(value, i), step))
            return false;
    }
    return true;
}

bool json_schema_matches(const json_t *schema, const json_t *value, char *error, size_t size)
{
    struct check check = {.root = schema, .path = "$", .error = error, .size = size};
    error[0] = '\0';
    return matches(&check, schema, value);
}

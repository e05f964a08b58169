/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "compare/json_input.h"
#include "compare/limit_text.h"
#include "compare/policy.h"

/* A list of rule names: these get the level. */
static void levels_read(struct json_input *in, struct policy *policy, json_t *document,
                        const char *key, enum level level)
{
    json_t *list = json_input_list(in, "config", document, key);
    for (size_t i = 0; list && i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        char where[32];
        snprintf(where, sizeof where, "%s[%zu]", key, i);
        enum rule rule = name ? rule_find(name, strlen(name)) : RULES;
        if (rule < RULES) {
            policy->levels[rule] = level;
            continue;
        }
        const char *guess = name ? rule_guess(name) : NULL;
        json_input_fail(in, where, "must be a rule%s%s%s", guess ? ", did you mean '" : "",
                        guess ? guess : "", guess ? "'?" : "");
    }
}

/* A limit: a number (objects, or bytes), or a text with its unit. */
static void limit_read(struct json_input *in, const char *where, json_t *limits, const char *key,
                       struct limit *limit)
{
    json_t *value = json_object_get(limits, key);
    uint64_t number;
    if (!value)
        return;
    if (json_is_integer(value) && json_integer_value(value) >= 0)
        limit->least = (uint64_t)json_integer_value(value);
    else if (json_is_string(value) && limit_text_bytes(json_string_value(value), &number))
        limit->least = number;
    else
        json_input_fail(in, where, "'%s' must be a number or a size such as \"10MiB\"", key);
}

static void limits_read(struct json_input *in, struct policy *policy, json_t *document)
{
    static const char *const known[] = {"objects", "bytes", "share", "most", NULL};
    json_t *limits = json_object_get(document, "limits"), *value;
    const char *name;
    if (limits && !json_is_object(limits)) {
        json_input_fail(in, "limits", "must be an object: a rule and its limits each");
        return;
    }
    json_object_foreach(limits, name, value)
    {
        char where[96];
        snprintf(where, sizeof where, "limits.%.64s", name);
        enum rule rule = rule_find(name, strlen(name));
        if (rule == RULES) {
            const char *guess = rule_guess(name);
            json_input_fail(in, where, "there is no such rule%s%s%s",
                            guess ? ", did you mean '" : "", guess ? guess : "", guess ? "'?" : "");
            return;
        }
        json_input_keys(in, where, value, known);
        if (in->failed)
            return;
        limit_read(in, where, value, "objects", &policy->limits[rule].count);
        if (json_object_get(value, "objects"))
            policy->limits[rule].chance = false;
        limit_read(in, where, value, "bytes", &policy->limits[rule].bytes);
        struct limit most = {policy->most[rule], 0};
        limit_read(in, where, value, "most", &most);
        policy->most[rule] = most.least;
        json_t *share = json_object_get(value, "share");
        if (share && (!json_is_number(share) || json_number_value(share) < 0))
            json_input_fail(in, where, "'share' must be a number such as 0.05");
        else if (share)
            policy->limits[rule].count.share = policy->limits[rule].bytes.share =
                json_number_value(share);
    }
}

static bool is_day(const char *text)
{
    static const char form[] = "dddd-dd-dd";
    for (size_t i = 0; i < sizeof form; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';
        if (form[i] == 'd' ? !digit : text[i] != form[i])
            return false;
    }
    return true;
}

static const char *copied(struct policy *policy, const char *text)
{
    return text ? arena_copy(policy->arena, text, strlen(text)) : NULL;
}

static void allowance_read(struct json_input *in, struct policy *policy, const char *where,
                           json_t *object, const char *today)
{
    static const char *const known[] = {"rule",   "key",     "file", "function",
                                        "reason", "expires", NULL};
    json_input_keys(in, where, object, known);
    if (in->failed)
        return;
    struct allowance *a = &policy->allowances[policy->allowance_count];
    a->rule = copied(policy, json_input_text(in, where, object, "rule"));
    a->key = copied(policy, json_input_text(in, where, object, "key"));
    a->file = copied(policy, json_input_text(in, where, object, "file"));
    a->function = copied(policy, json_input_text(in, where, object, "function"));
    a->reason = copied(policy, json_input_text(in, where, object, "reason"));
    a->expires = copied(policy, json_input_text(in, where, object, "expires"));
    if (!a->reason || !*a->reason)
        json_input_fail(in, where, "a 'reason' is missing");
    if (!a->rule && !a->key && !a->file && !a->function)
        json_input_fail(in, where, "needs a 'rule', 'key', 'file' or 'function' it is about");
    if (a->rule && !strpbrk(a->rule, "*?[") && rule_find(a->rule, strlen(a->rule)) == RULES)
        json_input_fail(in, where, "there is no rule '%.64s'", a->rule);
    if (a->expires && !is_day(a->expires))
        json_input_fail(in, where, "'expires' must be a day such as \"2026-12-31\"");
    a->expired = a->expires && strcmp(a->expires, today) < 0;
    policy->allowance_count++;
}

int policy_read(struct policy *policy, const char *path, const char *today, char *error,
                size_t error_size)
{
    static const char *const known[] = {"fail_on", "warn_on", "off", "limits", "allow", NULL};
    struct json_input in;
    json_t *document = json_input_open(&in, path, error, error_size);
    if (!document)
        return -1;
    json_input_keys(&in, "config", document, known);
    if (json_object_get(document, "fail_on")) { /* then these and no others */
        for (unsigned rule = 0; rule < RULES; rule++)
            policy->levels[rule] = LEVEL_WARNING;
    }
    levels_read(&in, policy, document, "fail_on", LEVEL_FAILURE);
    levels_read(&in, policy, document, "warn_on", LEVEL_WARNING);
    levels_read(&in, policy, document, "off", LEVEL_OFF);
    limits_read(&in, policy, document);
    json_t *list = json_input_list(&in, "config", document, "allow");
    policy->allowances =
        arena_alloc(policy->arena, json_array_size(list) + 1, sizeof *policy->allowances);
    if (!policy->allowances)
        json_input_fail(&in, "allow", "not enough memory");
    for (size_t i = 0; policy->allowances && i < json_array_size(list) && !in.failed; i++) {
        char where[32];
        snprintf(where, sizeof where, "allow[%zu]", i);
        allowance_read(&in, policy, where, json_array_get(list, i), today);
    }
    json_decref(document);
    return in.failed ? -1 : 0;
}

/* SPDX-License-Identifier: MIT */
#include "analysis/intern_fix.h"

#include <stdio.h>
#include <string.h>

#include "model/sites.h"

#define FEW_VALUES 16u /* that many have names of their own: an Enum */

const char *fix_kind_name(enum fix_kind kind)
{
    static const char *const name[] = {"intern", "cache", "object_hook", "none"};
    return name[kind];
}

/* Interned strings live for ever on 3.12 and without a GIL. */
static bool interned_is_immortal(const struct process *process)
{
    return !strncmp(process->runtime_version, "3.12.", 5) ||
           (process->flags & OURO_PROCESS_FREE_THREADED);
}

static bool among(const char *word, const char *const *list)
{
    while (*list && strcmp(word, *list) != 0)
        list++;
    return *list != NULL;
}

/* Whether a stack goes through the decoder of the json module. */
static bool made_by_json(const struct process *process, uint32_t site)
{
    static const char end[] = "/json/decoder.py";
    for (; site; site = process->sites[site].parent) {
        const char *file, *function;
        uint32_t line;
        site_place(process, site, &file, &line, &function);
        size_t length = strlen(file);
        if (length >= sizeof end - 1 && !strcmp(file + length - (sizeof end - 1), end))
            return true;
    }
    return false;
}

/* What the general fix does not say: of types whose equality is not identity of what is written. */
static const char *caution(const char *type)
{
    static const char *const numbers[] = {"int", "float", "complex", "decimal.Decimal", NULL};
    static const char *const nested[] = {"tuple", "frozenset", NULL};
    if (among(type, numbers))
        return "; a cache for this type alone, since 1, 1.0 and True are one key, and so are 0.0 "
               "and -0.0, 1.0 and 1.00";
    if (among(type, nested))
        return "; (1,), (1.0,) and (True,) are one key";
    return "";
}

static const char *alternative(const struct fix_subject *subject, bool is_str)
{
    static const char *const boxed[] = {"int", "float", NULL};
    if (holder_is_item(subject->holder) && among(subject->type, boxed))
        return "; or array.array instead of the container: no objects at all";
    if (holder_is_attribute(subject->holder) && is_str && subject->distinct <= FEW_VALUES)
        return "; or an Enum, as there are so few values";
    if (holder_is_key(subject->holder))
        return "; or one list for each key (columns) instead of a dict for each row";
    return "";
}

bool intern_fix(const struct process *process, const struct fix_subject *subject,
                struct arena *arena, struct fix *fix)
{
    char text[512];
    bool is_str = !strcmp(subject->type, "str");
    *fix = (struct fix){.kind = is_str ? FIX_INTERN : FIX_CACHE,
                        .site = site_programs_frame(process, subject->site)};
    if (!subject->programs) {
        fix->kind = FIX_NONE;
        fix->text = "none: the runtime or a library's code makes them";
        return true;
    }
    if (holder_is_in_dict(subject->holder) && made_by_json(process, subject->site))
        fix->kind = FIX_OBJECT_HOOK;
    snprintf(
        text, sizeof text, "%s%s%s%s%s",
        fix->kind == FIX_OBJECT_HOOK ? "in object_hook= of the json call, " : "",
        holder_fix(subject->holder, is_str), caution(subject->type), alternative(subject, is_str),
        is_str && interned_is_immortal(process) ? " (this runtime never frees an interned string)"
                                                : "");
    fix->text = arena_copy(arena, text, strlen(text));
    return fix->text != NULL;
}

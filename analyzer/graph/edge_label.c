/* SPDX-License-Identifier: MIT */
#include "graph/edge_label.h"

#include <stdio.h>
#include <string.h>

#include "text/utf8.h"

/* Names that identify nothing beyond this length are cut. */
#define NAME_MAX_SHOWN 60

static const struct {
    const char *before, *after; /* around the name */
    const char *nameless;       /* the whole text when there is no name */
} form[] = {
    [OURO_LABEL_NONE] = {"", "", ""},
    [OURO_LABEL_ATTRIBUTE] = {".", "", ""},
    [OURO_LABEL_KEY] = {"[", "]", "[*]"},
    [OURO_LABEL_INDEX] = {"", "", "[*]"},
    [OURO_LABEL_ELEMENT] = {"", "", "[*]"},
    [OURO_LABEL_CELL] = {"cell ", "", "cell"},
    [OURO_LABEL_LOCAL] = {"local ", "", "local"},
    [OURO_LABEL_KEY_OBJECT] = {"", "", "key"},
    [OURO_LABEL_NAMESPACE] = {"", "", ".__dict__"},
    [OURO_LABEL_TYPE] = {"", "", ".__class__"},
};

const char *edge_label_name(const struct snapshot *snapshot, uint32_t label)
{
    uint32_t kind = label & OURO_LABEL_KIND_MASK, string = label >> OURO_LABEL_SHIFT;
    bool named = kind < sizeof form / sizeof *form && (form[kind].before[0] != '\0');
    return named && string <= snapshot->string_count ? snapshot->strings[string] : "";
}

const char *edge_label_text(struct arena *arena, uint32_t kind, const char *name)
{
    if (kind >= sizeof form / sizeof *form)
        return "";
    if (!*name)
        return form[kind].nameless;
    size_t before = strlen(form[kind].before), after = strlen(form[kind].after);
    size_t length = strlen(name);
    if (length > NAME_MAX_SHOWN)
        length = utf8_whole(name, NAME_MAX_SHOWN);
    size_t room = before + length + after + 1;
    char *text = arena_alloc(arena, room, 1);
    if (text)
        snprintf(text, room, "%s%.*s%s", form[kind].before, (int)length, name, form[kind].after);
    return text;
}

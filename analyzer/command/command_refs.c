/* SPDX-License-Identifier: MIT */
/* ouro refs */
#include <inttypes.h>
#include <jansson.h>

#include "analysis/object_choice.h"
#include "command/command.h"
#include "command/options.h"
#include "command/section.h"
#include "graph/edge_label.h"
#include "report/json_writer.h"
#include "report/page.h"
#include "report/text_section.h"

/* Prints one side of the references of an object, as text or JSON. */
struct listing {
    const struct snapshot *snapshot;
    struct arena *arena;
    struct page page;
    json_t *array; /* NULL: text */
    uint32_t top, shown;
    uint64_t total;
};

static void reference_add(struct listing *list, uint32_t other, uint32_t label)
{
    const struct snapshot *s = list->snapshot;
    if (list->total++ >= list->top)
        return;
    list->shown++;
    const char *type = s->types[s->type[other]].name;
    const char *edge =
        edge_label_text(list->arena, label & OURO_LABEL_KIND_MASK, edge_label_name(s, label));
    bool weak = (label & OURO_LABEL_KIND_MASK) == OURO_LABEL_REFERENT;
    if (list->array) {
        json_t *o = json_with(json_object(), "type", json_string(type));
        o = json_with(o, "edge", json_string(edge ? edge : ""));
        o = json_with(o, "object", json_number(other));
        o = json_with(o, "address", json_sprintf("0x%" PRIx64, s->address[other]));
        o = json_with(o, "weak", json_boolean(weak));
        o = json_with(o, "hidden", json_boolean(label & OURO_LABEL_HIDDEN));
        list->array = json_append(list->array, o);
        return;
    }
    char text[512];
    snprintf(text, sizeof text, "%s%s%s  %s #%" PRIu32 " 0x%" PRIx64, weak ? "(weak)" : "",
             label & OURO_LABEL_HIDDEN ? "(hidden)" : "", edge && *edge ? edge : "-", type, other,
             s->address[other]);
    page_wrap(&list->page, "    ", text);
}

static void referrers_list(struct listing *list, uint32_t object)
{
    const struct snapshot *s = list->snapshot;
    uint32_t from = 0;
    for (uint64_t e = 0; e < s->edge_count; e++) {
        if (s->edge_target[e] != object)
            continue;
        while (s->edge_first[from + 1] <= e)
            from++;
        reference_add(list, from, s->edge_label[e]);
    }
}

static void referents_list(struct listing *list, uint32_t object)
{
    const struct snapshot *s = list->snapshot;
    for (uint64_t e = s->edge_first[object]; e < s->edge_first[object + 1]; e++)
        reference_add(list, s->edge_target[e], s->edge_label[e]);
}

static int refs_print(const struct section *section, const struct snapshot *s, uint32_t object,
                      uint32_t top, bool json, const char *path)
{
    struct arena *arena = arena_new();
    if (!arena)
        return command_fail("%s: not enough memory", path);
    struct page page = page_make(stdout, section->process, page_locale_is_utf8());
    const char *const title[] = {"referrers", "referents"};
    json_t *both = json ? json_object() : NULL;
    char text[512];
    if (!json) {
        text_head(&page, "OURO REFS", path);
        snprintf(text, sizeof text, "%s #%" PRIu32 " 0x%" PRIx64 ", reference count %" PRIu32,
                 s->types[s->type[object]].name, object, s->address[object], s->refcount[object]);
        page_wrap(&page, "  ", text);
    }
    for (int side = 0; side < 2; side++) {
        struct listing list = {s, arena, page, json ? json_array() : NULL, top, 0, 0};
        if (!json)
            fprintf(stdout, "\n  %s\n", title[side]);
        (side ? referents_list : referrers_list)(&list, object);
        if (json)
            both = json_with(both, title[side], list.array);
        else if (!list.total)
            page_wrap(&page, "    ", "none");
        else
            text_more(&page, list.total, list.shown, title[side]);
    }
    int status = EXIT_DONE;
    if (json) {
        both = json_with(both, "object", json_number(object));
        both = json_with(both, "refcount", json_number(s->refcount[object]));
        both = json_with(json_object(), "refs", both);
        if (!both || json_dumpf(both, stdout, JSON_COMPACT) < 0)
            status = command_fail("%s: the references cannot be written", path);
        json_decref(both);
        putchar('\n');
    }
    arena_free(arena);
    return status;
}

int command_refs(int argc, char **argv)
{
    enum { TEXT, JSON };
    unsigned format = TEXT;
    uint64_t top = SECTION_NO_TOP, pid = SECTION_NO_PROCESS;
    const char *snapshot = NULL;
    const struct option_spec options[] = {
        SECTION_FORMAT_OPTION(&format),
        {"top", 'n', "N", "references of each kind, 0 for all (default: text 10, json all)",
         OPTION_NUMBER, &top},
        SECTION_PROCESS_OPTION(&pid),
        SECTION_SNAPSHOT_OPTION(&snapshot),
        {0},
    };
    const struct usage usage = {
        "refs",
        "RUN OBJECT",
        "Prints what refers to an object and what it refers to, and how.",
        options,
        2,
        2,
        "OBJECT is an address (0x...) or a number (#n), as other commands print them.",
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    struct section section;
    if (first < 0)
        return status;
    if ((status = section_open_at(&section, argv[first], top, pid, snapshot)) != EXIT_DONE)
        return status;
    const struct snapshot *s = process_last_snapshot(section.process);
    struct object_choice choice = {NO_ID, NULL};
    if (s)
        choice = object_choose(s, argv[first + 1]);
    if (!s)
        status = command_fail("%s has no snapshot", argv[first]);
    else if (choice.type)
        status =
            command_fail("refs: '%s' is neither an address (0x...) nor a number (#n)", choice.type);
    else if (choice.object == NO_ID)
        status = command_fail("%s has no object %s", argv[first], argv[first + 1]);
    else
        status = refs_print(&section, s, choice.object,
                            section.top != REPORT_DEFAULT ? section.top
                            : format == JSON              ? REPORT_ALL
                                                          : TEXT_TOP,
                            format == JSON, argv[first]);
    section_close(&section);
    return status;
}

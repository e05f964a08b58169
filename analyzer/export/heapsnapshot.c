/* SPDX-License-Identifier: MIT */
#include "export/heapsnapshot.h"

#include <stdlib.h>
#include <string.h>

#include "cycles/garbage.h"
#include "export/heapsnapshot_ids.h"
#include "export/heapsnapshot_parts.h"
#include "export/number_text.h"
#include "graph/edge_label.h"
#include "ouro/varint.h"
#include "text/progress.h"

/* Numbers of a node, and of an edge. Edges name their target by where its numbers begin, in 32 bits. */
#define NODE_FIELDS 7u
#define NODES_MOST (UINT32_MAX / NODE_FIELDS - GROUP_COUNT)

/* In the order of the meta data below. */
enum node_type {
    NODE_OBJECT = 3,
    NODE_STRING = 2,
    NODE_CODE = 4,
    NODE_CLOSURE = 5,
    NODE_NUMBER = 7,
    NODE_SYNTHETIC = 9
};
enum edge_type { EDGE_CONTEXT, EDGE_ELEMENT, EDGE_PROPERTY, EDGE_INTERNAL, EDGE_WEAK = 6 };

static const char meta[] =
    "{\"snapshot\":{\"meta\":{\n"
    "\"node_fields\":[\"type\",\"name\",\"id\",\"self_size\",\"edge_count\",\"trace_node_id\","
    "\"detachedness\"],\n"
    "\"node_types\":[[\"hidden\",\"array\",\"string\",\"object\",\"code\",\"closure\",\"regexp\","
    "\"number\",\"native\",\"synthetic\",\"concatenated string\",\"sliced string\",\"symbol\","
    "\"bigint\",\"object shape\"],\"string\",\"number\",\"number\",\"number\",\"number\","
    "\"number\"],\n"
    "\"edge_fields\":[\"type\",\"name_or_index\",\"to_node\"],\n"
    "\"edge_types\":[[\"context\",\"element\",\"property\",\"internal\",\"hidden\",\"shortcut\","
    "\"weak\"],\"string_or_number\",\"node\"],\n"
    "\"trace_function_info_fields\":[\"function_id\",\"name\",\"script_name\",\"script_id\","
    "\"line\",\"column\"],\n"
    "\"trace_node_fields\":[\"id\",\"function_info_index\",\"count\",\"size\",\"children\"],\n"
    "\"sample_fields\":[\"timestamp_us\",\"last_assigned_id\"],\n"
    "\"location_fields\":[\"object_index\",\"script_id\",\"line\",\"column\"]},\n";

struct writer {
    FILE *out;
    const struct process *process;
    const struct snapshot *snapshot;
    struct garbage garbage;
    struct retained retained;
    uint64_t *alive; /* a bit for each object: it is in the tree of the roots */
    uint32_t *id;
    struct heapsnapshot_strings strings;
    struct heapsnapshot_roots roots;
    struct heapsnapshot_stacks stacks;
    uint32_t *attribute, *key; /* string of the snapshot → as a name, as a key; NO_ID: not yet */
    uint32_t *type_name;       /* type → string */
    uint8_t *type_node;        /* type → enum node_type */
    uint32_t kind_name[16];    /* label kind → string of those that have no name */
    uint64_t edges;            /* written */
    uint64_t written, all;     /* items, for progress */
};

static bool is_alive(const struct writer *w, uint32_t object)
{
    return w->alive[object / 64] >> object % 64 & 1;
}

static void progress(struct writer *w)
{
    if (++w->written % 65536 == 0)
        progress_update(w->written, w->all);
}

/* What viewers should take the instances of a type for. They list objects by name, strings and
 * numbers by what they are. */
static enum node_type node_of_type(const char *type)
{
    static const struct {
        const char *type;
        enum node_type node;
    } known[] = {
        {"str", NODE_STRING},
        {"int", NODE_NUMBER},
        {"float", NODE_NUMBER},
        {"complex", NODE_NUMBER},
        {"bool", NODE_NUMBER},
        {"code", NODE_CODE},
        {"function", NODE_CLOSURE},
        {"method", NODE_CLOSURE},
        {"builtin_function_or_method", NODE_CLOSURE},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].type, type) == 0)
            return known[i].node;
    }
    return NODE_OBJECT;
}

static int names_prepare(struct writer *w)
{
    static const char *const nameless[] = {
        [OURO_LABEL_NONE] = "(reference)",
        [OURO_LABEL_ATTRIBUTE] = "(attribute)",
        [OURO_LABEL_KEY] = "[*]",
        [OURO_LABEL_INDEX] = "",
        [OURO_LABEL_ELEMENT] = "[*]",
        [OURO_LABEL_CELL] = "(cell)",
        [OURO_LABEL_LOCAL] = "(local)",
        [OURO_LABEL_KEY_OBJECT] = "(key)",
        [OURO_LABEL_NAMESPACE] = "__dict__",
        [OURO_LABEL_TYPE] = "__class__",
        [OURO_LABEL_REFERENT] = "(weak)",
    };
    const struct snapshot *s = w->snapshot;
    size_t strings = (size_t)s->string_count + 1, types = (size_t)s->type_count + 1;
    w->attribute = malloc(strings * sizeof *w->attribute);
    w->key = malloc(strings * sizeof *w->key);
    w->type_name = malloc(types * sizeof *w->type_name);
    w->type_node = malloc(types);
    if (!w->attribute || !w->key || !w->type_name || !w->type_node)
        return -1;
    memset(w->attribute, 0xff, strings * sizeof *w->attribute);
    memset(w->key, 0xff, strings * sizeof *w->key);
    for (uint32_t t = 0; t <= s->type_count; t++) {
        const char *name = t ? s->types[t].name : "(type not known)";
        w->type_name[t] = heapsnapshot_string(&w->strings, name);
        w->type_node[t] = (uint8_t)node_of_type(name);
    }
    for (uint32_t k = 0; k < sizeof w->kind_name / sizeof *w->kind_name; k++)
        w->kind_name[k] = heapsnapshot_string(
            &w->strings, k < sizeof nameless / sizeof *nameless ? nameless[k] : "(reference)");
    for (int g = 0; g < GROUP_COUNT; g++)
        heapsnapshot_string(&w->strings, heapsnapshot_group_name[g]);
    return w->strings.failed ? -1 : 0;
}

static int writer_begin(struct writer *w)
{
    const struct snapshot *s = w->snapshot;
    w->alive = calloc((size_t)s->object_count / 64 + 1, sizeof *w->alive);
    w->id = heapsnapshot_ids(s);
    if (!w->alive || !w->id || garbage_find(s, &w->garbage) < 0 ||
        retained_find(s, &w->garbage, &w->retained) < 0 ||
        !heapsnapshot_strings_begin(&w->strings) || names_prepare(w) < 0 ||
        heapsnapshot_roots_find(s, &w->retained, &w->strings, &w->roots) < 0 ||
        heapsnapshot_stacks_begin(&w->stacks, w->process, &w->strings) < 0)
        return -1;
    for (uint32_t i = 0; i < w->retained.dominators.live; i++) {
        uint32_t object = w->retained.dominators.order[i];
        w->alive[object / 64] |= UINT64_C(1) << object % 64;
    }
    w->all = (uint64_t)s->object_count + s->edge_count;
    return 0;
}

static void writer_end(struct writer *w)
{
    garbage_free(&w->garbage);
    retained_free(&w->retained);
    heapsnapshot_roots_free(&w->roots);
    heapsnapshot_stacks_free(&w->stacks);
    heapsnapshot_strings_free(&w->strings);
    free(w->alive);
    free(w->id);
    free(w->attribute);
    free(w->key);
    free(w->type_name);
    free(w->type_node);
}

static void node_write(struct writer *w, uint64_t type, uint64_t name, uint64_t id, uint64_t size,
                       uint64_t edges, uint64_t stack)
{
    const uint64_t fields[] = {name, id, size, edges, stack, 0};
    number_text(w->out, 0, type);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        number_text(w->out, ',', fields[i]);
}

/* The name of an object: its value where that is known, else its type. */
static uint32_t node_name(struct writer *w, uint32_t object, uint32_t *member)
{
    const struct snapshot *s = w->snapshot;
    while (*member < s->member_count && s->member_object[*member] < object)
        ++*member;
    uint8_t node = w->type_node[s->type[object]];
    bool has_value = *member < s->member_count && s->member_object[*member] == object;
    if (!has_value || (node != NODE_STRING && node != NODE_NUMBER))
        return w->type_name[s->type[object]];
    const struct value_info *value = &s->values[s->member_value[*member]];
    if (!*value->preview && value->length)
        return w->type_name[s->type[object]]; /* values are withheld */
    return value->flags & OURO_VALUE_TRUNCATED
               ? heapsnapshot_string_made(&w->strings, "", value->preview, "\xe2\x80\xa6")
               : heapsnapshot_string(&w->strings, value->preview);
}

static void nodes_write(struct writer *w)
{
    const struct snapshot *s = w->snapshot;
    const struct process *p = w->process;
    uint32_t member = 0;
    fputs("\"nodes\":[", w->out);
    for (uint32_t g = 0; g < GROUP_COUNT; g++) {
        if (g)
            fputs("\n,", w->out);
        node_write(w, NODE_SYNTHETIC, heapsnapshot_string(&w->strings, heapsnapshot_group_name[g]),
                   2 * g + 1, 0, w->roots.edges[g], 0);
    }
    for (uint32_t o = 0; o < s->object_count; o++) {
        uint32_t row = s->row[o] <= p->row_count ? s->row[o] : 0;
        uint64_t size = s->flags[o] & OURO_OBJECT_STATIC ? 0 : object_size(s, o);
        fputs("\n,", w->out);
        node_write(w, w->type_node[s->type[o]], node_name(w, o, &member), w->id[o], size,
                   s->edge_first[o + 1] - s->edge_first[o],
                   row ? heapsnapshot_stack(p->rows[row].site) : 0);
        progress(w);
    }
    fputs("],\n", w->out);
}

static uint32_t label_name(struct writer *w, uint32_t label)
{
    uint32_t kind = label & OURO_LABEL_KIND_MASK, string = label >> OURO_LABEL_SHIFT;
    const char *name = edge_label_name(w->snapshot, label);
    if (!*name)
        return w->kind_name[kind];
    uint32_t *known = kind == OURO_LABEL_KEY ? &w->key[string] : &w->attribute[string];
    if (*known == NO_ID)
        *known = kind == OURO_LABEL_KEY ? heapsnapshot_string_made(&w->strings, "[", name, "]")
                                        : heapsnapshot_string(&w->strings, name);
    return *known;
}

static void edge_write(struct writer *w, enum edge_type type, uint64_t name, uint32_t node)
{
    if (w->edges++)
        fputs(",\n", w->out);
    number_text(w->out, 0, type);
    number_text(w->out, ',', name);
    number_text(w->out, ',', (uint64_t)node * NODE_FIELDS);
}

/* What a reference is to viewers. Those that hold nothing are weak: to what is dead or from there to
 * what is alive, too. */
static enum edge_type edge_type(const struct writer *w, uint32_t source, uint32_t target,
                                uint32_t label)
{
    if (!edge_counts(label, VIEW_STRONG) || is_alive(w, source) != is_alive(w, target))
        return EDGE_WEAK;
    switch (label & OURO_LABEL_KIND_MASK) {
    case OURO_LABEL_ATTRIBUTE:
    case OURO_LABEL_KEY:
        return EDGE_PROPERTY;
    case OURO_LABEL_INDEX:
        return EDGE_ELEMENT;
    case OURO_LABEL_CELL:
    case OURO_LABEL_LOCAL:
        return EDGE_CONTEXT;
    default:
        return EDGE_INTERNAL;
    }
}

/* The references of one object. */
static void object_edges_write(struct writer *w, uint32_t object)
{
    const struct snapshot *s = w->snapshot;
    int64_t index = -1; /* of the last edge that has one */
    for (uint64_t e = s->edge_first[object]; e < s->edge_first[object + 1]; e++) {
        uint32_t label = s->edge_label[e], target = s->edge_target[e];
        enum edge_type type = edge_type(w, object, target, label);
        uint64_t name;
        if ((label & OURO_LABEL_KIND_MASK) == OURO_LABEL_INDEX) {
            char text[32];
            index += 1 + ouro_unzigzag(label >> OURO_LABEL_SHIFT);
            name = index < 0 ? 0 : (uint64_t)index & UINT32_MAX;
            if (type != EDGE_ELEMENT) { /* only elements have a number for a name */
                snprintf(text, sizeof text, "%u", (unsigned)name);
                name = heapsnapshot_string_made(&w->strings, "[", text, "]");
            }
        } else {
            name = label_name(w, label);
        }
        edge_write(w, type, name, GROUP_COUNT + target);
        progress(w);
    }
}

static void group_edges_write(struct writer *w, enum group group)
{
    const struct heap_roots *roots = &w->retained.roots;
    const struct dominators *d = &w->retained.dominators;
    for (uint32_t g = 1; group == GROUP_FIRST && g < GROUP_COUNT; g++)
        edge_write(w, EDGE_ELEMENT, g, g);
    for (uint32_t r = 0; r < roots->count; r++) {
        if (w->roots.group[r] == group)
            edge_write(w, EDGE_PROPERTY, w->roots.name[r], GROUP_COUNT + roots->object[r]);
    }
    for (uint32_t r = 0; group == GROUP_GARBAGE && r < d->dead_count; r++)
        edge_write(w, EDGE_ELEMENT, r, GROUP_COUNT + d->dead[r]);
}

static void edges_write(struct writer *w)
{
    fputs("\"edges\":[", w->out);
    for (int g = 0; g < GROUP_COUNT; g++)
        group_edges_write(w, (enum group)g);
    for (uint32_t o = 0; o < w->snapshot->object_count; o++)
        object_edges_write(w, o);
}

static int file_write(struct writer *w)
{
    const struct snapshot *s = w->snapshot;
    uint64_t edges = s->edge_count;
    for (int g = 0; g < GROUP_COUNT; g++)
        edges += w->roots.edges[g];
    fputs(meta, w->out);
    fputs("\"node_count\":", w->out);
    number_text(w->out, 0, (uint64_t)s->object_count + GROUP_COUNT);
    fputs(",\"edge_count\":", w->out);
    number_text(w->out, 0, edges);
    fputs(",\"trace_function_count\":", w->out);
    number_text(w->out, 0, w->stacks.places.count);
    fputs("},\n", w->out);
    nodes_write(w);
    edges_write(w);
    fputs("],\n\"trace_function_infos\":", w->out);
    heapsnapshot_places_write(w->out, &w->stacks);
    fputs(",\n\"trace_tree\":", w->out);
    if (heapsnapshot_tree_write(w->out, &w->stacks) < 0)
        return -1;
    fputs(",\n\"samples\":[],\n\"locations\":[],\n\"strings\":", w->out);
    heapsnapshot_strings_write(w->out, &w->strings);
    fputs("}\n", w->out);
    return 0;
}

int heapsnapshot_write(FILE *out, const struct export_request *request, char *error,
                       size_t error_size)
{
    struct writer w = {.out = out, .process = request->process, .snapshot = request->snapshot};
    int status = EXPORT_FAILED;
    if (request->snapshot->object_count > NODES_MOST) {
        snprintf(error, error_size, "a .heapsnapshot holds at most %u objects", NODES_MOST);
        return status;
    }
    if (writer_begin(&w) < 0 || file_write(&w) < 0 || w.strings.failed)
        snprintf(error, error_size, "not enough memory");
    else
        status = EXPORT_DONE;
    writer_end(&w);
    return status;
}

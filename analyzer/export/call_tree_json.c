/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>

#include "export/call_tree.h"
#include "export/html_text.h"

/* What is written: of all calls and leaves those with the largest shares. */
struct choice {
    const struct call_tree *tree;
    struct call_value *sums;         /* of a node, with all below it: as values of a leaf */
    double *node_share, *leaf_share; /* the largest of any measure's total, 0 … 1 */
    uint32_t *number; /* node → its number in the document, or that of its nearest caller there */
    uint8_t *node, *leaf; /* whether it is written */
    uint32_t nodes;
    uint32_t *frame, *string; /* their numbers in the document, NO_ID: not there */
    uint32_t frames;
};

static double share_of(const struct call_tree *tree, const struct call_value *values)
{
    double largest = 0;
    for (uint32_t i = 0; i < tree->sides * CALL_MEASURES; i++) {
        const struct call_value *total = &tree->totals[i / CALL_MEASURES][i % CALL_MEASURES];
        double share = total->bytes ? (double)values[i].bytes / (double)total->bytes : 0;
        largest = share > largest ? share : largest;
    }
    return largest;
}

static int share_compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a < b) - (a > b);
}

/* The least share that at most `most` of count have; above 1 if more than that have all. */
static bool threshold(const double *shares, uint32_t count, uint32_t most, double *least)
{
    double *sorted;
    *least = 0;
    if (count <= most)
        return true;
    sorted = malloc(count * sizeof *sorted);
    if (!sorted)
        return false;
    for (uint32_t i = 0; i < count; i++)
        sorted[i] = shares[i];
    qsort(sorted, count, sizeof *sorted, share_compare);
    uint32_t at = most;
    while (at && sorted[at - 1] == sorted[most])
        at--;
    *least = at ? sorted[at - 1] : 2;
    free(sorted);
    return true;
}

static bool shares_find(struct choice *c)
{
    const struct call_tree *t = c->tree;
    uint32_t nodes = t->nodes.count, leaves = t->leaves.count;
    uint32_t each = t->sides * CALL_MEASURES;
    c->sums = calloc((size_t)nodes * each, sizeof *c->sums);
    c->node_share = calloc((size_t)nodes, sizeof *c->node_share);
    c->leaf_share = calloc((size_t)leaves + 1, sizeof *c->leaf_share);
    if (!c->sums || !c->node_share || !c->leaf_share)
        return false;
    for (uint32_t l = 0; l < leaves; l++) {
        const struct call_value *values = call_tree_value(t, l, 0, 0);
        struct call_value *sums = &c->sums[(size_t)call_tree_leaf(t, l)->node * each];
        for (uint32_t i = 0; i < each; i++) {
            sums[i].bytes += values[i].bytes;
            sums[i].blocks += values[i].blocks;
        }
        c->leaf_share[l] = share_of(t, values);
    }
    for (uint32_t n = nodes; n-- > 1;) {
        struct call_value *sums = &c->sums[(size_t)n * each];
        struct call_value *above = &c->sums[(size_t)call_tree_node(t, n)->parent * each];
        for (uint32_t i = 0; i < each; i++) {
            above[i].bytes += sums[i].bytes;
            above[i].blocks += sums[i].blocks;
        }
        c->node_share[n] = share_of(t, sums);
    }
    c->node_share[0] = 1;
    return true;
}

static bool choose(struct choice *c, uint32_t most, const uint8_t *used)
{
    const struct call_tree *t = c->tree;
    double node_least, leaf_least;
    c->number = calloc(t->nodes.count, sizeof *c->number);
    c->node = calloc(t->nodes.count, 1);
    c->leaf = calloc((size_t)t->leaves.count + 1, 1);
    if (!c->number || !c->node || !c->leaf || !shares_find(c) ||
        !threshold(c->node_share, t->nodes.count, most, &node_least) ||
        !threshold(c->leaf_share, t->leaves.count, most, &leaf_least))
        return false;
    for (uint32_t n = t->nodes.count; n-- > 0;) {
        if (!n || (used && used[n]) || (c->node_share[n] > 0 && c->node_share[n] >= node_least))
            c->node[n] = 1;
        if (n && c->node[n])
            c->node[call_tree_node(t, n)->parent] =
                1; /* all the way up, as parents come later here */
    }
    for (uint32_t n = 0; n < t->nodes.count; n++)
        c->number[n] = c->node[n] ? c->nodes++ : c->number[call_tree_node(t, n)->parent];
    for (uint32_t l = 0; l < t->leaves.count; l++)
        c->leaf[l] = c->node[call_tree_leaf(t, l)->node] && c->leaf_share[l] >= leaf_least;
    return true;
}

static void string_use(struct choice *c, uint32_t string)
{
    c->string[string] = 0;
}

/* Numbers the frames and strings that the chosen calls and leaves need. */
static bool number_names(struct choice *c)
{
    const struct call_tree *t = c->tree;
    c->frame = malloc(t->frames.count * sizeof *c->frame);
    c->string = malloc(t->strings.count * sizeof *c->string);
    if (!c->frame || !c->string)
        return false;
    for (uint32_t f = 0; f < t->frames.count; f++)
        c->frame[f] = NO_ID;
    for (uint32_t s = 0; s < t->strings.count; s++)
        c->string[s] = NO_ID;
    for (uint32_t n = 0; n < t->nodes.count; n++) {
        uint32_t number = call_tree_node(t, n)->frame;
        if (!c->node[n] || c->frame[number] != NO_ID)
            continue;
        const struct call_frame *frame = key_table_key(&t->frames, number);
        c->frame[number] = c->frames++;
        string_use(c, frame->file);
        string_use(c, frame->function);
    }
    for (uint32_t l = 0; l < t->leaves.count; l++) {
        if (c->leaf[l])
            string_use(c, call_tree_leaf(t, l)->type);
    }
    for (uint32_t s = 0, count = 0; s < t->strings.count; s++) {
        if (c->string[s] != NO_ID)
            c->string[s] = count++;
    }
    return true;
}

static bool names_write(FILE *out, const struct choice *c)
{
    const struct call_tree *t = c->tree;
    const char *comma = "\n";
    fputs("{\"strings\": [", out);
    for (uint32_t s = 0; s < t->strings.count; s++) {
        if (c->string[s] == NO_ID)
            continue;
        html_string(out, comma, t->string[s]);
        comma = ",\n";
    }
    fputs("],\n\"frames\": [", out);
    uint32_t *order = calloc((size_t)c->frames + 1, sizeof *order);
    if (!order)
        return false;
    for (uint32_t f = 0; f < t->frames.count; f++) {
        if (c->frame[f] != NO_ID)
            order[c->frame[f]] = f;
    }
    for (uint32_t f = 0; f < c->frames; f++) {
        const struct call_frame *frame = key_table_key(&t->frames, order[f]);
        fprintf(out, "%s%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32, f ? "," : "",
                c->string[frame->file], c->string[frame->function], frame->line, frame->library);
    }
    fputs("]", out);
    free(order);
    return true;
}

/* The calls that are written, in columns. */
static void nodes_write(FILE *out, const struct choice *c)
{
    const char *comma = "";
    fputs(",\n\"id\": [", out);
    for (uint32_t n = 0; n < c->tree->nodes.count; n++) {
        if (!c->node[n])
            continue;
        fprintf(out, "%s%" PRIu32, comma, n);
        comma = ",";
    }
    fputs("],\n\"parent\": [", out);
    comma = "";
    for (uint32_t n = 0; n < c->tree->nodes.count; n++) {
        if (!c->node[n])
            continue;
        fprintf(out, "%s%" PRIu32, comma, n ? c->number[call_tree_node(c->tree, n)->parent] : 0);
        comma = ",";
    }
    fputs("],\n\"frame\": [", out);
    comma = "";
    for (uint32_t n = 0; n < c->tree->nodes.count; n++) {
        if (!c->node[n])
            continue;
        fprintf(out, "%s%" PRIu32, comma, c->frame[call_tree_node(c->tree, n)->frame]);
        comma = ",";
    }
    fputs("]", out);
}

/* [node, type, blocks, bytes, …]: a pair for each side and measure; type −1: several. */
static void leaf_write(FILE *out, const struct call_tree *t, const char *comma, uint32_t node,
                       int64_t type, const struct call_value *values)
{
    fprintf(out, "%s[%" PRIu32 ",%" PRId64, comma, node, type);
    for (uint32_t i = 0; i < t->sides * CALL_MEASURES; i++)
        fprintf(out, ",%" PRIu64 ",%" PRIu64, values[i].blocks, values[i].bytes);
    fputs("]", out);
}

static int leaves_write(FILE *out, const struct choice *c)
{
    const struct call_tree *t = c->tree;
    uint32_t each = t->sides * CALL_MEASURES;
    uint64_t more = 0;
    const char *comma = "\n";
    struct call_value *rest = calloc((size_t)c->nodes * each, sizeof *rest);
    uint8_t *any = calloc(c->nodes, 1);
    if (!rest || !any) {
        free(rest);
        free(any);
        return -1;
    }
    fputs(",\n\"leaves\": [", out);
    for (uint32_t l = 0; l < t->leaves.count; l++) {
        const struct call_value *values = call_tree_value(t, l, 0, 0);
        const struct call_leaf *leaf = call_tree_leaf(t, l);
        uint32_t node = c->number[leaf->node];
        if (c->leaf[l]) {
            leaf_write(out, t, comma, node, c->string[leaf->type], values);
            comma = ",\n";
            continue;
        }
        more++;
        any[node] = 1;
        for (uint32_t i = 0; i < each; i++) {
            rest[(size_t)node * each + i].blocks += values[i].blocks;
            rest[(size_t)node * each + i].bytes += values[i].bytes;
        }
    }
    for (uint32_t n = 0; n < c->nodes; n++) {
        if (!any[n])
            continue;
        leaf_write(out, t, comma, n, -1, &rest[(size_t)n * each]);
        comma = ",\n";
    }
    fprintf(out, "],\n\"more\": %" PRIu64, more);
    free(rest);
    free(any);
    return 0;
}

int call_tree_json(FILE *out, const struct call_tree *tree, uint32_t most, const uint8_t *used)
{
    struct choice c = {.tree = tree};
    int status = -1;
    if (!choose(&c, most, used) || !number_names(&c) || !names_write(out, &c))
        goto out;
    nodes_write(out, &c);
    fputs(",\n\"measures\": [", out);
    for (uint32_t m = 0; m < CALL_MEASURES; m++)
        fprintf(out, "%s\"%s\"", m ? "," : "", call_measure_name(m));
    fputs("],\n\"totals\": [", out);
    for (uint32_t i = 0; i < tree->sides * CALL_MEASURES; i++) {
        const struct call_value *total = &tree->totals[i / CALL_MEASURES][i % CALL_MEASURES];
        fprintf(out, "%s[%" PRIu64 ",%" PRIu64 "]", i ? "," : "", total->blocks, total->bytes);
    }
    fprintf(out, "],\n\"sides\": %" PRIu32, tree->sides);
    status = leaves_write(out, &c);
    fputs("}", out);
out:
    free(c.sums);
    free(c.node_share);
    free(c.leaf_share);
    free(c.number);
    free(c.node);
    free(c.leaf);
    free(c.frame);
    free(c.string);
    return status;
}

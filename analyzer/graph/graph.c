/* SPDX-License-Identifier: MIT */
#include "graph/graph.h"

#include <stdlib.h>

int subgraph_build(const struct snapshot *snapshot, const uint8_t *wanted, enum edge_view view,
                   struct subgraph *graph)
{
    *graph = (struct subgraph){0};
    uint32_t nodes = 0;
    uint64_t edges = 0;
    for (uint32_t o = 0; o < snapshot->object_count; o++) {
        if (!wanted[o])
            continue;
        nodes++;
        for (uint64_t e = snapshot->edge_first[o]; e < snapshot->edge_first[o + 1]; e++)
            edges += wanted[snapshot->edge_target[e]] && edge_counts(snapshot->edge_label[e], view);
    }

    int status = -1;
    uint32_t *node_of = malloc(((size_t)snapshot->object_count + 1) * sizeof *node_of);
    graph->csr.nodes = nodes;
    graph->csr.first = malloc(((size_t)nodes + 1) * sizeof *graph->csr.first);
    graph->csr.target = malloc((edges + 1) * sizeof *graph->csr.target);
    graph->object = malloc(((size_t)nodes + 1) * sizeof *graph->object);
    graph->label = malloc((edges + 1) * sizeof *graph->label);
    if (!node_of || !graph->csr.first || !graph->csr.target || !graph->object || !graph->label)
        goto out;

    uint32_t node = 0;
    for (uint32_t o = 0; o < snapshot->object_count; o++) {
        if (wanted[o]) {
            node_of[o] = node;
            graph->object[node++] = o;
        }
    }
    uint32_t edge = 0;
    for (node = 0; node < nodes; node++) {
        uint32_t o = graph->object[node];
        graph->csr.first[node] = edge;
        for (uint64_t e = snapshot->edge_first[o]; e < snapshot->edge_first[o + 1]; e++) {
            uint32_t target = snapshot->edge_target[e];
            if (wanted[target] && edge_counts(snapshot->edge_label[e], view)) {
                graph->csr.target[edge] = node_of[target];
                graph->label[edge++] = snapshot->edge_label[e];
            }
        }
    }
    graph->csr.first[nodes] = edge;
    status = 0;
out:
    free(node_of);
    return status;
}

void subgraph_free(struct subgraph *graph)
{
    free(graph->csr.first);
    free(graph->csr.target);
    free(graph->object);
    free(graph->label);
    *graph = (struct subgraph){0};
}

int referrers_build(const struct snapshot *snapshot, const uint32_t *slot, uint32_t slots,
                    enum edge_view view, struct referrers *referrers)
{
    *referrers = (struct referrers){0};
    uint32_t *first = referrers->first = calloc((size_t)slots + 2, sizeof *first);
    if (!first)
        return -1;

    /* Counted two places up, so that filling leaves first[s] at the start of slot s. */
    for (uint32_t o = 0; o < snapshot->object_count; o++) {
        for (uint64_t e = snapshot->edge_first[o]; e < snapshot->edge_first[o + 1]; e++) {
            uint32_t target = snapshot->edge_target[e];
            uint32_t s = slot ? slot[target] : target;
            if (s != NO_ID && edge_counts(snapshot->edge_label[e], view))
                first[s + 2]++;
        }
    }
    for (uint32_t s = 0; s < slots; s++)
        first[s + 2] += first[s + 1];

    uint64_t edges = first[slots + 1];
    referrers->source = malloc((edges + 1) * sizeof *referrers->source);
    referrers->label = malloc((edges + 1) * sizeof *referrers->label);
    if (!referrers->source || !referrers->label)
        return -1;
    for (uint32_t o = 0; o < snapshot->object_count; o++) {
        for (uint64_t e = snapshot->edge_first[o]; e < snapshot->edge_first[o + 1]; e++) {
            uint32_t target = snapshot->edge_target[e];
            uint32_t s = slot ? slot[target] : target;
            if (s != NO_ID && edge_counts(snapshot->edge_label[e], view)) {
                referrers->source[first[s + 1]] = o;
                referrers->label[first[s + 1]++] = snapshot->edge_label[e];
            }
        }
    }
    return 0;
}

void referrers_free(struct referrers *referrers)
{
    free(referrers->first);
    free(referrers->source);
    free(referrers->label);
    *referrers = (struct referrers){0};
}

/* SPDX-License-Identifier: MIT */
/*
 * How long dominators and retained sizes take, and how much memory, on a heap that is made up:
 *
 *     retained_speed [OBJECTS [EDGES]]       default: 10 M objects, 20 M references
 *
 * The heap is a tree in random order with references across, nearer ones more often. It is made in
 * memory, without a trace, so reading one is not measured.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "analysis/retained.h"

static uint64_t random_next(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u; /* splitmix64 */
    uint64_t z = *state;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double peak_megabytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

/* Every object but the first has a parent, and there are references across. All are made twice: to be
 * counted, then to be filled in. */
static void heap_make(struct snapshot *s)
{
    uint32_t n = s->object_count;
    uint32_t *first = s->edge_first;
    for (int fill = 0; fill < 2; fill++) {
        uint64_t seed = 1;
        for (uint64_t e = 0; e < s->edge_count; e++) {
            uint64_t r = random_next(&seed);
            uint32_t source, target;
            if (e + 1 < n) {
                target = (uint32_t)e + 1;
                source = r & 1 ? target - 1 - (uint32_t)(r >> 32) % (target < 64 ? target : 64)
                               : (uint32_t)((r >> 32) % target);
            } else {
                source = (uint32_t)((r >> 32) % n);
                target = (uint32_t)((source + 1 + (r & 0xffff)) % n);
            }
            if (fill) {
                s->edge_target[first[source + 1]++] = target;
                s->refcount[target]++;
            } else {
                first[source + 2]++;
            }
        }
        for (uint32_t o = 0; !fill && o < n; o++)
            first[o + 2] += first[o + 1];
    }
    for (uint32_t o = 0; o < n; o++)
        s->size.low[o] = 64;
    s->refcount[0]++;
}

int main(int argc, char **argv)
{
    uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 10000000;
    uint64_t m = argc > 2 ? strtoull(argv[2], NULL, 10) : 2 * (uint64_t)n;
    struct root root = {.kind = OURO_ROOT_MODULE, .name = "main", .function = "", .file = ""};
    struct snapshot s = {.object_count = n,
                         .edge_count = m,
                         .size = {.low = calloc(n, sizeof *s.size.low)},
                         .refcount = calloc(n, sizeof *s.refcount),
                         .flags = calloc(n, sizeof *s.flags),
                         .edge_first = calloc((size_t)n + 2, sizeof *s.edge_first),
                         .edge_target = calloc(m, sizeof *s.edge_target),
                         .edge_label = calloc(m, sizeof *s.edge_label),
                         .root_count = 1,
                         .roots = &root};
    struct garbage garbage = {.class = calloc(n, 1)};
    struct retained retained = {0};
    int status = EXIT_FAILURE;
    if (n < 2 || m < n || !s.size.low || !s.refcount || !s.flags || !s.edge_first ||
        !s.edge_target || !s.edge_label || !garbage.class) {
        fputs("retained_speed: not enough memory, or too few references\n", stderr);
        goto out;
    }
    heap_make(&s);
    double before = peak_megabytes(), start = seconds();
    clock_t cpu = clock();
    if (retained_find(&s, &garbage, &retained) < 0) {
        fputs("retained_speed: not enough memory\n", stderr);
        goto out;
    }
    printf("%" PRIu32 " objects, %" PRIu64
           " references: %.2f s (%.2f s of CPU), %.0f MiB above the heap's %.0f; "
           "%" PRIu64 " search steps, %" PRIu64 " bytes below the root\n",
           n, m, seconds() - start, (double)(clock() - cpu) / CLOCKS_PER_SEC,
           peak_megabytes() - before, before, retained.dominators.searched, retained.bytes[0]);
    status = EXIT_SUCCESS;
out:
    retained_free(&retained);
    free(s.size.low);
    free(s.refcount);
    free(s.flags);
    free(s.edge_first);
    free(s.edge_target);
    free(s.edge_label);
    free(garbage.class);
    return status;
}

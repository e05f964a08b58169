/* SPDX-License-Identifier: MIT */
/*
 * Writes the trace of a heap that is made up: see the usage below. What it can be is in
 * heap_shapes.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "heap_shapes.h"

#define EPOCHS 50u
#define ROWS_MOST 65536u

static int usage(void)
{
    const struct heap_shape *shape;
    fputs("usage: make_trace SHAPE COUNT FILE.trace [SEED]\n\n", stderr);
    for (unsigned n = 0; (shape = heap_shape_at(n)); n++)
        fprintf(stderr, "  %-8s COUNT %s\n", shape->name, shape->what);
    return EXIT_FAILURE;
}

/* What was made, spread over time; two thirds of what was born has died. */
static void ledger_write(struct heap *heap, int fd)
{
    uint64_t live = 0;
    for (uint64_t n = 1; n <= EPOCHS; n++) {
        for (uint32_t row = 1; row <= heap->rows; row++) {
            uint64_t all = heap->row_objects[row];
            uint64_t made = all * n / EPOCHS - all * (n - 1) / EPOCHS;
            build_delta(heap->builder, row,
                        (struct builder_delta){.births = 3 * made, .deaths_refcount = 2 * made});
            live += made;
        }
        build_epoch(heap->builder, heap->clock * n / EPOCHS, n * 1000000000u / EPOCHS, live,
                    heap->clock * n / EPOCHS);
        build_drain(heap->builder, fd);
    }
}

static void trace_write(const struct heap_shape *shape, uint64_t count, uint64_t seed, int fd)
{
    struct heap heap = {.builder = build_new(), .count = count, .seed = seed};
    build_compress(heap.builder, true);
    build_process_text(heap.builder, OURO_PROCESS_ARGUMENT, "app.py");
    heap.snapshot = build_snapshot(heap.builder);
    heap.writer = heap_writer_new(heap.builder, heap.snapshot, fd, shape->objects(count));
    heap.row_objects = calloc(ROWS_MOST, sizeof *heap.row_objects);
    if (!heap.row_objects)
        abort();
    heap.type_type = heap_type(&heap, "type", HEAP_GC);
    heap.type_module = heap_type(&heap, "module", HEAP_GC);
    heap.type_dict = heap_type(&heap, "dict", HEAP_GC);
    heap.type_list = heap_type(&heap, "list", HEAP_GC);
    heap.type_tuple = heap_type(&heap, "tuple", HEAP_GC & ~(uint32_t)OURO_TYPE_CLEAR);
    heap.type_str = heap_type(&heap, "str", OURO_TYPE_ATOM);
    heap.type_int = heap_type(&heap, "int", OURO_TYPE_ATOM);
    heap.type_float = heap_type(&heap, "float", OURO_TYPE_ATOM);
    shape->define(&heap);

    shape->make(&heap); /* counts */
    ledger_write(&heap, fd);
    build_snapshot_int(heap.snapshot, OURO_SNAPSHOT_CLOCK, heap.clock);
    heap_writer_write(heap.writer);
    heap.clock = 0;
    shape->make(&heap);
    printf("%" PRIu64 " objects, %" PRIu64 " references\n", heap_objects(heap.writer),
           heap_edges(heap.writer));
    heap_writer_end(heap.writer);
    build_end(heap.builder, 0);
    build_drain(heap.builder, fd);
    build_free(heap.builder);
    free(heap.row_objects);
    free(heap.state);
}

int main(int argc, char **argv)
{
    const struct heap_shape *shape = argc == 4 || argc == 5 ? heap_shape_find(argv[1]) : NULL;
    uint64_t count = shape ? strtoull(argv[2], NULL, 10) : 0;
    if (!shape || count == 0 || shape->objects(count) >= UINT32_MAX - 1)
        return usage();
    int fd = open(argv[3], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        fprintf(stderr, "make_trace: %s: %s\n", argv[3], strerror(errno));
        return EXIT_FAILURE;
    }
    trace_write(shape, count, argc == 5 ? strtoull(argv[4], NULL, 10) : 1, fd);
    if (close(fd) != 0) {
        fprintf(stderr, "make_trace: %s: %s\n", argv[3], strerror(errno));
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/*
 * Traces cut, flipped and changed chunk by chunk, thousands of them, the same in every run: none ends
 * the reader, none makes it take more memory than docs/reliability.md says, and none makes a command
 * write what a terminal must not get. OURO_MUTATIONS says how many (./dev test --slow: a million).
 */
#include "cmocka_prelude.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "fuzz.h"
#include "life_model.h"
#include "memory_peak.h"
#include "small_trace.h"
#include "trace_mutator.h"

enum { SEEDS = 4, ROOM = FUZZ_INPUT_MOST, COMMANDS_EVERY = 4 };

struct seed {
    uint8_t *data;
    size_t size;
};

static uint64_t mutations = 10000;

static void seed_add(struct seed *seed, struct builder *b)
{
    const unsigned char *bytes = build_bytes(b, &seed->size);
    assert_true(seed->size <= ROOM);
    seed->data = malloc(seed->size);
    assert_non_null(seed->data);
    memcpy(seed->data, bytes, seed->size);
}

static void make_seeds(struct seed seeds[SEEDS])
{
    for (unsigned compressed = 0; compressed < 2; compressed++) {
        struct builder *b = small_trace(compressed);
        seed_add(&seeds[compressed], b);
        build_free(b);
    }
    for (unsigned mixed = 0; mixed < 2; mixed++) {
        struct life_model *model = life_model_run(mixed + 1, 300, mixed);
        seed_add(&seeds[2 + mixed], model->builder);
        life_model_free(model);
    }
}

/* Seconds of processor time of this process. */
static double spent(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void no_change_of_a_trace_breaks_the_reader(void **state)
{
    struct seed seeds[SEEDS];
    uint8_t *data = malloc(1 + ROOM);
    size_t largest = 0, largest_file = 0;
    double slowest = 0, start = spent();
    (void)state;
    assert_non_null(data);
    make_seeds(seeds);
    for (uint64_t n = 0; n < mutations; n++) {
        const struct seed *seed = &seeds[n % SEEDS];
        double before = spent();
        memcpy(data + 1, seed->data, seed->size);
        size_t size = mutate_trace(data + 1, seed->size, ROOM, (uint32_t)n, NULL);
        fuzz_chunks(data + 1, size);
        fuzz_trace(data + 1, size);
        if (memory_peak() > largest) {
            largest = memory_peak();
            largest_file = size;
        }
        if (n % COMMANDS_EVERY == 0) {
            data[0] = (uint8_t)(n / COMMANDS_EVERY % fuzz_command_count());
            fuzz_commands(data, 1 + size);
        }
        double took = spent() - before;
        slowest = took > slowest ? took : slowest;
        if (took > 20.0) /* processor time: thousands of times what the worst one needs */
            fail_msg("change %llu took %.1f s", (unsigned long long)n, took);
    }
    printf("%llu changes in %.1f s, the slowest %.3f s; at most %zu bytes for a file of %zu\n",
           (unsigned long long)mutations, spent() - start, slowest, largest, largest_file);
    for (unsigned i = 0; i < SEEDS; i++)
        free(seeds[i].data);
    free(data);
}

int main(void)
{
    const char *wanted = getenv("OURO_MUTATIONS");
    if (wanted)
        mutations = strtoull(wanted, NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_change_of_a_trace_breaks_the_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

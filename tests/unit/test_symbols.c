/* SPDX-License-Identifier: MIT */
/* Which file an address lies in, and what is at the same place of a file, however often a trace has it. */
#include "cmocka_prelude.h"

#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "symbols/module_map.h"
#include "symbols/symbols.h"

static uint64_t state = 88172645463325252u;

static uint32_t pick(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 16) % below);
}

static uint32_t first_of(const struct module_info *modules, uint32_t count, uint64_t address)
{
    for (uint32_t m = 0; m < count; m++)
        if (address >= modules[m].start && address < modules[m].end)
            return m;
    return NO_ID;
}

static void of_modules_that_overlap_the_first_counts(void **unused)
{
    (void)unused;
    for (unsigned round = 0; round < 400; round++) {
        struct module_info modules[24] = {0};
        uint32_t count = pick(25), span = 1 + pick(60);
        struct module_map map;
        for (uint32_t m = 0; m < count; m++) {
            modules[m].start = pick(span);
            modules[m].end = modules[m].start + pick(span);
        }
        if (count && round % 4 == 0)
            modules[pick(count)].end = UINT64_MAX;
        assert_true(module_map_make(modules, count, &map));
        for (uint64_t address = 0; address < 2 * (uint64_t)span + 2; address++)
            assert_int_equal(module_map_find(&map, address), first_of(modules, count, address));
        for (uint64_t address = UINT64_MAX - 2; address; address++)
            assert_int_equal(module_map_find(&map, address), first_of(modules, count, address));
        module_map_free(&map);
    }
}

/* Of this process. */
static double spent(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6;
}

/* Each by itself would be looked at for each address: 6 × 10^10 times. */
static void very_many_modules_and_addresses_take_no_time(void **unused)
{
    enum { MANY = 250000 };
    struct module_info *modules = calloc(MANY, sizeof *modules);
    struct process process = {.modules = modules, .module_count = MANY};
    (void)unused;
    assert_non_null(modules);
    for (uint32_t m = 0; m < MANY; m++)
        modules[m] = (struct module_info){
            .start = 4096 * (uint64_t)m, .end = 4096 * (uint64_t)m + 4000, .path = "", .name = ""};
    struct symbols *symbols = symbols_open(&process);
    assert_non_null(symbols);
    double before = spent();
    for (uint32_t m = 0; m < MANY; m++)
        assert_non_null(symbols_find(symbols, 4096 * (uint64_t)m + 8));
    uint32_t next = 0, missing = 0;
    const char *why;
    while (symbols_missing(symbols, &next, &why))
        missing++;
    assert_int_equal(missing, MANY);
    if (spent() - before > 15.0) /* processor time: a hundred times what it takes */
        fail_msg("%d addresses in as many modules took %.1f s", MANY, spent() - before);
    symbols_close(symbols);
    free(modules);
}

int main(void);

static int of_the_program(struct dl_phdr_info *info, size_t size, void *bias)
{
    (void)size;
    *(uint64_t *)bias = info->dlpi_addr;
    return 1; /* it comes first */
}

/* This program's file, thousands of times: one is opened, and no descriptor more. */
static void a_file_is_opened_once_wherever_it_is_said_to_be(void **unused)
{
    enum { TIMES = 3000 };
    static char path[4096], again[4200];
    static struct module_info modules[TIMES];
    const uint64_t apart = UINT64_C(1) << 32;
    uint64_t bias, here = (uint64_t)(uintptr_t)main;
    struct process process = {.modules = modules, .module_count = TIMES};
    (void)unused;
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    assert_true(length > 0);
    snprintf(again, sizeof again, "/./%s", path);
    dl_iterate_phdr(of_the_program, &bias);
    for (uint32_t m = 0; m < TIMES; m++)
        modules[m] = (struct module_info){.bias = bias + apart * m,
                                          .start = here + apart * m,
                                          .end = here + apart * m + 16,
                                          .path = m % 2 ? again : path,
                                          .name = "program"};
    struct rlimit few = {64, 64}, limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    few.rlim_max = limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    struct symbols *symbols = symbols_open(&process);
    assert_non_null(symbols);
    for (uint32_t m = 0; m < TIMES; m++) {
        const struct native_code *code = symbols_find(symbols, here + apart * m);
        assert_non_null(code);
        assert_string_equal(code->places[code->count - 1].function, "main");
    }
    symbols_close(symbols);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_modules_that_overlap_the_first_counts),
        cmocka_unit_test(very_many_modules_and_addresses_take_no_time),
        cmocka_unit_test(a_file_is_opened_once_wherever_it_is_said_to_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

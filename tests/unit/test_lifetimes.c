/* SPDX-License-Identifier: MIT */
/* Births, deaths, types and lifetimes of every place are those of the program. */
#include "cmocka_prelude.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/churn.h"
#include "analysis/churn_advice.h"
#include "life_model.h"
#include "model/estimate.h"
#include "report/page.h"
#include "report/report.h"

#define SEEDS 40

static unsigned bucket_of(uint64_t age)
{
    unsigned bucket = 0;
    for (uint64_t units = age / OURO_CLOCK_UNIT; units; units >>= 1)
        bucket++;
    return bucket;
}

static int compare_numbers(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static void percentiles_are_those_of_the_sorted_lives(void **state)
{
    (void)state;
    uint64_t seed = 1, ages[500];
    for (int round = 0; round < 200; round++) {
        struct lifetimes lifetimes = {{0}};
        uint32_t count = 1 + (uint32_t)life_model_random(&seed, 500);
        for (uint32_t i = 0; i < count; i++) {
            ages[i] = life_model_random(&seed, UINT64_C(1) << life_model_random(&seed, 40));
            lifetimes.bucket[bucket_of(ages[i])]++;
        }
        qsort(ages, count, sizeof *ages, compare_numbers);
        assert_int_equal(lifetimes_count(&lifetimes), count);
        for (unsigned percent = 1; percent <= 100; percent++) {
            /* The least age that so many per cent of the lives do not exceed. */
            uint64_t age = ages[((uint64_t)count * percent + 99) / 100 - 1];
            uint64_t bound = lifetimes_percentile(&lifetimes, percent);
            assert_int_equal(bound, UINT64_C(256) << bucket_of(age));
            assert_true(age < bound);
        }
        for (uint64_t limit = 256; limit < UINT64_C(1) << 40; limit *= 2) {
            uint64_t within = 0;
            for (uint32_t i = 0; i < count; i++)
                within += ages[i] < limit;
            assert_int_equal(lifetimes_within(&lifetimes, limit), within);
            assert_int_equal(lifetimes_limit(limit + limit / 3), limit);
        }
    }
    assert_int_equal(lifetimes_percentile(&(struct lifetimes){{0}}, 50), 0);
}

static void shares_add_up_and_stay_below_their_weights(void **state)
{
    (void)state;
    uint64_t seed = 2, weights[20], shares[20];
    for (int round = 0; round < 2000; round++) {
        uint32_t count = 1 + (uint32_t)life_model_random(&seed, 20);
        uint64_t sum = 0, given = 0;
        unsigned bits = (unsigned)life_model_random(&seed, 50);
        for (uint32_t i = 0; i < count; i++)
            sum += weights[i] = life_model_random(&seed, UINT64_C(1) << bits);
        uint64_t total = sum ? life_model_random(&seed, sum + 1) : 0;
        estimate_share(total, weights, count, shares);
        for (uint32_t i = 0; i < count; i++) {
            given += shares[i];
            assert_true(shares[i] <= weights[i]);
        }
        assert_int_equal(given, total);
    }
}

/* The sums of all lives that fit: line 0 stands for all, type NULL for all, "?" for unknown. */
struct wanted {
    uint64_t allocations, bytes, alive, deaths[3], within, within_or_shutdown, collected_bytes;
};

/* The young that died with the interpreter cannot be told from others of their row. */
static void assert_within(uint64_t got, const struct wanted *wanted)
{
    assert_in_range(got, wanted->within, wanted->within_or_shutdown);
}

static struct wanted count(const struct life_model *m, uint32_t row, const char *type)
{
    struct wanted sum = {0};
    for (uint32_t i = 0; i < m->count; i++) {
        const struct model_life *life = &m->lives[i];
        const char *name = life->died_epoch && !life->known ? "?" : life->type;
        if (!life->type || (row && life->row != row) || (type && strcmp(name, type) != 0))
            continue;
        sum.allocations++;
        sum.bytes += life->size;
        sum.alive += !life->died_epoch;
        sum.deaths[life->cause] += life->died_epoch != 0;
        if (!life->died_epoch)
            continue;
        sum.collected_bytes += life->cause == 1 ? life->size : 0;
        uint64_t units = life->death / OURO_CLOCK_UNIT - life->birth / OURO_CLOCK_UNIT;
        bool soon = life->size > 16 && units < CHURN_WITHIN / OURO_CLOCK_UNIT;
        sum.within += soon && life->cause != 2;
        sum.within_or_shutdown += soon;
    }
    return sum;
}

static void add(struct wanted *to, const struct churn_site *s)
{
    to->allocations += s->allocations;
    to->bytes += s->bytes;
    to->alive += s->alive;
    for (int d = 0; d < 3; d++)
        to->deaths[d] += s->deaths[d];
    to->within += s->short_lived;
    to->collected_bytes += s->collected_bytes;
}

static void assert_same(const struct wanted *got, const struct wanted *wanted)
{
    assert_memory_equal(got, wanted, sizeof *got);
}

/* What holds for every place of every run. */
static void check_site(const struct churn_site *s)
{
    uint64_t deaths = s->deaths[0] + s->deaths[1] + s->deaths[2];
    assert_int_equal(s->allocations, deaths + s->alive);
    assert_true(lifetimes_count(&s->lifetimes) <= deaths);
    assert_true(s->short_lived <= lifetimes_count(&s->lifetimes));
    assert_true(s->short_lived <= s->deaths[0] + s->deaths[1]);
    assert_true(s->short_bytes <= s->bytes && s->collected_bytes <= s->bytes);
}

static void with_one_type_for_each_row_every_figure_is_exact(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct life_model *m = life_model_run(seed, 1200, false);
        struct run *run = build_run(m->builder);
        const struct process *p = &run->processes[0];
        struct report report;
        assert_int_equal(report_build_ledger(run, p, CHURN_WITHIN, &report), 0);
        const struct churn *c = &report.churn;
        struct wanted all = count(m, 0, NULL), sites = {0}, lines = {0};
        for (uint32_t r = 1; r <= m->row_count; r++) {
            uint32_t types;
            const struct row_type *items = row_types_of(&report.types, r, &types);
            struct wanted row = count(m, r, NULL);
            assert_int_equal(types, row.allocations != 0);
            if (!types)
                continue;
            assert_string_equal(items[0].type, m->rows[r].types[0]);
            assert_int_equal(items[0].alive, row.alive);
            assert_memory_equal(items[0].deaths, row.deaths, sizeof row.deaths);
            assert_int_equal(items[0].died_bytes + items[0].alive_bytes, row.bytes);
        }
        for (uint32_t s = 0; s < c->site_count; s++) {
            check_site(&c->sites[s]);
            add(&sites, &c->sites[s]);
            assert_true(s == 0 || c->sites[s - 1].bytes >= c->sites[s].bytes);
        }
        for (uint32_t l = 0; l < c->by_line_count; l++) {
            const struct churn_site *total = &c->by_line[l].total;
            check_site(total);
            add(&lines, total);
            if (c->lines.items[c->by_line[l].line].kind == LINE_IMPORT) {
                struct wanted import = count(m, 7, NULL), more = count(m, 8, NULL), got = {0};
                add(&got, total);
                import.allocations += more.allocations;
                import.deaths[1] += more.deaths[1];
                assert_int_equal(got.allocations, import.allocations);
                assert_int_equal(got.deaths[1], import.deaths[1]);
            }
        }
        /* Bytes by the collector are exact only where all blocks of a row have one size. */
        assert_in_range(sites.collected_bytes, 0, all.bytes);
        assert_within(sites.within, &all);
        assert_within(c->short_lived, &all);
        assert_int_equal(lines.within, sites.within);
        sites.collected_bytes = lines.collected_bytes = all.collected_bytes = 0;
        sites.within = lines.within = all.within = all.within_or_shutdown = 0;
        assert_same(&sites, &all);
        assert_same(&lines, &all);
        assert_int_equal(c->untyped, 0);
        assert_int_equal(c->allocations, all.allocations);
        report_free(&report);
        run_free(run);
        life_model_free(m);
    }
}

static void with_several_types_the_sums_of_each_are_exact(void **state)
{
    (void)state;
    static const char *const types[] = {"str", "list", "dict", "app.Node", "tuple"};
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct life_model *m = life_model_run(seed, 1200, true);
        struct run *run = build_run(m->builder);
        struct report report;
        assert_int_equal(report_build_ledger(run, &run->processes[0], CHURN_WITHIN, &report), 0);
        const struct churn *c = &report.churn;
        struct wanted all = count(m, 0, NULL), sites = {0};
        for (uint32_t s = 0; s < c->site_count; s++) {
            check_site(&c->sites[s]);
            add(&sites, &c->sites[s]);
        }
        assert_int_equal(sites.allocations, all.allocations);
        assert_int_equal(sites.bytes, all.bytes);
        assert_memory_equal(sites.deaths, all.deaths, sizeof all.deaths);
        assert_within(sites.within, &all);
        for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
            struct wanted wanted = count(m, 0, types[t]);
            uint64_t deaths = 0, alive = 0;
            for (uint32_t s = 0; s < c->site_count; s++) {
                const struct churn_site *site = &c->sites[s];
                if (!site->type || strcmp(site->type, types[t]) != 0)
                    continue;
                deaths += site->allocations - site->alive;
                alive += site->alive;
            }
            assert_int_equal(deaths, wanted.allocations - wanted.alive);
            assert_int_equal(alive, wanted.alive);
        }
        struct wanted unknown = count(m, 0, "?");
        assert_int_equal(c->untyped, unknown.allocations);
        report_free(&report);
        run_free(run);
        life_model_free(m);
    }
}

/* The same instruction makes tuples that die at once and bytearrays of the same size that stay. */
static void types_that_die_in_different_epochs_are_kept_apart(void **state)
{
    (void)state;
    struct builder *b = build_new();
    uint32_t f = build_function(b, "app.py", "f", 1);
    uint32_t row = build_row(b, build_site(b, 0, f, 5), 56, OURO_ROW_OBJECT);
    uint32_t late = build_row(b, build_site(b, 0, f, 6), 56, OURO_ROW_OBJECT);
    build_delta(b, row, (struct builder_delta){.births = 600, .deaths_refcount = 300});
    build_lifetime(b, row, 1, 300);
    build_dead(b, row, "tuple", 300);
    build_delta(b, late, (struct builder_delta){.births = 20, .deaths_refcount = 7});
    build_lifetime(b, late, 2, 7);
    build_epoch(b, 100000, 1, 313, 300 * 56);
    build_delta(b, row, (struct builder_delta){.deaths_shutdown = 300});
    build_lifetime(b, row, 15, 300);
    build_dead(b, row, "bytearray", 300);
    build_delta(b, late, (struct builder_delta){.deaths_collector = 3});
    build_lifetime(b, late, 3, 3);
    build_dead(b, late, "app.Node", 8); /* three of now and five of the epoch before */
    build_epoch(b, 5000000, 2, 10, 560);
    struct run *run = build_run(b);
    struct report report;
    assert_int_equal(report_build_ledger(run, &run->processes[0], CHURN_WITHIN, &report), 0);
    const struct churn *c = &report.churn;
    assert_int_equal(c->site_count, 4);
    const struct churn_site *bytearrays = &c->sites[0], *tuples = &c->sites[1];
    assert_string_equal(bytearrays->type, "bytearray");
    assert_string_equal(tuples->type, "tuple");
    assert_int_equal(bytearrays->deaths[2], 300);
    assert_int_equal(bytearrays->deaths[0], 0);
    assert_int_equal(bytearrays->short_lived, 0);
    assert_int_equal(bytearrays->lifetimes.bucket[15], 300);
    assert_int_equal(tuples->deaths[0], 300);
    assert_int_equal(tuples->short_lived, 300);
    assert_string_equal(c->sites[2].type, "app.Node");
    assert_int_equal(c->sites[2].deaths[0], 5);
    assert_int_equal(c->sites[2].deaths[1], 3);
    assert_null(c->sites[3].type);
    assert_int_equal(c->sites[3].deaths[0], 2);
    for (uint32_t s = 0; s < c->site_count; s++)
        check_site(&c->sites[s]);
    report_free(&report);
    run_free(run);
    build_free(b);
}

static void a_sample_weighs_lifetimes_by_what_they_stand_for(void **state)
{
    (void)state;
    struct builder *b = build_new();
    build_process_int(b, OURO_PROCESS_SAMPLE, 65536);
    uint32_t f = build_function(b, "app.py", "f", 1), site = build_site(b, 0, f, 5);
    uint32_t small = build_row(b, site, 64, OURO_ROW_OBJECT);
    uint32_t large = build_row(b, site, 6400, OURO_ROW_OBJECT);
    /* Three small blocks stand for 3,000 that died at once, thirty large ones for 300 that did not. */
    build_delta(b, small,
                (struct builder_delta){.births = 3000 * 1024, .deaths_refcount = 3000 * 1024});
    build_lifetime(b, small, 1, 3);
    build_dead(b, small, "bytes", 3000 * 1024);
    build_delta(b, large,
                (struct builder_delta){.births = 300 * 1024, .deaths_refcount = 300 * 1024});
    build_lifetime(b, large, 20, 30);
    build_dead(b, large, "bytes", 300 * 1024);
    build_epoch(b, 4000000, 1, 0, 0);
    struct run *run = build_run(b);
    struct report report;
    assert_int_equal(report_build_ledger(run, &run->processes[0], CHURN_WITHIN, &report), 0);
    const struct churn_site *s = &report.churn.sites[0];
    assert_int_equal(report.churn.site_count, 1);
    assert_int_equal(s->allocations, 3300);
    assert_int_equal(s->bytes, 3000 * 64 + 300 * 6400);
    assert_int_equal(s->lifetimes.bucket[1], 3000);
    assert_int_equal(s->lifetimes.bucket[20], 300);
    assert_int_equal(lifetimes_percentile(&s->lifetimes, 50), 512);
    assert_int_equal(s->short_lived, 3000);
    assert_int_equal(s->short_bytes, 3000 * 64);
    /* 64 bytes of 65,536 are one in 1,024.5: e^(-1/1024) is not linear. */
    assert_true(estimate_weight(&run->processes[0], 64) > 1024.4);
    assert_true(estimate_weight(&run->processes[0], 64) < 1024.6);
    assert_true(estimate_weight(&run->processes[0], 1 << 24) == 1);
    report_free(&report);
    run_free(run);
    build_free(b);
}

static void what_is_thrown_away_soonest_comes_first(void **state)
{
    (void)state;
    struct builder *b = build_new();
    uint32_t f = build_function(b, "app.py", "f", 1);
    static const struct {
        uint32_t line, bucket;
        uint64_t births;
        const char *type;
    } rows[] = {
        {1, 20, 9000, "str"}, {2, 3, 50, "app.Node"}, {3, 2, 70, "str"}, {4, 8, 70, "Node"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t row = build_row(b, build_site(b, 0, f, rows[i].line), 64, OURO_ROW_OBJECT);
        build_delta(
            b, row,
            (struct builder_delta){.births = rows[i].births, .deaths_refcount = rows[i].births});
        build_lifetime(b, row, rows[i].bucket, rows[i].births);
        build_dead(b, row, rows[i].type, rows[i].births);
    }
    build_epoch(b, 1 << 20, 1, 0, 0);
    struct run *run = build_run(b);
    const struct process *p = &run->processes[0];
    struct report report;
    assert_int_equal(report_build_ledger(run, p, 1000, &report), 0);
    struct churn *c = &report.churn;
    assert_int_equal(c->within, 512);
    assert_int_equal(c->short_lived, 0); /* bucket 2 begins at 512 bytes */
    report_free(&report);
    assert_int_equal(report_build_ledger(run, p, 2048, &report), 0);
    churn_rank(&report.sites, c);
    static const uint32_t wanted[] = {3, 2, 1, 4};
    assert_int_equal(c->order_count, 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(p->sites[c->by_line[i].total.site].line, wanted[i]);
        assert_int_equal(p->sites[c->sites[c->order[i]].site].line, wanted[i]);
    }
    churn_keep_type(c, "Node");
    assert_int_equal(c->order_count, 2); /* app.Node is meant, too */
    assert_int_equal(c->by_line_count, 2);
    churn_keep_type(c, "app.Node");
    assert_int_equal(c->by_line_count, 1);
    assert_int_equal(p->sites[c->by_line[0].total.site].line, 2);
    report_free(&report);
    run_free(run);
    build_free(b);
}

static void advice_follows_the_figures(void **state)
{
    (void)state;
    static const struct {
        const char *type, *word; /* NULL: none */
        uint64_t refcount, collector, short_lived;
        uint32_t sizes;
        enum line_kind kind;
    } cases[] = {
        {"str", "join", 5000, 0, 5000, 40, LINE_CODE},
        {"str", "outside", 5000, 0, 5000, 2, LINE_CODE},
        {"bytes", "memoryview", 5000, 0, 5000, 2, LINE_CODE},
        {"list", "generator", 5000, 0, 5000, 1, LINE_CODE},
        {"tuple", "unpack", 5000, 0, 5000, 1, LINE_CODE},
        {"range_iterator", "loop", 5000, 0, 5000, 1, LINE_CODE},
        {"str_iterator", "loop", 5000, 0, 5000, 1, LINE_CODE}, /* not taken for str */
        {"app.Node", "__slots__", 5000, 0, 5000, 1, LINE_CODE},
        {"app.SkipError", "exceptions", 5000, 0, 5000, 1, LINE_CODE},
        {"app.Node", "cycles", 10, 5000, 5000, 1, LINE_CODE},
        {"unheard_of", NULL, 5000, 0, 5000, 1, LINE_CODE},
        {NULL, NULL, 5000, 0, 5000, 1, LINE_CODE},
        {"", NULL, 5000, 0, 5000, 1, LINE_CODE},
        {"list", NULL, 500, 0, 500, 1, LINE_CODE},    /* too few */
        {"list", NULL, 50000, 0, 2000, 1, LINE_CODE}, /* most live on */
        {"list", NULL, 5000, 0, 5000, 1, LINE_NONE},
        {NULL, "import", 5000, 0, 5000, 1, LINE_IMPORT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct churn_site site = {.type = cases[i].type,
                                  .deaths = {cases[i].refcount, cases[i].collector, 0},
                                  .short_lived = cases[i].short_lived,
                                  .sizes = cases[i].sizes};
        const char *advice = churn_advice(&site, cases[i].kind);
        if (!cases[i].word)
            assert_null(advice);
        else if (!advice || !strstr(advice, cases[i].word))
            fail_msg("%s: \"%s\" has no word \"%s\"", cases[i].type, advice, cases[i].word);
    }
}

/* No line of a text is longer than the page. */
static void check_page(const char *text)
{
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        char one[1024];
        snprintf(one, sizeof one, "%.*s", (int)strcspn(line, "\n"), line);
        if (page_columns(one) > PAGE_WIDTH)
            fail_msg("%d columns: %.200s", page_columns(one), one);
        if (!line[strcspn(line, "\n")])
            break;
    }
}

static void long_names_and_large_numbers_keep_to_the_page(void **state)
{
    (void)state;
    static const uint64_t many = UINT64_C(123456789012) * 1024;
    char name[300];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct builder *b = build_new();
    build_process_int(b, OURO_PROCESS_SAMPLE, 4096);
    uint32_t site = 0;
    for (uint32_t depth = 0; depth < 5; depth++)
        site = build_site(b, site, build_function(b, name, name, 1), 12345);
    uint32_t row = build_row(b, site, 480, OURO_ROW_OBJECT);
    build_delta(b, row,
                (struct builder_delta){
                    .births = many, .deaths_refcount = many / 2, .deaths_collector = many / 2});
    build_dead(b, row, name, many / 4 * 3);
    build_lifetime(b, row, 1, 1000);
    build_epoch(b, UINT64_C(1) << 60, UINT64_C(98765432109876), many, many * 480);
    const struct builder_collection runs = {
        0, 1, UINT64_C(9876543210987), UINT64_C(98765432109), many, many};
    build_collection(b, &runs);
    build_end(b, 0);
    struct run *run = build_run(b);
    struct report report;
    for (int utf8 = 0; utf8 < 2; utf8++) {
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        assert_int_equal(report_build(run, &run->processes[0], &report), 0);
        assert_int_equal(report_gc_text(out, &report, "a.ouro", REPORT_ALL, utf8), 0);
        report_text(out, &report, "a.ouro", REPORT_ALL, utf8);
        churn_rank(&report.sites, &report.churn);
        assert_int_equal(report_churn_text(out, &report, "a.ouro", REPORT_ALL, utf8), 0);
        fclose(out);
        check_page(text);
        free(text);
        report_free(&report);
    }
    run_free(run);
    build_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentiles_are_those_of_the_sorted_lives),
        cmocka_unit_test(shares_add_up_and_stay_below_their_weights),
        cmocka_unit_test(with_one_type_for_each_row_every_figure_is_exact),
        cmocka_unit_test(with_several_types_the_sums_of_each_are_exact),
        cmocka_unit_test(types_that_die_in_different_epochs_are_kept_apart),
        cmocka_unit_test(a_sample_weighs_lifetimes_by_what_they_stand_for),
        cmocka_unit_test(what_is_thrown_away_soonest_comes_first),
        cmocka_unit_test(advice_follows_the_figures),
        cmocka_unit_test(long_names_and_large_numbers_keep_to_the_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

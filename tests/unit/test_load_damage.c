/* SPDX-License-Identifier: MIT */
/*
 * Damaged and hostile traces: each either is refused with a message or loads into a model that is
 * consistent and says that something is missing. Meant to run under the address sanitizer as well.
 */
#include "cmocka_prelude.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "load/load.h"
#include "model_check.h"
#include "report/report.h"
#include "small_trace.h"
#include "trace_builder.h"

/* Every analysis gets along with what was read. */
static void check_report(const struct run *run, const struct process *p)
{
    struct report report;
    assert_int_equal(report_build(run, p, &report), 0);
    report_free(&report);
}

static void check_run(const struct run *run)
{
    const char *wrong = model_check(run);
    if (wrong)
        fail_msg("the model is not consistent: %s", wrong);
    for (uint32_t i = 0; i < run->process_count; i++)
        check_report(run, &run->processes[i]);
}

/* Whether the model admits that not everything was read. */
static bool flagged(const struct process *p)
{
    return p->truncated || p->chunks_damaged || p->chunks_missing || p->chunks_unknown;
}

static void a_trace_cut_at_any_byte_opens_or_is_refused(void **state)
{
    (void)state;
    struct builder *b = small_trace(false);
    size_t size;
    const unsigned char *bytes = build_bytes(b, &size);
    uint64_t used = 0;
    for (size_t cut = 0; cut <= size; cut++) {
        struct run *run;
        char error[256];
        if (build_open(bytes, cut, &run, error, sizeof error) != 0) {
            assert_true(used == 0); /* only within the first chunk */
            assert_true(strlen(error) > 0);
            continue;
        }
        const struct process *p = &run->processes[0];
        check_run(run);
        assert_true(p->bytes_used >= used); /* a longer piece never holds less */
        assert_int_equal(p->truncated, p->bytes_used != cut);
        assert_int_equal(p->chunks_damaged + p->chunks_missing, 0);
        assert_int_equal(p->ended, cut == size);
        used = p->bytes_used;
        run_free(run);
    }
    assert_true(used == size);
    build_free(b);
}

static void flip_each(bool compressed, unsigned char mask)
{
    struct builder *b = small_trace(compressed);
    size_t size;
    const unsigned char *original = build_bytes(b, &size);
    unsigned char *bytes = malloc(size);
    assert_non_null(bytes);
    memcpy(bytes, original, size);
    for (size_t i = 0; i < size; i++) {
        struct run *run;
        char error[256];
        bytes[i] ^= mask;
        if (build_open(bytes, size, &run, error, sizeof error) == 0) {
            check_run(run);
            if (!flagged(&run->processes[0]))
                fail_msg("byte %zu: a change went unnoticed", i);
            run_free(run);
        } else {
            assert_true(strlen(error) > 0);
        }
        bytes[i] ^= mask;
    }
    free(bytes);
    build_free(b);
}

static void no_changed_byte_goes_unnoticed(void **state)
{
    (void)state;
    flip_each(false, 0x01);
    flip_each(false, 0x80);
    flip_each(true, 0x10);
}

/* The same with right checksums: now the contents themselves lie, one byte of them at a time. */
static void changed_contents_load_consistently(void **state)
{
    static const unsigned char masks[] = {0x01, 0x02, 0x40, 0x80, 0xff};
    (void)state;
    struct builder *b = small_trace(false);
    size_t size, loaded = 0;
    const unsigned char *original = build_bytes(b, &size);
    unsigned char *bytes = malloc(size);
    assert_non_null(bytes);
    memcpy(bytes, original, size);
    for (size_t chunk = 0, next; chunk < size; chunk = next) {
        size_t payload = chunk + sizeof(struct ouro_chunk_header);
        next = payload + bytes[chunk + 8] + ((size_t)bytes[chunk + 9] << 8);
        for (size_t i = payload; i < next; i++) {
            for (size_t m = 0; m < sizeof masks; m++) {
                struct run *run;
                char error[256];
                bytes[i] ^= masks[m];
                build_fix_checksum(bytes + chunk);
                if (build_open(bytes, size, &run, error, sizeof error) == 0) {
                    check_run(run);
                    assert_int_equal(run->processes[0].bytes_used, size);
                    run_free(run);
                    loaded++;
                }
                bytes[i] ^= masks[m];
            }
        }
        build_fix_checksum(bytes + chunk);
    }
    assert_memory_equal(bytes, original, size);
    assert_true(loaded > size);
    free(bytes);
    build_free(b);
}

static void reading_goes_on_after_damage(void **state)
{
    (void)state;
    struct builder *b = build_new();
    size_t before, after;
    build_note(b, OURO_NOTE_OTHER, "one");
    build_bytes(b, &before);
    build_note(b, OURO_NOTE_OTHER, "two");
    const unsigned char *bytes = build_bytes(b, &after);
    ((unsigned char *)(uintptr_t)bytes)[after - 1] ^= 1;
    build_note(b, OURO_NOTE_OTHER, "three");
    build_garbage(b, "OUROtrash that only looks like a chunk", 38);
    build_note(b, OURO_NOTE_OTHER, "four");
    struct run *run = build_run(b);
    const struct process *p = &run->processes[0];
    assert_int_equal(p->note_count, 3);
    assert_string_equal(p->notes[1].text, "three");
    assert_string_equal(p->notes[2].text, "four");
    assert_int_equal(p->chunks_damaged, 2);
    assert_int_equal(p->chunks_missing, 1);
    assert_int_equal(p->bytes - p->bytes_used, after - before + 38);
    assert_false(p->truncated);
    run_free(run);
    build_free(b);
}

/* A program may hold a trace in a string; where its chunk is damaged it must not be taken for ours. */
static void a_trace_inside_a_damaged_chunk_is_not_read(void **state)
{
    (void)state;
    struct builder *inner = build_new(), *b = build_new();
    size_t size, start;
    build_note(inner, OURO_NOTE_OTHER, "forged");
    const unsigned char *bytes = build_bytes(inner, &size);
    build_bytes(b, &start);
    build_chunk(b, OURO_CHUNK_NOTE, 0, 0, bytes, size);
    unsigned char *mine = (unsigned char *)(uintptr_t)build_bytes(b, &size);
    mine[start + 24] ^= 1; /* the checksum */
    build_note(b, OURO_NOTE_OTHER, "real");
    struct run *run = build_run(b);
    assert_int_equal(run->processes[0].note_count, 1);
    assert_string_equal(run->processes[0].notes[0].text, "real");
    run_free(run);
    build_free(inner);
    build_free(b);
}

static void lost_definitions_leave_the_others_in_place(void **state)
{
    (void)state;
    struct builder *b = build_new();
    size_t from, to;
    build_site(b, 0, build_function(b, "a.py", "a", 1), 1);
    build_bytes(b, &from);
    build_site(b, 1, build_function(b, "b.py", "b", 2), 2);
    unsigned char *bytes = (unsigned char *)(uintptr_t)build_bytes(b, &to);
    for (size_t i = from; i < to; i++)
        bytes[i] ^= 0x55;
    build_site(b, 2, build_function(b, "c.py", "c", 3), 3);
    struct run *run = build_run(b);
    const struct process *p = &run->processes[0];
    check_run(run);
    assert_int_equal(p->site_count, 3);
    assert_string_equal(p->functions[p->sites[1].function].file, "a.py");
    assert_int_equal(p->sites[2].function, 0);
    assert_string_equal(p->functions[2].name, "?");
    assert_string_equal(p->functions[p->sites[3].function].file, "c.py");
    assert_true(flagged(p));
    run_free(run);
    build_free(b);
}

static void a_lost_part_makes_a_snapshot_not_whole(void **state)
{
    (void)state;
    struct builder *b = build_new();
    struct builder_snapshot *s = build_snapshot(b);
    uint32_t type = build_type(s, "list", OURO_TYPE_GC);
    uint32_t first = build_object(s, type, 56, 0);
    build_element(s, first, 1, 0);
    build_snapshot_flush(s);
    build_skip(b, build_snapshot_number(s));
    build_object(s, type, 56, 0);
    build_snapshot_end(s);
    struct run *run = build_run(b);
    const struct process *p = &run->processes[0];
    check_run(run);
    assert_int_equal(p->chunks_missing, 1);
    assert_int_equal(p->snapshot_count, 1);
    assert_false(p->snapshots[0].whole);
    assert_string_equal(p->snapshots[0].text, "a part of it is damaged or missing");
    assert_null(process_last_snapshot(p));
    run_free(run);
    build_free(b);
}

/* One hostile chunk in an otherwise sound trace: loads, flagged, consistent. */
static void check_hostile(uint16_t type, uint32_t stream, const struct payload *payload)
{
    struct builder *b = small_trace(false);
    build_chunk(b, type, 0, stream, payload->bytes, payload->size);
    struct run *run = build_run(b);
    check_run(run);
    if (!flagged(&run->processes[0]))
        fail_msg("a hostile chunk of type %d went unnoticed", type);
    run_free(run);
    build_free(b);
}

static void counts_and_identifiers_that_lie_are_noticed(void **state)
{
    static const uint16_t tables[] = {OURO_CHUNK_STRINGS,         OURO_CHUNK_FUNCTIONS,
                                      OURO_CHUNK_SITES,           OURO_CHUNK_ROWS,
                                      OURO_CHUNK_TYPES,           OURO_CHUNK_SNAPSHOT_STRINGS,
                                      OURO_CHUNK_SNAPSHOT_TYPES,  OURO_CHUNK_SNAPSHOT_OBJECTS,
                                      OURO_CHUNK_SNAPSHOT_VALUES, OURO_CHUNK_SNAPSHOT_EDGES};
    static const uint64_t numbers[] = {
        2, 1000, UINT32_MAX - 1, UINT32_MAX, UINT64_C(1) << 32, UINT64_MAX};
    (void)state;
    struct payload p = {0};
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
        uint32_t stream = tables[t] >= OURO_CHUNK_SNAPSHOT_BEGIN;
        for (size_t n = 0; n < sizeof numbers / sizeof *numbers; n++) {
            payload_varint(&p, 2); /* more than there is */
            payload_varint(&p, numbers[n]);
            check_hostile(tables[t], stream, &p);
            payload_clear(&p);
            payload_varint(&p, numbers[n]);
            payload_varint(&p, 1);
            check_hostile(tables[t], stream, &p);
            payload_clear(&p);
        }
        check_hostile(tables[t], !stream, &p); /* in a stream where it has no place */
        payload_clear(&p);
    }
}

static void put_numbers(struct payload *p, const uint64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        payload_varint(p, numbers[i]);
}

static void references_out_of_their_tables_are_noticed(void **state)
{
    static const struct {
        uint16_t type;
        uint32_t stream;
        uint64_t numbers[12];
        size_t count;
    } cases[] = {
        {OURO_CHUNK_FUNCTIONS, 0, {2, 1, 1, 99, 1}, 5},         /* a string */
        {OURO_CHUNK_SITES, 0, {2, 1, 2, 1, 1, 0, 0}, 7},        /* a site as its own parent */
        {OURO_CHUNK_SITES, 0, {2, 1, 1, 99, 1, 0, 0}, 7},       /* a function */
        {OURO_CHUNK_ROWS, 0, {2, 1, 99, 64, 0}, 5},             /* a site */
        {OURO_CHUNK_TYPES, 0, {1, 1, 99}, 3},                   /* a string */
        {OURO_CHUNK_EPOCH, 0, {2, 0, 0, 0, 0, 1, 99, 1, 1}, 9}, /* a row */
        {OURO_CHUNK_EPOCH, 0, {2, 0, 0, 0, 0, 2, 1, 1, 1, 0, 1, 1}, 12},    /* a row twice */
        {OURO_CHUNK_EPOCH, 0, {2, 0, 0, 0, 0, 1, 1, 0x100}, 8},             /* an unknown field */
        {OURO_CHUNK_EPOCH, 0, {2, 0, 0, 0, 0, 1, 1, 0x80, 1, 99, 1}, 11},   /* a type */
        {OURO_CHUNK_EPOCH, 0, {2, 0, 0, 0, 0, 1, 1, 0x40, 1, 40, 1}, 11},   /* a bucket */
        {OURO_CHUNK_VALUE_SAMPLES, 0, {32768, 1, 99, 1, 1, 0}, 6},          /* a row */
        {OURO_CHUNK_VALUE_SAMPLES, 0, {32768, 0, 1, 99, 1, 1, 1, 0, 0}, 9}, /* a value's */
        {OURO_CHUNK_MODULES, 0, {4, 1, 0, 0, 0, 0, 0}, 7},   /* not the next number */
        {OURO_CHUNK_MODULES, 0, {3, 1, 0, 9, 5, 0, 0}, 7},   /* ends before it starts */
        {OURO_CHUNK_NATIVE_STACKS, 0, {4, 1, 99, 0}, 4},     /* a site */
        {OURO_CHUNK_NATIVE_STACKS, 0, {4, 1, 1, 1000}, 4},   /* addresses */
        {OURO_CHUNK_NATIVE, 0, {1, 1, 1, 9, 1, 1, 0, 0}, 8}, /* a stack */
        {OURO_CHUNK_NATIVE, 0, {1, 1, 1, 1, 1, 0, 0, 0}, 8}, /* fewer births than before */
        {OURO_CHUNK_NATIVE_KINDS, 0, {1, 9, 1}, 3},          /* a stack */
        {OURO_CHUNK_SNAPSHOT_TAKEN, 0, {0, 1, 1, 1}, 4},
        {OURO_CHUNK_SNAPSHOT_TAKEN, 0, {UINT32_MAX, 1, 1, 1}, 4},
        {OURO_CHUNK_SNAPSHOT_TYPES, 1, {3, 1, 99, 0, 0, 0}, 6},                 /* a string */
        {OURO_CHUNK_SNAPSHOT_ROOTS, 1, {1, 1, 0, 99, 0, 0, 0}, 7},              /* a string */
        {OURO_CHUNK_SNAPSHOT_MEMBERS, 1, {1, 0, 99}, 3},                        /* a value */
        {OURO_CHUNK_SNAPSHOT_MEMBERS, 1, {1, 0, 1}, 3},                         /* out of order */
        {OURO_CHUNK_SNAPSHOT_SPARE, 1, {1, 5, 1, 64, 0}, 5},                    /* an object */
        {OURO_CHUNK_SNAPSHOT_SPARE, 1, {2, 1, 1, 64, 0, 0, 1, 64, 0}, 9},       /* twice */
        {OURO_CHUNK_SNAPSHOT_SPARE, 1, {1, 1, 1, UINT64_C(1) << 49, 0}, 5},     /* its bytes */
        {OURO_CHUNK_SNAPSHOT_MEMORY, 1, {4096, 9}, 2},                          /* kinds */
        {OURO_CHUNK_SNAPSHOT_MEMORY, 1, {4096, 2, 1, 1, 1, 1, 1, 1, 1, 1}, 10}, /* one twice */
        {OURO_CHUNK_SNAPSHOT_MEMORY, 1, {4096, 1, 1, UINT64_MAX, 1, 1, 0}, 7},  /* its bytes */
        {OURO_CHUNK_SNAPSHOT_MEMORY, 1, {4096, 0, 1, 16, 1, 2, 1}, 7},          /* a pool */
        {OURO_CHUNK_SNAPSHOT_UNREACHED, 1, {0, 0, 5, 100, 5, 90}, 6},           /* a second one */
        {OURO_CHUNK_SNAPSHOT_UNREACHED_BLOCKS, 1, {4, 1, 1 << 20, 0, 0, 0}, 6}, /* more than said */
        {OURO_CHUNK_SNAPSHOT_UNREACHED_BLOCKS, 1, {4, 0, 1, 9, 0}, 5},          /* no such block */
        {OURO_CHUNK_SNAPSHOT_BEGIN, 1, {1, 8, 1}, 3}, /* a second beginning */
        {OURO_CHUNK_PROCESS, 0, {1, 8, 1}, 3},
        {OURO_CHUNK_SNAPSHOT_END, UINT32_MAX, {0}, 0}, /* a snapshot number beyond the limit */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct payload p = {0};
        put_numbers(&p, cases[i].numbers, cases[i].count);
        check_hostile(cases[i].type, cases[i].stream, &p);
        payload_clear(&p);
    }
}

/* Blocks that nothing leads to are no more, and not larger, than is said before of all. */
static void leaked_blocks_that_lie_are_noticed(void **state)
{
    static const struct {
        uint64_t totals[6], blocks[12];
        size_t count;
        bool damaged;
    } cases[] = {
        {{0, 0, 5, 100, 5, 90}, {0, 2, 16, 30, 0, 64, 60, 0, 0}, 9, false},
        {{0, 0, 5, 100, 6, 90}, {0, 0, 0}, 3, true},                       /* more than all */
        {{0, 0, 5, 100, 5, 101}, {0, 0, 0}, 3, true},                      /* more bytes */
        {{0, 0, 5, 100, 1, 90}, {0, 2, 16, 30, 0, 64, 60, 0, 0}, 9, true}, /* than said: blocks */
        {{0, 0, 5, 100, 5, 90}, {0, 2, 16, 31, 0, 64, 60, 0, 0}, 9, true}, /* and bytes */
        {{0, 0, 5, 100, 5, 90}, {0, 2, 16, 30, 0, 0, 60, 0, 0}, 9, true},  /* at one place */
        {{0, 0, 5, 100, 5, 90}, {0, 1, 16, 30, 1, 31, 0}, 7, true},        /* asked for more */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct builder *b = build_new();
        struct builder_snapshot *s = build_snapshot(b);
        struct payload p = {0};
        build_snapshot_flush(s);
        put_numbers(&p, cases[i].totals, 6);
        build_chunk(b, OURO_CHUNK_SNAPSHOT_UNREACHED, 0, 1, p.bytes, p.size);
        payload_clear(&p);
        put_numbers(&p, cases[i].blocks, cases[i].count);
        build_chunk(b, OURO_CHUNK_SNAPSHOT_UNREACHED_BLOCKS, 0, 1, p.bytes, p.size);
        payload_clear(&p);
        build_snapshot_end(s);
        build_end(b, 0);
        struct run *run = build_run(b);
        check_run(run);
        assert_int_equal(flagged(&run->processes[0]), cases[i].damaged);
        run_free(run);
        build_free(b);
    }
}

/* What is changed by these tests is whole. */
static void the_small_trace_has_all_that_it_says(void **state)
{
    (void)state;
    for (unsigned compressed = 0; compressed < 2; compressed++) {
        struct builder *b = small_trace(compressed);
        struct run *run = build_run(b);
        const struct process *p = &run->processes[0];
        check_run(run);
        assert_false(flagged(p));
        assert_true(p->snapshots[0].whole);
        assert_int_equal(p->module_count, 2);
        assert_int_equal(p->native_count, 3);
        assert_int_equal(p->native_stacks[1].kind, OURO_NATIVE_MAPPING);
        assert_int_equal(p->native_stacks[0].counts.births, 5 * OURO_SAMPLE_UNIT);
        assert_int_equal(p->snapshots[0].unreached.count, 4);
        assert_int_equal(p->snapshots[0].unreached.lead_count, 3);
        run_free(run);
        build_free(b);
    }
}

/* Writes a chunk of one object; every column is one varint, which the test may replace. */
static void one_object(struct builder *b, uint32_t stream, const uint64_t columns[10])
{
    struct payload p = {0};
    payload_varint(&p, 5); /* the small trace has 5 */
    payload_varint(&p, 1);
    for (unsigned i = 0; i < OURO_COLUMN_COUNT; i++) {
        struct payload column = {0};
        payload_varint(&column, columns[i]);
        payload_part(&p, &column);
        payload_clear(&column);
    }
    build_chunk(b, OURO_CHUNK_SNAPSHOT_OBJECTS, 0, stream, p.bytes, p.size);
    payload_clear(&p);
}

static void objects_that_lie_are_noticed(void **state)
{
    static const struct {
        unsigned column;
        uint64_t value;
        bool at_end; /* only noticed when all was read */
    } lies[] = {
        {OURO_COLUMN_TYPE, 0, false},
        {OURO_COLUMN_TYPE, 99, false},
        {OURO_COLUMN_SIZE, UINT64_MAX, false},
        {OURO_COLUMN_ROW, UINT64_MAX, false},
        {OURO_COLUMN_ROW, 99, true},
        {OURO_COLUMN_BIRTH, 1, false}, /* −1 */
        {OURO_COLUMN_EDGES, 0, false},
        {OURO_COLUMN_EDGES, 2, false},
        {OURO_COLUMN_EDGES, UINT64_MAX, false},
        {OURO_COLUMN_TARGET, 13, false}, /* −7 */
        {OURO_COLUMN_TARGET, UINT64_MAX, false},
        {OURO_COLUMN_TARGET, 100, true},
        {OURO_COLUMN_LABEL, OURO_LABEL_ATTRIBUTE | 99u << OURO_LABEL_SHIFT, false},
        {OURO_COLUMN_LABEL, UINT64_C(1) << 32, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        uint64_t columns[10] = {0, 1, 64, 1, 1, 1, 2, 1, 1, 0};
        struct builder *b = small_trace(false);
        columns[lies[i].column] = lies[i].value;
        one_object(b, 1, columns);
        struct run *run = build_run(b);
        const struct process *p = &run->processes[0];
        check_run(run);
        assert_int_equal(p->snapshots[0].object_count, lies[i].at_end ? 6 : 5);
        assert_int_equal(p->chunks_damaged, lies[i].at_end ? 0 : 1);
        assert_false(p->snapshots[0].whole);
        run_free(run);
        build_free(b);
    }
}

/* Bytes of the process's address space that grew while a run was open, roughly. */
static size_t peak_memory(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (size_t)usage.ru_maxrss * 1024;
}

static void memory_follows_the_file_not_its_claims(void **state)
{
    (void)state;
    size_t before = peak_memory();
    for (int i = 0; i < 50; i++) {
        struct builder *b = small_trace(false);
        struct payload p = {0};
        payload_varint(&p, 2);
        payload_varint(&p, UINT32_MAX - 2);
        build_chunk(b, OURO_CHUNK_SITES, 0, 0, p.bytes, p.size);
        payload_clear(&p);
        payload_varint(&p, UINT32_MAX - 2);
        payload_varint(&p, 0);
        build_chunk(b, OURO_CHUNK_ROWS, 0, 0, p.bytes, p.size);
        payload_clear(&p);
        struct run *run = build_run(b);
        assert_int_equal(run->processes[0].chunks_damaged, 2);
        run_free(run);
        build_free(b);
    }
    assert_true(peak_memory() - before < (size_t)64 << 20);
}

/* A file of nothing but the beginnings of huge chunks must not be hashed once for each. */
static void false_chunks_take_linear_time(void **state)
{
    enum { COUNT = 1 << 18 };
    (void)state;
    struct builder *b = build_new();
    build_note(b, OURO_NOTE_OTHER, "one");
    unsigned char header[32] = {'O', 'U', 'R', 'O', OURO_CHUNK_NOTE};
    header[10] = header[14] = 0x40; /* 4 MiB */
    for (int i = 0; i < COUNT; i++)
        build_garbage(b, header, sizeof header);
    struct rusage start, stop;
    getrusage(RUSAGE_SELF, &start);
    struct run *run = build_run(b);
    getrusage(RUSAGE_SELF, &stop);
    assert_int_equal(run->processes[0].note_count, 1);
    assert_true(flagged(&run->processes[0]));
    assert_true(stop.ru_utime.tv_sec - start.ru_utime.tv_sec < 10); /* unbounded: hours */
    run_free(run);
    build_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_cut_at_any_byte_opens_or_is_refused),
        cmocka_unit_test(no_changed_byte_goes_unnoticed),
        cmocka_unit_test(changed_contents_load_consistently),
        cmocka_unit_test(reading_goes_on_after_damage),
        cmocka_unit_test(a_trace_inside_a_damaged_chunk_is_not_read),
        cmocka_unit_test(lost_definitions_leave_the_others_in_place),
        cmocka_unit_test(a_lost_part_makes_a_snapshot_not_whole),
        cmocka_unit_test(counts_and_identifiers_that_lie_are_noticed),
        cmocka_unit_test(the_small_trace_has_all_that_it_says),
        cmocka_unit_test(references_out_of_their_tables_are_noticed),
        cmocka_unit_test(leaked_blocks_that_lie_are_noticed),
        cmocka_unit_test(objects_that_lie_are_noticed),
        cmocka_unit_test(memory_follows_the_file_not_its_claims),
        cmocka_unit_test(false_chunks_take_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

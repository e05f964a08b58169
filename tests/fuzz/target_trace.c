/* SPDX-License-Identifier: MIT */
/*
 * Loading one trace: whatever is in it, the model is consistent, and the memory it takes is bounded by
 * the file's size. Every snapshot is loaded once by itself.
 */
#include "fuzz.h"
#include "load/load.h"
#include "load/snapshot_set.h"
#include "memory_peak.h"
#include "model_check.h"
#include "ouro/trace.h"

/* docs/reliability.md. The second is for files in which nothing is compressed. */
#define LOAD_CONSTANT ((size_t)40 << 20)
#define LOAD_FACTOR ((size_t)8192)
#define LOAD_CONSTANT_RAW ((size_t)2 << 20)
#define LOAD_FACTOR_RAW ((size_t)1024)

/* Whether a chunk says that it is compressed, or may say so. */
static bool is_compressed(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i + sizeof(struct ouro_chunk_header) <= size; i++) {
        if (data[i] == 'O' && data[i + 1] == 'U' && data[i + 2] == 'R' && data[i + 3] == 'O' &&
            (data[i + 6] & OURO_CHUNK_ZSTD))
            return true;
    }
    return false;
}

static void check_snapshots(const struct process *p)
{
    char error[256];
    for (uint32_t i = 0; i < p->snapshot_count && i < 4; i++) {
        struct snapshot_set set;
        uint32_t number = p->snapshots[i].number;
        if (snapshot_set_load(p, &number, 1, &set, error, sizeof error) == 0) {
            for (uint32_t s = 0; s < set.count; s++) {
                const char *wrong = model_check_snapshot(p, &set.snapshots[s]);
                if (wrong)
                    fuzz_fail("trace: snapshot %u alone: %s", (unsigned)number, wrong);
            }
        }
        snapshot_set_free(&set);
    }
}

void fuzz_trace(const uint8_t *data, size_t size)
{
    char error[256] = "";
    struct run *run;
    if (size > FUZZ_INPUT_MOST)
        return;
    bool compressed = is_compressed(data, size);
    size_t most = compressed ? LOAD_CONSTANT + LOAD_FACTOR * size
                             : LOAD_CONSTANT_RAW + LOAD_FACTOR_RAW * size;
    memory_peak_begin();
    int result = run_open(fuzz_file(0, data, size), &run, error, sizeof error);
    if (memory_peak() > most)
        fuzz_fail("trace: %zu bytes of memory for a file of %zu", memory_peak(), size);
    if (result != 0) {
        if (!*error || run)
            fuzz_fail("trace: refused without a message");
        fuzz_check_text("trace: the message", error, __builtin_strlen(error));
        return;
    }
    const char *wrong = model_check(run);
    if (wrong)
        fuzz_fail("trace: %s", wrong);
    if (run->process_count)
        check_snapshots(&run->processes[0]);
    run_free(run);
}

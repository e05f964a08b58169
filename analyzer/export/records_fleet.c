/* SPDX-License-Identifier: MIT */
/* Records of many runs in one table: what a run is compared by, with the run in each row. */
#include <inttypes.h>
#include <string.h>
#include <time.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "compare/digest_report.h"
#include "export/records.h"

struct identity {
    char run[17], started[32];
    const char *program, *runtime;
};

/* What was run, without the folder and without its arguments, which may be anybody's secrets. */
static const char *program_of(const struct process *p)
{
    const char *name = p->executable;
    for (uint32_t a = 1; a < p->argument_count; a++) {
        const char *word = p->arguments[a];
        bool module = strcmp(word, "-m") == 0 && a + 1 < p->argument_count;
        if (*word == '-' && !module && strcmp(word, "-c") != 0)
            continue;
        name = module ? p->arguments[a + 1] : word;
        break;
    }
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

/* A number that no other run has, and the same each time it is exported. */
static void identify(const struct run *run, const struct digest *digest, struct identity *identity)
{
    const struct process *p = &run->processes[0];
    const struct epoch *last = p->epoch_count ? &p->epochs[p->epoch_count - 1] : NULL;
    const struct snapshot *snapshot = process_last_snapshot(p);
    uint64_t key[] = {p->wall,
                      p->pid,
                      p->bytes,
                      run->process_count,
                      last ? last->clock : 0,
                      last ? last->time : 0,
                      snapshot ? snapshot->object_count : 0};
    *identity = (struct identity){.program = program_of(p), .runtime = digest->runtime};
    snprintf(identity->run, sizeof identity->run, "%016" PRIx64,
             (uint64_t)XXH3_64bits(key, sizeof key));
    time_t seconds = (time_t)(p->wall / 1000000000u);
    struct tm parts;
    if (p->wall && gmtime_r(&seconds, &parts))
        strftime(identity->started, sizeof identity->started, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

/* Why an entry is no leak, or which kind; NULL where there is nothing to say. */
static const char *state_of(const struct digest_item *item)
{
    return item->flags & DIGEST_PENDING         ? "pending"
           : item->flags & DIGEST_UNCOLLECTABLE ? "uncollectable"
           : item->flags & DIGEST_RELEASED      ? "released"
           : item->subject == DIGEST_CYCLE      ? "garbage"
                                                : NULL;
}

/* Whether it is a finding: of figures only totals, so that every run has rows. */
static bool is_finding(const struct digest_item *item)
{
    switch (item->subject) {
    case DIGEST_TOTAL:
    case DIGEST_CYCLE:
    case DIGEST_HELD:
    case DIGEST_LEAK:
    case DIGEST_NATIVE_SUSPECT:
    case DIGEST_SUSPECT:
    case DIGEST_DUPLICATES:
        return true;
    case DIGEST_TEST:
        return item->count.high != 0;
    default:
        return false;
    }
}

static struct cell text_or_null(const char *text)
{
    return text && *text ? cell_text(text) : cell_null();
}

int records_fleet(FILE *out, enum record_form form, const struct run *run, bool findings)
{
    static const char *const fields[] = {
        "run",  "started", "program",  "runtime", "sampled", "damaged", "subject", "key",
        "file", "line",    "function", "count",   "bytes",   "state",   "detail",  "hint"};
    static const struct record_kind kind = {.fields = fields,
                                            .count = sizeof fields / sizeof *fields};
    struct digest digest;
    struct identity identity;
    int status = digest_of_run(run, &digest);
    if (status < 0)
        goto out;
    struct record_writer writer = record_begin(out, form, &kind);
    identify(run, &digest, &identity);
    for (uint32_t i = 0; i < digest.count; i++) {
        const struct digest_item *item = &digest.items[i];
        bool placed = item->place.file && *item->place.file;
        if (findings && !is_finding(item))
            continue;
        const struct cell cells[] = {
            cell_text(identity.run),
            text_or_null(identity.started),
            cell_text(identity.program),
            text_or_null(identity.runtime),
            cell_flag(digest.sampled),
            cell_flag(digest.damaged),
            cell_text(digest_subject_name(item->subject)),
            cell_text(item->key),
            placed ? cell_text(item->place.file) : cell_null(),
            placed ? cell_number(item->place.line) : cell_null(),
            placed ? cell_text(item->place.function) : cell_null(),
            cell_number(item->count.high),
            cell_number(item->bytes.high),
            text_or_null(state_of(item)),
            text_or_null(item->detail),
            text_or_null(item->hint),
        };
        record_write(&writer, cells);
    }
    status = digest.damaged ? 1 : 0;
out:
    digest_free(&digest);
    return status;
}

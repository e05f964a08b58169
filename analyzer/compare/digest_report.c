/* SPDX-License-Identifier: MIT */
#include "compare/digest_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/digest_alive.h"
#include "compare/digest_native.h"
#include "compare/fingerprint.h"
#include "compare/source_lines.h"
#include "growth/growth_name.h"
#include "text/utf8.h"

#define DUPLICATES_LEAST 4096u

static struct range exactly(uint64_t n)
{
    return (struct range){n, n};
}

static bool total_add(struct digest *digest, enum digest_total total, uint64_t count,
                      uint64_t bytes)
{
    const struct digest_item item = {.subject = DIGEST_TOTAL,
                                     .key = digest_total_name(total),
                                     .count = exactly(count),
                                     .bytes = exactly(bytes)};
    return digest_add(digest, &item);
}

static bool totals_add(const struct report *report, struct digest *digest)
{
    const struct garbage *g = &report->garbage;
    const struct timeline *t = &report->timeline;
    uint64_t dead = 0, dead_bytes = 0;
    for (unsigned class = CLASS_LIVE + 1; class < CLASS_COUNT; class ++) {
        dead += g->objects[class];
        dead_bytes += g->bytes[class];
    }
    if (report->snapshot && !total_add(digest, TOTAL_ALIVE, report->heap.objects - dead,
                                       report->heap.bytes - dead_bytes))
        return false;
    if (t->peak != NO_ID &&
        !total_add(digest, TOTAL_PEAK, t->points[t->peak].blocks, t->points[t->peak].bytes))
        return false;
    return total_add(digest, TOTAL_ALLOCATIONS, report->churn.allocations, report->churn.bytes) &&
           total_add(digest, TOTAL_COLLECTIONS, report->collector.all.runs, 0) &&
           total_add(digest, TOTAL_PROCESSES, 1, 0);
}

/* "A .b → list [*] → back" */
static const char *path_text(const struct cycle_group *group, struct arena *arena)
{
    size_t room = 64;
    for (uint32_t i = 0; i < group->path_count; i++)
        room += strlen(group->path[i].type) + strlen(group->path[i].edge) + 8;
    char *text = arena_room(arena, room), *at = text;
    if (!text)
        return NULL;
    for (uint32_t i = 0; i < group->path_count; i++) {
        const struct cycle_step *step = &group->path[i];
        at += sprintf(at, "%s%s%s → ", step->type, *step->edge ? " " : "", step->edge);
    }
    stpcpy(at, group->path_count < group->path_length ? "… → back" : "back");
    return fingerprint_text(text, arena);
}

static bool cycles_add(const struct report *report, const struct source_lines *lines,
                       struct digest *digest)
{
    for (uint32_t i = 0; i < report->cycles.group_count; i++) {
        const struct cycle_group *g = &report->cycles.groups[i];
        if (g->verdict == VERDICT_EXTERNALLY_HELD) /* the leaked references tell of them */
            continue;
        struct digest_item item = {
            .subject = DIGEST_CYCLE,
            .key = g->signature,
            .count = exactly(g->count),
            .bytes = exactly(g->bytes),
            .flags = (g->pending ? DIGEST_PENDING : 0u) |
                     (g->verdict == VERDICT_UNCOLLECTABLE ? DIGEST_UNCOLLECTABLE : 0u),
            .detail = path_text(g, digest->arena),
            .hint = g->fix.hint ? g->fix.hint : g->fix.reason,
        };
        if (g->site_count)
            item.place = lines->places[lines->of_site[g->sites[0].site]];
        if (!item.detail || !digest_add(digest, &item))
            return false;
    }
    return true;
}

static bool held_add(const struct report *report, const struct source_lines *lines,
                     struct digest *digest)
{
    const struct held *held = &report->cycles.held;
    for (uint32_t i = 0; i < held->group_count; i++) {
        const struct held_group *g = &held->groups[i];
        const struct digest_item item = {
            .subject = DIGEST_HELD,
            .key = g->type,
            .place = lines->places[lines->of_site[g->site]],
            .count = exactly(g->count),
            .bytes = exactly(g->bytes),
            .detail = g->reason,
            .hint = g->hint,
        };
        if (!digest_add(digest, &item))
            return false;
    }
    return true;
}

static bool suspects_add(const struct report *report, const struct source_lines *lines,
                         struct digest *digest)
{
    for (uint32_t i = 0; i < report->growth.suspect_count; i++) {
        const struct growth_suspect *s = &report->growth.suspects[i];
        const char *type = s->type ? s->type : "objects";
        bool held = s->container != NO_ID && s->path.name;
        struct digest_item item = {
            .subject = DIGEST_SUSPECT,
            .key = s->signature,
            .count = exactly(s->objects),
            .bytes = exactly(s->bytes),
            .flags = s->released ? DIGEST_RELEASED : 0,
            .detail = fingerprint_pair(held ? s->path.name : "more and more",
                                       held ? growth_verb(s) : " ", type, digest->arena),
            .hint = s->hint,
        };
        if (s->site_count)
            item.place = lines->places[lines->of_site[s->sites[0].site]];
        if (!item.detail || !digest_add(digest, &item))
            return false;
    }
    return true;
}

/* Every test, those that leak nothing as well: a result has a case for each. */
static bool tests_add(const struct report *report, const struct source_lines *lines,
                      struct digest *digest)
{
    for (uint32_t i = 0; i < report->units.count; i++) {
        const struct unit *unit = &report->units.items[i];
        bool leaks = unit->verdict == UNIT_LEAKS;
        const struct unit_remains *worst = leaks && unit->remain_count ? &unit->remains[0] : NULL;
        struct digest_item item = {
            .subject = DIGEST_TEST,
            .key = unit->name,
            .count = exactly(leaks ? unit->leaked : 0),
            .bytes = exactly(leaks ? unit->leaked_bytes : 0),
        };
        if (worst) {
            bool held = worst->holder && *worst->holder;
            const char *holder = held ? fingerprint_path(worst->holder, digest->arena) : "";
            item.place = lines->places[lines->of_site[worst->site]];
            item.detail = holder ? fingerprint_pair(worst->type ? worst->type : "objects",
                                                    held ? " kept by " : "", holder, digest->arena)
                                 : NULL;
        }
        if ((worst && !item.detail) || !digest_add(digest, &item))
            return false;
    }
    return true;
}

static bool made_add(const struct report *report, const struct source_lines *lines,
                     struct digest *digest)
{
    for (uint32_t i = 0; i < report->churn.site_count; i++) {
        const struct churn_site *site = &report->churn.sites[i];
        uint32_t line = lines->of_site[site->site];
        const struct digest_item item = {
            .subject = DIGEST_MADE,
            .key = site->type ? site->type : "(not known)",
            .place = lines->places[line],
            .count = exactly(site->allocations),
            .bytes = exactly(site->bytes),
            .flags = lines->library[line] ? DIGEST_LIBRARY : 0,
        };
        if (!digest_add(digest, &item))
            return false;
    }
    return true;
}

static bool retained_add(const struct report *report, struct digest *digest)
{
    if (report->retained.more && report->retained.count)
        digest->least[DIGEST_RETAINED] =
            (struct digest_least){1, report->retained.entries[report->retained.count - 1].retained};
    for (uint32_t i = 0; i < report->retained.count; i++) {
        const struct retained_entry *e = &report->retained.entries[i];
        const char *name = *e->name == '(' ? NULL : fingerprint_text(e->name, digest->arena);
        if (*e->name == '(')
            continue;
        const struct digest_item item = {
            .subject = DIGEST_RETAINED,
            .key = name,
            .count = exactly(1),
            .bytes = exactly(e->retained),
            .detail = e->type,
        };
        if (!name || !digest_add(digest, &item))
            return false;
    }
    return true;
}

static bool duplicates_add(const struct report *report, const struct source_lines *lines,
                           struct digest *digest)
{
    digest->least[DIGEST_DUPLICATES] =
        (struct digest_least){DUPLICATES_LEAST / 16, DUPLICATES_LEAST};
    for (uint32_t i = 0; i < report->interning.group_count; i++) {
        const struct interning_group *g = &report->interning.groups[i];
        /* Not by advice, which has a threshold to flicker at; what no program can change is left out. */
        if (g->net_bytes < DUPLICATES_LEAST || g->fix.kind == FIX_NONE)
            continue;
        struct digest_item item = {
            .subject = DIGEST_DUPLICATES,
            .key = fingerprint_pair(g->type, " in ", g->holder, digest->arena),
            .count = exactly(g->copies - g->distinct),
            .bytes = exactly(g->net_bytes),
            .hint = g->fix.text,
        };
        if (g->site_count)
            item.place = lines->places[lines->of_site[g->sites[0].site]];
        if (!item.key || !digest_add(digest, &item))
            return false;
    }
    return true;
}

static bool collected_add(const struct report *report, struct digest *digest)
{
    for (uint32_t i = 0; i < report->collector.type_count; i++) {
        const struct collected_type *t = &report->collector.types[i];
        const struct digest_item item = {.subject = DIGEST_COLLECTED,
                                         .key = t->type ? t->type : "(not known)",
                                         .count = exactly(t->objects),
                                         .bytes = exactly(t->bytes)};
        if (!digest_add(digest, &item))
            return false;
    }
    return true;
}

/* Of several processes each notice says whose it is; what they say of each other is left out. */
static bool notices_add(const struct report *report, struct digest *digest)
{
    bool several = report->run->process_count > 1;
    for (uint32_t i = 0; i < report->notice_count; i++) {
        const char *notice = report->notices[i];
        bool others = strncmp(notice, "process ", 8) == 0 ||
                      strncmp(notice, "the trace of process ", 21) == 0;
        bool of_run = strncmp(notice, "not read: ", 10) == 0;
        char text[1200];
        if (several && others)
            continue;
        snprintf(text, sizeof text, "process %" PRIu64 ": %s", report->process->pid, notice);
        utf8_finish(text, sizeof text);
        if (!digest_notice(digest, several && !of_run ? text : notice))
            return false;
    }
    return true;
}

int digest_of_report(const struct report *report, struct digest *digest)
{
    const struct process *process = report->process;
    struct source_lines lines = {0};
    char runtime[256];
    bool ok = digest_begin(digest) == 0 && source_lines_build(process, &report->sites, &lines) == 0;
    if (!ok)
        goto out;
    snprintf(runtime, sizeof runtime, "%s %s", process->runtime, process->runtime_version);
    utf8_finish(runtime, sizeof runtime);
    digest->runtime = arena_copy(digest->arena, runtime, strlen(runtime));
    digest->known = (report->snapshot ? DIGEST_OF_RUN : DIGEST_OF_LEDGER) &
                    ~(1u << DIGEST_NATIVE | 1u << DIGEST_LEAK | 1u << DIGEST_NATIVE_SUSPECT);
    digest->wall = process->wall;
    digest->damaged = report->damaged;
    digest->sampled = process->sample != 0;
    ok = digest->runtime && totals_add(report, digest) && made_add(report, &lines, digest) &&
         collected_add(report, digest);
    if (ok && report->snapshot)
        ok = cycles_add(report, &lines, digest) && held_add(report, &lines, digest) &&
             suspects_add(report, &lines, digest) && tests_add(report, &lines, digest) &&
             retained_add(report, digest) && duplicates_add(report, &lines, digest) &&
             digest_add_alive(report, &lines, digest) == 0;
    ok = ok && (!report->native.list || digest_add_native(report, &lines, digest) == 0) &&
         notices_add(report, digest);
    digest_sort(digest);
out:
    source_lines_free(&lines);
    return ok ? 0 : -1;
}

int digest_processes(const struct run *run, struct digest *processes)
{
    int status = 0;
    for (uint32_t i = 0; i < run->process_count; i++)
        processes[i] = (struct digest){0};
    for (uint32_t i = 0; i < run->process_count && status == 0; i++) {
        struct report report;
        status = report_build(run, &run->processes[i], &report);
        if (status == 0 && report.process->native_sample)
            status = report_add_native(&report);
        if (status == 0)
            status = digest_of_report(&report, &processes[i]);
        report_free(&report);
    }
    return status;
}

int digest_of_run(const struct run *run, struct digest *digest)
{
    struct digest *processes = calloc(run->process_count, sizeof *processes);
    *digest = (struct digest){0};
    int status = processes ? digest_processes(run, processes) : -1;
    if (status == 0)
        status = digest_join(processes, run->process_count, DIGEST_SUM, digest);
    for (uint32_t i = 0; processes && i < run->process_count; i++)
        digest_free(&processes[i]);
    free(processes);
    return status;
}

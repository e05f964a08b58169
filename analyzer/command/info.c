/* SPDX-License-Identifier: MIT */
/* `ouro info`: what a run or trace holds, and whether all of it could be read. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "command/info_chunks.h"
#include "command/info_json.h"
#include "command/options.h"
#include "load/load.h"
#include "model/precision.h"
#include "text/human.h"
#include "trace/trace_names.h"

/* A test suite has thousands. */
#define MARKS_SHOWN 4u

/* A count of the ledger, marked as the estimate that it is of a sample. */
static struct human ledger_count(const struct process *p, uint64_t count)
{
    return p->sample ? human_about(count) : human_count(count);
}

/* How far allocation sites and counts can be relied on. */
static void print_precision(const struct process *p)
{
    uint64_t lost = precision_lost(p), folded = precision_folded(p);
    if (p->sample)
        printf("  stacks      sampled: one allocation in %s of memory, figures are estimates\n",
               human_bytes(p->sample).text);
    else if (p->flags & OURO_PROCESS_APPROXIMATE)
        puts("  stacks      approximate: recycled blocks keep their first allocation");
    else if (lost != PRECISION_KEPT)
        printf("  stacks      approximate from +%s: recycled blocks keep an earlier allocation\n",
               human_duration(lost).text);
    else
        puts("  stacks      exact");
    if (folded)
        printf("              recursion is folded into %s sites\n", human_count(folded).text);
    if (p->life_count)
        printf("  lives       %s, one by one (ouro export --what lives)\n",
               human_count(p->life_count).text);
}

static void print_runtime(const struct process *p)
{
    printf("  runtime     %s %s, %s\n", *p->runtime ? p->runtime : "not known", p->runtime_version,
           p->executable);
    if (*p->build)
        printf("              %s\n", p->build);
    print_precision(p);
    if (p->flags & OURO_PROCESS_NO_VALUES)
        puts("  values      withheld");
}

static void print_times(const struct process *p)
{
    printf("  started     %s%s in %s\n", human_time(p->wall).text,
           p->origin == OURO_ORIGIN_FORK ? " by fork" : "", p->directory);
    if (*p->parent_trace)
        printf("  parent      pid %" PRIu64 ", %s\n", p->parent_pid, p->parent_trace);
    if (!p->ended) {
        puts("  ended       did not end in an orderly way: killed, crashed or still running");
        return;
    }
    printf("  ended       %s after %s", end_reason_name(p->end_reason),
           human_duration(p->end_time).text);
    if (p->exit_status_known)
        printf(", status %d", p->exit_status);
    putchar('\n');
    if (p->peak_rss)
        printf("  memory      %s at the peak, of which the recorder held %s at the end\n",
               human_bytes(p->peak_rss).text, human_bytes(p->own_bytes).text);
}

static void print_ledger(const struct process *p)
{
    struct event_counts events = precision_events(p);
    printf("  events      %s births, %s deaths (%s by reference count, %s by the collector, %s at "
           "shutdown)\n",
           ledger_count(p, events.births).text,
           ledger_count(p, events.deaths[0] + events.deaths[1] + events.deaths[2]).text,
           ledger_count(p, events.deaths[0]).text, ledger_count(p, events.deaths[1]).text,
           ledger_count(p, events.deaths[2]).text);
    printf("  ledger      %s epochs, %s rows, %s sites, %s functions\n",
           human_count(p->epoch_count).text, human_count(p->row_count).text,
           human_count(p->site_count).text, human_count(p->function_count).text);
    if (p->collection_count)
        printf("  collector   %s runs recorded\n", human_count(p->collection_count).text);
    for (uint32_t i = 0; i < p->mark_count && i < MARKS_SHOWN; i++)
        printf("  mark        +%s: %s\n", human_duration(p->marks[i].time).text, p->marks[i].name);
    if (p->mark_count > MARKS_SHOWN)
        printf("              %s more marks\n", human_count(p->mark_count - MARKS_SHOWN).text);
    if (p->child_count)
        printf("  children    %s started\n", human_count(p->child_count).text);
}

static void print_snapshot(const struct snapshot *s)
{
    printf("  snapshot %-2" PRIu32 " +%s, %s", s->number, human_duration(s->time).text,
           snapshot_reason_name(s->reason));
    if (s->objects != UINT64_MAX)
        printf(", %s objects", human_count(s->objects).text);
    if (s->bytes != UINT64_MAX)
        printf(", %s", human_bytes(s->bytes).text);
    if (s->pause)
        printf(", pause %s", human_duration(s->pause).text);
    putchar('\n');
    if (!s->whole)
        printf("              incomplete: %s\n", s->text);
    else if (s->status != OURO_SNAPSHOT_COMPLETE)
        printf("              incomplete: %s%s%s\n", snapshot_status_name(s->status),
               *s->text ? ", " : "", s->text);
}

static void print_integrity(const struct process *p)
{
    printf("  trace       %s, %s in %s chunks\n", p->file, human_bytes(p->bytes).text,
           human_count(p->chunks).text);
    if (p->truncated)
        printf("  incomplete  truncated: the file ends inside a chunk, the last %s are left out\n",
               human_bytes(p->bytes - p->bytes_used).text);
    if (p->chunks_damaged)
        printf("  incomplete  damaged in %s place%s; the first: %s\n",
               human_count(p->chunks_damaged).text, p->chunks_damaged == 1 ? "" : "s", p->damage);
    if (p->chunks_missing)
        printf("  incomplete  %s chunk%s missing from the sequence\n",
               human_count(p->chunks_missing).text, p->chunks_missing == 1 ? " is" : "s are");
    if (p->chunks_unknown)
        printf("  unknown     %s chunk%s of a newer ouro left out\n",
               human_count(p->chunks_unknown).text, p->chunks_unknown == 1 ? "" : "s");
}

static void print_process(const struct process *p)
{
    printf("\nprocess %" PRIu64 " ", p->pid);
    for (uint32_t i = 0; i < p->argument_count; i++)
        printf(" %s", p->arguments[i]);
    putchar('\n');
    print_integrity(p);
    print_runtime(p);
    print_times(p);
    print_ledger(p);
    for (uint32_t i = 0; i < p->snapshot_count; i++)
        print_snapshot(&p->snapshots[i]);
    if (p->shape_count)
        printf("  shapes      %s collections were looked at before they ran\n",
               human_count(p->shape_count).text);
    if (!process_last_snapshot(p))
        puts("  snapshots   none that is whole");
    for (uint32_t i = 0; i < p->note_count; i++)
        printf("  note        %s: %s\n", note_name(p->notes[i].code), p->notes[i].text);

    struct chunk_census census;
    if (!info_chunks(p, &census))
        return;
    for (size_t i = 0; i < census.count; i++)
        printf("  %s%-20s %10s chunk%s %12s%s%s\n", i ? "            " : "chunks      ",
               census.types[i].name, human_count(census.types[i].chunks).text,
               census.types[i].chunks == 1 ? " " : "s", human_bytes(census.types[i].stored).text,
               census.types[i].raw == census.types[i].stored ? "" : " of ",
               census.types[i].raw == census.types[i].stored
                   ? ""
                   : human_bytes(census.types[i].raw).text);
}

int command_info(int argc, char **argv)
{
    enum { TEXT, JSON };
    unsigned format = TEXT;
    const struct option_spec options[] = {
        {"format", 0, "text|json", "how to print (default: text)", OPTION_CHOICE, &format},
        {0},
    };
    const struct usage usage = {
        .command = "info",
        .synopsis = "RUN",
        .description =
            "Prints what a run folder or a single trace holds: processes, runtime, events,\n"
            "snapshots and chunks, and what could not be read.",
        .options = options,
        .operands_min = 1,
        .operands_max = 1,
    };
    int status, first = options_parse(&usage, argc, argv, &status);
    char error[512];
    struct run *run;
    if (first < 0)
        return status;
    if (run_open(argv[first], &run, error, sizeof error) != 0)
        return command_fail("%s", error);
    if (format == JSON) {
        status = info_json(stdout, run) ? EXIT_DONE : command_fail("not enough memory");
    } else {
        printf("%s: %" PRIu32 " process%s\n", run->path, run->process_count,
               run->process_count == 1 ? "" : "es");
        for (uint32_t i = 0; i < run->problem_count; i++)
            printf("incomplete: %s\n", run->problems[i]);
        for (uint32_t i = 0; i < run->process_count; i++)
            print_process(&run->processes[i]);
        status = EXIT_DONE;
    }
    run_free(run);
    return status;
}

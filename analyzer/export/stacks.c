/* SPDX-License-Identifier: MIT */
#include "export/stacks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "export/json_text.h"
#include "export/profile.h"
#include "text/progress.h"

/* Samples first … end − 1 have the same call stack. */
struct group {
    uint32_t first, end;
};

/* The next call stack; false: that was the last. Begins with a zeroed group. */
static bool next_group(const struct profile *profile, struct group *group)
{
    const struct profile_sample *samples = profile->samples;
    uint32_t at = group->first = group->end;
    while (at < profile->sample_count && samples[at].site == samples[group->first].site &&
           samples[at].resting == samples[group->first].resting &&
           samples[at].stack == samples[group->first].stack)
        at++;
    group->end = at;
    return group->first < group->end;
}

static uint64_t value_of(const struct profile *profile, const struct group *group,
                         enum measure measure)
{
    uint64_t sum = 0;
    for (uint32_t s = group->first; s < group->end; s++)
        sum += profile->samples[s].values[measure];
    return sum;
}

static void speedscope_frames(FILE *out, const struct profile *profile)
{
    fputs("{\"$schema\": \"https://www.speedscope.app/file-format-schema.json\",\n"
          "\"shared\": {\"frames\": [",
          out);
    for (uint32_t f = 0; f < profile->frame_count; f++) {
        const struct profile_frame *frame = &profile->frames[f];
        json_text(out, f ? ",\n{\"name\": " : "\n{\"name\": ", frame->name);
        if (*frame->file)
            json_text(out, ", \"file\": ", frame->file);
        if (frame->line)
            fprintf(out, ", \"line\": %" PRIu32, frame->line);
        putc_unlocked('}', out);
    }
    fputs("\n]},\n\"profiles\": [", out);
}

static void speedscope_profile(FILE *out, const struct profile *profile, enum measure measure,
                               bool first)
{
    const struct measure_info *info = &profile->measures[measure];
    struct group group = {0};
    uint64_t value;
    const char *comma = "";
    json_text(out,
              first ? "\n{\"type\": \"sampled\", \"name\": "
                    : ",\n{\"type\": \"sampled\", \"name\": ",
              info->title);
    fprintf(out,
            ", \"unit\": \"%s\", \"startValue\": 0, \"endValue\": %" PRIu64 ",\n\"samples\": [",
            info->bytes ? "bytes" : "none", profile->totals[measure]);
    while (next_group(profile, &group)) {
        uint32_t depth;
        if (!value_of(profile, &group, measure))
            continue;
        const uint32_t *stack = profile_stack(profile, &profile->samples[group.first], &depth);
        fprintf(out, "%s\n[%" PRIu32, comma, stack[depth - 1]);
        for (uint32_t i = depth - 1; i-- > 0;)
            fprintf(out, ",%" PRIu32, stack[i]);
        putc_unlocked(']', out);
        comma = ",";
    }
    fputs("],\n\"weights\": [", out);
    group = (struct group){0};
    comma = "";
    while (next_group(profile, &group)) {
        if (!(value = value_of(profile, &group, measure)))
            continue;
        fprintf(out, "%s%" PRIu64, comma, value);
        comma = ",";
    }
    fputs("]}", out);
}

static void speedscope(FILE *out, const struct profile *profile)
{
    static const enum measure order[] = {INUSE_SPACE, ALLOC_SPACE,  INUSE_OBJECTS, ALLOC_OBJECTS,
                                         PEAK_SPACE,  PEAK_OBJECTS, LEAKED_SPACE,  LEAKED_OBJECTS};
    bool first = true;
    speedscope_frames(out, profile);
    for (size_t m = 0; m < sizeof order / sizeof *order; m++) {
        /* The first is there in any case: a file without a profile is none. */
        if (!profile->totals[order[m]] && order[m] != INUSE_SPACE)
            continue;
        speedscope_profile(out, profile, order[m], first);
        first = false;
    }
    char *command = profile_command(profile->process);
    json_text(out, "\n],\n\"name\": ", command ? command : "");
    free(command);
    fputs(", \"activeProfileIndex\": 0, \"exporter\": \"ouro " OURO_VERSION "\"}\n", out);
}

/* A part of a frame of a collapsed stack. */
static void collapsed_text(FILE *out, const char *text)
{
    for (; *text; text++)
        putc_unlocked(*text == ';' ? ':' : *text, out);
}

static void collapsed_frame(FILE *out, const struct profile_frame *frame)
{
    collapsed_text(out, frame->name);
    if (!*frame->file)
        return;
    fputs(" (", out);
    collapsed_text(out, frame->file);
    if (frame->line)
        fprintf(out, ":%" PRIu32, frame->line);
    putc_unlocked(')', out);
}

static void collapsed(FILE *out, const struct profile *profile, enum measure measure)
{
    struct group group = {0};
    while (next_group(profile, &group)) {
        uint64_t value = value_of(profile, &group, measure);
        uint32_t depth;
        if (!value)
            continue;
        const uint32_t *stack = profile_stack(profile, &profile->samples[group.first], &depth);
        for (uint32_t i = depth; i-- > 0;) {
            collapsed_frame(out, &profile->frames[stack[i]]);
            if (i)
                putc_unlocked(';', out);
        }
        fprintf(out, " %" PRIu64 "\n", value);
    }
}

/* Which measure --what names; MEASURES: none was asked for. */
static enum measure measure_of(const char *what)
{
    unsigned m = 0;
    if (what && strncmp(what, "native_", 7) == 0)
        what += 7;
    while (m < MEASURES && (!what || strcmp(what, measure_infos[m].name) != 0))
        m++;
    return (enum measure)m;
}

static int stacks_write(FILE *out, const struct export_request *request, char *error,
                        size_t error_size)
{
    struct report report;
    struct profile profile;
    int status = EXPORT_FAILED;
    if (profile_of_request(request, &report, &profile, error, error_size) == 0) {
        enum measure measure = measure_of(request->what);
        if (measure == MEASURES)
            speedscope(out, &profile);
        else
            collapsed(out, &profile, measure);
        status = report.damaged ? EXPORT_INCOMPLETE : EXPORT_DONE;
    }
    profile_free(&profile);
    report_free(&report);
    return status;
}

int speedscope_write(FILE *out, const struct export_request *request, char *error,
                     size_t error_size)
{
    return stacks_write(out, request, error, error_size);
}

int collapsed_write(FILE *out, const struct export_request *request, char *error, size_t error_size)
{
    return stacks_write(out, request, error, error_size);
}

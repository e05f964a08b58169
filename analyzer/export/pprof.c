/* SPDX-License-Identifier: MIT */
#include "export/pprof.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "export/gzip_out.h"
#include "export/profile.h"
#include "export/protobuf.h"
#include "text/human.h"
#include "trace/trace_names.h"

/* Numbers of fields, from profile.proto. */
enum { /* Profile */
       PROFILE_SAMPLE_TYPE = 1,
       PROFILE_SAMPLE = 2,
       PROFILE_MAPPING = 3,
       PROFILE_LOCATION = 4,
       PROFILE_FUNCTION = 5,
       PROFILE_STRING_TABLE = 6,
       PROFILE_TIME_NANOS = 9,
       PROFILE_DURATION_NANOS = 10,
       PROFILE_PERIOD_TYPE = 11,
       PROFILE_PERIOD = 12,
       PROFILE_COMMENT = 13,
       PROFILE_DEFAULT_SAMPLE_TYPE = 14,
};
enum { VALUE_TYPE_TYPE = 1, VALUE_TYPE_UNIT = 2 };
enum { SAMPLE_LOCATION_ID = 1, SAMPLE_VALUE = 2, SAMPLE_LABEL = 3 };
enum { LABEL_KEY = 1, LABEL_STR = 2 };
enum {
    MAPPING_ID = 1,
    MAPPING_FILENAME = 5,
    MAPPING_HAS_FUNCTIONS = 7,
    MAPPING_HAS_FILENAMES = 8,
    MAPPING_HAS_LINE_NUMBERS = 9,
    MAPPING_HAS_INLINE_FRAMES = 10,
};
enum { LOCATION_ID = 1, LOCATION_MAPPING_ID = 2, LOCATION_LINE = 4 };
enum { LINE_FUNCTION_ID = 1, LINE_LINE = 2 };
enum {
    FUNCTION_ID = 1,
    FUNCTION_NAME = 2,
    FUNCTION_FILENAME = 4,
    FUNCTION_START_LINE = 5,
};

/* What the profile knows of one program: all frames are in one mapping. */
enum { THE_MAPPING = 1 };

struct writer {
    const struct report *report;
    const struct profile *profile;
    struct gzip_out gzip;
    struct protobuf profile_part, message, inner;
    struct key_table strings; /* texts by address: number n stands for string n + 1 */
    struct arena *arena;      /* texts made here */
    bool failed;
};

/* The number of a text in the string table. The same text at two addresses is there twice. */
static uint64_t string(struct writer *w, const char *text)
{
    uint32_t number;
    if (!text || !*text)
        return 0;
    if (!key_table_add(&w->strings, &text, &number)) {
        w->failed = true;
        return 0;
    }
    return number + 1;
}

/* Writes the message at hand as a field of the profile. */
static void put(struct writer *w, uint32_t field)
{
    protobuf_bytes(&w->profile_part, field, w->message.bytes, w->message.size);
    protobuf_clear(&w->message);
    gzip_put(&w->gzip, w->profile_part.bytes, w->profile_part.size);
    protobuf_clear(&w->profile_part);
}

/* The same of the message inside it. */
static void put_inner(struct writer *w, uint32_t field)
{
    protobuf_bytes(&w->message, field, w->inner.bytes, w->inner.size);
    protobuf_clear(&w->inner);
}

static void value_type(struct writer *w, uint32_t field, const char *type, const char *unit)
{
    protobuf_number(&w->message, VALUE_TYPE_TYPE, string(w, type));
    protobuf_number(&w->message, VALUE_TYPE_UNIT, string(w, unit));
    put(w, field);
}

static void mapping(struct writer *w)
{
    const struct process *p = w->report->process;
    protobuf_number(&w->message, MAPPING_ID, THE_MAPPING);
    protobuf_number(&w->message, MAPPING_FILENAME, string(w, p->executable));
    /* So that nobody looks for symbols in the executable. */
    protobuf_number(&w->message, MAPPING_HAS_FUNCTIONS, 1);
    protobuf_number(&w->message, MAPPING_HAS_FILENAMES, 1);
    protobuf_number(&w->message, MAPPING_HAS_LINE_NUMBERS, 1);
    protobuf_number(&w->message, MAPPING_HAS_INLINE_FRAMES, 1);
    put(w, PROFILE_MAPPING);
}

/* The identifier of a frame's function: those of the process, and others for what is none. */
static uint64_t function_of(const struct writer *w, uint32_t frame)
{
    const struct profile_frame *f = &w->profile->frames[frame];
    return f->function ? f->function : (uint64_t)w->profile->function_count + 1 + frame;
}

/* Functions and lines: location n is frame n − 1. */
static void frames(struct writer *w)
{
    const struct process *p = w->report->process;
    const struct profile *profile = w->profile;
    uint8_t *written = calloc((size_t)profile->function_count + FRAME_FIRST + 2, 1);
    if (!written) {
        w->failed = true;
        return;
    }
    for (uint32_t f = 0; f < profile->frame_count; f++) {
        const struct profile_frame *frame = &profile->frames[f];
        uint64_t function = function_of(w, f);
        if (!written[function]) {
            written[function] = 1;
            protobuf_number(&w->message, FUNCTION_ID, function);
            /* Without a system name: pprof takes one that is equal for C++, and `<module>` for a
             * template's argument to be left out. */
            protobuf_number(&w->message, FUNCTION_NAME, string(w, frame->name));
            protobuf_number(&w->message, FUNCTION_FILENAME, string(w, frame->file));
            if (frame->function && frame->function <= p->function_count)
                protobuf_number(&w->message, FUNCTION_START_LINE,
                                p->functions[frame->function].first_line);
            put(w, PROFILE_FUNCTION);
        }
        protobuf_number(&w->inner, LINE_FUNCTION_ID, function);
        protobuf_number(&w->inner, LINE_LINE, frame->line);
        protobuf_number(&w->message, LOCATION_ID, (uint64_t)f + 1);
        protobuf_number(&w->message, LOCATION_MAPPING_ID, THE_MAPPING);
        put_inner(w, LOCATION_LINE);
        put(w, PROFILE_LOCATION);
    }
    free(written);
}

static bool samples(struct writer *w)
{
    const struct profile *profile = w->profile;
    uint64_t *numbers = NULL; /* of the locations of a stack */
    uint32_t room = 0, depth;
    for (uint32_t s = 0; s < profile->sample_count; s++) {
        const struct profile_sample *sample = &profile->samples[s];
        const uint32_t *stack = profile_stack(profile, sample, &depth);
        if (depth > room) {
            room = 2 * depth;
            free(numbers);
            numbers = malloc(room * sizeof *numbers);
            if (!numbers)
                return false;
        }
        for (uint32_t i = 0; i < depth; i++)
            numbers[i] = (uint64_t)stack[i] + 1;
        protobuf_numbers(&w->message, SAMPLE_LOCATION_ID, numbers, depth);
        protobuf_numbers(&w->message, SAMPLE_VALUE, sample->values, profile->measure_count);
        protobuf_number(&w->inner, LABEL_KEY, string(w, "type"));
        protobuf_number(&w->inner, LABEL_STR, string(w, sample->type));
        put_inner(w, SAMPLE_LABEL);
        put(w, PROFILE_SAMPLE);
    }
    free(numbers);
    return true;
}

__attribute__((format(printf, 2, 3))) static void comment(struct writer *w, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    const char *copy = length < 0 ? NULL : arena_copy(w->arena, text, (size_t)length);
    if (length >= 0)
        free(text);
    if (!copy)
        w->failed = true;
    else if (w->report->process)
        protobuf_number(&w->profile_part, PROFILE_COMMENT, string(w, copy));
}

static void comments_native(struct writer *w)
{
    const char *module, *why;
    comment(w,
            "native memory: what C code has from malloc, Python's own blocks not counted; inuse: "
            "alive at the end of the recording");
    if (w->report->process->native_sample > 1)
        comment(w, "all figures are estimates: one block in %" PRIu64 " bytes was recorded",
                w->report->process->native_sample);
    for (uint32_t next = 0; (module = symbols_missing(w->report->symbols, &next, &why));)
        comment(w, "note: %s: %s", module, why);
}

/* What the heads of reports say, and what the figures are. */
static void comments(struct writer *w)
{
    const struct report *report = w->report;
    const struct process *p = report->process;
    char *line = profile_command(p);
    if (!line) {
        w->failed = true;
        return;
    }
    comment(w, "command: %s", line);
    free(line);
    comment(w, "%s %s, process %" PRIu64 ", allocation sites %s; ouro %s", p->runtime,
            p->runtime_version, p->pid, report_stacks(p), OURO_VERSION);
    if (w->profile->native)
        comments_native(w);
    else if (report->snapshot)
        comment(w, "inuse and leaked: the heap of snapshot %" PRIu32 " (%s, +%s)",
                report->snapshot->number, snapshot_reason_name(report->snapshot->reason),
                human_duration(report->snapshot->time).text);
    else
        comment(w, "inuse: what the recording has alive at its end; leaked: not known, there is no "
                   "snapshot");
    if (p->sample && !w->profile->native)
        comment(w,
                "alloc and peak, and call stacks of all, are estimates: one allocation in %" PRIu64
                " bytes was recorded",
                p->sample);
    for (uint32_t n = 0; n < report->notice_count; n++)
        comment(w, "note: %s", report->notices[n]);
}

/* Everything but strings refers to strings, so their table comes last. */
static void strings(struct writer *w)
{
    put(w, PROFILE_STRING_TABLE); /* string 0 is "" */
    for (uint32_t n = 0; n < w->strings.count; n++) {
        const char *text;
        memcpy(&text, key_table_key(&w->strings, n), sizeof text);
        protobuf_bytes(&w->profile_part, PROFILE_STRING_TABLE, text, strlen(text));
        gzip_put(&w->gzip, w->profile_part.bytes, w->profile_part.size);
        protobuf_clear(&w->profile_part);
    }
}

static bool all(struct writer *w)
{
    const struct process *p = w->report->process;
    const struct measure_info *measures = w->profile->measures;
    uint64_t period = w->profile->native ? p->native_sample : p->sample;
    for (unsigned m = 0; m < w->profile->measure_count; m++)
        value_type(w, PROFILE_SAMPLE_TYPE, measures[m].name, measures[m].bytes ? "bytes" : "count");
    mapping(w);
    frames(w);
    if (!samples(w))
        return false;
    value_type(w, PROFILE_PERIOD_TYPE, "space", "bytes");
    protobuf_number(&w->profile_part, PROFILE_PERIOD, period ? period : 1);
    protobuf_number(&w->profile_part, PROFILE_TIME_NANOS, p->wall);
    protobuf_number(&w->profile_part, PROFILE_DURATION_NANOS, pprof_duration(p));
    protobuf_number(&w->profile_part, PROFILE_DEFAULT_SAMPLE_TYPE,
                    string(w, measures[INUSE_SPACE].name));
    comments(w);
    gzip_put(&w->gzip, w->profile_part.bytes, w->profile_part.size);
    protobuf_clear(&w->profile_part);
    strings(w);
    return !w->failed && !w->profile_part.failed && !w->message.failed && !w->inner.failed;
}

uint64_t pprof_duration(const struct process *process)
{
    if (process->end_time || !process->epoch_count)
        return process->end_time;
    return process->epochs[process->epoch_count - 1].time;
}

int pprof_write(FILE *out, const struct export_request *request, char *error, size_t error_size)
{
    struct report report;
    struct profile profile;
    struct writer w = {.report = &report, .profile = &profile, .arena = arena_new()};
    key_table_init(&w.strings, sizeof(const char *));
    bool ok = profile_of_request(request, &report, &profile, error, error_size) == 0;
    if (ok) {
        bool begun = w.arena && gzip_begin(&w.gzip, out) == 0;
        ok = begun && all(&w);
        if (begun)
            gzip_end(&w.gzip);
        if (!ok)
            snprintf(error, error_size, "not enough memory");
    }
    int status = !ok ? EXPORT_FAILED : report.damaged ? EXPORT_INCOMPLETE : EXPORT_DONE;
    protobuf_free(&w.profile_part);
    protobuf_free(&w.message);
    protobuf_free(&w.inner);
    key_table_free(&w.strings);
    arena_free(w.arena);
    profile_free(&profile);
    report_free(&report);
    return status;
}

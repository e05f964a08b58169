/* SPDX-License-Identifier: MIT */
#include "compare/digest_native.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/native_asker.h"
#include "compare/fingerprint.h"

/* The asker's name, and what is said behind it. */
static const char *key_of(const struct native_code *code, const char *what, struct arena *arena)
{
    char text[1024];
    native_asker_name(code ? native_asker_place(code) : NULL, text, sizeof text);
    size_t used = strlen(text);
    snprintf(text + used, sizeof text - used, "%s", what);
    return fingerprint_text(text, arena);
}

static struct range range_of(const struct report *report, uint32_t kind, uint64_t estimate,
                             uint64_t bytes)
{
    uint64_t mean = report->process->native_sample;
    if (!native_is_estimate(report->process, kind) || !bytes)
        return (struct range){estimate, estimate};
    /* The number of samples is Poisson's, so the share that it may be off is that of its root. */
    double off = 3 * sqrt((double)mean / (double)bytes) * (double)estimate;
    uint64_t more = off < 1e18 ? (uint64_t)off : (uint64_t)1e18;
    return (struct range){estimate > more ? estimate - more : 0, estimate + more};
}

/* Where the asker's line is in C, "" if that is not known; NULL: no memory. Without a place of the
 * runtime the item's is that line. */
static const char *line_in_c(const struct report *report, const struct native_code *code,
                             struct digest_item *item, struct digest *digest)
{
    char text[1024];
    if (!code || !*code->places->file)
        return "";
    const char *file = fingerprint_file(report->process, code->places->file, digest->arena);
    if (!file)
        return NULL;
    if (!*item->place.file)
        item->place = (struct digest_place){
            .file = file, .function = code->places->function, .line = code->places->line};
    snprintf(text, sizeof text, "%s:%" PRIu32, file, code->places->line);
    return fingerprint_text(text, digest->arena);
}

static bool site_add(const struct report *report, const struct source_lines *lines,
                     enum digest_subject subject, const char *what, const struct native_site *site,
                     struct digest *digest)
{
    bool failed = false;
    const struct native_code *code =
        native_asker(report->symbols, site->addresses, site->count, &failed);
    uint32_t line = lines->of_site[site->site];
    struct digest_item item = {
        .subject = subject,
        .key = failed ? NULL : key_of(code, what, digest->arena),
        .place = lines->places[line],
        .count = range_of(report, site->kind, site->alive, site->alive_bytes),
        .bytes = range_of(report, site->kind, site->alive_bytes, site->alive_bytes),
        .flags = lines->library[line] ? DIGEST_LIBRARY : 0,
    };
    item.detail = item.key ? line_in_c(report, code, &item, digest) : NULL;
    return item.detail && digest_add(digest, &item);
}

/* What it has come to counts: the end of the program may have let it go. */
static bool suspect_add(const struct report *report, const struct source_lines *lines,
                        const struct native_suspect *suspect, struct digest *digest)
{
    bool failed = false;
    uint32_t last = report->native_growth.span.points - 1;
    uint64_t blocks = (uint64_t)suspect->count[last], bytes = (uint64_t)suspect->bytes[last];
    struct native_site site;
    char text[2048];
    if (native_site_of(report->process, report->symbols, suspect->stack, &site) < 0)
        return false;
    const struct native_code *code =
        native_asker(report->symbols, site.addresses, site.count, &failed);
    struct digest_item item = {
        .subject = DIGEST_NATIVE_SUSPECT,
        .key = suspect->signature,
        .place = lines->places[lines->of_site[site.site]],
        .count = range_of(report, suspect->kind, blocks, bytes),
        .bytes = range_of(report, suspect->kind, bytes, bytes),
        .flags = suspect->released ? DIGEST_RELEASED : 0,
    };
    const char *where = failed ? NULL : line_in_c(report, code, &item, digest);
    if (!where)
        return false;
    snprintf(text, sizeof text, "%s: more and more %s%s%s", suspect->asker,
             native_growth_what(suspect), *where ? ", in C at " : "", where);
    item.detail = fingerprint_text(text, digest->arena);
    return item.detail && digest_add(digest, &item);
}

/* Not what a register of a thread may hold. */
static bool leaks_add(const struct report *report, const struct source_lines *lines,
                      struct digest *digest)
{
    const struct snapshot *s = report->snapshot;
    if (!s || !s->unreached.known || s->unreached.status != OURO_UNREACHED_KNOWN)
        return true;
    digest->known |= 1u << DIGEST_LEAK;
    for (uint32_t i = 0; i < report->native_leaks.count; i++) {
        const struct native_leak *l = &report->native_leaks.list[i];
        const struct native_site site = {
            .addresses = l->addresses,
            .count = l->frames,
            .site = l->site,
            .kind = OURO_NATIVE_MALLOC,
            .alive = l->count,
            .alive_bytes = l->bytes + l->below_bytes,
        };
        if (!l->possible &&
            !site_add(report, lines, DIGEST_LEAK, l->cycle ? ", cycles" : "", &site, digest))
            return false;
    }
    return true;
}

int digest_add_native(const struct report *report, const struct source_lines *lines,
                      struct digest *digest)
{
    const struct native_sites *sites = &report->native;
    struct digest_item total = {.subject = DIGEST_TOTAL, .key = digest_total_name(TOTAL_NATIVE)};
    for (uint32_t kind = 0; kind < OURO_NATIVE_KINDS; kind++) {
        const struct native_figures *of = &sites->kinds[kind];
        if (kind == OURO_NATIVE_ARENA)
            continue;
        struct range count = range_of(report, kind, of->alive, of->alive_bytes);
        struct range bytes = range_of(report, kind, of->alive_bytes, of->alive_bytes);
        total.count = (struct range){total.count.low + count.low, total.count.high + count.high};
        total.bytes = (struct range){total.bytes.low + bytes.low, total.bytes.high + bytes.high};
    }
    digest->known |= 1u << DIGEST_NATIVE;
    if (!digest_add(digest, &total))
        return -1;
    for (uint32_t i = 0; i < sites->count; i++)
        if (sites->list[i].alive &&
            !site_add(report, lines, DIGEST_NATIVE, "", &sites->list[i], digest))
            return -1;
    digest->known |= 1u << DIGEST_NATIVE_SUSPECT;
    for (uint32_t i = 0; i < report->native_growth.suspect_count; i++)
        if (!suspect_add(report, lines, &report->native_growth.suspects[i], digest))
            return -1;
    return leaks_add(report, lines, digest) ? 0 : -1;
}

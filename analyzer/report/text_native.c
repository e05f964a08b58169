/* SPDX-License-Identifier: MIT */
/* `ouro native`: memory of malloc and mmap by mixed stack. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report/text_native_leaks.h"
#include "report/text_section.h"
#include "text/human.h"

#define NATIVE_FRAMES 8u
#define PYTHON_FRAMES 3u

static const char *base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void native_frame(const struct page *page, const struct native_place *place)
{
    char text[1024];
    if (*place->file)
        snprintf(text, sizeof text, "%s:%" PRIu32 " %s%s", place->file, place->line,
                 place->function, place->inlined ? " (inlined)" : "");
    else
        snprintf(text, sizeof text, "%s (%s)", *place->function ? place->function : "?",
                 *place->module ? base(place->module) : "no file");
    page_wrap(page, "      ", text);
}

void text_native_frames(const struct page *page, const struct report *report,
                        const struct native_site *site)
{
    char place[PAGE_PLACE_SIZE];
    uint32_t all = 0;
    for (uint32_t i = 0; i < site->count; i++) {
        const struct native_code *code = symbols_find(report->symbols, site->addresses[i]);
        for (uint32_t n = 0; code && n < code->count; n++)
            if (all++ < NATIVE_FRAMES)
                native_frame(page, &code->places[n]);
    }
    if (all > NATIVE_FRAMES)
        fprintf(page->out, "      and %" PRIu32 " more\n", all - NATIVE_FRAMES);
    uint32_t at = site->site;
    for (uint32_t i = 0; at && i < PYTHON_FRAMES; i++, at = report->process->sites[at].parent) {
        page_place(page, at, PAGE_WIDTH - 6, place);
        page_wrap(page, "      ", place);
    }
}

void text_native(const struct page *page, const struct report *report)
{
    const struct native_sites *all = &report->native;
    const char *about = report->process->native_sample > 1 ? "~" : "";
    char text[256];
    text_native_leaked(page, report);
    if (!report->process->native_sample)
        return;
    text_heading(page, "NATIVE MEMORY");
    snprintf(
        text, sizeof text,
        "%s%s in %s%s blocks alive at the end that C code has from malloc and mmap, of %s%s allocated; "
        "which lines: ouro native",
        about, human_bytes(all->alive_bytes).text, about, human_count(all->alive).text, about,
        human_bytes(all->bytes).text);
    page_wrap(page, "  ", text);
}

/* How much of it is mapped, and what the runtime mapped. */
static void mapped(const struct page *page, const struct native_sites *sites)
{
    const struct native_figures *memory = &sites->kinds[OURO_NATIVE_MAPPING],
                                *files = &sites->kinds[OURO_NATIVE_FILE],
                                *arenas = &sites->kinds[OURO_NATIVE_ARENA];
    char text[256];
    if (memory->blocks || files->blocks) {
        snprintf(text, sizeof text, "of it mapped: %s in %s mappings of memory, %s in %s of files",
                 human_bytes(memory->alive_bytes).text, human_count(memory->alive).text,
                 human_bytes(files->alive_bytes).text, human_count(files->alive).text);
        page_wrap(page, "  ", text);
    }
    if (arenas->alive) {
        snprintf(text, sizeof text,
                 "not counted: %s in %s mappings for Python's own blocks and frames",
                 human_bytes(arenas->alive_bytes).text, human_count(arenas->alive).text);
        page_wrap(page, "  ", text);
    }
}

static void figures(const struct page *page, const struct report *report,
                    const struct native_site *site, uint32_t number)
{
    static const char *const names[OURO_NATIVE_KINDS][2] = {
        [OURO_NATIVE_MALLOC] = {"blocks", "allocated"},
        [OURO_NATIVE_MAPPING] = {"mappings", "mapped"},
        [OURO_NATIVE_FILE] = {"mappings of files", "mapped"},
        [OURO_NATIVE_ARENA] = {"arenas", "mapped"},
    };
    const char *about = native_is_estimate(report->process, site->kind) ? "~" : "";
    char text[256], label[24];
    snprintf(label, sizeof label, "\n#%-3" PRIu32, number);
    snprintf(text, sizeof text, "%s%s alive in %s%s %s; %s%s %s in %s%s", about,
             human_bytes(site->alive_bytes).text, about, human_count(site->alive).text,
             names[site->kind][0], about, human_bytes(site->bytes).text, names[site->kind][1],
             about, human_count(site->blocks).text);
    page_wrap(page, label, text);
}

void report_native_text(FILE *out, const struct report *report, const char *path, uint32_t top,
                        bool utf8)
{
    struct page page = page_make(out, report->process, utf8);
    const struct native_sites *sites = &report->native;
    bool sampled = report->process->native_sample > 1;
    const char *about = sampled ? "~" : "", *why, *module;
    char text[512];
    if (top == REPORT_DEFAULT)
        top = TEXT_TOP;
    text_head(&page, "OURO NATIVE", path);
    text_notices(&page, report);
    text_native_leaks(&page, report, top);
    text_heading(&page, "NATIVE MEMORY BY STACK");
    if (!report->process->native_sample) {
        page_wrap(&page, "  ", "not recorded: record with 'ouro run --native'");
        return;
    }
    snprintf(text, sizeof text,
             "%s%s in %s%s blocks alive at the end, of %s%s allocated, Python's own blocks not "
             "counted%s%s",
             about, human_bytes(sites->alive_bytes).text, about, human_count(sites->alive).text,
             about, human_bytes(sites->bytes).text,
             sampled ? "; estimates from a sample of one block of malloc every " : "",
             sampled ? human_power(report->process->native_sample).text : "");
    page_wrap(&page, "  ", text);
    mapped(&page, sites);
    for (uint32_t next = 0; (module = symbols_missing(report->symbols, &next, &why));) {
        snprintf(text, sizeof text, "%s: %s", module, why);
        page_wrap(&page, "  NOTE ", text);
    }
    for (uint32_t i = 0; i < sites->count && i < top; i++) {
        figures(&page, report, &sites->list[i], i + 1);
        text_native_frames(&page, report, &sites->list[i]);
    }
    text_more(&page, sites->count, top, "stacks");
}

/* SPDX-License-Identifier: MIT */
#include "symbols/symbols.h"

#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "structure/arena.h"
#include "text/text.h"

enum module_state { UNSEEN, USABLE, NO_LINES, GONE, CHANGED };

struct place_slot {
    uint64_t address;
    struct native_place place; /* function NULL: free */
};

struct symbols {
    const struct process *process;
    struct arena *arena;
    Dwfl *dwfl;
    struct module_symbols {
        enum module_state state;
        Dwfl_Module *module;
    } * modules;
    struct place_slot *slots;
    uint32_t slot_count, used;
};

static const Dwfl_Callbacks callbacks = {
    .find_elf = dwfl_build_id_find_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
};

struct symbols *symbols_open(const struct process *process)
{
    struct symbols *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->process = process;
    s->slot_count = 1024;
    s->arena = arena_new();
    s->modules = calloc((size_t)process->module_count + 1, sizeof *s->modules);
    s->slots = calloc(s->slot_count, sizeof *s->slots);
    unsetenv("DEBUGINFOD_URLS"); /* libdw would ask them */
    s->dwfl = dwfl_begin(&callbacks);
    if (s->dwfl)
        dwfl_report_begin(s->dwfl);
    if (s->arena && s->modules && s->slots && s->dwfl)
        return s;
    symbols_close(s);
    return NULL;
}

void symbols_close(struct symbols *symbols)
{
    if (!symbols)
        return;
    if (symbols->dwfl)
        dwfl_end(symbols->dwfl);
    arena_free(symbols->arena);
    free(symbols->modules);
    free(symbols->slots);
    free(symbols);
}

/* The file may be anything by now, a pipe among others. */
static bool is_file(const char *path)
{
    struct stat status;
    return *path == '/' && stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static void open_module(struct symbols *s, uint32_t number)
{
    const struct module_info *info = &s->process->modules[number];
    struct module_symbols *m = &s->modules[number];
    const unsigned char *id;
    GElf_Addr where;
    m->state = GONE;
    if (!is_file(info->path))
        return;
    m->module = dwfl_report_elf(s->dwfl, info->path, info->path, -1, info->bias, true);
    if (!m->module)
        return;
    int size = dwfl_module_build_id(m->module, &id, &where);
    if (info->build_id_size && (size != (int)info->build_id_size ||
                                memcmp(id, info->build_id, info->build_id_size) != 0)) {
        m->state = CHANGED;
        return;
    }
    Dwarf_Addr bias;
    m->state = dwfl_module_getdwarf(m->module, &bias) ? USABLE : NO_LINES;
}

static const char *keep(struct symbols *s, const char *text)
{
    return text ? text_escape(s->arena, (const unsigned char *)text, strlen(text), TEXT_NAME) : "";
}

static bool evaluates(const char *function)
{
    return strncmp(function, "_PyEval_EvalFrame", 17) == 0 ||
           strncmp(function, "_TAIL_CALL_", 11) == 0;
}

static bool look_up(struct symbols *s, uint64_t address, struct native_place *place)
{
    const struct process *p = s->process;
    uint32_t number = 0;
    while (number < p->module_count &&
           (address < p->modules[number].start || address >= p->modules[number].end))
        number++;
    *place = (struct native_place){.function = "", .file = "", .module = ""};
    if (number == p->module_count)
        return true;
    struct module_symbols *m = &s->modules[number];
    place->module = p->modules[number].name;
    if (m->state == UNSEEN)
        open_module(s, number);
    if (m->state != USABLE && m->state != NO_LINES)
        return true;
    GElf_Off offset;
    GElf_Sym symbol;
    const char *name = dwfl_module_addrinfo(m->module, address, &offset, &symbol, NULL, NULL, NULL);
    place->function = keep(s, name);
    Dwfl_Line *line = dwfl_module_getsrc(m->module, address);
    int number_of_line = 0;
    const char *file = line ? dwfl_lineinfo(line, NULL, &number_of_line, NULL, NULL, NULL) : NULL;
    place->file = keep(s, file);
    place->line = number_of_line > 0 ? (uint32_t)number_of_line : 0;
    if (!place->function || !place->file)
        return false;
    place->evaluates = evaluates(place->function);
    return true;
}

static struct place_slot *slot_of(struct place_slot *slots, uint32_t count, uint64_t address)
{
    uint32_t at = (uint32_t)(address * 0x9e3779b97f4a7c15u >> 32) & (count - 1);
    while (slots[at].place.function && slots[at].address != address)
        at = (at + 1) & (count - 1);
    return &slots[at];
}

static bool grow(struct symbols *s)
{
    uint32_t count = s->slot_count * 2;
    struct place_slot *slots = count ? calloc(count, sizeof *slots) : NULL;
    if (!slots)
        return false;
    for (uint32_t i = 0; i < s->slot_count; i++)
        if (s->slots[i].place.function)
            *slot_of(slots, count, s->slots[i].address) = s->slots[i];
    free(s->slots);
    s->slots = slots;
    s->slot_count = count;
    return true;
}

const struct native_place *symbols_find(struct symbols *symbols, uint64_t address)
{
    struct place_slot *slot = slot_of(symbols->slots, symbols->slot_count, address);
    if (slot->place.function)
        return &slot->place;
    if (symbols->used >= symbols->slot_count / 2) {
        if (!grow(symbols))
            return NULL;
        slot = slot_of(symbols->slots, symbols->slot_count, address);
    }
    struct native_place place;
    if (!look_up(symbols, address, &place))
        return NULL;
    slot->address = address;
    slot->place = place;
    symbols->used++;
    return &slot->place;
}

const char *symbols_missing(const struct symbols *symbols, uint32_t n, const char **why)
{
    for (uint32_t i = 0; i < symbols->process->module_count; i++) {
        enum module_state state = symbols->modules[i].state;
        if (state == UNSEEN || state == USABLE || n--)
            continue;
        *why = state == GONE      ? "the file is not there any more"
               : state == CHANGED ? "the file is another build by now"
                                  : "no debug information: functions without lines";
        return symbols->process->modules[i].name;
    }
    return NULL;
}

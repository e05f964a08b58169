/* SPDX-License-Identifier: MIT */
#include "symbols/symbols.h"

#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "structure/arena.h"
#include "structure/key_table.h"
#include "symbols/demangle.h"
#include "symbols/inlined.h"
#include "symbols/module_map.h"
#include "text/text.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

enum module_state { UNSEEN, USABLE, NO_LINES, GONE, CHANGED };

struct code_slot {
    uint64_t address;
    struct native_code code; /* count 0: free */
};

/* Each file is opened once, under however many names and addresses a trace has it. */
struct file_key {
    uint64_t device, inode;
};

struct file_symbols {
    Dwfl_Module *module; /* NULL: libdw cannot use it */
    uint64_t bias;       /* that libdw has it at */
};

struct symbols {
    const struct process *process;
    struct module_map map;
    struct arena *arena;
    struct key_table known; /* texts by their hash, and */
    const char **texts;     /* where each is */
    uint32_t text_room;
    Dwfl *dwfl;
    struct key_table file_keys;
    struct file_symbols *files; /* by the number of the key */
    struct module_symbols {
        enum module_state state;
        Dwfl_Module *module;
        uint64_t moved; /* added to an address: the same place where libdw has the file */
    } * modules;
    struct code_slot *slots;
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
    key_table_init(&s->known, sizeof(XXH128_hash_t));
    key_table_init(&s->file_keys, sizeof(struct file_key));
    s->arena = arena_new();
    s->modules = calloc((size_t)process->module_count + 1, sizeof *s->modules);
    s->files = calloc((size_t)process->module_count + 1, sizeof *s->files);
    bool mapped = module_map_make(process->modules, process->module_count, &s->map);
    s->slots = calloc(s->slot_count, sizeof *s->slots);
    unsetenv("DEBUGINFOD_URLS"); /* libdw would ask them */
    s->dwfl = dwfl_begin(&callbacks);
    if (s->dwfl)
        dwfl_report_begin(s->dwfl);
    if (s->arena && s->modules && s->files && mapped && s->slots && s->dwfl)
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
    module_map_free(&symbols->map);
    key_table_free(&symbols->known);
    key_table_free(&symbols->file_keys);
    free(symbols->files);
    free(symbols->texts);
    free(symbols->modules);
    free(symbols->slots);
    free(symbols);
}

/*
 * The file may be anything by now, a pipe among others. Those of /proc say that they are empty; some wait
 * when they are read.
 */
static bool is_file(const char *path, struct file_key *key)
{
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size <= 0)
        return false;
    *key = (struct file_key){status.st_dev, status.st_ino};
    return true;
}

/* A program that loads "./name.so" did so most likely from where it was started; false: not known. */
static bool path_of(const struct symbols *s, const char *path, char whole[PATH_MAX])
{
    const char *directory = s->process->directory;
    bool relative = *path && *path != '/';
    if (!*path || (relative && *directory != '/'))
        return false;
    int length =
        snprintf(whole, PATH_MAX, "%s%s%s", relative ? directory : "", relative ? "/" : "", path);
    return length > 0 && length < PATH_MAX;
}

/* The file, opened if it was not yet; NULL: no memory. */
static struct file_symbols *open_file(struct symbols *s, const char *path, uint64_t bias,
                                      const struct file_key *key)
{
    uint32_t before = s->file_keys.count, number;
    if (!key_table_add(&s->file_keys, key, &number))
        return NULL;
    struct file_symbols *file = &s->files[number];
    if (number < before)
        return file;
    file->bias = bias;
    file->module = dwfl_report_elf(s->dwfl, path, path, -1, bias, true);
    return file;
}

/* False: no memory. */
static bool open_module(struct symbols *s, uint32_t number)
{
    const struct module_info *info = &s->process->modules[number];
    struct module_symbols *m = &s->modules[number];
    char path[PATH_MAX];
    struct file_key key;
    const unsigned char *id;
    GElf_Addr where;
    m->state = GONE;
    if (!path_of(s, info->path, path) || !is_file(path, &key))
        return true;
    const struct file_symbols *file = open_file(s, path, info->bias, &key);
    if (!file || !file->module)
        return file != NULL;
    int size = dwfl_module_build_id(file->module, &id, &where);
    if (info->build_id_size && (size != (int)info->build_id_size ||
                                memcmp(id, info->build_id, info->build_id_size) != 0)) {
        m->state = CHANGED;
        return true;
    }
    m->module = file->module;
    m->moved = file->bias - info->bias;
    Dwarf_Addr bias;
    m->state = dwfl_module_getdwarf(m->module, &bias) ? USABLE : NO_LINES;
    return true;
}

/* The text, each once; NULL: no memory. */
static const char *keep(struct symbols *s, const char *text)
{
    if (!text || !*text)
        return "";
    size_t length = strlen(text);
    XXH128_hash_t hash = XXH3_128bits(text, length);
    uint32_t before = s->known.count, number;
    if (before == s->text_room) {
        uint32_t room = before ? before * 2 : 256;
        const char **texts = reallocarray(s->texts, room, sizeof *texts);
        if (!texts)
            return NULL;
        s->texts = texts;
        s->text_room = room;
    }
    if (!key_table_add(&s->known, &hash, &number))
        return NULL;
    if (number == before)
        s->texts[number] = text_escape(s->arena, (const unsigned char *)text, length, TEXT_NAME);
    return s->texts[number];
}

static const char *keep_name(struct symbols *s, const char *name)
{
    char *readable = name ? demangle(name) : NULL;
    const char *kept = keep(s, readable ? readable : name);
    free(readable);
    return kept;
}

static bool evaluates(const char *function)
{
    return strncmp(function, "_PyEval_EvalFrame", 17) == 0 ||
           strncmp(function, "_TAIL_CALL_", 11) == 0;
}

/* The line of an address is the innermost function's; those around it have that of the call. */
static bool tell(struct symbols *s, Dwfl_Module *module, uint64_t address, const char *module_name,
                 struct native_place *places, const struct inlined *inlined, uint32_t inlined_count)
{
    GElf_Off offset;
    GElf_Sym symbol;
    int line_number = 0;
    Dwfl_Line *line = dwfl_module_getsrc(module, address);
    const char *file = line ? dwfl_lineinfo(line, NULL, &line_number, NULL, NULL, NULL) : NULL;
    for (uint32_t i = 0; i <= inlined_count; i++) {
        const char *name = i < inlined_count ? inlined[i].name
                                             : dwfl_module_addrinfo(module, address, &offset,
                                                                    &symbol, NULL, NULL, NULL);
        places[i] = (struct native_place){
            .function = keep_name(s, name),
            .file = keep(s, file),
            .line = line_number > 0 ? (uint32_t)line_number : 0,
            .module = module_name,
            .inlined = i < inlined_count,
        };
        if (!places[i].function || !places[i].file)
            return false;
        if (i < inlined_count) {
            file = inlined[i].call_file;
            line_number = (int)inlined[i].call_line;
        }
    }
    return true;
}

static bool look_up(struct symbols *s, uint64_t address, struct native_code *code)
{
    const struct process *p = s->process;
    uint32_t number = module_map_find(&s->map, address), inlined_count = 0;
    struct inlined inlined[INLINED_MOST];
    struct module_symbols *m = number != NO_ID ? &s->modules[number] : NULL;
    if (m && m->state == UNSEEN && !open_module(s, number))
        return false;
    bool known = m && (m->state == USABLE || m->state == NO_LINES);
    if (known && m->state == USABLE)
        inlined_count = inlined_find(m->module, address + m->moved, inlined);
    struct native_place *places = arena_alloc(s->arena, (size_t)inlined_count + 1, sizeof *places);
    if (!places)
        return false;
    places[0] = (struct native_place){
        .function = "", .file = "", .module = m ? p->modules[number].name : ""};
    if (known &&
        !tell(s, m->module, address + m->moved, places[0].module, places, inlined, inlined_count))
        return false;
    *code = (struct native_code){.places = places, .count = inlined_count + 1};
    for (uint32_t i = 0; i < code->count; i++)
        code->evaluates = code->evaluates || evaluates(places[i].function);
    return true;
}

static struct code_slot *slot_of(struct code_slot *slots, uint32_t count, uint64_t address)
{
    uint32_t at = (uint32_t)(address * 0x9e3779b97f4a7c15u >> 32) & (count - 1);
    while (slots[at].code.count && slots[at].address != address)
        at = (at + 1) & (count - 1);
    return &slots[at];
}

static bool grow(struct symbols *s)
{
    uint32_t count = s->slot_count * 2;
    struct code_slot *slots = count ? calloc(count, sizeof *slots) : NULL;
    if (!slots)
        return false;
    for (uint32_t i = 0; i < s->slot_count; i++)
        if (s->slots[i].code.count)
            *slot_of(slots, count, s->slots[i].address) = s->slots[i];
    free(s->slots);
    s->slots = slots;
    s->slot_count = count;
    return true;
}

const struct native_code *symbols_find(struct symbols *symbols, uint64_t address)
{
    struct code_slot *slot = slot_of(symbols->slots, symbols->slot_count, address);
    if (slot->code.count)
        return &slot->code;
    if (symbols->used >= symbols->slot_count / 2) {
        if (!grow(symbols))
            return NULL;
        slot = slot_of(symbols->slots, symbols->slot_count, address);
    }
    struct native_code code;
    if (!look_up(symbols, address, &code))
        return NULL;
    slot->address = address;
    slot->code = code;
    symbols->used++;
    return &slot->code;
}

const char *symbols_missing(const struct symbols *symbols, uint32_t *next, const char **why)
{
    while (*next < symbols->process->module_count) {
        uint32_t number = (*next)++;
        enum module_state state = symbols->modules[number].state;
        if (state == UNSEEN || state == USABLE)
            continue;
        *why = state == GONE      ? "the file is not there any more"
               : state == CHANGED ? "the file is another build by now"
                                  : "no debug information: functions without lines";
        return symbols->process->modules[number].name;
    }
    return NULL;
}

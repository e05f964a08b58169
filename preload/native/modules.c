/* SPDX-License-Identifier: MIT */
/* The program and its libraries: where each lies, and which build of which file it is. */
#include <elf.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

#include "native_state.h"

#define MODULES 4096u
#define TEXT ((size_t)1 << 20)
#define BUILD_ID_MOST 64u
#define PATH_MOST 4096u

struct module {
    uintptr_t bias, start, end;
    uint32_t text, length; /* its path */
    unsigned char build_id[BUILD_ID_MOST];
    uint8_t build_id_size;
};

static struct {
    struct module *list;
    char *text;
    uint32_t used;
    _Atomic uint32_t count;
    uint32_t written;
    _Atomic unsigned long long adds;
} modules;

static void read_build_id(const struct dl_phdr_info *info, struct module *m)
{
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type != PT_NOTE)
            continue;
        uintptr_t at = info->dlpi_addr + header->p_vaddr, end = at + header->p_memsz;
        while (at + sizeof(ElfW(Nhdr)) <= end) {
            ElfW(Nhdr) note;
            memcpy(&note, (const void *)at, sizeof note);
            uintptr_t name = at + sizeof note, data = name + ((note.n_namesz + 3u) & ~3u);
            if (data + note.n_descsz > end)
                break;
            if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
                memcmp((const void *)name, "GNU", 4) == 0 && note.n_descsz <= BUILD_ID_MOST) {
                memcpy(m->build_id, (const void *)data, note.n_descsz);
                m->build_id_size = (uint8_t)note.n_descsz;
                return;
            }
            at = data + ((note.n_descsz + 3u) & ~3u);
        }
    }
}

static int add(struct dl_phdr_info *info, size_t size, void *argument)
{
    (void)size;
    (void)argument;
    struct module m = {.bias = info->dlpi_addr, .start = UINTPTR_MAX};
    static char path[PATH_MOST];
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type != PT_LOAD || !(header->p_flags & PF_X))
            continue;
        uintptr_t start = m.bias + header->p_vaddr, end = start + header->p_memsz;
        m.start = start < m.start ? start : m.start;
        m.end = end > m.end ? end : m.end;
    }
    if (m.start >= m.end)
        return 0;
    const char *name = info->dlpi_name;
    if (!name || !*name) {
        ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
        path[n > 0 ? n : 0] = '\0';
        name = path;
    }
    size_t length = strnlen(name, PATH_MOST);
    uint32_t count = modules.count;
    for (uint32_t i = 0; i < count; i++) {
        const struct module *known = &modules.list[i];
        if (known->start == m.start && known->end == m.end && known->length == length &&
            memcmp(modules.text + known->text, name, length) == 0)
            return 0;
    }
    if (count == MODULES || modules.used + length > TEXT)
        return 0;
    read_build_id(info, &m);
    m.text = modules.used;
    m.length = (uint32_t)length;
    memcpy(modules.text + modules.used, name, length);
    modules.used += m.length;
    modules.list[count] = m;
    modules.count = count + 1;
    return 0;
}

static int read_adds(struct dl_phdr_info *info, size_t size, void *argument)
{
    (void)size;
    *(unsigned long long *)argument = info->dlpi_adds;
    return 1;
}

/* dl_iterate_phdr() holds the loader's lock while it calls: that guards the list against a second caller. */
void modules_refresh(void)
{
    unsigned long long adds = 0;
    if (!modules.list) {
        modules.list = native.host->reserve(MODULES * sizeof *modules.list);
        modules.text = native.host->reserve(TEXT);
    }
    if (!modules.list || !modules.text)
        return;
    dl_iterate_phdr(read_adds, &adds);
    if (adds == modules.adds)
        return;
    modules.adds = adds;
    dl_iterate_phdr(add, NULL);
}

bool modules_range(uintptr_t address, uintptr_t *start, uintptr_t *end)
{
    uint32_t count = modules.count;
    for (uint32_t i = 0; i < count; i++)
        if (address >= modules.list[i].start && address < modules.list[i].end) {
            *start = modules.list[i].start;
            *end = modules.list[i].end;
            return true;
        }
    return false;
}

bool modules_put(struct payload *out)
{
    uint32_t count = modules.count;
    if (modules.written >= count)
        return false;
    payload_varint(out, modules.written + 1);
    payload_varint(out, count - modules.written);
    for (; modules.written < count; modules.written++) {
        const struct module *m = &modules.list[modules.written];
        payload_varint(out, m->bias);
        payload_varint(out, m->start);
        payload_varint(out, m->end);
        payload_counted(out, modules.text + m->text, m->length);
        payload_counted(out, m->build_id, m->build_id_size);
    }
    return true;
}

void modules_fork_child(void)
{
    modules.written = 0;
}

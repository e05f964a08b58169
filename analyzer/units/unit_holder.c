/* SPDX-License-Identifier: MIT */
#include "units/unit_holder.h"

#include <stdlib.h>
#include <string.h>

#include "units/unit_sites.h"

/* Whether a file is that of a module: ".../a/b.py" or ".../a/b/__init__.py" of "a.b". */
static bool file_is_of(const char *file, const char *module)
{
    static const char *const ends[] = {".py", "/__init__.py"};
    size_t length = strlen(file), name = strlen(module);
    if (!strncmp(file, "<frozen ", 8)) /* "<frozen os>" */
        return length == name + 9 && !strncmp(file + 8, module, name);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t end = strlen(ends[i]);
        if (length < end + name || strcmp(file + length - end, ends[i]) != 0)
            continue;
        const char *at = file + length - end - name;
        if (at > file && at[-1] != '/')
            continue;
        size_t same = 0;
        while (same < name &&
               (at[same] == module[same] || (at[same] == '/' && module[same] == '.')))
            same++;
        if (same == name)
            return true;
    }
    return false;
}

/*
 * Modules whose functions were seen are known by their files; a name that ends several files' names
 * (suite of "unittest/suite.py") is taken for the program's. Of the others those count that have a name of
 * the interpreter's own kind.
 */
static bool module_is_standard(const struct process *p, const char *module)
{
    bool found = false;
    if (!strncmp(module, "typing.", 7)) /* has modules without files */
        return true;
    for (uint32_t f = 1; f <= p->function_count; f++) {
        const char *file = p->functions[f].file;
        if (!file_is_of(file, module))
            continue;
        if (!unit_file_is_standard(file) && !unit_file_is_runner(file))
            return false;
        found = true;
    }
    return found || !strcmp(module, "sys") || !strcmp(module, "builtins") || *module == '_';
}

/* The runtime's own tables (of methods, of interned strings) are as good as its library. */
static bool root_is_standard(const struct process *p, const struct root *root)
{
    switch (root->kind) {
    case OURO_ROOT_MODULE:
        return strcmp(root->name, "__main__") != 0 && module_is_standard(p, root->name);
    case OURO_ROOT_INTERPRETER:
    case OURO_ROOT_INTERNED:
    case OURO_ROOT_STATIC_TYPE:
    case OURO_ROOT_MEMORY:
        return true;
    default:
        return false;
    }
}

static bool type_is_runner(const char *name)
{
    static const char *const packages[] = {"_pytest.", "pluggy.", "unittest."};
    for (size_t i = 0; i < sizeof packages / sizeof *packages; i++) {
        if (!strncmp(name, packages[i], strlen(packages[i])))
            return true;
    }
    return false;
}

int unit_holders_find(const struct process *process, const struct snapshot *s,
                      const struct garbage *garbage, struct unit_holders *holders)
{
    *holders = (struct unit_holders){.process = process};
    holders->module = calloc((size_t)s->root_count + 1, 1);
    if (!holders->module || heap_roots_find(s, garbage->class, &holders->roots) < 0 ||
        root_paths_build(s, &holders->roots, garbage->class, &holders->paths) < 0)
        return -1;
    holders->runner = calloc((size_t)s->type_count + 1, 1);
    if (!holders->runner)
        return -1;
    for (uint32_t t = 1; t <= s->type_count; t++) {
        holders->runner[t] = type_is_runner(s->types[t].name);
        if (!strcmp(s->types[t].name, "functools._lru_cache_wrapper"))
            holders->cache_type = t;
    }
    for (uint32_t r = 0; r < s->root_count; r++)
        holders->module[r] = root_is_standard(process, &s->roots[r]);
    return 0;
}

void unit_holders_free(struct unit_holders *holders)
{
    heap_roots_free(&holders->roots);
    root_paths_free(&holders->paths);
    free(holders->module);
    free(holders->runner);
    *holders = (struct unit_holders){0};
}

bool unit_holder_is_standard(const struct unit_holders *holders, uint32_t object)
{
    while (holders->paths.before[object] != NO_ID) {
        object = holders->paths.before[object];
        if (holders->runner[holders->paths.snapshot->type[object]])
            return true;
    }
    uint32_t record = heap_roots_record(&holders->roots, object);
    return record != NO_ID && holders->module[record];
}

bool unit_holder_is_cache(const struct unit_holders *holders, uint32_t object)
{
    const struct snapshot *s = holders->paths.snapshot;
    for (; object != NO_ID; object = holders->paths.before[object]) {
        if (holders->cache_type && s->type[object] == holders->cache_type)
            return true;
    }
    return false;
}

bool unit_holder_is_module(const struct unit_holders *holders, uint32_t object, const char *file)
{
    while (holders->paths.before[object] != NO_ID)
        object = holders->paths.before[object];
    uint32_t record = heap_roots_record(&holders->roots, object);
    const struct root *root = record == NO_ID ? NULL : &holders->paths.snapshot->roots[record];
    return root && root->kind == OURO_ROOT_MODULE &&
           (!strcmp(root->name, "__main__") || file_is_of(file, root->name));
}

int unit_holder_name(const struct unit_holders *holders, uint32_t object, struct arena *arena,
                     const char **name)
{
    struct root_path path;
    if (root_path_find(&holders->paths, object, arena, &path) < 0)
        return -1;
    *name = path.name;
    return 0;
}

/* SPDX-License-Identifier: MIT */
#include "run/run_shim.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHIM_NAME "libouro.so"
#define NATIVE_NAME "libouro-native.so"

/* The folder of the running executable; false when /proc does not tell. */
static bool own_folder(char folder[PATH_MAX])
{
    ssize_t length = readlink("/proc/self/exe", folder, PATH_MAX - 1);
    if (length <= 0)
        return false;
    folder[length] = '\0';
    char *slash = strrchr(folder, '/');
    if (!slash)
        return false;
    *slash = '\0';
    return true;
}

char *shim_find(char *error, size_t error_size)
{
    /* OURO_LIBDIR is "lib", "lib/x86_64-linux-gnu" or the like. */
    static const char *const places[] = {"", ("/../" OURO_LIBDIR), "/../lib", "/../lib64"};
    char folder[PATH_MAX], *path, *found = NULL;
    bool known = own_folder(folder);
    for (size_t i = 0; known && !found && i < sizeof places / sizeof *places; i++) {
        if (asprintf(&path, "%s%s/" SHIM_NAME, folder, places[i]) < 0)
            break;
        found = realpath(path, NULL);
        free(path);
    }
    if (!found)
        found = realpath(OURO_LIBDIR_ABSOLUTE "/" SHIM_NAME, NULL);
    if (!found) {
        snprintf(error, error_size,
                 SHIM_NAME " is missing: it should be beside ouro or in " OURO_LIBDIR_ABSOLUTE);
        return NULL;
    }
    /* Separators of LD_PRELOAD, and what the loader expands ($ORIGIN); see ld.so(8). */
    if (strpbrk(found, " :\t\n$")) {
        snprintf(error, error_size,
                 "%s: a library cannot be preloaded from a path with a space, colon or dollar "
                 "sign; build or install ouro somewhere else",
                 found);
        free(found);
        return NULL;
    }
    return found;
}

bool shim_has_native(const char *shim, char *error, size_t error_size)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%.*s" NATIVE_NAME, (int)(strlen(shim) - strlen(SHIM_NAME)), shim);
    if (access(path, R_OK) == 0)
        return true;
    snprintf(error, error_size, "--native needs %s, which is missing", path);
    return false;
}

static bool is_ours(const char *name, size_t length)
{
    return (length == strlen(SHIM_NAME) && memcmp(name, SHIM_NAME, length) == 0) ||
           (length == strlen(NATIVE_NAME) && memcmp(name, NATIVE_NAME, length) == 0);
}

/* The shim, the library for native memory behind it if that is wanted, then what was in the list but
 * other shims; freed by the caller. NULL: no memory. */
static char *preload_list(const char *shim, const char *list, bool native)
{
    size_t room = 2 * strlen(shim) + strlen(NATIVE_NAME) + strlen(list) + 3;
    char *joined = malloc(room);
    if (!joined)
        return NULL;
    size_t used = (size_t)snprintf(joined, room, "%s", shim);
    if (native)
        used += (size_t)snprintf(joined + used, room - used, ":%.*s" NATIVE_NAME,
                                 (int)(strlen(shim) - strlen(SHIM_NAME)), shim);
    while (*(list += strspn(list, " :"))) {
        int size = (int)strcspn(list, " :");
        const char *name = memrchr(list, '/', (size_t)size);
        name = name ? name + 1 : list;
        if (!is_ours(name, (size_t)(list + size - name)))
            used += (size_t)snprintf(joined + used, room - used, ":%.*s", size, list);
        list += size;
    }
    return joined;
}

static int set_number(const char *name, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, number);
    return setenv(name, text, 1);
}

int shim_environment(const char *shim, const struct shim_request *request)
{
    const char *present = getenv("LD_PRELOAD");
    char *list = preload_list(shim, present ? present : "", request->native != 0);
    int result = list ? setenv("LD_PRELOAD", list, 1) : -1;
    free(list);
    if (result != 0)
        return -1;
    /* What was not asked for stays as the user's environment has it. */
    if (setenv("OURO_OUT", request->folder, 1) != 0 ||
        setenv("OURO_LAUNCHER", "1", 1) != 0 || /* we wait for the snapshots */
        (!request->values && setenv("OURO_VALUES", "0", 1) != 0) ||
        (!request->snapshot && setenv("OURO_SNAPSHOT", "none", 1) != 0) ||
        (request->lives && setenv("OURO_LIVES", "1", 1) != 0) ||
        (request->verbose && setenv("OURO_VERBOSE", "1", 1) != 0) ||
        (request->sample && set_number("OURO_SAMPLE", request->sample) != 0) ||
        (request->native && set_number("OURO_NATIVE", request->native) != 0) ||
        (request->seed && set_number("OURO_SEED", request->seed) != 0) ||
        (request->epoch && set_number("OURO_EPOCH", request->epoch) != 0) ||
        (request->gc_shapes && setenv("OURO_GC_SHAPES", request->gc_shapes, 1)) ||
        (request->snapshot_every && setenv("OURO_SNAPSHOT_EVERY", request->snapshot_every, 1)) ||
        (request->snapshot_marks && setenv("OURO_SNAPSHOT_MARKS", "1", 1)) ||
        (request->snapshot_growth &&
         set_number("OURO_SNAPSHOT_GROWTH", request->snapshot_growth) != 0))
        return -1;
    return 0;
}

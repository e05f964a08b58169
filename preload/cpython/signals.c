/* SPDX-License-Identifier: MIT */
#include "signals.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "dying.h"
#include "layout.h"
#include "objects.h"

/*
 * CPython keeps a table of { int tripped; PyObject *func; } with 65 entries, of which 0 is unused
 * (Handlers, Modules/signalmodule.c; _PyRuntime.signals.handlers from 3.12 on). It has no name that
 * could be asked for, but its contents are unmistakable: nearly all entries are SIG_DFL.
 */
#define SIGNALS 64u
#define ENTRY 16u
#define DEFAULT_LEAST 40u /* a program that handles more than this is not understood */

static uintptr_t handler(uintptr_t table, unsigned number)
{
    return load_word(table, number * ENTRY + 8u);
}

static bool is_table(uintptr_t at, uintptr_t sig_default)
{
    unsigned same = 0;
    if (load_word(at, 0) || handler(at, 0)) /* there is no signal 0 */
        return false;
    for (unsigned i = 1; i <= SIGNALS; i++) {
        if (load_word(at, i * ENTRY) & 0xfffffffe || handler(at, i) & 7 || !handler(at, i))
            return false;
        same += handler(at, i) == sig_default;
    }
    return same >= DEFAULT_LEAST;
}

static uintptr_t find_table(uintptr_t sig_default)
{
    uintptr_t start, end;
    const char *path;
    for (unsigned i = 0; dying_data(i, &start, &end, &path); i++) {
        const uintptr_t size = (SIGNALS + 1) * ENTRY;
        for (uintptr_t at = (start + 7) & ~7ul; at + size <= end; at += 8)
            /* SIGXCPU and what follows it is hardly ever handled. */
            if (handler(at, 24) == sig_default && handler(at, 26) == sig_default &&
                handler(at, 40) == sig_default && is_table(at, sig_default))
                return at;
    }
    return 0;
}

void signals_write(struct snapshot *snapshot)
{
    static const char *const names[] = {
        [SIGHUP] = "HUP",       [SIGINT] = "INT",     [SIGQUIT] = "QUIT", [SIGTERM] = "TERM",
        [SIGUSR1] = "USR1",     [SIGUSR2] = "USR2",   [SIGALRM] = "ALRM", [SIGCHLD] = "CHLD",
        [SIGPIPE] = "PIPE",     [SIGWINCH] = "WINCH", [SIGTSTP] = "TSTP", [SIGCONT] = "CONT",
        [SIGVTALRM] = "VTALRM", [SIGPROF] = "PROF",   [SIGIO] = "IO",     [SIGSEGV] = "SEGV",
        [SIGABRT] = "ABRT",     [SIGTTIN] = "TTIN",   [SIGTTOU] = "TTOU", [SIGURG] = "URG"};
    py_object *modules = api.PyImport_GetModuleDict();
    py_object *module = modules ? api.PyDict_GetItemString(modules, "_signal") : NULL;
    if (!module || object_type((uintptr_t)module) != (uintptr_t)api.module_type)
        return;
    uintptr_t sig_default = objects_attribute((uintptr_t)module, "SIG_DFL");
    uintptr_t sig_ignore = objects_attribute((uintptr_t)module, "SIG_IGN");
    if (!sig_default || sigsetjmp(snapshot->recover, 0)) {
        snapshot->guarded = 0;
        return;
    }
    snapshot->guarded = 1;
    uintptr_t table = find_table(sig_default);
    for (unsigned i = 1; table && i <= SIGNALS; i++) {
        uintptr_t function = handler(table, i);
        if (!function || function == sig_default || function == sig_ignore ||
            function == (uintptr_t)api.none)
            continue;
        char name[32];
        if (i < sizeof names / sizeof *names && names[i])
            snprintf(name, sizeof name, "SIG%s", names[i]);
        else
            snprintf(name, sizeof name, "%u", i);
        struct snapshot_root root = {.kind = OURO_ROOT_SIGNAL,
                                     .flags = OURO_ROOT_COUNTED,
                                     .target = snapshot_index(snapshot, function),
                                     .name = snapshot_string(snapshot, name, strlen(name))};
        snapshot_root(snapshot, &root);
    }
    snapshot->guarded = 0;
}

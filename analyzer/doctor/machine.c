/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <gnu/libc-version.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "doctor/findings.h"
#include "text/human.h"

#define MEMORY_LEAST (UINT64_C(256) << 20)
#define SPACE_LEAST (UINT64_C(100) << 20)
#define DESCRIPTORS_LEAST 32
#define FILE_LEAST (UINT64_C(16) << 20)
#define ADDRESSES_LEAST (UINT64_C(1) << 30)

static void check_system(struct findings *f)
{
    struct utsname system;
    if (uname(&system) != 0)
        return;
    bool known = strcmp(system.sysname, "Linux") == 0 && strcmp(system.machine, "x86_64") == 0;
    findings_add(f, known ? FINDING_OK : FINDING_UNUSABLE, "system",
                 known ? NULL : "ouro records on Linux on x86-64 only", "%s %s, %s, C library %s",
                 system.sysname, system.release, system.machine, gnu_get_libc_version());
}

/* The number behind a name in a file of lines as "Name: 12 kB"; false: it is not there. */
static bool number_of(const char *path, const char *name, uint64_t *number)
{
    char line[256];
    bool found = false;
    size_t length = strlen(name);
    FILE *file = fopen(path, "re");
    while (file && !found && fgets(line, sizeof line, file)) {
        found = strncmp(line, name, length) == 0;
        if (found)
            *number = strtoull(line + length, NULL, 10);
    }
    if (file)
        fclose(file);
    return found;
}

static void check_proc(struct findings *f)
{
    uint64_t mode = 0;
    if (access("/proc/self/maps", R_OK) != 0) {
        findings_add(f, FINDING_UNUSABLE, "/proc", "mount it: the library finds the runtime there",
                     "not readable: %s", strerror(errno));
        return;
    }
    if (number_of("/proc/self/status", "Seccomp:", &mode) && mode == 2)
        findings_add(f, FINDING_OK, "seccomp", NULL,
                     "system calls are filtered; whether snapshots work all the same is told "
                     "with the interpreter");
    else
        findings_add(f, FINDING_OK, "seccomp", NULL, "no filter of system calls");
}

/* The limit on memory of the control group this process is in; UINT64_MAX: none. */
static uint64_t group_limit(void)
{
    char line[PATH_MAX] = "", path[PATH_MAX + 64], text[32] = "";
    FILE *file = fopen("/proc/self/cgroup", "re");
    while (file && fgets(line, sizeof line, file) && strncmp(line, "0::", 3) != 0)
        line[0] = 0;
    if (file)
        fclose(file);
    line[strcspn(line, "\n")] = 0;
    if (!line[0])
        return UINT64_MAX;
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/memory.max", line + 3);
    file = fopen(path, "re");
    if (file && !fgets(text, sizeof text, file))
        text[0] = 0;
    if (file)
        fclose(file);
    return text[0] >= '0' && text[0] <= '9' ? strtoull(text, NULL, 10) : UINT64_MAX;
}

static void check_memory(struct findings *f)
{
    uint64_t available = UINT64_MAX, mode = 0, limit = group_limit();
    struct rlimit addresses;
    if (number_of("/proc/meminfo", "MemAvailable:", &available))
        available *= 1024;
    if (limit < available)
        available = limit;
    if (available != UINT64_MAX)
        findings_add(f, available < MEMORY_LEAST ? FINDING_DEGRADED : FINDING_OK, "memory",
                     available < MEMORY_LEAST ? "recording takes a third more than the program's "
                                                "small objects; --sample takes less"
                                              : NULL,
                     "%s available%s", human_bytes(available).text,
                     available == limit ? " (limit of the control group)" : "");
    if (number_of("/proc/sys/vm/overcommit_memory", "", &mode) && mode == 2)
        findings_add(f, FINDING_DEGRADED, "overcommit",
                     "vm.overcommit_memory=2: the library reserves by the gigabyte what it may "
                     "never use",
                     "memory is not overcommitted, and reserving tables may fail");
    if (getrlimit(RLIMIT_AS, &addresses) == 0 && addresses.rlim_cur != RLIM_INFINITY)
        findings_add(f, addresses.rlim_cur < ADDRESSES_LEAST ? FINDING_DEGRADED : FINDING_OK,
                     "addresses", "ulimit -v: the library takes an eighth of what is left",
                     "limited to %s", human_bytes(addresses.rlim_cur).text);
}

static void check_limits(struct findings *f)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < DESCRIPTORS_LEAST)
        findings_add(f, FINDING_DEGRADED, "descriptors", "ulimit -n: each process needs one more",
                     "limited to %" PRIu64, (uint64_t)limit.rlim_cur);
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        findings_add(f, limit.rlim_cur < FILE_LEAST ? FINDING_DEGRADED : FINDING_OK, "file size",
                     "ulimit -f: a trace ends there, the program goes on", "limited to %s",
                     human_bytes(limit.rlim_cur).text);
    if (getrlimit(RLIMIT_NPROC, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        limit.rlim_cur < 16 && geteuid() != 0)
        findings_add(f, FINDING_DEGRADED, "processes",
                     "ulimit -u: a snapshot is written by a copy of the process",
                     "limited to %" PRIu64, (uint64_t)limit.rlim_cur);
}

static void check_environment(struct findings *f)
{
    static const char *const tracers[] = {"PYTHONTRACEMALLOC", "LD_AUDIT", "LD_BIND_NOW"};
    const char *preload = getenv("LD_PRELOAD"), *allocator = getenv("PYTHONMALLOC");
    if (preload && strstr(preload, "libouro.so"))
        findings_add(f, FINDING_DEGRADED, "LD_PRELOAD", "unset it: 'ouro run' sets it itself",
                     "this shell itself runs under ouro: %s", preload);
    else if (preload && *preload)
        findings_add(f, FINDING_OK, "LD_PRELOAD", NULL, "is kept behind ours: %s", preload);
    if (allocator && strncmp(allocator, "malloc", 6) == 0)
        findings_add(f, FINDING_DEGRADED, "PYTHONMALLOC", "unset it: recording is slower",
                     "every block comes from malloc (%s)", allocator);
    if (getenv(tracers[0]))
        findings_add(f, FINDING_DEGRADED, tracers[0],
                     "unset it: on 3.13 and later it takes the place that makes stacks exact",
                     "tracemalloc is on");
    if (getenv(tracers[1]))
        findings_add(f, FINDING_DEGRADED, tracers[1], NULL,
                     "the dynamic loader is audited: calls may not reach the library");
}

static void check_folder(struct findings *f, const char *folder)
{
    struct statvfs system;
    char place[PATH_MAX];
    const char *shown = realpath(folder, place) ? place : folder;
    if (access(folder, W_OK | X_OK) != 0) {
        findings_add(f, FINDING_UNUSABLE, "folder",
                     "name one that can be written with 'ouro run -o FOLDER'",
                     "%s: runs cannot be written there: %s", shown, strerror(errno));
        return;
    }
    if (statvfs(folder, &system) != 0)
        return;
    uint64_t space = (uint64_t)system.f_bavail * system.f_frsize;
    bool little = space < SPACE_LEAST;
    findings_add(f, little ? FINDING_DEGRADED : FINDING_OK, "folder",
                 little ? "when the disk is full recording ends, the program goes on" : NULL,
                 "%s: can be written, %s free", shown, human_bytes(space).text);
}

void findings_machine(struct findings *f, const char *folder)
{
    check_system(f);
    check_proc(f);
    check_memory(f);
    check_limits(f);
    check_environment(f);
    check_folder(f, folder);
}

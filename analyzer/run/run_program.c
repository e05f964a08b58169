/* SPDX-License-Identifier: MIT */
#include "run/run_program.h"

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "trace/run_files.h"

#define SCRIPTS_MAX 4   /* interpreters of interpreters that the kernel follows */
#define SHEBANG_MAX 256 /* bytes of a first line that the kernel reads */
#define SEGMENTS_MAX 256

/* Where execvp() would find name. */
static bool find_in_path(const char *name, char path[PATH_MAX])
{
    const char *list = getenv("PATH");
    if (strchr(name, '/'))
        return (size_t)snprintf(path, PATH_MAX, "%s", name) < PATH_MAX;
    if (!list)
        list = "/bin:/usr/bin";
    for (;;) {
        size_t size = strcspn(list, ":");
        int length = size ? snprintf(path, PATH_MAX, "%.*s/%s", (int)size, list, name)
                          : snprintf(path, PATH_MAX, "%s", name);
        struct stat status;
        if (length < PATH_MAX && access(path, X_OK) == 0 && stat(path, &status) == 0 &&
            S_ISREG(status.st_mode))
            return true;
        if (!list[size])
            return false;
        list += size + 1;
    }
}

/* Set-user-ID, set-group-ID or capabilities: the loader then ignores LD_PRELOAD, see ld.so(8). */
static bool gains_privileges(int fd)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return false;
    if ((status.st_mode & S_ISUID) && status.st_uid != getuid())
        return true;
    if ((status.st_mode & S_ISGID) && (status.st_mode & S_IXGRP) && status.st_gid != getgid())
        return true;
    return geteuid() != 0 && fgetxattr(fd, "security.capability", NULL, 0) > 0;
}

/* Whether an executable of our class names a dynamic loader. The loader itself does not, but is one. */
static bool is_dynamic(int fd, const char *path)
{
    ElfW(Ehdr) header;
    if (strncmp(run_files_name(path), "ld", 2) == 0 && strstr(run_files_name(path), ".so"))
        return true;
    if (pread(fd, &header, sizeof header, 0) != (ssize_t)sizeof header ||
        header.e_phentsize != sizeof(ElfW(Phdr)))
        return true; /* not to be judged */
    for (unsigned i = 0; i < header.e_phnum && i < SEGMENTS_MAX; i++) {
        ElfW(Phdr) segment;
        off_t place = (off_t)(header.e_phoff + i * sizeof segment);
        if (pread(fd, &segment, sizeof segment, place) != (ssize_t)sizeof segment)
            return true;
        if (segment.p_type == PT_INTERP)
            return true;
    }
    return false;
}

/* Class and machine that this program is built for. */
static bool same_architecture(const unsigned char *start)
{
    ElfW(Ehdr) theirs, ours;
    memcpy(&theirs, start, sizeof theirs);
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    bool same =
        fd < 0 || pread(fd, &ours, sizeof ours, 0) != (ssize_t)sizeof ours ||
        (ours.e_ident[EI_CLASS] == theirs.e_ident[EI_CLASS] && ours.e_machine == theirs.e_machine);
    if (fd >= 0)
        close(fd);
    return same;
}

/* Replaces path by the interpreter of the script that starts with line. */
static bool follow_script(const char *line, char path[PATH_MAX])
{
    line += 2;
    line += strspn(line, " \t");
    size_t length = strcspn(line, " \t\n");
    if (length == 0)
        return false;
    snprintf(path, PATH_MAX, "%.*s", (int)length, line);
    line += length;
    line += strspn(line, " \t");
    length = strcspn(line, " \t\n");
    /* `#!/usr/bin/env python3` */
    if (strcmp(run_files_name(path), "env") == 0 && length && *line != '-') {
        char name[SHEBANG_MAX];
        snprintf(name, sizeof name, "%.*s", (int)length, line);
        return find_in_path(name, path);
    }
    return true;
}

bool program_refuses_preload(const char *name, char *why, size_t why_size)
{
    char path[PATH_MAX];
    bool refuses = false, script = find_in_path(name, path);
    for (int depth = 0; script && depth <= SCRIPTS_MAX; depth++) {
        unsigned char start[SHEBANG_MAX] = {0};
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0)
            return false;
        ssize_t size = read(fd, start, sizeof start - 1);
        script = size > 2 && start[0] == '#' && start[1] == '!';
        const char *what = NULL;
        if (size >= (ssize_t)sizeof(ElfW(Ehdr)) && memcmp(start, ELFMAG, SELFMAG) == 0) {
            if (!same_architecture(start))
                what = "is made for another architecture than ouro";
            else if (gains_privileges(fd))
                what = "gains privileges when it starts, and preloading is off then";
            else if (!is_dynamic(fd, path))
                what = "is statically linked";
        }
        close(fd);
        if (what) {
            snprintf(why, why_size, "%s %s", path, what);
            refuses = true;
        }
        script = script && follow_script((const char *)start, path);
    }
    return refuses;
}

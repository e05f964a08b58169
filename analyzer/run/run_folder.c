/* SPDX-License-Identifier: MIT */
#include "run/run_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/foreign_link.h"
#include "ouro/trace.h"
#include "trace/run_files.h"

#define FOLDER_SUFFIX ".ouro"
#define FOLDERS_MAX 10000 /* NAME.2.ouro … NAME.10000.ouro */

/* python, python3, python3.14t, pypy3, …: an interpreter that takes Python's options. */
static bool is_interpreter(const char *program)
{
    const char *name = run_files_name(program);
    size_t length = strncmp(name, "python", 6) == 0 ? 6 : strncmp(name, "pypy", 4) == 0 ? 4 : 0;
    return length && strspn(name + length, "0123456789.tdw-dbg") == strlen(name + length);
}

/*
 * What a Python command line runs: a script, a module (*is_module), or NULL for -c and standard
 * input. Options that take a value may have it in the same word; letters may be joined ("-Im pkg").
 */
static const char *python_target(char *const *words, bool *is_module)
{
    *is_module = false;
    for (size_t i = 1; words[i]; i++) {
        const char *word = words[i];
        if (word[0] != '-')
            return word;
        if (word[1] == '\0')
            return NULL; /* "-": standard input */
        if (word[1] == '-') {
            if (strcmp(word, "--check-hash-based-pycs") == 0 && words[i + 1])
                i++;
            continue;
        }
        for (const char *letter = word + 1; *letter; letter++) {
            const char *value = letter[1] ? letter + 1 : words[i + 1];
            if (*letter == 'c')
                return NULL;
            if (*letter == 'm') {
                *is_module = true;
                return value;
            }
            if (*letter == 'W' || *letter == 'X') {
                i += letter[1] == '\0' && words[i + 1];
                break;
            }
        }
    }
    return NULL;
}

char *run_folder_name(char *const *command)
{
    bool is_module = false;
    const char *target = is_interpreter(command[0]) ? python_target(command, &is_module) : NULL;
    if (!target || !*target)
        target = command[0];
    if (is_module)
        return strdup(strspn(target, "./") == strlen(target) ? "module" : target);

    char real[PATH_MAX];
    size_t length = strlen(target);
    /* A folder or zip file that Python runs may be named "." or "dir/". */
    if ((target[length - 1] == '/' || target[length - 1] == '.') && realpath(target, real))
        target = real;
    const char *name = run_files_name(target);
    length = strlen(name);
    if (length > 3 && strcmp(name + length - 3, ".py") == 0)
        length -= 3;
    while (length && *name == '.') { /* not to hide it */
        name++;
        length--;
    }
    return length ? strndup(name, length) : strdup("program");
}

/* Whether the folder holds anything; sets errno and returns true when it cannot be read. */
static bool is_occupied(const char *path)
{
    struct dirent *entry;
    DIR *directory = opendir(path);
    if (!directory)
        return true;
    bool found = false;
    while (errno = 0, !found && (entry = readdir(directory)) != NULL)
        found = strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    int saved = found ? 0 : errno;
    closedir(directory);
    errno = saved;
    return found || saved;
}

/* Removes the traces of an earlier run. */
static int remove_traces(const char *path, char *error, size_t error_size)
{
    struct run_files files;
    int result = 0;
    if (run_files_list(path, &files, error, error_size) != 0)
        return 0; /* there are none */
    for (size_t i = 0; i < files.count && result == 0; i++) {
        if (unlink(files.paths[i]) != 0) {
            snprintf(error, error_size, "%s: cannot be removed: %s", files.paths[i],
                     strerror(errno));
            result = -1;
        }
    }
    run_files_free(&files);
    return result;
}

/* A folder the user named. */
static int prepare_named(struct run_folder *folder, const char *path, bool force, char *error,
                         size_t error_size)
{
    struct stat status;
    if (link_is_foreign(path)) {
        snprintf(error, error_size, "%s: is a symbolic link of another user", path);
        return -1;
    }
    if (mkdir(path, 0700) == 0) {
        folder->created = true;
        (void)chmod(path, 0700); /* whatever the umask took away */
    } else if (errno != EEXIST) {
        snprintf(error, error_size, "%s: cannot be created: %s", path, strerror(errno));
        return -1;
    } else if (stat(path, &status) == 0 && !S_ISDIR(status.st_mode)) {
        snprintf(error, error_size, "%s: exists and is not a folder", path);
        return -1;
    } else if (is_occupied(path)) {
        if (errno) {
            snprintf(error, error_size, "%s: %s", path, strerror(errno));
            return -1;
        }
        if (!force) {
            snprintf(error, error_size,
                     "%s: exists and is not empty; name another folder, or replace its traces "
                     "with --force",
                     path);
            return -1;
        }
        if (remove_traces(path, error, error_size) != 0)
            return -1;
    }
    folder->shown = strdup(path);
    return 0;
}

/* A folder for which we choose the name. */
static int prepare_chosen(struct run_folder *folder, char *const *command, char *error,
                          size_t error_size)
{
    char *name = run_folder_name(command);
    int number = 1;
    for (; name && number <= FOLDERS_MAX; number++) {
        int length = number == 1 ? asprintf(&folder->shown, "%s%s", name, FOLDER_SUFFIX)
                                 : asprintf(&folder->shown, "%s.%d%s", name, number, FOLDER_SUFFIX);
        if (length < 0) {
            folder->shown = NULL;
            break;
        }
        if (mkdir(folder->shown, 0700) == 0) {
            (void)chmod(folder->shown, 0700); /* whatever the umask took away */
            folder->created = true;
            folder->numbered = number > 1;
            free(name);
            return 0;
        }
        if (errno != EEXIST)
            break;
        free(folder->shown);
        folder->shown = NULL;
    }
    if (!name || (!folder->shown && number <= FOLDERS_MAX))
        snprintf(error, error_size, "not enough memory");
    else if (folder->shown)
        snprintf(error, error_size, "%s: cannot be created here: %s; name a folder with -o",
                 folder->shown, strerror(errno));
    else
        snprintf(error, error_size, "%s%s: every name up to %s.%d%s is taken", name, FOLDER_SUFFIX,
                 name, FOLDERS_MAX, FOLDER_SUFFIX);
    free(name);
    return -1;
}

int run_folder_prepare(struct run_folder *folder, const char *path, bool force,
                       char *const *command, char *error, size_t error_size)
{
    *folder = (struct run_folder){0};
    int result = path ? prepare_named(folder, path, force, error, error_size)
                      : prepare_chosen(folder, command, error, error_size);
    if (result == 0 && (!folder->shown || !(folder->path = realpath(folder->shown, NULL)))) {
        snprintf(error, error_size, "%s: %s", folder->shown ? folder->shown : "run",
                 strerror(errno));
        result = -1;
    }
    if (result == 0 && access(folder->path, W_OK | X_OK) != 0) {
        snprintf(error, error_size, "%s: cannot be written: %s", folder->shown, strerror(errno));
        result = -1;
    }
    if (result != 0)
        run_folder_free(folder);
    return result;
}

void run_folder_discard(const struct run_folder *folder)
{
    if (folder->created)
        rmdir(folder->path); /* fails, as it should, when anything is in it */
}

void run_folder_free(struct run_folder *folder)
{
    free(folder->path);
    free(folder->shown);
    *folder = (struct run_folder){0};
}

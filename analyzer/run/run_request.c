/* SPDX-License-Identifier: MIT */
#include "run/run_request.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "ouro/request.h"
#include "ouro/trace.h"
#include "trace/chunk_reader.h"
#include "trace/cursor.h"

#define STEP_NS 10000000   /* between looks at the trace */
#define REPEAT_SECONDS 0.3 /* the signal is sent again: the program may just have been busy */

#define LIST_BYTES ((size_t)4 << 20) /* of a process's maps or environment that are read */

/* What is known of the process that is asked. */
struct subject {
    int pid;
    char trace[PATH_MAX]; /* "": it has none yet */
    uint64_t first, seen; /* bytes that were there at first, that were looked at */
};

/* Reads a file of /proc/PID; freed by the caller. NULL: errno says why. */
static char *slurp(int pid, const char *name, size_t *size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *text = fd < 0 ? NULL : malloc(LIST_BYTES + 1);
    ssize_t n = 1;
    *size = 0;
    while (text && n > 0 && *size < LIST_BYTES) {
        n = read(fd, text + *size, LIST_BYTES - *size);
        if (n > 0)
            *size += (size_t)n;
    }
    int failure = errno;
    if (fd >= 0)
        close(fd);
    if (text && n < 0) {
        free(text);
        text = NULL;
    }
    if (text)
        text[*size] = '\0';
    errno = failure;
    return text;
}

/* The line of /proc/PID/status that starts with a name and a colon; "" if there is none. */
static const char *status_line(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    return at ? at + strlen(name) : "";
}

/* Whether the process can be asked; says why not. */
static bool can_be_asked(int pid, char *error, size_t error_size)
{
    size_t size;
    if (kill(pid, 0) != 0) {
        if (errno == ESRCH)
            snprintf(error, error_size, "there is no process %d", pid);
        else
            snprintf(error, error_size, "process %d belongs to another user", pid);
        return false;
    }
    char *status = slurp(pid, "status", &size), *maps = slurp(pid, "maps", &size);
    int failure = errno;
    bool denied = !maps && (failure == EACCES || failure == EPERM);
    bool ended = !status || *(status_line(status, "\nState:\t")) == 'Z';
    bool ours = maps && strstr(maps, "/libouro.so");
    uint64_t caught = status ? strtoull(status_line(status, "\nSigCgt:\t"), NULL, 16) : 0;
    bool listens = caught >> (OURO_REQUEST_SIGNAL - 1) & 1;
    free(status);
    free(maps);
    const char *why = ended      ? "has ended"
                      : denied   ? "does not let itself be looked at: no permission"
                      : !ours    ? "does not run under ouro: see 'ouro run'"
                      : !listens ? "is not recorded: it was told nowhere to record to"
                                 : NULL;
    if (why)
        snprintf(error, error_size, "process %d %s", pid, why);
    return !why;
}

/* Whether two processes run the same program. */
static bool same_program(const char *process, const char *other)
{
    char ours[PATH_MAX], theirs[PATH_MAX];
    ssize_t a = readlink(process, ours, sizeof ours), b = readlink(other, theirs, sizeof theirs);
    return a > 0 && a == b && memcmp(ours, theirs, (size_t)a) == 0;
}

int request_subject(int pid)
{
    char path[64], name[64];
    size_t size;
    snprintf(path, sizeof path, "/proc/%d/exe", pid);
    if (!same_program("/proc/self/exe", path))
        return pid;
    snprintf(name, sizeof name, "task/%d/children", pid);
    char *children = slurp(pid, name, &size);
    long child = children ? strtol(children, NULL, 10) : 0;
    free(children);
    return child > 0 && child <= INT_MAX ? (int)child : pid;
}

static bool is_trace_of(int pid, const char *name)
{
    char start[16];
    int length = snprintf(start, sizeof start, "%d-", pid);
    size_t size = strlen(name), suffix = strlen(OURO_TRACE_SUFFIX);
    return size > suffix && strncmp(name, start, (size_t)length) == 0 &&
           strcmp(name + size - suffix, OURO_TRACE_SUFFIX) == 0;
}

/* The trace among the open files of the process; reached through /proc, whatever its root is. */
static bool find_open(struct subject *subject)
{
    char folder[64], path[PATH_MAX], target[PATH_MAX];
    snprintf(folder, sizeof folder, "/proc/%d/fd", subject->pid);
    DIR *directory = opendir(folder);
    struct dirent *entry;
    bool found = false;
    while (directory && !found && (entry = readdir(directory)) != NULL) {
        snprintf(path, sizeof path, "%s/%.20s", folder, entry->d_name);
        ssize_t length = readlink(path, target, sizeof target - 1);
        target[length > 0 ? length : 0] = '\0';
        const char *name = strrchr(target, '/');
        found = name && is_trace_of(subject->pid, name + 1);
        if (found && access(target, R_OK) == 0)
            snprintf(subject->trace, sizeof subject->trace, "%s", target);
        else if (found)
            snprintf(subject->trace, sizeof subject->trace, "%s", path);
    }
    if (directory)
        closedir(directory);
    return found;
}

/* The newest trace in the folder that its environment names: it may have closed all its files. */
static bool find_in_folder(struct subject *subject)
{
    size_t size;
    char *environment = slurp(subject->pid, "environ", &size);
    const char *folder = NULL;
    for (size_t at = 0; environment && at < size; at += strlen(environment + at) + 1) {
        if (strncmp(environment + at, "OURO_OUT=", 9) == 0)
            folder = environment + at + 9;
    }
    DIR *directory = folder && *folder == '/' ? opendir(folder) : NULL;
    struct dirent *entry;
    char newest[NAME_MAX + 1] = "";
    while (directory && (entry = readdir(directory)) != NULL) {
        /* Names are PID-TIME in hexadecimal digits, as many for years to come. */
        if (is_trace_of(subject->pid, entry->d_name) && strcmp(entry->d_name, newest) > 0)
            snprintf(newest, sizeof newest, "%s", entry->d_name);
    }
    if (directory)
        closedir(directory);
    if (*newest)
        snprintf(subject->trace, sizeof subject->trace, "%s/%s", folder, newest);
    free(environment);
    return *newest;
}

static bool send(int pid)
{
    siginfo_t info = {.si_code = SI_QUEUE};
    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value.sival_int = OURO_REQUEST_SNAPSHOT;
    return syscall(SYS_rt_tgsigqueueinfo, pid, pid, OURO_REQUEST_SIGNAL, &info) == 0;
}

/* What a chunk says of the request. */
static void take_chunk(struct chunk_reader *reader, struct chunk *chunk,
                       struct request_answer *answer, bool *done, char *refusal, size_t size)
{
    uint16_t type = chunk->header.type;
    bool ends = type == OURO_CHUNK_SNAPSHOT_END && chunk->header.stream == answer->number;
    bool tells = type == OURO_CHUNK_SNAPSHOT_TAKEN || type == OURO_CHUNK_NOTE;
    if ((!ends && (!tells || answer->number)) || chunk_reader_unpack(reader, chunk) != CHUNK_VALID)
        return;
    struct cursor c = cursor_over(chunk->payload, chunk->size);
    if (type == OURO_CHUNK_NOTE) {
        uint64_t code = cursor_varint(&c);
        cursor_varint(&c);
        cursor_varint(&c);
        if (code == OURO_NOTE_SNAPSHOT_FAILED && !c.failed)
            snprintf(refusal, size, "%.*s", (int)cursor_left(&c), (const char *)c.at);
    } else if (type == OURO_CHUNK_SNAPSHOT_TAKEN) {
        uint64_t number = cursor_varint(&c), pause = cursor_varint(&c);
        cursor_varint(&c);
        cursor_varint(&c);
        if (cursor_varint(&c) == OURO_SNAPSHOT_ON_REQUEST && !c.failed) {
            answer->number = (uint32_t)number;
            answer->pause = pause;
        }
    } else {
        while (cursor_left(&c)) {
            uint64_t field = cursor_varint(&c);
            struct cursor value = cursor_part(&c);
            uint64_t number = field == OURO_SNAPSHOT_END_TEXT ? 0 : cursor_int64(&value);
            if (field == OURO_SNAPSHOT_END_OBJECTS)
                answer->objects = number;
            else if (field == OURO_SNAPSHOT_END_STATUS)
                answer->incomplete = number != OURO_SNAPSHOT_COMPLETE;
        }
        *done = true;
    }
}

/* Looks at what was appended to the trace since. A chunk that is not whole yet is left for later. */
static void look(struct subject *subject, struct request_answer *answer, bool *done, char *refusal,
                 size_t size)
{
    struct chunk chunk;
    char error[256];
    if (!*subject->trace && !find_open(subject) && !find_in_folder(subject))
        return;
    struct chunk_reader *reader = chunk_reader_open(subject->trace, error, sizeof error);
    if (!reader)
        return;
    chunk_reader_seek(reader, subject->seen);
    while (!*done && chunk_reader_skim(reader, &chunk) == CHUNK_VALID) {
        bool known = answer->number != 0;
        take_chunk(reader, &chunk, answer, done, refusal, size);
        subject->seen = chunk.offset + chunk.length;
        if (!known && answer->number) /* its end may have come before the process's side of it */
            chunk_reader_seek(reader, subject->seen = subject->first);
    }
    chunk_reader_close(reader);
}

static uint64_t now_ns(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

enum request_status request_snapshot(int pid, double seconds, struct request_answer *answer,
                                     char *error, size_t error_size)
{
    const struct timespec step = {0, STEP_NS};
    struct subject subject = {.pid = pid};
    char refusal[512] = "";
    bool done = false;
    *answer = (struct request_answer){0};
    if (!can_be_asked(pid, error, error_size))
        return REQUEST_FAILED;
    if (find_open(&subject) || find_in_folder(&subject)) {
        struct chunk_reader *reader = chunk_reader_open(subject.trace, error, error_size);
        if (!reader)
            return REQUEST_FAILED;
        subject.first = subject.seen = chunk_reader_size(reader);
        chunk_reader_close(reader);
    }
    uint64_t start = now_ns(), end = start + (uint64_t)(seconds * 1e9), sent = 0;
    while (!done && !*refusal && now_ns() < end) {
        bool gone = kill(pid, 0) != 0;
        if (!gone && !answer->number &&
            (!sent || (double)(now_ns() - sent) > REPEAT_SECONDS * 1e9)) {
            /* It may have become another program, which the signal would kill. */
            if (!can_be_asked(pid, error, error_size))
                return REQUEST_FAILED;
            gone = !send(pid) && errno == ESRCH;
            sent = now_ns();
        }
        nanosleep(&step, NULL);
        look(&subject, answer, &done, refusal, sizeof refusal);
        if (gone && !answer->number) {
            snprintf(error, error_size, "process %d ended before it took the snapshot", pid);
            return REQUEST_FAILED;
        }
    }
    if (*refusal) {
        snprintf(error, error_size, "process %d took no snapshot: %s", pid, refusal);
        return REQUEST_FAILED;
    }
    if (!answer->number && !*subject.trace) {
        snprintf(error, error_size,
                 "process %d has no trace: it has run no interpreter that ouro can profile", pid);
        return REQUEST_FAILED;
    }
    answer->incomplete = answer->incomplete || !done;
    return answer->number ? REQUEST_DONE : REQUEST_NO_ANSWER;
}

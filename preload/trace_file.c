/* SPDX-License-Identifier: MIT */
#include "trace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "descriptor.h"
#include "options.h"
#include "quiet_signal.h"

static bool fail(struct trace_file *file, const char *what)
{
    if (!file->failed && !file->silent)
        message("%s %s: %s; recording ends, the program goes on", what, file->path,
                strerror(errno));
    file->failed = true;
    return false;
}

/* Where others may write (/tmp) somebody could lead the trace to where they read it. */
static bool is_foreign_link(const char *folder)
{
    struct stat status;
    return lstat(folder, &status) == 0 && S_ISLNK(status.st_mode) && status.st_uid != 0 &&
           status.st_uid != geteuid();
}

bool trace_file_create(struct trace_file *file, const char *folder, uint64_t wall, bool silent)
{
    *file = (struct trace_file){.descriptor = -1, .silent = silent};
    snprintf(file->path, sizeof file->path, "%s", folder);
    if (is_foreign_link(folder)) {
        errno = EPERM;
        return fail(file, "cannot use a symbolic link of another user,");
    }
    if (mkdir(folder, 0700) == 0)
        chmod(folder, 0700); /* whatever the umask took away */
    else if (errno != EEXIST)
        return fail(file, "cannot create the folder");
    snprintf(file->name, sizeof file->name, "%d-%llx" OURO_TRACE_SUFFIX, (int)getpid(),
             (unsigned long long)wall);
    if ((size_t)snprintf(file->path, sizeof file->path, "%s/%s", folder, file->name) >=
        sizeof file->path) {
        errno = ENAMETOOLONG;
        return fail(file, "cannot create");
    }
    int descriptor =
        open(file->path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0)
        return fail(file, "cannot create");
    fchmod(descriptor, 0600); /* whatever the umask says */
    descriptor = descriptor_raise(descriptor);
    struct stat status;
    if (fstat(descriptor, &status) != 0) {
        close(descriptor);
        return fail(file, "cannot inspect");
    }
    file->silent = false;
    file->descriptor = descriptor;
    file->device = status.st_dev;
    file->inode = status.st_ino;
    return true;
}

static bool is_ours(const struct trace_file *file, int descriptor)
{
    struct stat status;
    return descriptor >= 0 && fstat(descriptor, &status) == 0 && status.st_dev == file->device &&
           status.st_ino == file->inode;
}

static bool reopen(struct trace_file *file)
{
    int descriptor = open(file->path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0)
        return false;
    if (!is_ours(file, descriptor)) {
        close(descriptor);
        errno = ESTALE;
        return false;
    }
    file->descriptor = descriptor_raise(descriptor);
    return true;
}

/* Writes all of it or reports why not. SIGXFSZ must not kill the program for our file. */
static bool write_whole(int descriptor, struct iovec *parts, int count)
{
    struct quiet_signal quiet;
    quiet_signal_block(SIGXFSZ, &quiet);
    bool whole = true;
    while (count > 0) {
        ssize_t n = writev(descriptor, parts, count);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            whole = false;
            break;
        }
        size_t done = (size_t)n;
        while (count > 0 && done >= parts->iov_len) {
            done -= parts->iov_len;
            parts++;
            count--;
        }
        if (count > 0) {
            parts->iov_base = (char *)parts->iov_base + done;
            parts->iov_len -= done;
        }
    }
    quiet_signal_restore(&quiet, !whole && errno == EFBIG);
    return whole;
}

bool trace_file_append(struct trace_file *file, enum ouro_chunk type, unsigned flags,
                       uint32_t stream, uint32_t *sequence, const void *payload, size_t stored,
                       size_t raw)
{
    if (file->failed || file->descriptor < 0)
        return false;
    int saved = errno;
    bool done = false;
    if (!is_ours(file, file->descriptor) && !reopen(file)) {
        fail(file, "lost the trace");
        goto out;
    }
    struct ouro_chunk_header header = {
        .magic = OURO_TRACE_MAGIC,
        .type = (uint16_t)type,
        .flags = (uint16_t)flags,
        .stored_size = (uint32_t)stored,
        .raw_size = (uint32_t)raw,
        .stream = stream,
        .sequence = *sequence,
    };
    XXH64_hash_t seed = XXH3_64bits(&header, offsetof(struct ouro_chunk_header, checksum));
    header.checksum = XXH3_64bits_withSeed(payload, stored, seed);
    struct iovec parts[2] = {{&header, sizeof header}, {(void *)(uintptr_t)payload, stored}};
    if (!write_whole(file->descriptor, parts, 2)) {
        fail(file, "cannot write");
        goto out;
    }
    ++*sequence;
    done = true;
out:
    errno = saved;
    return done;
}

bool trace_file_flush(struct trace_file *file, enum ouro_chunk type, struct payload *payload)
{
    bool done = false;
    if (payload->overflow) {
        errno = EOVERFLOW;
        fail(file, "a chunk is too large for");
    } else {
        done = trace_file_append(file, type, 0, 0, &file->sequence, payload->data, payload->size,
                                 payload->size);
    }
    payload_clear(payload);
    return done;
}

void trace_file_close(struct trace_file *file)
{
    if (is_ours(file, file->descriptor))
        close(file->descriptor);
    file->descriptor = -1;
}

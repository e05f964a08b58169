/* SPDX-License-Identifier: MIT */
/* Small files of /proc, which one read gives whole. */
#ifndef OURO_SMALL_FILE_H
#define OURO_SMALL_FILE_H

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

/* Its beginning, as far as there is room, as text; "" and false: it cannot be read, or is empty. */
static inline bool small_file_read(const char *path, char *text, size_t size)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = descriptor < 0 ? 0 : read(descriptor, text, size - 1);
    text[n > 0 ? n : 0] = '\0';
    if (descriptor >= 0)
        close(descriptor);
    return n > 0;
}

#endif

/* SPDX-License-Identifier: MIT */
#include "marks.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "occasion.h"
#include "recorder.h"
#include "shim.h"
#include "thread.h"

static bool running; /* a test is */

void marks_test(const char *value)
{
    if (!shim_runtime() || this_thread.inside || recorder_borrowed())
        return;
    int saved = errno;
    char name[4096];
    if (!value) {
        if (running)
            recorder_mark("test", true);
        if (running)
            occasion_mark();
        running = false;
        errno = saved;
        return;
    }
    running = true;
    snprintf(name, sizeof name, "test %s", value);
    recorder_mark(name, false);
    errno = saved;
}

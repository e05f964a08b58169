/* SPDX-License-Identifier: MIT */
/*
 * What `ouro doctor` finds out about this machine and an interpreter: a list of statements, each with
 * how much it matters. Every part asks the system; nothing is printed here.
 */
#ifndef OURO_ANALYZER_FINDINGS_H
#define OURO_ANALYZER_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

enum finding_level {
    FINDING_OK,
    FINDING_DEGRADED, /* recording works, but something is missing or may go wrong */
    FINDING_UNUSABLE, /* nothing can be recorded */
};

struct finding {
    enum finding_level level;
    const char *subject; /* "memory" */
    char text[400];      /* what is, one sentence without a full stop */
    char advice[300];    /* what to do about it; "" if nothing */
};

#define FINDINGS_MOST 32u

struct findings {
    struct finding items[FINDINGS_MOST];
    unsigned count;
};

/* Adds a statement; advice may be NULL. */
void findings_add(struct findings *findings, enum finding_level level, const char *subject,
                  const char *advice, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* The worst of all. */
enum finding_level findings_worst(const struct findings *findings);

/* "ok", "degraded", "unusable" */
const char *finding_level_name(enum finding_level level);

/* The kernel, limits, memory, the environment, and the folder where runs go. */
void findings_machine(struct findings *findings, const char *folder);

/*
 * Where the library is, and whether the interpreter can be recorded: it is started once with the
 * library preloaded, to do nothing. program is searched in PATH.
 */
void findings_interpreter(struct findings *findings, const char *program);

#endif

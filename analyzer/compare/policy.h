/* SPDX-License-Identifier: MIT */
/*
 * What `ouro check` is told: which rules fail, which warn, their limits, and what is allowed. From the
 * defaults, then the configuration file, then the command line.
 */
#ifndef OURO_ANALYZER_POLICY_H
#define OURO_ANALYZER_POLICY_H

#include "compare/rules.h"
#include "structure/arena.h"

/* What is known and accepted. Patterns are those of a shell (fnmatch); NULL: anything. */
struct allowance {
    const char *rule, *key, *file, *function;
    const char *reason;
    const char *expires; /* last day it holds, "2026-12-31"; NULL: for ever */
    bool expired;
    uint32_t hits; /* findings that it covers, or would if it had not expired */
};

struct policy {
    enum level levels[RULES];
    struct tolerance limits[RULES];
    uint64_t
        most[RULES]; /* bytes of which more is a finding whatever there was; 0: no such limit */
    struct allowance *allowances;
    uint32_t allowance_count;
    struct arena *arena;
};

/* The defaults. Returns 0, or -1 without memory; released by policy_free() either way. */
int policy_begin(struct policy *policy);
void policy_free(struct policy *policy);

/*
 * Reads a configuration file. today, as "2026-01-31", says which allowances have expired. Returns 0,
 * or -1 with one line in error that names the file and the line or key.
 */
int policy_read(struct policy *policy, const char *path, const char *today, char *error,
                size_t error_size);

/*
 * Takes the value of --fail-on: "new-cycle,growth=5%,peak=200MiB", "all" or "none". Rules that are
 * named fail, all others that are not off warn. A share or a size behind "=" is how much more is no
 * finding yet; "<=" sets how much may be there at all. Returns 0, or -1 with one line in error.
 */
int policy_fail_on(struct policy *policy, const char *list, char *error, size_t error_size);

/* Today for expiry: of SOURCE_DATE_EPOCH if that is set, else of the clock; in UTC. */
void policy_today(char text[16]);

#endif

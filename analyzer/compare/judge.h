/* SPDX-License-Identifier: MIT */
/*
 * A run judged by a policy against a baseline: findings, and what became of the allowances. The result
 * that `ouro check` prints. Pure: the same digests and policy give the same findings.
 */
#ifndef OURO_ANALYZER_JUDGE_H
#define OURO_ANALYZER_JUDGE_H

#include "compare/difference.h"
#include "compare/policy.h"

#define FINDING_ALLOWED_BY_NONE UINT32_MAX

struct finding {
    enum rule rule;
    enum level level;
    struct change change; /* what became of the item; before is NULL without a baseline */
    uint64_t
        most; /* the limit that was passed, if it was one on what may be there at all; else 0 */
    uint32_t allowed_by;  /* number of the allowance, or FINDING_ALLOWED_BY_NONE */
    char fingerprint[24]; /* the same in every run: of rule, key, file, function and order */
};

struct judgement {
    const struct digest *baseline, *run; /* baseline NULL: there is none */
    const struct policy *policy;         /* its allowances count their hits */
    struct difference difference;
    struct finding *findings; /* by rule, largest first */
    uint32_t count;
    uint32_t failures, warnings, allowed; /* of them */
    uint32_t unused, expired;             /* of the allowances */
    struct arena *arena;
};

/* Everything given must outlive the judgement. Returns 0, or -1 without memory; released by
 * judgement_free() either way. */
int judge(const struct digest *baseline, const struct digest *run, struct policy *policy,
          struct judgement *judgement);
void judgement_free(struct judgement *judgement);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The verdict on each root cycle, and what the reason depends on: what its members say for or against
 * its being plain garbage.
 */
#ifndef OURO_ANALYZER_CYCLE_JUDGE_H
#define OURO_ANALYZER_CYCLE_JUDGE_H

#include "cycles/cycle_roots.h"
#include "cycles/garbage.h"
#include "cycles/verdict.h"
#include "model/type_order.h"

/* Why a root cycle is what it is. */
struct judgement {
    enum verdict verdict;
    enum cause cause;
    uint32_t cause_type; /* number of struct type_order */
    struct garbage_facts facts;
    uint64_t held, held_references; /* members something unknown refers to, and how often */
    uint64_t oldest;                /* birth of its oldest member */
};

struct judge {
    const struct snapshot *snapshot;
    const struct type_order *order;
    const struct garbage *garbage;
    const struct cycle_roots *roots;
    const uint32_t *unknown; /* object → references nothing is known of; NULL: of the dead */
    uint8_t *stuck;          /* component → a cycle in it consists of types without tp_clear */
};

/* Looks at all components; the other members have been set. Returns 0, or -1 without memory; released
 * by judge_end() either way. */
int judge_begin(struct judge *judge);
void judge_end(struct judge *judge);

void judge_cycle(const struct judge *judge, uint32_t cycle, struct judgement *judgement);

/* Adds what is known of a cycle to that of its group. */
void judgement_merge(struct judgement *into, const struct judgement *judgement);

#endif

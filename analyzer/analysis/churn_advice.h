/* SPDX-License-Identifier: MIT */
/*
 * What one can do about a line whose objects die soon, from what is measured: how many there are, of
 * which type, how soon they die and by whom. The source is not read, so advice names the usual causes
 * of such a pattern and what helps against them, not a diagnosis.
 */
#ifndef OURO_ANALYZER_CHURN_ADVICE_H
#define OURO_ANALYZER_CHURN_ADVICE_H

#include "analysis/churn.h"

/* Below these there is nothing to gain. */
#define CHURN_ADVICE_OBJECTS 1000u
#define CHURN_ADVICE_BYTES (UINT64_C(1) << 20)

/* A sentence, or NULL where nothing would be gained or nothing sensible can be said. kind is that of
 * the line. */
const char *churn_advice(const struct churn_site *site, enum line_kind kind);

#endif

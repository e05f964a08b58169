/* SPDX-License-Identifier: MIT */
#include "doctor/findings.h"

#include <stdarg.h>
#include <stdio.h>

void findings_add(struct findings *findings, enum finding_level level, const char *subject,
                  const char *advice, const char *format, ...)
{
    if (findings->count == FINDINGS_MOST)
        return;
    struct finding *finding = &findings->items[findings->count++];
    finding->level = level;
    finding->subject = subject;
    snprintf(finding->advice, sizeof finding->advice, "%s", advice ? advice : "");
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(finding->text, sizeof finding->text, format, arguments);
    va_end(arguments);
}

enum finding_level findings_worst(const struct findings *findings)
{
    enum finding_level worst = FINDING_OK;
    for (unsigned i = 0; i < findings->count; i++)
        worst = findings->items[i].level > worst ? findings->items[i].level : worst;
    return worst;
}

const char *finding_level_name(enum finding_level level)
{
    static const char *const names[] = {"ok", "degraded", "unusable"};
    return names[level];
}

/* SPDX-License-Identifier: MIT */
#include "payload.h"

#include <sys/mman.h>

#include "memory.h"

#define KEEP (256u << 10) /* bytes worth keeping between uses */

bool payload_create(struct payload *payload, size_t capacity)
{
    *payload = (struct payload){.data = memory_reserve(capacity), .capacity = capacity};
    if (!payload->data)
        payload->capacity = 0;
    return payload->data != NULL;
}

void payload_clear(struct payload *payload)
{
    if (payload->size > KEEP)
        madvise(payload->data + KEEP, payload->capacity - KEEP, MADV_DONTNEED);
    payload->size = 0;
    payload->overflow = false;
}

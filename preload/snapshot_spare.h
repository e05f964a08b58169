/* SPDX-License-Identifier: MIT */
/*
 * Bytes that objects could do without, by the reason: SNAPSHOT_SPARE. What another way to keep the
 * same data takes only the adapter knows, so it is calculated there. In the copy only.
 */
#ifndef OURO_SNAPSHOT_SPARE_H
#define OURO_SNAPSHOT_SPARE_H

#include "snapshot.h"

/* Notes that an object could do without so many bytes. Objects must come in ascending order. */
void snapshot_spare(struct snapshot *snapshot, uint32_t index, enum ouro_spare_kind kind,
                    uint64_t bytes, uint64_t detail);

/* After the last one. */
void snapshot_spare_end(struct snapshot *snapshot);

#endif

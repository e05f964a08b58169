/* SPDX-License-Identifier: MIT */
/* What the numbers of the trace format are called in output. Unknown ones are called "unknown". */
#ifndef OURO_ANALYZER_TRACE_NAMES_H
#define OURO_ANALYZER_TRACE_NAMES_H

#include <stddef.h>
#include <stdint.h>

/* enum ouro_chunk: "PROCESS", "SNAPSHOT_OBJECTS", … */
const char *chunk_type_name(uint64_t type);
/* enum ouro_note */
const char *note_name(uint64_t code);
/* enum ouro_snapshot_reason: "at exit", "on request", … */
const char *snapshot_reason_name(uint64_t reason);
/* enum ouro_snapshot_status */
const char *snapshot_status_name(uint64_t status);
/* enum ouro_end_reason */
const char *end_reason_name(uint64_t reason);
/* enum ouro_label_kind of a label: "attribute", "key", … */
const char *label_kind_name(uint64_t label);
/* enum ouro_root_kind: "module", "local", … */
const char *root_kind_name(uint64_t kind);

/* Names of the set bits, separated by ',': "gc,traverse"; "0" when none is set; unknown bits as a
 * hexadecimal number. Written to out, cut if it does not fit; returns out. */
const char *type_flag_names(uint64_t flags, char *out, size_t size);
const char *object_flag_names(uint64_t flags, char *out, size_t size);
const char *row_flag_names(uint64_t flags, char *out, size_t size);
const char *site_flag_names(uint64_t flags, char *out, size_t size);
const char *process_flag_names(uint64_t flags, char *out, size_t size);
const char *value_flag_names(uint64_t flags, char *out, size_t size);

#endif

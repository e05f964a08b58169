/* SPDX-License-Identifier: MIT */
/*
 * Checks JSON against a schema, as far as docs/report.schema.json makes use of JSON Schema: type,
 * enum, minimum, properties, required, additionalProperties, items, and references to definitions.
 * Any other keyword is an error, so that nothing is passed over.
 */
#ifndef OURO_JSON_SCHEMA_H
#define OURO_JSON_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

/* On failure, puts where and why into error. */
bool json_schema_matches(const json_t *schema, const json_t *value, char *error, size_t size);

#endif

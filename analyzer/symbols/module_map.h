/* SPDX-License-Identifier: MIT */
/*
 * Which module an address lies in. A trace may have very many modules and addresses, and modules may
 * overlap: then the first counts.
 */
#ifndef OURO_ANALYZER_MODULE_MAP_H
#define OURO_ANALYZER_MODULE_MAP_H

#include "model/model.h"

struct module_map {
    struct module_piece *pieces; /* ascending */
    uint32_t count;
};

/* From here up to the next piece an address lies in this module, NO_ID: in none. */
struct module_piece {
    uint64_t start;
    uint32_t module;
};

/* false: no memory; there is nothing to free then. */
bool module_map_make(const struct module_info *modules, uint32_t count, struct module_map *map);
void module_map_free(struct module_map *map);

/* The module's number, NO_ID: none. */
uint32_t module_map_find(const struct module_map *map, uint64_t address);

#endif

/* SPDX-License-Identifier: MIT */
#include "symbols/inlined.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>

/* The unit of an address; where no table of addresses says it, by the units' own ranges. */
static Dwarf_Die *unit_of(Dwfl_Module *module, uint64_t address, Dwarf_Addr *bias)
{
    Dwarf_Die *unit = dwfl_module_addrdie(module, address, bias);
    if (unit)
        return unit;
    while ((unit = dwfl_module_nextcu(module, unit, bias)))
        if (dwarf_haspc(unit, address - *bias) > 0)
            return unit;
    return NULL;
}

static const char *name_of(Dwarf_Die *die)
{
    Dwarf_Attribute attribute;
    const char *name = dwarf_formstring(dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute));
    return name ? name : dwarf_diename(die);
}

static uint64_t number_of(Dwarf_Die *die, unsigned attribute)
{
    Dwarf_Attribute room;
    Dwarf_Word value = 0;
    return dwarf_formudata(dwarf_attr(die, attribute, &room), &value) == 0 ? value : 0;
}

static struct inlined describe(Dwarf_Die *die, Dwarf_Files *files, size_t file_count)
{
    uint64_t file = number_of(die, DW_AT_call_file), line = number_of(die, DW_AT_call_line);
    return (struct inlined){
        .name = name_of(die),
        .call_file =
            files && file && file < file_count ? dwarf_filesrc(files, file, NULL, NULL) : NULL,
        .call_line = line <= UINT32_MAX ? (uint32_t)line : 0,
    };
}

uint32_t inlined_find(Dwfl_Module *module, uint64_t address, struct inlined found[INLINED_MOST])
{
    Dwarf_Addr bias;
    Dwarf_Die *unit = unit_of(module, address, &bias), *scopes = NULL, *outer = NULL;
    Dwarf_Files *files = NULL;
    size_t file_count = 0;
    uint32_t count = 0;
    /* Scopes of an address end where the innermost inlined function was written; those of that scope,
     * taken alone, are the ones it was put into. */
    if (!unit || dwarf_getscopes(unit, address - bias, &scopes) <= 0)
        return 0;
    int scope_count = dwarf_getscopes_die(&scopes[0], &outer);
    if (dwarf_getsrcfiles(unit, &files, &file_count) != 0)
        files = NULL;
    for (int i = 0; i < scope_count && count < INLINED_MOST; i++) {
        int tag = dwarf_tag(&outer[i]);
        if (tag == DW_TAG_subprogram)
            break;
        if (tag == DW_TAG_inlined_subroutine)
            found[count++] = describe(&outer[i], files, file_count);
    }
    free(scopes);
    free(outer);
    return count;
}

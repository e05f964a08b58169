/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "export/heapsnapshot_parts.h"
#include "export/number_text.h"
#include "model/estimate.h"

/* A frame as the tree knows it: viewers list what was allocated by place. */
struct place_key {
    uint32_t function, line;
};

static bool places_number(struct heapsnapshot_stacks *stacks, struct heapsnapshot_strings *strings)
{
    const struct process *p = stacks->process;
    for (uint32_t s = 0; s <= p->site_count; s++) {
        struct place_key key = {s ? p->sites[s].function : 0, s ? p->sites[s].line : 0};
        if (!key_table_add(&stacks->places, &key, &stacks->place[s]))
            return false;
    }
    uint32_t count = stacks->places.count;
    stacks->name = malloc(((size_t)count + 1) * sizeof *stacks->name);
    stacks->file = malloc(((size_t)count + 1) * sizeof *stacks->file);
    if (!stacks->name || !stacks->file)
        return false;
    for (uint32_t n = 0; n < count; n++) {
        const struct place_key *key = key_table_key(&stacks->places, n);
        const struct function_info *f = &p->functions[key->function];
        stacks->name[n] =
            heapsnapshot_string(strings, key->function ? f->name : "(no Python frame)");
        stacks->file[n] = heapsnapshot_string(strings, key->function ? f->file : "");
    }
    return !strings->failed;
}

int heapsnapshot_stacks_begin(struct heapsnapshot_stacks *stacks, const struct process *process,
                              struct heapsnapshot_strings *strings)
{
    size_t sites = (size_t)process->site_count + 1;
    *stacks = (struct heapsnapshot_stacks){
        .process = process,
        .place = malloc(sites * sizeof *stacks->place),
        .blocks = calloc(sites, sizeof *stacks->blocks),
        .bytes = calloc(sites, sizeof *stacks->bytes),
    };
    key_table_init(&stacks->places, sizeof(struct place_key));
    if (!stacks->place || !stacks->blocks || !stacks->bytes || !places_number(stacks, strings))
        return -1;
    for (uint32_t r = 1; r <= process->row_count; r++) {
        stacks->blocks[process->rows[r].site] += process->rows[r].births;
        stacks->bytes[process->rows[r].site] += process->rows[r].born_bytes;
    }
    return 0;
}

void heapsnapshot_stacks_free(struct heapsnapshot_stacks *stacks)
{
    key_table_free(&stacks->places);
    free(stacks->place);
    free(stacks->name);
    free(stacks->file);
    free(stacks->blocks);
    free(stacks->bytes);
    *stacks = (struct heapsnapshot_stacks){0};
}

void heapsnapshot_places_write(FILE *out, const struct heapsnapshot_stacks *stacks)
{
    for (uint32_t n = 0; n < stacks->places.count; n++) {
        const struct place_key *key = key_table_key(&stacks->places, n);
        number_text(out, n ? ',' : '[', key->function);
        number_text(out, ',', stacks->name[n]);
        number_text(out, ',', stacks->file[n]);
        number_text(out, ',', stacks->file[n]); /* a number of the file, too */
        number_text(out, ',', key->line);
        fputs(",0\n", out);
    }
    fputc(']', out);
}

/* The tree downwards: first child and next sibling of each site, NO_ID at the end. */
static void children_link(const struct process *process, uint32_t *child, uint32_t *sibling)
{
    for (uint32_t s = 0; s <= process->site_count; s++)
        child[s] = sibling[s] = NO_ID;
    for (uint32_t s = process->site_count; s; s--) {
        sibling[s] = child[process->sites[s].parent];
        child[process->sites[s].parent] = s;
    }
}

static void site_begin(FILE *out, const struct heapsnapshot_stacks *stacks, uint32_t site)
{
    number_text(out, 0, heapsnapshot_stack(site));
    number_text(out, ',', stacks->place[site]);
    number_text(out, ',', estimate_whole(stacks->process, stacks->blocks[site]));
    number_text(out, ',', estimate_whole(stacks->process, stacks->bytes[site]));
    fputs(",[", out);
}

int heapsnapshot_tree_write(FILE *out, const struct heapsnapshot_stacks *stacks)
{
    const struct process *p = stacks->process;
    size_t sites = (size_t)p->site_count + 1;
    uint32_t *child = malloc(sites * sizeof *child), *sibling = malloc(sites * sizeof *sibling);
    int status = -1;
    if (!child || !sibling)
        goto out;
    children_link(p, child, sibling);
    fputc('[', out);
    for (uint32_t s = 0;;) {
        site_begin(out, stacks, s);
        if (child[s] != NO_ID) {
            s = child[s];
            continue;
        }
        fputc(']', out);
        while (s && sibling[s] == NO_ID) {
            s = p->sites[s].parent;
            fputc(']', out);
        }
        if (!s)
            break;
        s = sibling[s];
        fputs(",\n", out);
    }
    fputc(']', out);
    status = 0;
out:
    free(child);
    free(sibling);
    return status;
}

/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "report/change_words.h"
#include "report/markdown.h"
#include "report/processes.h"
#include "text/human.h"

static void tree_write(FILE *out, const struct by_process *table)
{
    fputs("| | process | parent | began | alive | peak |\n|---|---|---|---|---:|---:|\n", out);
    for (uint32_t i = 0; i < table->run->process_count; i++) {
        const struct process_node *node = &table->tree[i];
        const struct process *p = &table->run->processes[node->process];
        const struct digest *digest = &table->digests[node->process];
        const struct digest_item *alive =
            digest_find(digest, DIGEST_TOTAL, digest_total_name(TOTAL_ALIVE));
        const struct digest_item *peak =
            digest_find(digest, DIGEST_TOTAL, digest_total_name(TOTAL_PEAK));
        char name[COLUMN_NAME_SIZE];
        processes_column_name(i, name);
        fprintf(out, "| %s | %" PRIu64 " | ", name, p->pid);
        if (node->parent != NO_ID)
            fprintf(out, "%" PRIu64, table->run->processes[node->parent].pid);
        fprintf(out, " | %s | %s | %s |\n", p->origin == OURO_ORIGIN_FORK ? "fork" : "exec",
                alive ? human_bytes(alive->bytes.high).text : "not known",
                peak ? human_bytes(peak->bytes.high).text : "not known");
    }
}

static void row_write(FILE *out, const struct by_process *table, const struct digest_item *item)
{
    char place[CHANGE_WORDS_SIZE];
    fputs("| ", out);
    markdown_code_cell(out, item->key);
    place_words(item, place);
    if (*place) {
        fputs(" at ", out);
        markdown_code_cell(out, place);
    }
    fprintf(out, " | %s | %s |", human_bytes(item->bytes.high).text,
            human_count(item->count.high).text);
    for (uint32_t c = 0; c < table->run->process_count; c++) {
        const struct digest_item *cell = by_process_cell(table, item, c);
        fprintf(out, " %s |", cell ? human_count(cell->count.high).text : "");
    }
    fputc('\n', out);
}

void processes_markdown(FILE *out, const struct by_process *table, const char *path, uint32_t top)
{
    fputs("## Processes of ", out);
    markdown_code(out, path);
    fputs("\n\n", out);
    for (uint32_t i = 0; i < table->all.notice_count; i++) {
        fputs("> ", out);
        markdown_text(out, table->all.notices[i]);
        fputs("\n\n", out);
    }
    tree_write(out, table);
    for (uint32_t i = 0, of_subject = 0; i < table->count; i++) {
        const struct digest_item *item = table->entries[i].item;
        of_subject = i && item->subject == table->entries[i - 1].item->subject ? of_subject + 1 : 0;
        if (of_subject == 0) {
            char heading[SUBJECT_HEADING_SIZE];
            subject_heading(item->subject, heading);
            fprintf(out, "\n### %s\n\n| what | bytes | all |", heading);
            for (uint32_t c = 0; c < table->run->process_count; c++) {
                char name[COLUMN_NAME_SIZE];
                processes_column_name(c, name);
                fprintf(out, " %s |", name);
            }
            fputs("\n|---|---:|---:|", out);
            for (uint32_t c = 0; c < table->run->process_count; c++)
                fputs("---:|", out);
            fputc('\n', out);
        }
        if (of_subject < top)
            row_write(out, table, item);
    }
}

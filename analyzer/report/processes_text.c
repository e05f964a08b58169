/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "report/change_words.h"
#include "report/processes.h"
#include "report/text_section.h"
#include "text/human.h"

/* So many processes have columns of their own in 80 columns; more are told as a range. */
#define COLUMNS_MOST 6u

void processes_column_name(uint32_t column, char name[COLUMN_NAME_SIZE])
{
    if (column < 26)
        snprintf(name, COLUMN_NAME_SIZE, "%c", (char)('A' + column));
    else
        snprintf(name, COLUMN_NAME_SIZE, "%c%" PRIu32, (char)('A' + column % 26), column / 26);
}

static const struct digest_item *total_of(const struct digest *digest, enum digest_total total)
{
    return digest_find(digest, DIGEST_TOTAL, digest_total_name(total));
}

/* The bytes of leaked cycles and what leaked references keep. */
static uint64_t leaked_in(const struct digest *digest)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < digest->count; i++) {
        const struct digest_item *item = &digest->items[i];
        bool leaked = (item->subject == DIGEST_CYCLE && !(item->flags & DIGEST_PENDING)) ||
                      item->subject == DIGEST_HELD;
        bytes += leaked ? item->bytes.high : 0;
    }
    return bytes;
}

static void figures_of(const struct digest *digest, char *text, size_t size)
{
    const struct digest_item *alive = total_of(digest, TOTAL_ALIVE);
    const struct digest_item *peak = total_of(digest, TOTAL_PEAK);
    snprintf(text, size, "%11s%11s%11s", alive ? human_bytes(alive->bytes.high).text : "not known",
             peak ? human_bytes(peak->bytes.high).text : "not known",
             alive ? human_bytes(leaked_in(digest)).text : "not known");
}

static void tree_write(const struct page *page, const struct by_process *table)
{
    char figures[96], name[COLUMN_NAME_SIZE];
    fprintf(page->out, "\n   %-*s%11s%11s%11s\n", TEXT_PROCESS_NAME, "process", "alive", "peak",
            "leaked");
    for (uint32_t i = 0; i < table->run->process_count; i++) {
        const struct process_node *node = &table->tree[i];
        processes_column_name(i, name);
        figures_of(&table->digests[node->process], figures, sizeof figures);
        text_process(page, &table->run->processes[node->process], node->depth, name, figures);
    }
    figures_of(&table->all, figures, sizeof figures);
    fprintf(page->out, "   %-*s%s\n", TEXT_PROCESS_NAME, "all", figures);
}

/* The counts of the columns, or how many processes have how many. */
static void cells_write(const struct page *page, const struct by_process *table,
                        const struct digest_item *item)
{
    uint32_t columns = table->run->process_count, having = 0;
    uint64_t low = UINT64_MAX, high = 0;
    char text[256];
    size_t used = 0;
    for (uint32_t c = 0; c < columns; c++) {
        const struct digest_item *cell = by_process_cell(table, item, c);
        if (columns <= COLUMNS_MOST)
            used += (size_t)snprintf(text + used, sizeof text - used, "%11s",
                                     cell ? human_count(cell->count.high).text : "-");
        if (!cell)
            continue;
        having++;
        low = cell->count.high < low ? cell->count.high : low;
        high = cell->count.high > high ? cell->count.high : high;
    }
    if (columns > COLUMNS_MOST) {
        char each[64];
        if (low == high)
            snprintf(each, sizeof each, "%s each", human_count(low).text);
        else
            snprintf(each, sizeof each, "%s to %s", human_count(low).text, human_count(high).text);
        snprintf(text, sizeof text, "  in %" PRIu32 " of %" PRIu32 " processes: %s", having,
                 columns, each);
    }
    fprintf(page->out, "%11s%s\n", human_count(item->count.high).text, text);
}

static void item_write(const struct page *page, bool utf8, const struct by_process *table,
                       const struct digest_item *item)
{
    char words[2 * CHANGE_WORDS_SIZE], place[CHANGE_WORDS_SIZE];
    cells_write(page, table, item);
    bool path = item->subject == DIGEST_CYCLE || item->subject == DIGEST_SUSPECT ||
                item->subject == DIGEST_NATIVE_SUSPECT;
    snprintf(words, sizeof words, "%s: %s", human_bytes(item->bytes.high).text, item->key);
    page_wrap(page, "      ", words);
    place_words(item, place);
    if (*place)
        page_wrap(page, "      at ", place);
    if (*item->detail) {
        words_plain(item->detail, utf8, words, sizeof words);
        page_wrap(page,
                  item->subject == DIGEST_LEAK           ? "      in C at "
                  : path || item->subject == DIGEST_HELD ? "      "
                                                         : "      kept by ",
                  words);
    }
}

static void list_write(const struct page *page, bool utf8, const struct by_process *table,
                       uint32_t first, uint32_t count, uint32_t top)
{
    uint32_t columns = table->run->process_count;
    enum digest_subject subject = table->entries[first].item->subject;
    text_heading(page, subject_title(subject));
    fprintf(page->out, "%11s", "all");
    for (uint32_t c = 0; columns <= COLUMNS_MOST && c < columns; c++) {
        char name[COLUMN_NAME_SIZE];
        processes_column_name(c, name);
        fprintf(page->out, "%11s", name);
    }
    fprintf(page->out, "%s%s\n", columns <= COLUMNS_MOST ? "" : "  ",
            columns <= COLUMNS_MOST ? "" : subject_objects(subject));
    for (uint32_t i = 0; i < count && i < top; i++)
        item_write(page, utf8, table, table->entries[first + i].item);
    text_more(page, count, top, "entries");
}

void processes_text(FILE *out, const struct by_process *table, const char *path, uint32_t top,
                    bool utf8)
{
    struct page page = page_make(out, &table->run->processes[0], utf8);
    char text[256];
    page_wrap(&page, "OURO PROCESSES   ", path);
    snprintf(text, sizeof text, "%s process%s%s%s", human_count(table->run->process_count).text,
             table->run->process_count == 1 ? "" : "es", *table->all.runtime ? ", " : "",
             table->all.runtime);
    page_wrap(&page, "  ", text);
    for (uint32_t i = 0; i < table->all.notice_count; i++)
        page_wrap(&page, "NOTE  ", table->all.notices[i]);
    tree_write(&page, table);
    page_wrap(&page, "  ",
              "What a forked process inherited counts in it, too. The peak of all is that of the "
              "process where it is highest.");
    for (uint32_t first = 0, count; first < table->count; first += count) {
        enum digest_subject subject = table->entries[first].item->subject;
        for (count = 0; first + count < table->count; count++) {
            if (table->entries[first + count].item->subject != subject)
                break;
        }
        list_write(&page, utf8, table, first, count, top);
    }
}

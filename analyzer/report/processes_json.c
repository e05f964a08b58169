/* SPDX-License-Identifier: MIT */
#include "report/change_words.h"
#include "report/json_writer.h"
#include "report/processes.h"

static json_t *figures_json(const struct digest_item *item)
{
    if (!item)
        return json_null();
    json_t *o = json_with(json_object(), "count", json_number(item->count.high));
    return json_with(o, "bytes", json_number(item->bytes.high));
}

static json_t *process_json(const struct by_process *table, uint32_t column)
{
    const struct process_node *node = &table->tree[column];
    const struct process *p = &table->run->processes[node->process];
    const struct digest *digest = &table->digests[node->process];
    json_t *arguments = json_array();
    for (uint32_t i = 0; i < p->argument_count; i++)
        arguments = json_append(arguments, json_string(p->arguments[i]));
    json_t *parent = json_null();
    for (uint32_t c = 0; node->parent != NO_ID && c < column; c++) {
        if (table->tree[c].process == node->parent) {
            json_decref(parent);
            parent = json_number(c);
        }
    }
    json_t *o = json_with(json_object(), "pid", json_number(p->pid));
    o = json_with(o, "parent", parent);
    o = json_with(o, "depth", json_number(node->depth));
    o = json_with(o, "origin", json_string(p->origin == OURO_ORIGIN_FORK ? "fork" : "exec"));
    o = json_with(o, "argv", arguments);
    o = json_with(o, "exit_status",
                  p->exit_status_known ? json_integer(p->exit_status) : json_null());
    o = json_with(o, "truncated", json_boolean(report_process_truncated(p)));
    for (unsigned total = 0; total < DIGEST_TOTALS; total++) {
        const char *name = digest_total_name((enum digest_total)total);
        if (total < TOTAL_PROCESSES)
            o = json_with(o, name, figures_json(digest_find(digest, DIGEST_TOTAL, name)));
    }
    return o;
}

static json_t *item_json(const struct by_process *table, const struct digest_item *item)
{
    bool placed = item->place.file && *item->place.file;
    json_t *each = json_array();
    for (uint32_t c = 0; c < table->run->process_count; c++)
        each = json_append(each, figures_json(by_process_cell(table, item, c)));
    json_t *o =
        json_with(json_object(), "subject", json_string(digest_subject_name(item->subject)));
    o = json_with(o, "key", json_string(item->key));
    o = json_with(o, "file", placed ? json_string(item->place.file) : json_null());
    o = json_with(o, "line", placed ? json_number(item->place.line) : json_null());
    o = json_with(o, "function", placed ? json_string(item->place.function) : json_null());
    o = json_with(o, "detail", *item->detail ? json_string(item->detail) : json_null());
    o = json_with(o, "hint", *item->hint ? json_string(item->hint) : json_null());
    o = json_with(o, "all", figures_json(item));
    return json_with(o, "each", each);
}

int processes_json(FILE *out, const struct by_process *table, const char *path, uint32_t top)
{
    struct writer w = {.out = out};
    json_t *notices = json_array();
    uint32_t shown = 0;
    for (uint32_t i = 0; i < table->all.notice_count; i++)
        notices = json_append(notices, json_string(table->all.notices[i]));
    writer_text(&w, "{\"schema\": \"ouro.processes/1\",\n");
    writer_member(&w, "\"run\": ", json_string(path));
    writer_member(&w, ", \"runtime\": ", json_string(table->all.runtime));
    writer_member(&w, ", \"notices\": ", notices);
    writer_text(&w, ",\n\"processes\": [");
    for (uint32_t c = 0; c < table->run->process_count && !w.failed; c++)
        writer_member(&w, c ? ",\n" : "\n", process_json(table, c));
    writer_text(&w, "],\n\"entries\": [");
    for (uint32_t i = 0, of_subject = 0; i < table->count && !w.failed; i++) {
        of_subject = i && table->entries[i].item->subject == table->entries[i - 1].item->subject
                         ? of_subject + 1
                         : 0;
        if (of_subject < top)
            writer_member(&w, shown++ ? ",\n" : "\n", item_json(table, table->entries[i].item));
    }
    writer_text(&w, "]}\n");
    return w.failed || ferror(out) ? -1 : 0;
}

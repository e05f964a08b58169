/* SPDX-License-Identifier: MIT */
#include "export/html_page.h"

#include "export/html_text.h"

void html_page_begin(struct html_page *page, FILE *out)
{
    *page = (struct html_page){.out = out};
    fwrite(html_frame_head, 1, html_frame_head_size, out);
}

FILE *html_page_data(struct html_page *page, const char *id)
{
    fprintf(page->out, "<script type=\"application/json\" id=\"ouro-%s\">", id);
    page->json = html_json_open(page->out);
    return page->json;
}

int html_page_data_end(struct html_page *page)
{
    int status = page->json ? fclose(page->json) : -1;
    page->json = NULL;
    fputs("</script>\n", page->out);
    return status;
}

void html_page_end(struct html_page *page)
{
    if (page->json)
        html_page_data_end(page);
    fwrite(html_frame_tail, 1, html_frame_tail_size, page->out);
}

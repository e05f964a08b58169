/* SPDX-License-Identifier: MIT */
#include "export/heapsnapshot_strings.h"

#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "export/json_text.h"

bool heapsnapshot_strings_begin(struct heapsnapshot_strings *strings)
{
    *strings = (struct heapsnapshot_strings){.arena = arena_new()};
    key_table_init(&strings->numbers, sizeof(uint64_t));
    strings->failed = !strings->arena;
    return !strings->failed && heapsnapshot_string(strings, "") == 0 && !strings->failed;
}

void heapsnapshot_strings_free(struct heapsnapshot_strings *strings)
{
    key_table_free(&strings->numbers);
    free(strings->texts);
    arena_free(strings->arena);
    *strings = (struct heapsnapshot_strings){0};
}

/* The number of a text; if it is new, `copy` says whether it has to be copied. */
static uint32_t number_of(struct heapsnapshot_strings *strings, const char *text, bool copy)
{
    uint64_t hash = XXH3_64bits(text, strlen(text));
    uint32_t number, count = strings->numbers.count;
    if (strings->failed || !key_table_add(&strings->numbers, &hash, &number))
        goto failed;
    if (number < count)
        return number;
    if (number >= strings->room) {
        uint32_t room = strings->room ? strings->room * 2 : 4096;
        const char **texts = realloc(strings->texts, room * sizeof *texts);
        if (!texts)
            goto failed;
        strings->texts = texts;
        strings->room = room;
    }
    strings->texts[number] = copy ? arena_copy(strings->arena, text, strlen(text)) : text;
    if (strings->texts[number])
        return number;
failed:
    strings->failed = true;
    return 0;
}

uint32_t heapsnapshot_string(struct heapsnapshot_strings *strings, const char *text)
{
    return number_of(strings, text, false);
}

uint32_t heapsnapshot_string_made(struct heapsnapshot_strings *strings, const char *before,
                                  const char *text, const char *after)
{
    char room[512], *made = room;
    size_t size = strlen(before) + strlen(text) + strlen(after) + 1;
    if (size > sizeof room && !(made = malloc(size))) {
        strings->failed = true;
        return 0;
    }
    snprintf(made, size, "%s%s%s", before, text, after);
    uint32_t number = number_of(strings, made, true);
    if (made != room)
        free(made);
    return number;
}

void heapsnapshot_strings_write(FILE *out, const struct heapsnapshot_strings *strings)
{
    for (uint32_t n = 0; n < strings->numbers.count; n++)
        json_text(out, n ? ",\n" : "[", strings->texts[n]);
    fputc(']', out);
}

/* SPDX-License-Identifier: MIT */
/* Words of command lines that have a grammar of their own. */
#include <stdlib.h>
#include <string.h>

#include "compare/limit_text.h"
#include "compare/policy.h"
#include "fuzz.h"
#include "structure/arena.h"
#include "text/text.h"

static void check_escape(const uint8_t *data, size_t size)
{
    for (int style = TEXT_NAME; style <= TEXT_BYTES; style++) {
        char small[24];
        struct arena *arena = arena_new();
        const char *text = arena ? text_escape(arena, data, size, (enum text_style)style) : NULL;
        if (!text)
            fuzz_fail("words: no memory");
        if (strlen(text) > 4 * size)
            fuzz_fail("words: %zu bytes became %zu", size, strlen(text));
        fuzz_check_text("words: escaped", text, strlen(text));
        size_t length = text_escape_into(small, sizeof small, data, size, (enum text_style)style);
        if (length >= sizeof small || strlen(small) != length || memcmp(small, text, length) != 0)
            fuzz_fail("words: cut text differs");
        fuzz_check_text("words: cut", small, length);
        arena_free(arena);
    }
}

void fuzz_words(const uint8_t *data, size_t size)
{
    char error[512] = "", *word = strndup((const char *)data, size);
    struct policy policy;
    struct tolerance tolerance = {0};
    uint64_t bytes;
    if (!word || size > FUZZ_INPUT_MOST)
        goto out;
    (void)limit_text_bytes(word, &bytes);
    (void)limit_text_more(word, &tolerance);
    if (policy_begin(&policy) == 0 && policy_fail_on(&policy, word, error, sizeof error) != 0 &&
        !*error)
        fuzz_fail("words: refused without a message");
    policy_free(&policy);
    check_escape(data, size);
out:
    free(word);
}

/* SPDX-License-Identifier: MIT */
/* Files that people write and commit: baselines and the configuration of `ouro check`. */
#include <stdlib.h>
#include <string.h>

#include "compare/baseline.h"
#include "compare/policy.h"
#include "fuzz.h"

static void check_message(const char *what, int result, const char *error)
{
    if (result != 0 && !*error)
        fuzz_fail("%s: refused without a message", what);
    if (result != 0)
        fuzz_check_text(what, error, strlen(error));
    if (result != 0 && strchr(error, '\n'))
        fuzz_fail("%s: a message of several lines", what);
}

/* What is read can be written, and reads as the same again. */
void fuzz_baseline(const uint8_t *data, size_t size)
{
    char error[512] = "", again[512] = "";
    struct digest digest, copy;
    if (size > FUZZ_INPUT_MOST)
        return;
    const char *path = fuzz_file(0, data, size);
    (void)baseline_is(path);
    int result = baseline_read(path, &digest, error, sizeof error);
    check_message("baseline", result, error);
    if (result == 0) {
        size_t written;
        char *text = NULL;
        FILE *out = open_memstream(&text, &written);
        if (!out || baseline_write(out, &digest) != 0 || fclose(out) != 0)
            fuzz_fail("baseline: what was read cannot be written");
        fuzz_check_json("baseline", text, written, false);
        int reread = baseline_read(fuzz_file(1, text, written), &copy, again, sizeof again);
        if (reread != 0)
            fuzz_fail("baseline: what was written is refused: %s", again);
        digest_free(&copy);
        free(text);
    }
    digest_free(&digest);
}

void fuzz_policy(const uint8_t *data, size_t size)
{
    char error[512] = "";
    struct policy policy;
    if (size > FUZZ_INPUT_MOST)
        return;
    int result = policy_begin(&policy);
    if (result == 0) {
        result = policy_read(&policy, fuzz_file(0, data, size), "2026-01-31", error, sizeof error);
        check_message("policy", result, error);
    }
    policy_free(&policy);
}

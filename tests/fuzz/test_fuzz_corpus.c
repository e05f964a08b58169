/* SPDX-License-Identifier: MIT */
/* Every fuzz target over its folder of the corpus: what was found once stays found. */
#include "cmocka_prelude.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

/* Runs a target on a file. Its name is said first: a target that fails ends the program. */
static void replay(const struct fuzz_target *target, const char *folder, const char *name)
{
    char path[4096];
    size_t room = FUZZ_INPUT_MOST + 1;
    uint8_t *data = malloc(room);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "re");
    assert_non_null(data);
    if (!file)
        fail_msg("%s: %s", path, strerror(errno));
    size_t size = fread(data, 1, room, file);
    fclose(file);
    if (size > FUZZ_INPUT_MOST)
        fail_msg("%s: larger than a target looks at", path);
    uint8_t *exact = malloc(size ? size : 1); /* so that reading beyond it is noticed */
    assert_non_null(exact);
    memcpy(exact, data, size);
    free(data);
    printf("%s %s\n", target->name, name);
    fflush(stdout);
    target->run(exact, size);
    free(exact);
}

static void a_target_gets_along_with_its_corpus(void **state)
{
    const struct fuzz_target *target = *state;
    const char *source = getenv("OURO_SOURCE");
    char folder[2048];
    unsigned count = 0;
    assert_non_null(source);
    snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s", source, target->name);
    DIR *directory = opendir(folder);
    if (!directory) {
        fail_msg("%s: %s", folder, strerror(errno));
        return;
    }
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (entry->d_name[0] == '.')
            continue;
        replay(target, folder, entry->d_name);
        count++;
    }
    closedir(directory);
    assert_true(count > 0);
}

int main(void)
{
    struct CMUnitTest tests[16];
    size_t count = 0;
    for (const struct fuzz_target *t = fuzz_targets; t->name; t++)
        tests[count++] = (struct CMUnitTest){t->name, a_target_gets_along_with_its_corpus, NULL,
                                             NULL, (void *)(uintptr_t)t};
    return _cmocka_run_group_tests("fuzz corpus", tests, count, NULL, NULL);
}

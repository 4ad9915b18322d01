#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "options.h"
#include "program.h"

#include <stddef.h>
#include <string.h>

struct Options options = {.nameMax = 255, .flushFails = -1, .quota = UINT64_MAX};

static const struct {
    const char *word;
    bool *flag;
} FLAGS[] = {
    {"fold", &options.fold},
    {"normalize", &options.normalize},
    {"no-links", &options.noLinks},
    {"no-rename-flags", &options.noRenameFlags},
    {"no-locks", &options.noLocks},
    {"no-attributes", &options.noAttributes},
    {"no-allocate", &options.noAllocate},
    {"no-modes", &options.noModes},
    {"coarse-times", &options.coarseTimes},
};

static void readWord(const char *word) {
    double value;
    for (size_t at = 0; at < sizeof(FLAGS) / sizeof(FLAGS[0]); at++) {
        if (strcmp(word, FLAGS[at].word) != 0) continue;
        *FLAGS[at].flag = true;
        return;
    }
    if (strncmp(word, "name-max=", 9) == 0 && readNumber(word + 9, &value))
        options.nameMax = (uint32_t)value;
    else if (strncmp(word, "flush-fails=", 12) == 0 && readNumber(word + 12, &value))
        options.flushFails = (int64_t)value;
    else if (strncmp(word, "quota=", 6) == 0 && readNumber(word + 6, &value))
        options.quota = (uint64_t)value;
    else
        fail("Cannot read option \"%s\"", word);
}

void readOptions(int count, char **words) {
    if (count < 3) fail("Usage: odd_disk DIRECTORY MOUNT [OPTION...]");
    options.backing = words[1];
    options.mount = words[2];
    for (int at = 3; at < count; at++) readWord(words[at]);
}

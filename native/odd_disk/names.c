#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "names.h"
#include "options.h"

#include <dirent.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Letters with a mark behind them, and as one; of all there are, enough to try it. */
static const struct {
    const char *two;
    const char *one;
} COMPOSED[] = {
    {"e\xcc\x81", "\xc3\xa9"}, {"E\xcc\x81", "\xc3\x89"}, {"a\xcc\x88", "\xc3\xa4"},
    {"A\xcc\x88", "\xc3\x84"}, {"o\xcc\x88", "\xc3\xb6"}, {"O\xcc\x88", "\xc3\x96"},
    {"u\xcc\x88", "\xc3\xbc"}, {"U\xcc\x88", "\xc3\x9c"},
};

static size_t compose(const char *name, char *to) {
    for (size_t at = 0; at < sizeof(COMPOSED) / sizeof(COMPOSED[0]); at++) {
        size_t length = strlen(COMPOSED[at].two);
        if (strncmp(name, COMPOSED[at].two, length) != 0) continue;
        memcpy(to, COMPOSED[at].one, 2);
        return length;
    }
    return 0;
}

static void lower(char *name) {
    for (uint8_t *at = (uint8_t *)name; *at != 0; at++) {
        if (*at >= 'A' && *at <= 'Z') *at += 'a' - 'A';
        if (at[0] == 0xc3 && at[1] >= 0x80 && at[1] <= 0x9e && at[1] != 0x97) at[1] += 0x20;
    }
}

/* The same for all names that stand for one entry. */
static void keyOf(const char *name, char key[NAME_ROOM]) {
    char *to = key;
    while (*name != 0) {
        size_t taken = options.normalize ? compose(name, to) : 0;
        if (taken > 0) {
            name += taken;
            to += 2;
        } else {
            *to++ = *name++;
        }
    }
    *to = 0;
    if (options.fold) lower(key);
}

static bool isThere(int directory, const char *name) {
    struct stat info;
    return fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) == 0;
}

bool findEntry(int directory, const char *name, char found[NAME_ROOM]) {
    char wanted[NAME_ROOM];
    char key[NAME_ROOM];
    strcpy(found, name);
    if (isThere(directory, name)) return true;
    if (!options.fold && !options.normalize) return false;
    keyOf(name, wanted);
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    if (entries == NULL) return false;
    bool there = false;
    for (struct dirent *entry; !there && (entry = readdir(entries)) != NULL;) {
        keyOf(entry->d_name, key);
        there = strcmp(key, wanted) == 0;
        if (there) strcpy(found, entry->d_name);
    }
    closedir(entries);
    return there;
}

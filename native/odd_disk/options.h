/* What the disk is to lack, or to do otherwise. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct Options {
    const char *backing;
    const char *mount;
    bool fold;          /* names that differ only in case are the same */
    bool normalize;     /* names that differ only in how characters are composed are the same */
    bool noLinks;       /* hard links: EPERM, as FAT */
    bool noRenameFlags; /* RENAME_NOREPLACE: EINVAL */
    bool noLocks;       /* ENOLCK, as NFS without a lock manager */
    bool noAttributes;  /* EOPNOTSUPP */
    bool noAllocate;    /* EOPNOTSUPP */
    bool noModes;       /* chmod: EPERM; everything is 0755 or 0644, as FAT */
    bool coarseTimes;   /* times are multiples of 2 s, as of FAT */
    uint32_t nameMax;   /* longest name, in bytes; 255 by default */
    int64_t flushFails; /* flushing a file of so many bytes: EIO; of none by default */
    uint64_t quota;     /* bytes that may be stored, then EDQUOT; no limit by default */
};

extern struct Options options;

void readOptions(int count, char **words);

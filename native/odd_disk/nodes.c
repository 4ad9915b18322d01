#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "nodes.h"
#include "options.h"
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct Node {
    int descriptor; /* below 0: the place is free */
    dev_t device;
    ino_t inode;
    uint64_t known;
};

static struct Node *nodes;
static size_t count;

static uint64_t add(struct Node node) {
    for (size_t at = 1; at < count; at++) {
        if (nodes[at].descriptor >= 0) continue;
        nodes[at] = node;
        return at + 1;
    }
    nodes = realloc(nodes, (count + 1) * sizeof(*nodes));
    if (nodes == NULL) fail("Out of memory");
    nodes[count++] = node;
    return count;
}

void openRoot(const char *directory) {
    int descriptor = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) fail("Cannot open %s: %s", directory, strerror(errno));
    add((struct Node){.descriptor = descriptor, .known = 1});
}

int descriptorOf(uint64_t node) {
    return node >= 1 && node <= count ? nodes[node - 1].descriptor : -1;
}

void pathOf(int descriptor, char path[PATH_ROOM]) {
    snprintf(path, PATH_ROOM, "/proc/self/fd/%d", descriptor);
}

int enter(int descriptor, struct fuse_entry_out *entry) {
    struct stat info;
    if (descriptor < 0) return -errno;
    if (fstatat(descriptor, "", &info, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) != 0) {
        int code = errno;
        close(descriptor);
        return -code;
    }
    uint64_t id = 0;
    for (size_t at = 0; at < count && id == 0; at++) {
        struct Node *node = &nodes[at];
        if (node->descriptor < 0 || node->inode != info.st_ino || node->device != info.st_dev)
            continue;
        close(descriptor);
        node->known++;
        id = at + 1;
    }
    if (id == 0)
        id = add((struct Node){descriptor, info.st_dev, info.st_ino, 1});
    memset(entry, 0, sizeof(*entry));
    entry->nodeid = id;
    describe(&info, &entry->attr);
    return 0;
}

void forget(uint64_t node, uint64_t times) {
    if (node <= FUSE_ROOT_ID || node > count) return;
    struct Node *known = &nodes[node - 1];
    known->known -= times < known->known ? times : known->known;
    if (known->known > 0 || known->descriptor < 0) return;
    close(known->descriptor);
    known->descriptor = -1;
}

static uint64_t secondsOf(time_t time) {
    return (uint64_t)(options.coarseTimes ? time - time % 2 : time);
}

void describe(const struct stat *info, struct fuse_attr *attributes) {
    mode_t mode = info->st_mode;
    if (options.noModes) mode = (mode & S_IFMT) | (S_ISDIR(mode) ? 0755 : 0644);
    *attributes = (struct fuse_attr){
        .ino = info->st_ino,
        .size = (uint64_t)info->st_size,
        .blocks = (uint64_t)info->st_blocks,
        .atime = secondsOf(info->st_atim.tv_sec),
        .mtime = secondsOf(info->st_mtim.tv_sec),
        .ctime = secondsOf(info->st_ctim.tv_sec),
        .atimensec = options.coarseTimes ? 0 : (uint32_t)info->st_atim.tv_nsec,
        .mtimensec = options.coarseTimes ? 0 : (uint32_t)info->st_mtim.tv_nsec,
        .ctimensec = options.coarseTimes ? 0 : (uint32_t)info->st_ctim.tv_nsec,
        .mode = mode,
        .nlink = (uint32_t)info->st_nlink,
        .uid = info->st_uid,
        .gid = info->st_gid,
        .rdev = (uint32_t)info->st_rdev,
        .blksize = (uint32_t)info->st_blksize,
    };
}

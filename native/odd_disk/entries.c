#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "names.h"
#include "nodes.h"
#include "options.h"
#include "requests.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int directoryOf(const struct Request *request) {
    return descriptorOf(request->header->nodeid);
}

static int tooLong(const char *name) {
    return strlen(name) > options.nameMax ? -ENAMETOOLONG : 0;
}

static int enterName(int directory, const char *name, struct Request *request) {
    int code = enter(openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), (void *)request->answer);
    return code < 0 ? code : (int)sizeof(struct fuse_entry_out);
}

int lookup(struct Request *request) {
    char found[NAME_ROOM];
    int directory = directoryOf(request);
    if (tooLong(request->body)) return -ENAMETOOLONG;
    if (!findEntry(directory, request->body, found)) return -ENOENT;
    return enterName(directory, found, request);
}

int makeDirectory(struct Request *request) {
    const struct fuse_mkdir_in *in = request->body;
    const char *name = (const char *)(in + 1);
    char found[NAME_ROOM];
    int directory = directoryOf(request);
    if (tooLong(name)) return -ENAMETOOLONG;
    if (findEntry(directory, name, found)) return -EEXIST;
    if (mkdirat(directory, name, in->mode) != 0) return -errno;
    return enterName(directory, name, request);
}

/* The bytes of a file whose last name goes are given back. */
static void giveBack(int directory, const char *name) {
    struct stat info;
    if (fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) != 0) return;
    if (S_ISREG(info.st_mode) && info.st_nlink == 1) grow(-info.st_size);
}

static int removeName(struct Request *request, int flags) {
    char found[NAME_ROOM];
    int directory = directoryOf(request);
    if (!findEntry(directory, request->body, found)) return -ENOENT;
    if (flags == 0) giveBack(directory, found);
    return unlinkat(directory, found, flags) == 0 ? 0 : -errno;
}

int unlinkFile(struct Request *request) {
    return removeName(request, 0);
}

int removeDirectory(struct Request *request) {
    return removeName(request, AT_REMOVEDIR);
}

static int renameTo(struct Request *request, uint64_t newDirectory, unsigned flags, const char *name) {
    const char *newName = name + strlen(name) + 1;
    char from[NAME_ROOM], to[NAME_ROOM];
    int directory = directoryOf(request);
    int target = descriptorOf(newDirectory);
    if (tooLong(newName)) return -ENAMETOOLONG;
    if (options.noRenameFlags && flags != 0) return -EINVAL;
    if (!findEntry(directory, name, from)) return -ENOENT;
    if (findEntry(target, newName, to)) {
        if ((flags & RENAME_NOREPLACE) != 0) return -EEXIST;
        giveBack(target, to);
    }
    if (renameat2(directory, from, target, to, flags) != 0) return -errno;
    /* What was replaced has the name as it is given now. */
    if (strcmp(to, newName) != 0 && renameat2(target, to, target, newName, 0) != 0) return -errno;
    return 0;
}

int renameEntry(struct Request *request) {
    const struct fuse_rename_in *in = request->body;
    return renameTo(request, in->newdir, 0, (const char *)(in + 1));
}

int renameEntry2(struct Request *request) {
    const struct fuse_rename2_in *in = request->body;
    return renameTo(request, in->newdir, in->flags, (const char *)(in + 1));
}

int linkEntry(struct Request *request) {
    const struct fuse_link_in *in = request->body;
    const char *name = (const char *)(in + 1);
    char found[NAME_ROOM], path[PATH_ROOM];
    int directory = directoryOf(request);
    if (options.noLinks) return -EPERM;
    if (tooLong(name)) return -ENAMETOOLONG;
    if (findEntry(directory, name, found)) return -EEXIST;
    pathOf(descriptorOf(in->oldnodeid), path);
    if (linkat(AT_FDCWD, path, directory, name, AT_SYMLINK_FOLLOW) != 0) return -errno;
    return enterName(directory, name, request);
}

int createFile(struct Request *request) {
    const struct fuse_create_in *in = request->body;
    const char *name = (const char *)(in + 1);
    char found[NAME_ROOM];
    int directory = directoryOf(request);
    if (tooLong(name)) return -ENAMETOOLONG;
    if (findEntry(directory, name, found) && (in->flags & O_EXCL) != 0) return -EEXIST;
    /* It is written to wherever the kernel says, not at the end. */
    int flags = (int)(in->flags & ~(uint32_t)(O_APPEND | O_EXCL)) | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
    int file = openat(directory, found, flags, in->mode);
    if (file < 0) return -errno;
    int code = enterName(directory, found, request);
    if (code < 0) {
        close(file);
        return code;
    }
    struct fuse_open_out *out = (void *)(request->answer + code);
    *out = (struct fuse_open_out){.fh = (uint64_t)file};
    return code + (int)sizeof(*out);
}

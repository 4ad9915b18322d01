#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "nodes.h"
#include "options.h"
#include "requests.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

static int64_t stored;

bool mayGrow(int64_t bytes) {
    return bytes <= 0 || (uint64_t)(stored + bytes) <= options.quota;
}

void grow(int64_t bytes) {
    stored += bytes;
}

static int descriptor(const struct Request *request) {
    return descriptorOf(request->header->nodeid);
}

static int tellAttributes(struct Request *request) {
    struct stat info;
    struct fuse_attr_out *out = (void *)request->answer;
    if (fstatat(descriptor(request), "", &info, AT_EMPTY_PATH) != 0) return -errno;
    memset(out, 0, sizeof(*out));
    describe(&info, &out->attr);
    return sizeof(*out);
}

int getAttributes(struct Request *request) {
    return tellAttributes(request);
}

static struct timespec timeOf(uint32_t valid, uint32_t set, uint32_t now, uint64_t s, uint32_t ns) {
    if ((valid & set) == 0) return (struct timespec){.tv_nsec = UTIME_OMIT};
    if ((valid & now) != 0) return (struct timespec){.tv_nsec = UTIME_NOW};
    return (struct timespec){.tv_sec = (time_t)s, .tv_nsec = (long)ns};
}

static int setSize(int fd, const char *path, uint64_t size) {
    struct stat info;
    if (fstatat(fd, "", &info, AT_EMPTY_PATH) != 0) return -errno;
    int64_t more = (int64_t)size - info.st_size;
    if (!mayGrow(more)) return -EDQUOT;
    if (truncate(path, (off_t)size) != 0) return -errno;
    grow(more);
    return 0;
}

int setAttributes(struct Request *request) {
    const struct fuse_setattr_in *in = request->body;
    char path[PATH_ROOM];
    int fd = descriptor(request);
    pathOf(fd, path);
    if ((in->valid & FATTR_MODE) != 0) {
        if (options.noModes) return -EPERM;
        if (chmod(path, in->mode & 07777) != 0) return -errno;
    }
    if ((in->valid & FATTR_SIZE) != 0) {
        int code = setSize(fd, path, in->size);
        if (code < 0) return code;
    }
    if ((in->valid & (FATTR_ATIME | FATTR_MTIME)) != 0) {
        struct timespec times[2] = {
            timeOf(in->valid, FATTR_ATIME, FATTR_ATIME_NOW, in->atime, in->atimensec),
            timeOf(in->valid, FATTR_MTIME, FATTR_MTIME_NOW, in->mtime, in->mtimensec),
        };
        if (utimensat(AT_FDCWD, path, times, 0) != 0) return -errno;
    }
    return tellAttributes(request);
}

static int openWith(struct Request *request, int flags) {
    char path[PATH_ROOM];
    pathOf(descriptor(request), path);
    int file = open(path, flags | O_CLOEXEC);
    if (file < 0) return -errno;
    struct fuse_open_out *out = (void *)request->answer;
    *out = (struct fuse_open_out){.fh = (uint64_t)file};
    return sizeof(*out);
}

int openFile(struct Request *request) {
    const struct fuse_open_in *in = request->body;
    /* What is appended comes with where it goes; and what is cut, as a size. */
    return openWith(request, (int)in->flags & ~(O_APPEND | O_NOFOLLOW | O_TRUNC));
}

int openDirectory(struct Request *request) {
    return openWith(request, O_RDONLY | O_DIRECTORY);
}

int readFile(struct Request *request) {
    const struct fuse_read_in *in = request->body;
    size_t size = in->size < MAX_WRITE ? in->size : MAX_WRITE;
    ssize_t read = pread((int)in->fh, request->answer, size, (off_t)in->offset);
    return read < 0 ? -errno : (int)read;
}

int writeFile(struct Request *request) {
    const struct fuse_write_in *in = request->body;
    struct stat info;
    if (fstat((int)in->fh, &info) != 0) return -errno;
    int64_t more = (int64_t)(in->offset + in->size) - info.st_size;
    if (!mayGrow(more)) return -EDQUOT;
    ssize_t written = pwrite((int)in->fh, in + 1, in->size, (off_t)in->offset);
    if (written < 0) return -errno;
    if (more > 0) grow(more);
    struct fuse_write_out *out = (void *)request->answer;
    *out = (struct fuse_write_out){.size = (uint32_t)written};
    return sizeof(*out);
}

int releaseFile(struct Request *request) {
    const struct fuse_release_in *in = request->body;
    close((int)in->fh);
    return 0;
}

int syncFile(struct Request *request) {
    const struct fuse_fsync_in *in = request->body;
    struct stat info;
    if (fstat((int)in->fh, &info) != 0) return -errno;
    if (info.st_size == options.flushFails) return -EIO;
    return fsync((int)in->fh) == 0 ? 0 : -errno;
}

int readEntries(struct Request *request) {
    const struct fuse_read_in *in = request->body;
    char buffer[32768];
    size_t filled = 0;
    if (lseek((int)in->fh, (off_t)in->offset, SEEK_SET) < 0) return -errno;
    ssize_t length = getdents64((int)in->fh, buffer, in->size / 2 < sizeof(buffer) ? in->size / 2 : sizeof(buffer));
    if (length < 0) return -errno;
    for (ssize_t at = 0; at < length;) {
        struct dirent64 *entry = (struct dirent64 *)(buffer + at);
        struct fuse_dirent *out = (void *)(request->answer + filled);
        size_t name = strlen(entry->d_name);
        if (filled + FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + name) > in->size) break;
        *out = (struct fuse_dirent){entry->d_ino, (uint64_t)entry->d_off, (uint32_t)name, entry->d_type};
        memcpy(out->name, entry->d_name, name);
        filled += FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + name);
        at += entry->d_reclen;
    }
    return (int)filled;
}

int allocateFile(struct Request *request) {
    const struct fuse_fallocate_in *in = request->body;
    struct stat info;
    if (options.noAllocate) return -EOPNOTSUPP;
    if (fstat((int)in->fh, &info) != 0) return -errno;
    if (!mayGrow((int64_t)(in->offset + in->length) - info.st_size)) return -EDQUOT;
    return fallocate((int)in->fh, (int)in->mode, (off_t)in->offset, (off_t)in->length) == 0 ? 0 : -errno;
}

int tellSpace(struct Request *request) {
    struct statvfs info;
    struct fuse_statfs_out *out = (void *)request->answer;
    if (fstatvfs(descriptor(request), &info) != 0) return -errno;
    *out = (struct fuse_statfs_out){.st = {
        .blocks = info.f_blocks,
        .bfree = info.f_bfree,
        .bavail = info.f_bavail,
        .files = info.f_files,
        .ffree = info.f_ffree,
        .bsize = (uint32_t)info.f_bsize,
        .namelen = options.nameMax,
        .frsize = (uint32_t)info.f_frsize,
    }};
    return sizeof(*out);
}

int setExtended(struct Request *request) {
    /* As long as kernels had it before its last two fields, unless that is agreed upon. */
    const struct fuse_setxattr_in *in = request->body;
    const char *name = (const char *)request->body + FUSE_COMPAT_SETXATTR_IN_SIZE;
    char path[PATH_ROOM];
    if (options.noAttributes) return -EOPNOTSUPP;
    pathOf(descriptor(request), path);
    return setxattr(path, name, name + strlen(name) + 1, in->size, (int)in->flags) == 0 ? 0 : -errno;
}

int getExtended(struct Request *request) {
    const struct fuse_getxattr_in *in = request->body;
    char path[PATH_ROOM];
    if (options.noAttributes) return -EOPNOTSUPP;
    pathOf(descriptor(request), path);
    size_t room = in->size < MAX_WRITE ? in->size : MAX_WRITE;
    ssize_t length = getxattr(path, (const char *)(in + 1), request->answer, room);
    if (length < 0) return -errno;
    if (in->size > 0) return (int)length;
    struct fuse_getxattr_out *out = (void *)request->answer;
    *out = (struct fuse_getxattr_out){.size = (uint32_t)length};
    return sizeof(*out);
}

int lockFile(struct Request *request) {
    (void)request;
    return -ENOLCK;
}

/*
 * A file system in user space over a directory, which lacks what it is told to lack: hard links, locks, names
 * that differ only in case, and so on. It shows how a server does on disks that this machine does not have.
 * It writes "ready" when it is mounted, and ends when that is unmounted.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "nodes.h"
#include "options.h"
#include "program.h"
#include "requests.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static Operation *const OPERATIONS[] = {
    [FUSE_LOOKUP] = lookup,          [FUSE_GETATTR] = getAttributes,
    [FUSE_SETATTR] = setAttributes,  [FUSE_MKDIR] = makeDirectory,
    [FUSE_UNLINK] = unlinkFile,      [FUSE_RMDIR] = removeDirectory,
    [FUSE_RENAME] = renameEntry,     [FUSE_RENAME2] = renameEntry2,
    [FUSE_LINK] = linkEntry,         [FUSE_CREATE] = createFile,
    [FUSE_OPEN] = openFile,          [FUSE_READ] = readFile,
    [FUSE_WRITE] = writeFile,        [FUSE_RELEASE] = releaseFile,
    [FUSE_FSYNC] = syncFile,         [FUSE_OPENDIR] = openDirectory,
    [FUSE_READDIR] = readEntries,    [FUSE_RELEASEDIR] = releaseFile,
    [FUSE_FSYNCDIR] = syncFile,      [FUSE_FALLOCATE] = allocateFile,
    [FUSE_STATFS] = tellSpace,       [FUSE_SETXATTR] = setExtended,
    [FUSE_GETXATTR] = getExtended,   [FUSE_GETLK] = lockFile,
    [FUSE_SETLK] = lockFile,         [FUSE_SETLKW] = lockFile,
};

static int begin(struct Request *request) {
    const struct fuse_init_in *in = request->body;
    struct fuse_init_out *out = (void *)request->answer;
    *out = (struct fuse_init_out){
        .major = FUSE_KERNEL_VERSION,
        .minor = in->minor < 31 ? in->minor : 31,
        .max_readahead = in->max_readahead,
        .flags = FUSE_BIG_WRITES | (options.noLocks ? FUSE_POSIX_LOCKS | FUSE_FLOCK_LOCKS : 0),
        .max_write = MAX_WRITE,
        .time_gran = 1,
        .max_pages = MAX_WRITE / 4096,
        .max_background = 16,
        .congestion_threshold = 12,
    };
    return sizeof(*out);
}

static void forgetAll(const struct Request *request) {
    if (request->header->opcode == FUSE_FORGET) {
        const struct fuse_forget_in *in = request->body;
        forget(request->header->nodeid, in->nlookup);
        return;
    }
    const struct fuse_batch_forget_in *in = request->body;
    const struct fuse_forget_one *one = (const void *)(in + 1);
    for (uint32_t at = 0; at < in->count; at++) forget(one[at].nodeid, one[at].nlookup);
}

static int serve(struct Request *request) {
    uint32_t code = request->header->opcode;
    if (code == FUSE_INIT) return begin(request);
    if (code >= sizeof(OPERATIONS) / sizeof(OPERATIONS[0]) || OPERATIONS[code] == NULL)
        return -ENOSYS;
    return OPERATIONS[code](request);
}

static void answer(int device, const struct Request *request, int code) {
    struct fuse_out_header header = {
        .len = (uint32_t)(sizeof(header) + (size_t)(code > 0 ? code : 0)),
        .error = code < 0 ? code : 0,
        .unique = request->header->unique,
    };
    struct iovec parts[] = {{&header, sizeof(header)}, {request->answer, header.len - sizeof(header)}};
    if (writev(device, parts, 2) < 0 && errno != ENOENT)
        fail("Cannot answer request %u: %s", request->header->opcode, strerror(errno));
}

static int mountIt(void) {
    char data[128];
    struct stat info;
    int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (device < 0) fail("Cannot open /dev/fuse: %s", strerror(errno));
    if (stat(options.mount, &info) != 0) fail("Cannot find %s: %s", options.mount, strerror(errno));
    snprintf(data, sizeof(data), "fd=%d,rootmode=%o,user_id=%u,group_id=%u,allow_other,default_permissions",
             device, info.st_mode & S_IFMT, getuid(), getgid());
    if (mount("odd_disk", options.mount, "fuse.odd_disk", MS_NODEV | MS_NOSUID, data) != 0)
        fail("Cannot mount on %s: %s", options.mount, strerror(errno));
    return device;
}

int main(int count, char **words) {
    static uint8_t input[REQUEST_ROOM + 1];
    static uint8_t output[MAX_WRITE + 4096];
    readOptions(count, words);
    raiseFileLimit();
    umask(0);
    openRoot(options.backing);
    int device = mountIt();
    puts("ready");
    fflush(stdout);
    for (;;) {
        ssize_t length = read(device, input, REQUEST_ROOM);
        if (length < 0 && (errno == EINTR || errno == ENOENT || errno == EAGAIN)) continue;
        if (length < 0 && errno == ENODEV) return 0;
        if (length < (ssize_t)sizeof(struct fuse_in_header)) fail("Cannot read: %s", strerror(errno));
        input[length] = 0;
        struct Request request = {
            .header = (void *)input,
            .body = input + sizeof(struct fuse_in_header),
            .length = (size_t)length - sizeof(struct fuse_in_header),
            .answer = output,
        };
        uint32_t code = request.header->opcode;
        if (code == FUSE_FORGET || code == FUSE_BATCH_FORGET) forgetAll(&request);
        else if (code == FUSE_DESTROY) return 0;
        else if (code != FUSE_INTERRUPT) answer(device, &request, serve(&request));
    }
}

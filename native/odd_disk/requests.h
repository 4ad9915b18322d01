/* What the kernel asks, and what it is told. */
#pragma once

#include <linux/fuse.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Largest that is written at once. */
enum { MAX_WRITE = 128 * 1024 };

/* Room for any request: one that writes has its header and its bytes. */
enum { REQUEST_ROOM = MAX_WRITE + 4096 };

struct Request {
    const struct fuse_in_header *header;
    const void *body; /* with a byte of zero behind it */
    size_t length;
    uint8_t *answer; /* room for MAX_WRITE bytes and a header */
};

/* Each returns how many bytes the answer's body has, or an error's number below 0. */
typedef int Operation(struct Request *request);

/* What is asked of names: names.c says which entry is meant. */
Operation lookup, makeDirectory, unlinkFile, removeDirectory, renameEntry, renameEntry2, linkEntry,
    createFile;

/* What is asked of a file or directory itself. */
Operation getAttributes, setAttributes, openFile, readFile, writeFile, releaseFile, syncFile,
    openDirectory, readEntries, allocateFile, tellSpace, setExtended, getExtended, lockFile;

/* Bytes that are stored; more than the quota are refused. */
bool mayGrow(int64_t bytes);
void grow(int64_t bytes);

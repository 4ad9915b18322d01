/* The files and directories that the kernel knows. */
#pragma once

#include <linux/fuse.h>
#include <stdint.h>
#include <sys/stat.h>

enum { PATH_ROOM = 64 };

void openRoot(const char *directory);

/* A descriptor of it, of the kind that asks for no permission (O_PATH). */
int descriptorOf(uint64_t node);

/* A path that leads to what a descriptor is of. */
void pathOf(int descriptor, char path[PATH_ROOM]);

/*
 * Takes in what a descriptor is of, which it owns from then on, and counts that the kernel knows it once more.
 *
 * Returns 0, or an error's number below 0.
 */
int enter(int descriptor, struct fuse_entry_out *entry);

/* The kernel knows it so many times less. */
void forget(uint64_t node, uint64_t times);

void describe(const struct stat *info, struct fuse_attr *attributes);

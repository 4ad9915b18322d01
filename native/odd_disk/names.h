/* Which name an entry has on the disk behind, where several stand for the same. */
#pragma once

#include <stdbool.h>

enum { NAME_ROOM = 4096 };

/*
 * Finds the entry of a directory that a name stands for.
 *
 * found: takes its own name; the one that was asked for, if there is none.
 * Returns whether there is one.
 */
bool findEntry(int directory, const char *name, char found[NAME_ROOM]);

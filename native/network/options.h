#pragma once

#include "clients.h"
#include "direction.h"

/* What the program is asked to do, beside what the directions do. */
struct Options {
    uint16_t targets[MAX_TARGETS];
    unsigned targetCount;
    /* The ports of the entrances; as many as targets, or none for any. */
    uint16_t ports[MAX_TARGETS];
    unsigned portCount;
    uint64_t seed;
};

/*
 * Reads the command line into options and the two directions; ends the program, with the usage, if it
 * makes no sense.
 */
struct Options readOptions(int count, char **arguments);

/*
 * Sets what both directions do, or one, where the name begins with "up-" or "down-", as the options
 * of the same names, without their dashes, say it. Returns what is wrong, or NULL.
 */
const char *setImpairment(const char *name, const char *value);

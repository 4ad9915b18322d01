/* Numbers that look random, and are the same for the same seed. */
#pragma once

#include <stdint.h>

struct Random {
    uint64_t state;
};

/* A sequence of its own for each purpose, so that what one draws never changes another. */
struct Random seedRandom(uint64_t seed, uint64_t purpose);

/* The next whole number. */
uint64_t nextRandom(struct Random *random);

/* The next number from 0 to just below 1. */
double nextUnit(struct Random *random);

/* The number at a place of a sequence, from 0 to just below 1. */
double unitAt(uint64_t seed, uint64_t place);

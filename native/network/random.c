#include "random.h"

static const uint64_t STEP = 0x9e3779b97f4a7c15; /* of SplitMix64, as what follows */

static uint64_t mix(uint64_t value) {
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
    value = (value ^ value >> 27) * 0x94d049bb133111eb;
    return value ^ value >> 31;
}

static double toUnit(uint64_t value) {
    return (double)(value >> 11) * 0x1p-53;
}

struct Random seedRandom(uint64_t seed, uint64_t purpose) {
    return (struct Random){.state = mix(mix(seed + STEP) ^ mix(purpose * STEP))};
}

uint64_t nextRandom(struct Random *random) {
    random->state += STEP;
    return mix(random->state);
}

double nextUnit(struct Random *random) {
    return toUnit(nextRandom(random));
}

double unitAt(uint64_t seed, uint64_t place) {
    return toUnit(mix(mix(seed + STEP) + place * STEP));
}

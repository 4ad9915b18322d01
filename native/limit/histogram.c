#include "histogram.h"

#include <math.h>

enum { STEP_BITS = 5 };

/* As it is up to 32, then in 32 steps from each power of two to the next. */
static unsigned bucketOf(uint64_t value) {
    if (value < HISTOGRAM_STEPS) return (unsigned)value;
    unsigned exponent = 63 - (unsigned)__builtin_clzll(value);
    unsigned step = (unsigned)(value >> (exponent - STEP_BITS)) & (HISTOGRAM_STEPS - 1);
    return (exponent - STEP_BITS + 1) * HISTOGRAM_STEPS + step;
}

static double middleOf(unsigned bucket) {
    if (bucket < HISTOGRAM_STEPS) return bucket;
    unsigned exponent = bucket / HISTOGRAM_STEPS - 1;
    return ldexp(HISTOGRAM_STEPS + bucket % HISTOGRAM_STEPS + 0.5, (int)exponent);
}

void addDuration(struct Histogram *histogram, uint64_t nanoseconds) {
    histogram->counts[bucketOf(nanoseconds)]++;
}

void addHistogram(struct Histogram *sum, const struct Histogram *histogram) {
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) sum->counts[i] += histogram->counts[i];
}

double durationAt(const struct Histogram *histogram, double quantile) {
    uint64_t total = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) total += histogram->counts[i];
    uint64_t rank = (uint64_t)((double)total * quantile);
    uint64_t seen = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += histogram->counts[i];
        if (seen > rank) return middleOf(i) / 1000;
    }
    return 0;
}

/* Durations, counted by size to within three per cent. */
#pragma once

#include <stdint.h>

enum { HISTOGRAM_STEPS = 32, HISTOGRAM_BUCKETS = 64 * HISTOGRAM_STEPS };

struct Histogram {
    uint64_t counts[HISTOGRAM_BUCKETS];
};

void addDuration(struct Histogram *histogram, uint64_t nanoseconds);
void addHistogram(struct Histogram *sum, const struct Histogram *histogram);

/* The duration that the share `quantile` (0 to 1) does not exceed, in microseconds; 0 without any.
 */
double durationAt(const struct Histogram *histogram, double quantile);

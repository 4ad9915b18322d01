#pragma once

/* User and system time that has been used so far, in milliseconds. */
struct ProcessorTime {
    /* By this process. */
    double ownMs;
    /* By others, to within 10 ms each. */
    double othersMs;
};

struct ProcessorTime processorTime(const int *pids, unsigned count);

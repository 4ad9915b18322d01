/* What connections (client.c) and their streams (tasks.c) of the load generator share. */
#pragma once

#include "histogram.h"
#include "options.h"

enum { MAX_IN_FLIGHT = 1024 };

/* What is done on a connection, or one after another for handshakes; only one thread at a time is
 * in it. */
struct Lane {
    uint64_t count;
    uint64_t bytes;
    struct Histogram *latencies;
    struct Link *link;
    /* How many streams are open. */
    unsigned working;
    uint16_t port;
};

/* A connection. */
struct Link {
    struct Lane *lane;
    HQUIC handle;
    uint64_t start;
    bool expectsEnd;
};

extern const struct Options *options;

/* Whether what is done now is counted. */
bool countsNow(void);
/* Whether there is more to do. */
bool goesOn(void);
/* Counts one that was begun at `start`, if it counts. */
void countOne(struct Lane *lane, uint64_t start);
/* The server has answered the hello. */
void onGreeted(struct Link *link);
void endLink(struct Link *link);

/* Makes what is sent; once, first of all. */
void prepareTasks(void);
/* Says hello. */
void greet(struct Link *link);
/* Begins the job on a connection. */
void beginWork(struct Link *link);

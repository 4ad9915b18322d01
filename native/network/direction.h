/* One direction of the path: what becomes of each datagram, and the count of it. */
#pragma once

#include "random.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    MAX_OUTAGES = 32,
    /* What IPv4 and UDP add to a datagram. */
    HEADER_BYTES = 28,
};

/* What the direction does. Times are nanoseconds, shares are from 0 to 1. */
struct Impairments {
    uint64_t delay;
    /* The delay grows by up to so much, and shrinks again. */
    uint64_t jitter;
    double loss;
    /* Bursts (Gilbert and Elliott): how likely one begins and ends, and the loss in it. */
    double burstBegin;
    double burstEnd;
    double burstLoss;
    /* Bits per second on the wire; 0 for no limit. */
    double rate;
    /* How long a datagram may have to wait for those before it. */
    uint64_t queue;
    double reorder;
    /* How much later the reordered ones come. */
    uint64_t reorderBy;
    double duplicate;
    double corrupt;
    /* The largest IP packet in bytes; 0 for any. */
    uint32_t mtu;
};

struct Outage {
    uint64_t from;
    uint64_t until;
};

/* Mean and maximum of times. */
struct Spread {
    double sum;
    uint64_t count;
    uint64_t max;
};

struct Figures {
    uint64_t received;
    uint64_t receivedBytes;
    uint64_t sent;
    uint64_t sentBytes;
    uint64_t lost;
    uint64_t queueDropped;
    uint64_t tooLarge;
    uint64_t outageDropped;
    uint64_t noRoom;
    uint64_t unsent;
    uint64_t reordered;
    uint64_t duplicated;
    uint64_t corrupted;
    /* How long datagrams had to wait for those before them. */
    struct Spread queued;
    /* How much later they went than they should: what this program costs. */
    struct Spread late;
};

enum Purpose {
    FOR_LOSS,
    FOR_BURSTS,
    FOR_BURST_LOSS,
    FOR_REORDERING,
    FOR_DUPLICATES,
    FOR_CORRUPTION,
    FOR_CORRUPTED_BIT,
    PURPOSES,
};

struct Direction {
    struct Impairments does;
    struct Figures figures;
    struct Outage outages[MAX_OUTAGES];
    struct Random random[PURPOSES];
    uint64_t seed;
    uint64_t start;
    bool inBurst;
    /* When the wire has nothing left to send. */
    uint64_t freeAt;
    uint64_t lastArrival;
    uint64_t lastDue;
};

/* What becomes of a datagram that passes. */
struct Passage {
    uint64_t due;
    bool twice;
    /* The bit that is wrong; -1 for none. */
    int64_t wrongBit;
};

/* Sets up what is not an option; `which` tells the directions apart. */
void beginDirection(struct Direction *direction, uint64_t seed, uint64_t which, uint64_t start);

/* Nothing passes in that time. False if there are too many outages to come. */
bool addOutage(struct Direction *direction, struct Outage outage);

/* Ends the outage that there is now. */
void endOutage(struct Direction *direction, uint64_t time);

/* Decides on a datagram of so many bytes; false if it does not pass. */
bool passes(
    struct Direction *direction, uint64_t arrival, uint32_t length, struct Passage *passage
);

void addToSpread(struct Spread *spread, uint64_t ns);

#include "direction.h"

/* How often the jitter takes another turn: so slowly that it leaves datagrams in their order. */
static const uint64_t JITTER_STEP = 20000000;

void beginDirection(struct Direction *direction, uint64_t seed, uint64_t which, uint64_t start) {
    direction->seed = seedRandom(seed, which).state;
    for (uint64_t i = 0; i < PURPOSES; i++)
        direction->random[i] = seedRandom(direction->seed, i);
    direction->start = start;
    for (unsigned i = 0; i < MAX_OUTAGES; i++) {
        direction->outages[i].from += start;
        direction->outages[i].until += start;
    }
}

bool addOutage(struct Direction *direction, struct Outage outage) {
    for (unsigned i = 0; i < MAX_OUTAGES; i++) {
        struct Outage *place = &direction->outages[i];
        if (place->until > outage.from && place->until > place->from) continue;
        *place = outage;
        return true;
    }
    return false;
}

void endOutage(struct Direction *direction, uint64_t time) {
    for (unsigned i = 0; i < MAX_OUTAGES; i++) {
        struct Outage *outage = &direction->outages[i];
        if (outage->from <= time && time < outage->until) outage->until = time;
    }
}

void addToSpread(struct Spread *spread, uint64_t ns) {
    spread->sum += (double)ns;
    spread->count++;
    if (ns > spread->max) spread->max = ns;
}

static bool isOut(const struct Direction *direction, uint64_t time) {
    for (unsigned i = 0; i < MAX_OUTAGES; i++) {
        const struct Outage *outage = &direction->outages[i];
        if (outage->from <= time && time < outage->until) return true;
    }
    return false;
}

/* Draws one number for each datagram, whatever becomes of it: so the same ones are hit again. */
static bool happens(struct Direction *direction, enum Purpose purpose, double share) {
    return nextUnit(&direction->random[purpose]) < share;
}

static bool isLost(struct Direction *direction) {
    const struct Impairments *does = &direction->does;
    bool turns =
        happens(direction, FOR_BURSTS, direction->inBurst ? does->burstEnd : does->burstBegin);
    if (turns) direction->inBurst = !direction->inBurst;
    if (does->burstBegin == 0) direction->inBurst = false;
    bool byBurst = happens(direction, FOR_BURST_LOSS, direction->inBurst ? does->burstLoss : 0);
    return happens(direction, FOR_LOSS, does->loss) || byBurst;
}

static uint64_t jitterAt(const struct Direction *direction, uint64_t time) {
    uint64_t jitter = direction->does.jitter;
    if (jitter == 0) return 0;
    uint64_t passed = time - direction->start;
    uint64_t step = passed / JITTER_STEP;
    double part = (double)(passed % JITTER_STEP) / (double)JITTER_STEP;
    double from = unitAt(direction->seed, step);
    double to = unitAt(direction->seed, step + 1);
    return (uint64_t)((double)jitter * (from + (to - from) * part));
}

/* Waits for those before it, and is sent. False if there is no room in the queue. */
static bool passesQueue(struct Direction *direction, uint64_t *time, uint32_t length) {
    const struct Impairments *does = &direction->does;
    if (does->rate == 0) return true;
    uint64_t wait = direction->freeAt > *time ? direction->freeAt - *time : 0;
    if (wait > does->queue) return false;
    addToSpread(&direction->figures.queued, wait);
    double wire = ((double)length + HEADER_BYTES) * 8e9 / does->rate;
    *time += wait + (uint64_t)wire;
    direction->freeAt = *time;
    return true;
}

bool passes(
    struct Direction *direction, uint64_t arrival, uint32_t length, struct Passage *passage
) {
    const struct Impairments *does = &direction->does;
    struct Figures *figures = &direction->figures;
    // Those of different clients are not read in the order in which they have come.
    if (arrival < direction->lastArrival) arrival = direction->lastArrival;
    direction->lastArrival = arrival;
    figures->received++;
    figures->receivedBytes += length;
    bool lost = isLost(direction);
    bool later = happens(direction, FOR_REORDERING, does->reorder);
    bool twice = happens(direction, FOR_DUPLICATES, does->duplicate);
    bool wrong = happens(direction, FOR_CORRUPTION, does->corrupt);
    uint64_t bit = nextRandom(&direction->random[FOR_CORRUPTED_BIT]);
    if (isOut(direction, arrival)) {
        figures->outageDropped++;
        return false;
    }
    if (does->mtu != 0 && length + HEADER_BYTES > does->mtu) {
        figures->tooLarge++;
        return false;
    }
    uint64_t time = arrival;
    if (!passesQueue(direction, &time, length)) {
        figures->queueDropped++;
        return false;
    }
    // What is lost on the way has taken the wire's time.
    if (lost) {
        figures->lost++;
        return false;
    }
    uint64_t due = time + does->delay + jitterAt(direction, time);
    if (due < direction->lastDue) due = direction->lastDue;
    direction->lastDue = due;
    figures->reordered += later;
    figures->duplicated += twice;
    wrong = wrong && length > 0;
    figures->corrupted += wrong;
    *passage = (struct Passage){
        .due = due + (later ? does->reorderBy : 0),
        .twice = twice,
        .wrongBit = wrong ? (int64_t)(bit % ((uint64_t)length * 8)) : -1,
    };
    return true;
}

#include "client.h"
#include "load.h"
#include "processor_time.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    /* How many connections are made at once, before the job begins. */
    CONNECTING_AT_ONCE = 64,
    END_MS = 10000,
};

enum Phase { WARMING_UP, MEASURING, ENDING };

const struct Options *options;
static HQUIC configuration;
static struct Lane *lanes;
static _Atomic int phase = WARMING_UP;
static _Atomic unsigned greeted;
static _Atomic unsigned live;

static void openLink(struct Lane *lane);

bool countsNow(void) {
    return atomic_load_explicit(&phase, memory_order_relaxed) == MEASURING;
}

bool goesOn(void) {
    return atomic_load_explicit(&phase, memory_order_relaxed) != ENDING;
}

void countOne(struct Lane *lane, uint64_t start) {
    if (!countsNow()) return;
    lane->count++;
    addDuration(lane->latencies, now() - start);
}

void endLink(struct Link *link) {
    link->expectsEnd = true;
    quic->ConnectionShutdown(link->handle, QUIC_CONNECTION_SHUTDOWN_FLAG_NONE, 0);
}

void onGreeted(struct Link *link) {
    atomic_fetch_add(&greeted, 1);
    beginWork(link);
}

static void onConnected(struct Link *link) {
    struct Lane *lane = link->lane;
    if (options->job != JOB_HANDSHAKES) {
        greet(link);
        return;
    }
    countOne(lane, link->start);
    atomic_fetch_add(&greeted, 1);
    if (goesOn()) openLink(lane);
    endLink(link);
}

static QUIC_STATUS QUIC_API
onConnection(HQUIC handle, void *context, QUIC_CONNECTION_EVENT *event) {
    struct Link *link = context;
    switch (event->Type) {
    case QUIC_CONNECTION_EVENT_CONNECTED:
        onConnected(link);
        break;
    case QUIC_CONNECTION_EVENT_SHUTDOWN_INITIATED_BY_TRANSPORT:
        if (goesOn()) {
            fail(
                "Connection lost: status 0x%x",
                (unsigned)event->SHUTDOWN_INITIATED_BY_TRANSPORT.Status
            );
        }
        break;
    case QUIC_CONNECTION_EVENT_SHUTDOWN_INITIATED_BY_PEER:
        if (!link->expectsEnd) {
            fail(
                "The server has ended a connection with code %llu",
                (unsigned long long)event->SHUTDOWN_INITIATED_BY_PEER.ErrorCode
            );
        }
        break;
    case QUIC_CONNECTION_EVENT_SHUTDOWN_COMPLETE:
        quic->ConnectionClose(handle);
        if (link->lane->link == link) link->lane->link = NULL;
        free(link);
        atomic_fetch_sub(&live, 1);
        break;
    default:
        break;
    }
    return QUIC_STATUS_SUCCESS;
}

static void openLink(struct Lane *lane) {
    struct Link *link = calloc(1, sizeof(*link));
    if (link == NULL) fail("Out of memory");
    link->lane = lane;
    link->start = now();
    lane->link = link;
    atomic_fetch_add(&live, 1);
    check(quic->ConnectionOpen(registration, onConnection, link, &link->handle), "ConnectionOpen");
    check(
        quic->ConnectionStart(
            link->handle, configuration, QUIC_ADDRESS_FAMILY_INET, "127.0.0.1", lane->port
        ),
        "ConnectionStart"
    );
}

static void driveFor(double seconds) {
    uint64_t end = now() + (uint64_t)(seconds * 1e9);
    for (uint64_t time = now(); time < end; time = now())
        drive((uint32_t)((end - time) / 1000000) + 1);
}

static void connectAll(void) {
    uint64_t limit = now() + (uint64_t)END_MS * 1000000 * (1 + options->connections / 500);
    for (unsigned started = 0; started < options->connections || greeted < options->connections;) {
        while (started < options->connections && started < greeted + CONNECTING_AT_ONCE)
            openLink(&lanes[started++]);
        drive(1);
        if (now() > limit)
            fail("Connected %u times of %u, then no more", greeted, options->connections);
    }
}

static void end(void) {
    phase = ENDING;
    bool atOnce = options->job == JOB_SESSIONS || options->cut;
    for (unsigned i = 0; i < options->connections && atOnce; i++) endLink(lanes[i].link);
    uint64_t limit = now() + (uint64_t)END_MS * 1000000;
    while (live > 0) {
        drive(1);
        if (now() > limit) fail("%u connections have not ended", live);
    }
}

static void waitForEndOfInput(void) {
    printf("{\"sessions\":%u}\n", options->connections);
    fflush(stdout);
    for (;;) {
        fd_set set;
        FD_ZERO(&set);
        FD_SET(STDIN_FILENO, &set);
        struct timeval none = {0};
        char byte;
        if (select(STDIN_FILENO + 1, &set, NULL, NULL, &none) > 0 &&
            read(STDIN_FILENO, &byte, 1) <= 0)
            return;
        drive(20);
    }
}

static void
report(double seconds, const struct ProcessorTime *before, const struct ProcessorTime *after) {
    static struct Histogram sum;
    uint64_t count = 0, bytes = 0;
    for (unsigned i = 0; i < options->connections; i++) {
        count += lanes[i].count;
        bytes += lanes[i].bytes;
        addHistogram(&sum, lanes[i].latencies);
    }
    printf(
        "{\"job\":\"%s\",\"connections\":%u,\"inFlight\":%u,\"seconds\":%.4f,\"count\":%llu,"
        "\"perSecond\":%.1f,"
        "\"bytes\":%llu,\"gbitPerSecond\":%.4f,\"p50Us\":%.1f,\"p99Us\":%.1f,"
        "\"clientCpuMs\":%.1f,\"serverCpuMs\":%.1f}\n",
        options->jobName, options->connections, options->inFlight, seconds,
        (unsigned long long)count, (double)count / seconds, (unsigned long long)bytes,
        (double)bytes * 8 / 1e9 / seconds, durationAt(&sum, 0.5), durationAt(&sum, 0.99),
        after->ownMs - before->ownMs, after->othersMs - before->othersMs
    );
}

int runClient(const struct Options *wanted) {
    options = wanted;
    configuration = openConfiguration(&options->transport);
    trustAnybody(configuration);
    prepareTasks();
    lanes = calloc(options->connections, sizeof(*lanes));
    if (lanes == NULL) fail("Out of memory");
    for (unsigned i = 0; i < options->connections; i++) {
        lanes[i].port = options->ports[i % options->portCount];
        if (options->job == JOB_SESSIONS) continue;
        lanes[i].latencies = calloc(1, sizeof(struct Histogram));
        if (lanes[i].latencies == NULL) fail("Out of memory");
    }
    connectAll();
    if (options->job == JOB_SESSIONS) {
        waitForEndOfInput();
        end();
        return 0;
    }
    driveFor(options->warmUp);
    struct ProcessorTime before = processorTime(options->serverPids, options->serverPidCount);
    uint64_t start = now();
    phase = MEASURING;
    driveFor(options->seconds);
    double seconds = (double)(now() - start) / 1e9;
    struct ProcessorTime after = processorTime(options->serverPids, options->serverPidCount);
    end();
    report(seconds, &before, &after);
    fflush(stdout);
    // What MsQuic holds is not given back: closing it is not safe in this way of driving it.
    _exit(0);
}

#include "client.h"
#include "frames.h"
#include "histogram.h"
#include "processor_time.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    MAX_IN_FLIGHT = 1024,
    /* How many connections are made at once, before the job begins. */
    CONNECTING_AT_ONCE = 64,
    HEAD_BYTES = 64,
    END_MS = 10000,
};

enum Phase { WARMING_UP, MEASURING, ENDING };

/* What is done on a connection, or one after another for handshakes; only one thread at a time is in it. */
struct Lane {
    uint64_t count;
    uint64_t bytes;
    struct Histogram *latencies;
    struct Link *link;
    unsigned working;
    uint16_t port;
};

struct Link {
    struct Lane *lane;
    HQUIC handle;
    uint64_t start;
    bool expectsEnd;
};

/* A stream; for requests one after another has its place. */
struct Task {
    struct Link *link;
    HQUIC handle;
    uint16_t type;
    bool answered;
    uint64_t start;
    /* The answer: its header and the begin of its body, and how long it is without raw bytes. */
    uint8_t head[HEAD_BYTES];
    uint64_t received;
    uint64_t headBytes;
    /* Of bulk: bytes handed over or received; of messages: answered ones. */
    uint64_t moved;
    unsigned inFlight;
    uint64_t starts[];
};

static const struct Options *options;
static HQUIC configuration;
static struct Lane *lanes;
static _Atomic int phase = WARMING_UP;
static _Atomic unsigned greeted;
static _Atomic unsigned live;

static uint8_t helloFrame[HEADER_BYTES + 2048];
static QUIC_BUFFER helloBuffer = {0, helloFrame};
static uint8_t requestFrame[HEADER_BYTES + REQUEST_BYTES + 16];
static QUIC_BUFFER requestBuffer = {0, requestFrame};
static uint8_t jobFrame[HEADER_BYTES + 32];
static QUIC_BUFFER jobBuffer = {0, jobFrame};
static uint8_t block[BLOCK_BYTES];
static QUIC_BUFFER blockBuffer = {BLOCK_BYTES, block};
/* The same message again and again, so that several go out with one call. */
static QUIC_BUFFER messageBuffers[MAX_IN_FLIGHT];

static char BLOCK_TAG;

static void openLink(struct Lane *lane);
static void openTask(struct Link *link, uint16_t type);

static bool countsNow(void) {
    return atomic_load_explicit(&phase, memory_order_relaxed) == MEASURING;
}

static bool goesOn(void) {
    return atomic_load_explicit(&phase, memory_order_relaxed) != ENDING;
}

static void complete(struct Lane *lane, uint64_t start) {
    if (!countsNow()) return;
    lane->count++;
    addDuration(lane->latencies, now() - start);
}

static void endLink(struct Link *link) {
    link->expectsEnd = true;
    quic->ConnectionShutdown(link->handle, QUIC_CONNECTION_SHUTDOWN_FLAG_NONE, 0);
}

static void beginWork(struct Link *link) {
    switch (options->job) {
    case JOB_UPLOAD:
        openTask(link, TYPE_UPLOAD);
        break;
    case JOB_DOWNLOAD:
        openTask(link, TYPE_DOWNLOAD);
        break;
    case JOB_MESSAGES:
        openTask(link, TYPE_MESSAGES);
        break;
    case JOB_REQUESTS:
        for (unsigned i = 0; i < options->inFlight; i++) openTask(link, TYPE_REQUEST);
        break;
    default:
        break;
    }
}

static void endTask(struct Task *task) {
    struct Link *link = task->link;
    uint16_t type = task->type;
    bool answered = task->answered;
    quic->StreamClose(task->handle);
    free(task);
    if (!answered && goesOn() && !link->expectsEnd) fail("A stream has ended without its answer");
    if (type == TYPE_HELLO) return;
    link->lane->working--;
    if (link->lane->working == 0 && !goesOn()) endLink(link);
}

static void sendOn(struct Task *task, const QUIC_BUFFER *buffers, uint32_t count, QUIC_SEND_FLAGS flags, void *tag) {
    QUIC_STATUS status = quic->StreamSend(task->handle, buffers, count, flags, tag);
    if (QUIC_FAILED(status) && goesOn()) fail("Cannot send: status 0x%x", (unsigned)status);
}

static void sendBlocks(struct Task *task) {
    while (task->inFlight < BLOCKS_IN_FLIGHT) {
        task->inFlight++;
        task->moved += BLOCK_BYTES;
        sendOn(task, &blockBuffer, 1, QUIC_SEND_FLAG_NONE, &BLOCK_TAG);
    }
}

static void sendMessages(struct Task *task, unsigned count) {
    uint64_t time = now();
    for (unsigned i = 0; i < count; i++) {
        task->starts[(task->moved + task->inFlight + i) % options->inFlight] = time;
    }
    task->inFlight += count;
    sendOn(task, messageBuffers, count, QUIC_SEND_FLAG_NONE, NULL);
}

/* The answer's header is there. */
static void onHead(struct Task *task) {
    struct Header header = readHeader(task->head);
    task->headBytes = HEADER_BYTES + (uint64_t)header.bodyLength;
    if ((header.flags & FLAG_ERROR) != 0) {
        fail("The server refused a message of type %u: %.40s", task->type, task->head + HEADER_BYTES + 1);
    }
    if ((header.flags & FLAG_RESPONSE) == 0 || header.type != task->type) fail("That is no answer");
}

static void onRawBytes(struct Task *task, uint64_t bytes) {
    struct Lane *lane = task->link->lane;
    if (task->type == TYPE_DOWNLOAD) {
        task->moved += bytes;
        if (countsNow()) lane->bytes += bytes;
        if (goesOn() || task->answered) return;
        task->answered = true;
        quic->StreamShutdown(task->handle, QUIC_STREAM_SHUTDOWN_FLAG_ABORT_RECEIVE, 5);
    } else if (task->type == TYPE_MESSAGES) {
        uint64_t answers = (task->received - task->headBytes) / MESSAGE_BYTES - task->moved;
        for (uint64_t i = 0; i < answers; i++) {
            complete(lane, task->starts[task->moved++ % options->inFlight]);
        }
        task->inFlight -= (unsigned)answers;
        if (answers > 0 && goesOn()) sendMessages(task, (unsigned)answers);
        if (task->inFlight == 0 && !task->answered) {
            task->answered = true;
            quic->StreamShutdown(task->handle, QUIC_STREAM_SHUTDOWN_FLAG_GRACEFUL, 0);
        }
    }
}

static void onReceive(struct Task *task, const QUIC_STREAM_EVENT *event) {
    uint64_t before = task->received;
    for (uint32_t i = 0; i < event->RECEIVE.BufferCount; i++) {
        const QUIC_BUFFER *buffer = &event->RECEIVE.Buffers[i];
        if (task->received < HEAD_BYTES) {
            uint64_t room = HEAD_BYTES - task->received;
            memcpy(task->head + task->received, buffer->Buffer, buffer->Length < room ? buffer->Length : room);
        }
        task->received += buffer->Length;
    }
    if (task->headBytes == 0 && task->received >= HEADER_BYTES) onHead(task);
    if (task->headBytes == 0 || task->received <= task->headBytes) return;
    onRawBytes(task, task->received - (before > task->headBytes ? before : task->headBytes));
}

/* The server has finished its answer. */
static void onAnswer(struct Task *task) {
    struct Link *link = task->link;
    if (task->answered) return;
    task->answered = true;
    if (task->headBytes == 0) fail("The server has sent no answer");
    if (task->type == TYPE_HELLO) {
        atomic_fetch_add(&greeted, 1);
        beginWork(link);
    } else if (task->type == TYPE_REQUEST) {
        if (task->headBytes != (uint64_t)HEADER_BYTES + 1 + 5 + 3 + ANSWER_BYTES || task->received != task->headBytes) {
            fail("An answer has %llu bytes", (unsigned long long)task->received);
        }
        complete(link->lane, task->start);
        if (goesOn()) openTask(link, TYPE_REQUEST);
    } else if (task->type == TYPE_UPLOAD) {
        uint64_t bytes = 0;
        bool known = readBytes(task->head + HEADER_BYTES, HEAD_BYTES - HEADER_BYTES, &bytes);
        if (!known || bytes != task->moved) {
            fail("The server counted %llu of %llu bytes", (unsigned long long)bytes, (unsigned long long)task->moved);
        }
    } else if (goesOn()) fail("The server has ended a stream too early");
}

static void onSendComplete(struct Task *task, const QUIC_STREAM_EVENT *event) {
    if (event->SEND_COMPLETE.ClientContext != &BLOCK_TAG || event->SEND_COMPLETE.Canceled) return;
    task->inFlight--;
    if (countsNow()) task->link->lane->bytes += BLOCK_BYTES;
    if (goesOn()) sendBlocks(task);
    else if (task->inFlight == 0) quic->StreamShutdown(task->handle, QUIC_STREAM_SHUTDOWN_FLAG_GRACEFUL, 0);
}

static QUIC_STATUS QUIC_API onStream(HQUIC handle, void *context, QUIC_STREAM_EVENT *event) {
    struct Task *task = context;
    (void)handle;
    switch (event->Type) {
    case QUIC_STREAM_EVENT_RECEIVE:
        onReceive(task, event);
        break;
    case QUIC_STREAM_EVENT_SEND_COMPLETE:
        onSendComplete(task, event);
        break;
    case QUIC_STREAM_EVENT_PEER_SEND_SHUTDOWN:
        onAnswer(task);
        break;
    case QUIC_STREAM_EVENT_PEER_SEND_ABORTED:
    case QUIC_STREAM_EVENT_PEER_RECEIVE_ABORTED:
        if (goesOn()) fail("The server has reset a stream of type %u", task->type);
        quic->StreamShutdown(task->handle, QUIC_STREAM_SHUTDOWN_FLAG_ABORT, 5);
        break;
    case QUIC_STREAM_EVENT_SHUTDOWN_COMPLETE:
        endTask(task);
        break;
    default:
        break;
    }
    return QUIC_STATUS_SUCCESS;
}

static void openTask(struct Link *link, uint16_t type) {
    size_t starts = type == TYPE_MESSAGES ? options->inFlight : 0;
    struct Task *task = malloc(sizeof(*task) + starts * sizeof(uint64_t));
    if (task == NULL) fail("Out of memory");
    *task = (struct Task){.link = link, .type = type, .start = now()};
    QUIC_STATUS status = quic->StreamOpen(link->handle, QUIC_STREAM_OPEN_FLAG_NONE, onStream, task, &task->handle);
    if (QUIC_FAILED(status)) fail("StreamOpen failed with status 0x%x", (unsigned)status);
    if (type != TYPE_HELLO) link->lane->working++;
    bool whole = type == TYPE_HELLO || type == TYPE_REQUEST || type == TYPE_DOWNLOAD;
    QUIC_SEND_FLAGS flags = QUIC_SEND_FLAG_START | (whole ? QUIC_SEND_FLAG_FIN : QUIC_SEND_FLAG_NONE);
    const QUIC_BUFFER *frame = type == TYPE_HELLO ? &helloBuffer : type == TYPE_REQUEST ? &requestBuffer : &jobBuffer;
    sendOn(task, frame, 1, flags, NULL);
    if (type == TYPE_UPLOAD) sendBlocks(task);
    if (type == TYPE_MESSAGES) sendMessages(task, options->inFlight);
}

static void onConnected(struct Link *link) {
    struct Lane *lane = link->lane;
    if (options->job != JOB_HANDSHAKES) {
        openTask(link, TYPE_HELLO);
        return;
    }
    complete(lane, link->start);
    atomic_fetch_add(&greeted, 1);
    if (goesOn()) openLink(lane);
    endLink(link);
}

static QUIC_STATUS QUIC_API onConnection(HQUIC handle, void *context, QUIC_CONNECTION_EVENT *event) {
    struct Link *link = context;
    switch (event->Type) {
    case QUIC_CONNECTION_EVENT_CONNECTED:
        onConnected(link);
        break;
    case QUIC_CONNECTION_EVENT_SHUTDOWN_INITIATED_BY_TRANSPORT:
        if (goesOn()) {
            fail("Connection lost: status 0x%x", (unsigned)event->SHUTDOWN_INITIATED_BY_TRANSPORT.Status);
        }
        break;
    case QUIC_CONNECTION_EVENT_SHUTDOWN_INITIATED_BY_PEER:
        if (!link->expectsEnd) {
            fail("The server has ended a connection with code %llu",
                (unsigned long long)event->SHUTDOWN_INITIATED_BY_PEER.ErrorCode);
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
        quic->ConnectionStart(link->handle, configuration, QUIC_ADDRESS_FAMILY_INET, "127.0.0.1", lane->port),
        "ConnectionStart"
    );
}

static void driveFor(double seconds) {
    uint64_t end = now() + (uint64_t)(seconds * 1e9);
    for (uint64_t time = now(); time < end; time = now()) drive((uint32_t)((end - time) / 1000000) + 1);
}

static void connectAll(void) {
    uint64_t limit = now() + (uint64_t)END_MS * 1000000 * (1 + options->connections / 500);
    for (unsigned started = 0; started < options->connections || greeted < options->connections;) {
        while (started < options->connections && started < greeted + CONNECTING_AT_ONCE) openLink(&lanes[started++]);
        drive(1);
        if (now() > limit) fail("Connected %u times of %u, then no more", greeted, options->connections);
    }
}

static void end(void) {
    phase = ENDING;
    for (unsigned i = 0; i < options->connections && options->job == JOB_SESSIONS; i++) endLink(lanes[i].link);
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
        if (select(STDIN_FILENO + 1, &set, NULL, NULL, &none) > 0 && read(STDIN_FILENO, &byte, 1) <= 0) return;
        drive(20);
    }
}

static void report(double seconds, const struct ProcessorTime *before, const struct ProcessorTime *after) {
    static struct Histogram sum;
    uint64_t count = 0, bytes = 0;
    for (unsigned i = 0; i < options->connections; i++) {
        count += lanes[i].count;
        bytes += lanes[i].bytes;
        addHistogram(&sum, lanes[i].latencies);
    }
    printf(
        "{\"job\":\"%s\",\"connections\":%u,\"inFlight\":%u,\"seconds\":%.4f,\"count\":%llu,\"perSecond\":%.1f,"
        "\"bytes\":%llu,\"gbitPerSecond\":%.4f,\"p50Us\":%.1f,\"p99Us\":%.1f,"
        "\"clientCpuMs\":%.1f,\"serverCpuMs\":%.1f}\n",
        options->jobName, options->connections, options->inFlight, seconds, (unsigned long long)count,
        (double)count / seconds, (unsigned long long)bytes, (double)bytes * 8 / 1e9 / seconds,
        durationAt(&sum, 0.5), durationAt(&sum, 0.99),
        after->ownMs - before->ownMs, after->othersMs - before->othersMs
    );
}

static void prepareFrames(void) {
    if (strlen(options->token) > 1024) fail("The token is too long");
    if (options->inFlight > MAX_IN_FLIGHT) fail("At most %d can be in flight", MAX_IN_FLIGHT);
    helloBuffer.Length = (uint32_t)writeHello(helloFrame, options->token);
    requestBuffer.Length = (uint32_t)writeData(requestFrame, 0, TYPE_REQUEST, REQUEST_BYTES);
    size_t length = 0;
    if (options->job == JOB_UPLOAD) length = writeEmpty(jobFrame, FLAG_DATA, TYPE_UPLOAD);
    if (options->job == JOB_MESSAGES) length = writeEmpty(jobFrame, FLAG_DATA, TYPE_MESSAGES);
    // More than there is time for: it is stopped.
    if (options->job == JOB_DOWNLOAD) length = writeBytes(jobFrame, 0, TYPE_DOWNLOAD, (uint64_t)1 << 50);
    jobBuffer.Length = (uint32_t)length;
    for (unsigned i = 0; i < MAX_IN_FLIGHT; i++) messageBuffers[i] = (QUIC_BUFFER){MESSAGE_BYTES, block};
}

int runClient(const struct Options *wanted) {
    options = wanted;
    configuration = openConfiguration(&options->transport);
    trustAnybody(configuration);
    prepareFrames();
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

#include "frames.h"
#include "load.h"

#include <stdlib.h>
#include <string.h>

/* Of an answer's begin that is kept. */
enum { HEAD_BYTES = 64 };

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

static void openTask(struct Link *link, uint16_t type);

void prepareTasks(void) {
    if (strlen(options->token) > 1024) fail("The token is too long");
    if (options->inFlight > MAX_IN_FLIGHT) fail("At most %d can be in flight", MAX_IN_FLIGHT);
    helloBuffer.Length = (uint32_t)writeHello(helloFrame, options->token);
    requestBuffer.Length = (uint32_t)writeData(requestFrame, 0, TYPE_REQUEST, REQUEST_BYTES);
    size_t length = 0;
    if (options->job == JOB_UPLOAD) length = writeEmpty(jobFrame, FLAG_DATA, TYPE_UPLOAD);
    if (options->job == JOB_MESSAGES) length = writeEmpty(jobFrame, FLAG_DATA, TYPE_MESSAGES);
    // More than there is time for: it is stopped.
    if (options->job == JOB_DOWNLOAD)
        length = writeBytes(jobFrame, 0, TYPE_DOWNLOAD, (uint64_t)1 << 50);
    jobBuffer.Length = (uint32_t)length;
    for (unsigned i = 0; i < MAX_IN_FLIGHT; i++)
        messageBuffers[i] = (QUIC_BUFFER){MESSAGE_BYTES, block};
}

void greet(struct Link *link) {
    openTask(link, TYPE_HELLO);
}

void beginWork(struct Link *link) {
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

static void sendOn(
    struct Task *task, const QUIC_BUFFER *buffers, uint32_t count, QUIC_SEND_FLAGS flags, void *tag
) {
    QUIC_STATUS status = quic->StreamSend(task->handle, buffers, count, flags, tag);
    if (QUIC_FAILED(status) && goesOn()) fail("Cannot send: status 0x%x", (unsigned)status);
}

static void sendBlocks(struct Task *task) {
    while (task->inFlight < options->blocks) {
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
        fail(
            "The server refused a message of type %u: %.40s", task->type,
            task->head + HEADER_BYTES + 1
        );
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
            countOne(lane, task->starts[task->moved++ % options->inFlight]);
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
            memcpy(
                task->head + task->received, buffer->Buffer,
                buffer->Length < room ? buffer->Length : room
            );
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
        onGreeted(link);
    } else if (task->type == TYPE_REQUEST) {
        if (task->headBytes != (uint64_t)HEADER_BYTES + 1 + 5 + 3 + ANSWER_BYTES ||
            task->received != task->headBytes) {
            fail("An answer has %llu bytes", (unsigned long long)task->received);
        }
        countOne(link->lane, task->start);
        if (goesOn()) openTask(link, TYPE_REQUEST);
    } else if (task->type == TYPE_UPLOAD) {
        uint64_t bytes = 0;
        bool known = readBytes(task->head + HEADER_BYTES, HEAD_BYTES - HEADER_BYTES, &bytes);
        if (!known || bytes != task->moved) {
            fail(
                "The server counted %llu of %llu bytes", (unsigned long long)bytes,
                (unsigned long long)task->moved
            );
        }
    } else if (goesOn())
        fail("The server has ended a stream too early");
}

static void onSendComplete(struct Task *task, const QUIC_STREAM_EVENT *event) {
    if (event->SEND_COMPLETE.ClientContext != &BLOCK_TAG || event->SEND_COMPLETE.Canceled) return;
    task->inFlight--;
    if (countsNow()) task->link->lane->bytes += BLOCK_BYTES;
    if (goesOn())
        sendBlocks(task);
    else if (task->inFlight == 0)
        quic->StreamShutdown(task->handle, QUIC_STREAM_SHUTDOWN_FLAG_GRACEFUL, 0);
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
    QUIC_STATUS status =
        quic->StreamOpen(link->handle, QUIC_STREAM_OPEN_FLAG_NONE, onStream, task, &task->handle);
    if (QUIC_FAILED(status)) fail("StreamOpen failed with status 0x%x", (unsigned)status);
    if (type != TYPE_HELLO) link->lane->working++;
    bool whole = type == TYPE_HELLO || type == TYPE_REQUEST || type == TYPE_DOWNLOAD;
    QUIC_SEND_FLAGS flags =
        QUIC_SEND_FLAG_START | (whole ? QUIC_SEND_FLAG_FIN : QUIC_SEND_FLAG_NONE);
    const QUIC_BUFFER *frame = type == TYPE_HELLO     ? &helloBuffer
                               : type == TYPE_REQUEST ? &requestBuffer
                                                      : &jobBuffer;
    sendOn(task, frame, 1, flags, NULL);
    if (type == TYPE_UPLOAD) sendBlocks(task);
    if (type == TYPE_MESSAGES) sendMessages(task, options->inFlight);
}

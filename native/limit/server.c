#include "server.h"
#include "frames.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEAD_BYTES = 2048, SMALL_FRAME_BYTES = 64 };

/* A client's stream: first its message is read, then its raw bytes come or go. */
struct ServerStream {
    HQUIC handle;
    uint8_t head[HEAD_BYTES];
    uint32_t filled;
    /* The length of header and body, once the header is there. */
    uint32_t headBytes;
    uint16_t type;
    bool reading;
    uint64_t received;
    uint64_t toSend;
    uint32_t blocksInFlight;
    QUIC_BUFFER lastBlock;
    uint8_t reply[SMALL_FRAME_BYTES];
    QUIC_BUFFER replyBuffer;
};

/* An answer on a message stream, freed when it is sent. */
struct MessageAnswer {
    QUIC_BUFFER buffer;
    uint8_t bytes[MESSAGE_BYTES];
};

static HQUIC configuration;
static uint32_t blocks;
static uint8_t block[BLOCK_BYTES];
static QUIC_BUFFER blockBuffer = {BLOCK_BYTES, block};
static uint8_t answer[HEADER_BYTES + ANSWER_BYTES + 16];
static QUIC_BUFFER answerBuffer = {0, answer};
static uint8_t helloAnswer[SMALL_FRAME_BYTES * 2];
static QUIC_BUFFER helloBuffer = {0, helloAnswer};

/* What a send's context says if it is a block of a download. */
static char BLOCK_TAG;
static char SMALL_TAG;

static void sendBytes(struct ServerStream *stream, const QUIC_BUFFER *buffer, bool fin, void *tag) {
    QUIC_SEND_FLAGS flags = fin ? QUIC_SEND_FLAG_FIN : QUIC_SEND_FLAG_NONE;
    QUIC_STATUS status = quic->StreamSend(stream->handle, buffer, 1, flags, tag);
    if (QUIC_SUCCEEDED(status)) return;
    if (tag != &BLOCK_TAG && tag != &SMALL_TAG) free(tag);
    quic->StreamShutdown(stream->handle, QUIC_STREAM_SHUTDOWN_FLAG_ABORT, 1);
}

static void sendReply(struct ServerStream *stream, size_t length, bool fin) {
    stream->replyBuffer = (QUIC_BUFFER){(uint32_t)length, stream->reply};
    sendBytes(stream, &stream->replyBuffer, fin, &SMALL_TAG);
}

static void sendBlocks(struct ServerStream *stream) {
    while (stream->toSend > 0 && stream->blocksInFlight < blocks) {
        bool last = stream->toSend <= BLOCK_BYTES;
        stream->lastBlock = (QUIC_BUFFER){(uint32_t)stream->toSend, block};
        stream->toSend -= last ? stream->toSend : BLOCK_BYTES;
        stream->blocksInFlight++;
        sendBytes(stream, last ? &stream->lastBlock : &blockBuffer, last, &BLOCK_TAG);
    }
}

static void beginJob(struct ServerStream *stream) {
    const uint8_t *body = stream->head + HEADER_BYTES;
    switch (stream->type) {
    case TYPE_HELLO:
        sendBytes(stream, &helloBuffer, true, &SMALL_TAG);
        break;
    case TYPE_REQUEST:
        sendBytes(stream, &answerBuffer, true, &SMALL_TAG);
        break;
    case TYPE_UPLOAD:
        break;
    case TYPE_DOWNLOAD:
        if (!readBytes(body, stream->headBytes - HEADER_BYTES, &stream->toSend)) {
            quic->StreamShutdown(stream->handle, QUIC_STREAM_SHUTDOWN_FLAG_ABORT, 2);
            break;
        }
        sendReply(
            stream, writeEmpty(stream->reply, FLAG_RESPONSE | FLAG_DATA, stream->type), false
        );
        sendBlocks(stream);
        break;
    case TYPE_MESSAGES:
        sendReply(
            stream, writeEmpty(stream->reply, FLAG_RESPONSE | FLAG_DATA, stream->type), false
        );
        break;
    default:
        quic->StreamShutdown(stream->handle, QUIC_STREAM_SHUTDOWN_FLAG_ABORT, 2);
    }
}

/* Answers each whole message with one of its size, by itself. */
static void takeMessages(struct ServerStream *stream, const uint8_t *bytes, uint32_t length) {
    (void)bytes;
    uint64_t before = stream->received / MESSAGE_BYTES;
    uint64_t after = (stream->received + length) / MESSAGE_BYTES;
    for (; before < after; before++) {
        struct MessageAnswer *message = malloc(sizeof(*message));
        if (message == NULL) fail("Out of memory");
        memset(message->bytes, 0, MESSAGE_BYTES);
        message->buffer = (QUIC_BUFFER){MESSAGE_BYTES, message->bytes};
        sendBytes(stream, &message->buffer, false, message);
    }
}

/* Takes what belongs to header and body; returns how much that was. */
static uint32_t takeHead(struct ServerStream *stream, const uint8_t *bytes, uint32_t length) {
    uint32_t taken = 0;
    while (stream->reading && taken < length) {
        uint32_t wanted =
            (stream->headBytes == 0 ? HEADER_BYTES : stream->headBytes) - stream->filled;
        uint32_t piece = wanted < length - taken ? wanted : length - taken;
        memcpy(stream->head + stream->filled, bytes + taken, piece);
        stream->filled += piece;
        taken += piece;
        if (piece < wanted) break;
        if (stream->headBytes == 0) {
            struct Header header = readHeader(stream->head);
            stream->type = header.type;
            if (header.version != 1 || header.bodyLength > HEAD_BYTES - HEADER_BYTES) {
                quic->StreamShutdown(stream->handle, QUIC_STREAM_SHUTDOWN_FLAG_ABORT, 2);
                return length;
            }
            stream->headBytes = HEADER_BYTES + header.bodyLength;
        } else {
            stream->reading = false;
            beginJob(stream);
        }
    }
    return taken;
}

static void onReceive(struct ServerStream *stream, const QUIC_STREAM_EVENT *event) {
    for (uint32_t i = 0; i < event->RECEIVE.BufferCount; i++) {
        const QUIC_BUFFER *buffer = &event->RECEIVE.Buffers[i];
        uint32_t offset = stream->reading ? takeHead(stream, buffer->Buffer, buffer->Length) : 0;
        uint32_t length = buffer->Length - offset;
        if (stream->type == TYPE_MESSAGES) takeMessages(stream, buffer->Buffer + offset, length);
        stream->received += length;
    }
}

static void onPeerFinished(struct ServerStream *stream) {
    if (stream->type == TYPE_UPLOAD) {
        sendReply(
            stream, writeBytes(stream->reply, FLAG_RESPONSE, stream->type, stream->received), true
        );
    } else if (stream->type == TYPE_MESSAGES) {
        quic->StreamShutdown(stream->handle, QUIC_STREAM_SHUTDOWN_FLAG_GRACEFUL, 0);
    }
}

static void onSendComplete(struct ServerStream *stream, const QUIC_STREAM_EVENT *event) {
    void *tag = event->SEND_COMPLETE.ClientContext;
    if (tag == &SMALL_TAG) return;
    if (tag != &BLOCK_TAG) {
        free(tag);
        return;
    }
    stream->blocksInFlight--;
    if (event->SEND_COMPLETE.Canceled) stream->toSend = 0;
    sendBlocks(stream);
}

static QUIC_STATUS QUIC_API onStream(HQUIC handle, void *context, QUIC_STREAM_EVENT *event) {
    struct ServerStream *stream = context;
    switch (event->Type) {
    case QUIC_STREAM_EVENT_RECEIVE:
        onReceive(stream, event);
        break;
    case QUIC_STREAM_EVENT_SEND_COMPLETE:
        onSendComplete(stream, event);
        break;
    case QUIC_STREAM_EVENT_PEER_SEND_SHUTDOWN:
        onPeerFinished(stream);
        break;
    case QUIC_STREAM_EVENT_PEER_SEND_ABORTED:
    case QUIC_STREAM_EVENT_PEER_RECEIVE_ABORTED:
        stream->toSend = 0;
        quic->StreamShutdown(handle, QUIC_STREAM_SHUTDOWN_FLAG_ABORT, 5);
        break;
    case QUIC_STREAM_EVENT_SHUTDOWN_COMPLETE:
        quic->StreamClose(handle);
        free(stream);
        break;
    default:
        break;
    }
    return QUIC_STATUS_SUCCESS;
}

static QUIC_STATUS QUIC_API
onConnection(HQUIC handle, void *context, QUIC_CONNECTION_EVENT *event) {
    (void)context;
    if (event->Type == QUIC_CONNECTION_EVENT_PEER_STREAM_STARTED) {
        // Not all of it need be zero.
        struct ServerStream *stream = malloc(sizeof(*stream));
        if (stream == NULL) return QUIC_STATUS_OUT_OF_MEMORY;
        stream->handle = event->PEER_STREAM_STARTED.Stream;
        stream->filled = stream->headBytes = stream->blocksInFlight = 0;
        stream->received = stream->toSend = 0;
        stream->type = 0;
        stream->reading = true;
        quic->SetCallbackHandler(stream->handle, (void *)onStream, stream);
    } else if (event->Type == QUIC_CONNECTION_EVENT_SHUTDOWN_COMPLETE) {
        quic->ConnectionClose(handle);
    }
    return QUIC_STATUS_SUCCESS;
}

static QUIC_STATUS QUIC_API onListener(HQUIC handle, void *context, QUIC_LISTENER_EVENT *event) {
    (void)handle, (void)context;
    if (event->Type != QUIC_LISTENER_EVENT_NEW_CONNECTION) return QUIC_STATUS_SUCCESS;
    HQUIC connection = event->NEW_CONNECTION.Connection;
    quic->SetCallbackHandler(connection, (void *)onConnection, NULL);
    return quic->ConnectionSetConfiguration(connection, configuration);
}

static void *waitForEnd(void *unused) {
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) continue;
    _exit(0);
    return unused;
}

void runServer(const struct Options *options) {
    blocks = options->blocks;
    configuration = openConfiguration(&options->transport);
    loadCertificate(configuration, options->certificate, options->key);
    answerBuffer.Length = (uint32_t)writeData(answer, FLAG_RESPONSE, TYPE_REQUEST, ANSWER_BYTES);
    helloBuffer.Length = (uint32_t)writeHelloAnswer(helloAnswer);
    HQUIC listener;
    check(quic->ListenerOpen(registration, onListener, NULL, &listener), "ListenerOpen");
    QUIC_ADDR address = {0};
    if (!QuicAddrFromString("127.0.0.1", options->portCount > 0 ? options->ports[0] : 0, &address))
        fail("Cannot make an address");
    const QUIC_BUFFER alpn = {sizeof(ALPN) - 1, (uint8_t *)ALPN};
    check(quic->ListenerStart(listener, &alpn, 1, &address), "ListenerStart");
    uint32_t size = sizeof(address);
    check(
        quic->GetParam(listener, QUIC_PARAM_LISTENER_LOCAL_ADDRESS, &size, &address),
        "Asking for the port"
    );
    printf("{\"port\":%u}\n", QuicAddrGetPort(&address));
    fflush(stdout);
    pthread_t thread;
    if (pthread_create(&thread, NULL, waitForEnd, NULL) != 0) fail("Cannot start a thread");
    for (;;) drive(UINT32_MAX);
}

/* The part of the protocol (docs/protocol.md) that the jobs need, written by hand. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HEADER_BYTES = 8,
    FLAG_RESPONSE = 1,
    FLAG_ERROR = 2,
    FLAG_DATA = 4,
};

/* The last four are the benchmarks' own: bench/contestants/msquicd/handlers.ts. */
enum MessageType {
    TYPE_HELLO = 1,
    TYPE_REQUEST = 0x8000,
    TYPE_UPLOAD = 0x8001,
    TYPE_DOWNLOAD = 0x8002,
    TYPE_MESSAGES = 0x8003,
};

/* The sizes of all who take part: bench/contestants/payload.ts. */
enum {
    REQUEST_BYTES = 512,
    ANSWER_BYTES = 4000,
    MESSAGE_BYTES = 128,
    BLOCK_BYTES = 1024 * 1024,
    DEFAULT_BLOCKS = 4,
};

struct Header {
    uint8_t version;
    uint8_t flags;
    uint16_t type;
    uint32_t bodyLength;
};

struct Header readHeader(const uint8_t *bytes);

/* The following write a whole frame and return its length. */
size_t writeEmpty(uint8_t *out, uint8_t flags, uint16_t type);
size_t writeHello(uint8_t *out, const char *token);
size_t writeHelloAnswer(uint8_t *out);
/* Body `{data: …}`, with `length` zeros. */
size_t writeData(uint8_t *out, uint8_t flags, uint16_t type, uint16_t length);
/* Body `{bytes: …}`. */
size_t writeBytes(uint8_t *out, uint8_t flags, uint16_t type, uint64_t bytes);

/* Finds the number `bytes` in a body; false if there is none. */
bool readBytes(const uint8_t *body, size_t length, uint64_t *bytes);

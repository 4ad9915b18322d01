#define _GNU_SOURCE
#include "frames.h"

#include <string.h>

static uint64_t readInteger(const uint8_t *bytes, size_t length) {
    uint64_t value = 0;
    for (size_t i = 0; i < length; i++) value = value << 8 | bytes[i];
    return value;
}

static uint8_t *writeInteger(uint8_t *out, uint64_t value, size_t length) {
    for (size_t i = 0; i < length; i++) out[i] = (uint8_t)(value >> 8 * (length - 1 - i));
    return out + length;
}

/* A string of less than 32 bytes. */
static uint8_t *writeShortString(uint8_t *out, const char *text) {
    size_t length = strlen(text);
    *out++ = (uint8_t)(0xa0 | length);
    memcpy(out, text, length);
    return out + length;
}

static uint8_t *writeString(uint8_t *out, const char *text) {
    size_t length = strlen(text);
    *out++ = 0xda;
    out = writeInteger(out, length, 2);
    memcpy(out, text, length);
    return out + length;
}

/* Writes the header of the body that ends at `end`; returns the frame's length. */
static size_t finishFrame(uint8_t *out, const uint8_t *end, uint8_t flags, uint16_t type) {
    size_t length = (size_t)(end - out);
    uint8_t *p = out;
    *p++ = 1;
    *p++ = flags;
    p = writeInteger(p, type, 2);
    writeInteger(p, length - HEADER_BYTES, 4);
    return length;
}

struct Header readHeader(const uint8_t *bytes) {
    return (struct Header){
        .version = bytes[0],
        .flags = bytes[1],
        .type = (uint16_t)readInteger(bytes + 2, 2),
        .bodyLength = (uint32_t)readInteger(bytes + 4, 4),
    };
}

size_t writeEmpty(uint8_t *out, uint8_t flags, uint16_t type) {
    out[HEADER_BYTES] = 0x80;
    return finishFrame(out, out + HEADER_BYTES + 1, flags, type);
}

size_t writeHello(uint8_t *out, const char *token) {
    uint8_t *p = out + HEADER_BYTES;
    *p++ = 0x83;
    p = writeShortString(p, "token");
    p = writeString(p, token);
    p = writeShortString(p, "agent");
    p = writeShortString(p, "limit");
    p = writeShortString(p, "minAckDelayMs");
    *p++ = 1;
    return finishFrame(out, p, 0, TYPE_HELLO);
}

size_t writeHelloAnswer(uint8_t *out) {
    uint8_t *p = out + HEADER_BYTES;
    *p++ = 0x84;
    p = writeShortString(p, "session");
    p = writeShortString(p, "limit");
    p = writeShortString(p, "server");
    p = writeShortString(p, "limit");
    p = writeShortString(p, "maxBodyLength");
    *p++ = 0xce;
    p = writeInteger(p, 262144, 4);
    p = writeShortString(p, "minAckDelayMs");
    *p++ = 1;
    return finishFrame(out, p, FLAG_RESPONSE, TYPE_HELLO);
}

size_t writeData(uint8_t *out, uint8_t flags, uint16_t type, uint16_t length) {
    uint8_t *p = out + HEADER_BYTES;
    *p++ = 0x81;
    p = writeShortString(p, "data");
    *p++ = 0xc5;
    p = writeInteger(p, length, 2);
    memset(p, 0, length);
    return finishFrame(out, p + length, flags, type);
}

size_t writeBytes(uint8_t *out, uint8_t flags, uint16_t type, uint64_t bytes) {
    uint8_t *p = out + HEADER_BYTES;
    *p++ = 0x81;
    p = writeShortString(p, "bytes");
    *p++ = 0xcf;
    p = writeInteger(p, bytes, 8);
    return finishFrame(out, p, flags, type);
}

bool readBytes(const uint8_t *body, size_t length, uint64_t *bytes) {
    static const char KEY[] = "\xa5"
                              "bytes";
    const uint8_t *key = memmem(body, length, KEY, sizeof(KEY) - 1);
    if (key == NULL) return false;
    const uint8_t *value = key + sizeof(KEY) - 1;
    size_t left = (size_t)(body + length - value);
    if (left == 0) return false;
    if (*value < 0x80) {
        *bytes = *value;
        return true;
    }
    if (*value == 0xcb && left >= 9) { // a float: how JavaScript writes what exceeds 32 bits
        uint64_t bits = readInteger(value + 1, 8);
        double number;
        memcpy(&number, &bits, sizeof(number));
        *bytes = (uint64_t)number;
        return true;
    }
    if (*value < 0xcc || *value > 0xcf) return false;
    size_t width = (size_t)1 << (*value - 0xcc);
    if (left < 1 + width) return false;
    *bytes = readInteger(value + 1, width);
    return true;
}

/* UDP sockets of 127.0.0.1, read and written many datagrams at a time. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct Socket {
    int fd;
    /* How many datagrams the system had no room for, as far as it has told. */
    uint32_t missed;
};

/* Opens one; port 0 for any. Ends the program if that fails. */
struct Socket openSocket(uint16_t port);

/* Has it exchange datagrams with that port alone. */
void connectSocket(const struct Socket *socket, uint16_t port);

/* How many datagrams the system had no room for, in all sockets. */
extern uint64_t missedDatagrams;

uint16_t portOf(const struct Socket *socket);

/* A datagram that has come; the bytes are only there until `take` returns. */
struct Arrival {
    const uint8_t *bytes;
    uint32_t length;
    uint64_t time;
    const struct sockaddr_in *from;
};

/*
 * Reads what there is, up to some bound. Several that the system has put together are taken one by
 * one.
 */
void receive(
    struct Socket *socket, void (*take)(void *context, const struct Arrival *arrival), void *context
);

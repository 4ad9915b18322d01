/* The relay's ports, and who has come to them: each client has a socket of its own to the server. */
#pragma once

#include "sockets.h"

enum { MAX_TARGETS = 64, MAX_CLIENTS = 4096 };

/* Where clients send to, in place of a server's port. */
struct Entrance {
    struct Socket socket;
    uint16_t target;
};

/* An address from which datagrams have come to an entrance. */
struct Client {
    struct Entrance *entrance;
    struct sockaddr_in address;
    /* To the server. */
    struct Socket socket;
    uint64_t lastSeen;
    /* Datagrams under way. */
    uint64_t underWay;
    struct Client *next;
};

extern struct Client *clients[MAX_CLIENTS];
extern unsigned clientCount;

/*
 * Finds a client or makes it, in place of the one that was silent for longest if there are too many;
 * NULL if all have datagrams under way.
 */
struct Client *clientFor(struct Entrance *entrance, const struct sockaddr_in *address);

/* Gives a client another socket, and so another address towards the server, as a NAT does. */
void rebind(struct Client *client);

/* Told of each client's socket when it is there. */
extern void (*onSocket)(struct Client *client);

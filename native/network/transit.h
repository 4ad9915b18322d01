/* The datagrams that are under way, the one that is due first in front. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct Client;

struct Datagram {
    uint64_t due;
    struct Client *client;
    /* Whether it goes to the server. */
    bool up;
    uint32_t length;
    uint8_t bytes[];
};

/* Memory for a datagram; NULL if there is no room for more. */
struct Datagram *takeDatagram(uint32_t length);
void freeDatagram(struct Datagram *datagram);

/* Puts one under way; those with the same time keep their order. */
void sendOff(struct Datagram *datagram);

/* When the first is due; UINT64_MAX if there is none. */
uint64_t firstDue(void);

/* Takes the first. */
struct Datagram *takeFirst(void);

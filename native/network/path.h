/* The path between clients and servers: takes datagrams in, and hands them on when they are due. */
#pragma once

#include "clients.h"
#include "direction.h"

/* How often datagrams are handed on at most, in nanoseconds: several with one call. */
enum { ROUND_NS = 100000 };

extern struct Direction up;
extern struct Direction down;

/* Takes what clients have sent to an entrance. */
void takeFromClients(struct Entrance *entrance);

/* Takes what a server has sent to a client. */
void takeFromServer(struct Client *client);

/* Hands on all that is due. */
void handOn(uint64_t time);

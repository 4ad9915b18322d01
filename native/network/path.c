#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "path.h"
#include "program.h"
#include "transit.h"

#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

enum {
    /* How many datagrams of one size the system takes as one, and how many bytes. */
    MAX_SEGMENTS = 64,
    MAX_SEGMENT_BYTES = 65000,
    MAX_MESSAGES = 64,
    MAX_PIECES = 1024,
};

struct Direction up;
struct Direction down;

static void takeIn(struct Client *client, bool isUp, const struct Arrival *arrival) {
    struct Direction *direction = isUp ? &up : &down;
    struct Passage passage;
    if (!passes(direction, arrival->time, arrival->length, &passage)) return;
    for (int copies = passage.twice ? 2 : 1; copies > 0; copies--) {
        struct Datagram *datagram = takeDatagram(arrival->length);
        if (datagram == NULL) {
            direction->figures.noRoom++;
            return;
        }
        datagram->due = passage.due;
        datagram->client = client;
        datagram->up = isUp;
        memcpy(datagram->bytes, arrival->bytes, arrival->length);
        if (passage.wrongBit >= 0)
            datagram->bytes[passage.wrongBit / 8] ^= (uint8_t)(1 << passage.wrongBit % 8);
        client->underWay++;
        sendOff(datagram);
    }
}

static void takeUp(void *context, const struct Arrival *arrival) {
    struct Client *client = clientFor(context, arrival->from);
    if (client == NULL) {
        up.figures.noRoom++;
        return;
    }
    client->lastSeen = arrival->time;
    takeIn(client, true, arrival);
}

static void takeDown(void *context, const struct Arrival *arrival) {
    takeIn(context, false, arrival);
}

void takeFromClients(struct Entrance *entrance) {
    receive(&entrance->socket, takeUp, entrance);
}

void takeFromServer(struct Client *client) {
    receive(&client->socket, takeDown, client);
}

/* What is handed to the system with one call: messages of one socket, each of one or more datagrams. */
static struct Batch {
    int fd;
    unsigned messageCount;
    unsigned pieceCount;
    uint32_t lastBytes;
    struct mmsghdr messages[MAX_MESSAGES];
    struct iovec pieces[MAX_PIECES];
    struct Datagram *datagrams[MAX_PIECES];
    struct {
        _Alignas(struct cmsghdr) uint8_t bytes[CMSG_SPACE(sizeof(uint16_t))];
    } controls[MAX_MESSAGES];
} batch;

/* Tells the system how long the datagrams of a message are. */
static void setSegment(unsigned index) {
    struct msghdr *message = &batch.messages[index].msg_hdr;
    if (message->msg_iovlen == 1) return;
    message->msg_control = batch.controls[index].bytes;
    message->msg_controllen = sizeof(batch.controls[index].bytes);
    struct cmsghdr *part = CMSG_FIRSTHDR(message);
    part->cmsg_level = IPPROTO_UDP;
    part->cmsg_type = UDP_SEGMENT;
    part->cmsg_len = CMSG_LEN(sizeof(uint16_t));
    uint16_t size = (uint16_t)message->msg_iov[0].iov_len;
    memcpy(CMSG_DATA(part), &size, sizeof(size));
}

/* Sends all messages; returns how many were. */
static unsigned sendMessages(void) {
    unsigned sent = 0;
    // What an earlier one has come to at a server that is gone is told once, in place of sending.
    for (unsigned failures = 0; sent < batch.messageCount && failures < 2;) {
        int count = sendmmsg(batch.fd, batch.messages + sent, batch.messageCount - sent, 0);
        if (count <= 0) {
            failures++;
            continue;
        }
        sent += (unsigned)count;
        failures = 0;
    }
    return sent;
}

static void flush(void) {
    if (batch.messageCount == 0) return;
    for (unsigned i = 0; i < batch.messageCount; i++) setSegment(i);
    unsigned sent = sendMessages();
    unsigned at = 0;
    for (unsigned i = 0; i < batch.messageCount; i++) {
        for (size_t j = 0; j < batch.messages[i].msg_hdr.msg_iovlen; j++) {
            struct Datagram *datagram = batch.datagrams[at++];
            struct Figures *figures = datagram->up ? &up.figures : &down.figures;
            figures->sent += i < sent;
            figures->sentBytes += i < sent ? datagram->length : 0;
            figures->unsent += i >= sent;
            datagram->client->underWay--;
            freeDatagram(datagram);
        }
    }
    batch.messageCount = batch.pieceCount = 0;
}

/* Whether a datagram can go with the last message: as long as those in it, but the last may be shorter. */
static bool joins(const struct Datagram *datagram, const struct sockaddr_in *to) {
    if (batch.messageCount == 0 || datagram->length == 0) return false;
    const struct msghdr *message = &batch.messages[batch.messageCount - 1].msg_hdr;
    size_t first = message->msg_iov[0].iov_len;
    size_t last = message->msg_iov[message->msg_iovlen - 1].iov_len;
    return message->msg_name == to && message->msg_iovlen < MAX_SEGMENTS && last == first &&
           datagram->length <= first && batch.lastBytes + datagram->length <= MAX_SEGMENT_BYTES;
}

static void add(struct Datagram *datagram) {
    struct Client *client = datagram->client;
    int fd = datagram->up ? client->socket.fd : client->entrance->socket.fd;
    struct sockaddr_in *to = datagram->up ? NULL : &client->address;
    if (fd != batch.fd || batch.pieceCount == MAX_PIECES) flush();
    batch.fd = fd;
    struct iovec *piece = &batch.pieces[batch.pieceCount];
    *piece = (struct iovec){datagram->bytes, datagram->length};
    if (joins(datagram, to)) {
        batch.messages[batch.messageCount - 1].msg_hdr.msg_iovlen++;
    } else {
        if (batch.messageCount == MAX_MESSAGES) {
            flush();
            piece = &batch.pieces[0];
            *piece = (struct iovec){datagram->bytes, datagram->length};
        }
        batch.messages[batch.messageCount++].msg_hdr = (struct msghdr){
            .msg_name = to,
            .msg_namelen = to == NULL ? 0 : sizeof(*to),
            .msg_iov = piece,
            .msg_iovlen = 1,
        };
        batch.lastBytes = 0;
    }
    batch.lastBytes += datagram->length;
    batch.datagrams[batch.pieceCount++] = datagram;
}

void handOn(uint64_t time) {
    while (firstDue() <= time) {
        struct Datagram *datagram = takeFirst();
        addToSpread(datagram->up ? &up.figures.late : &down.figures.late, time - datagram->due);
        add(datagram);
    }
    flush();
}

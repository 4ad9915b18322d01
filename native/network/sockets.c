#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "sockets.h"
#include "program.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    RECEIVED_AT_ONCE = 16,
    MAX_DATAGRAM = 65536,
    CONTROL_BYTES = 256,
    BUFFER_BYTES = 64 * 1024 * 1024,
};

uint64_t missedDatagrams;

static void set(int fd, int level, int name, int value, const char *what) {
    if (setsockopt(fd, level, name, &value, sizeof(value)) != 0)
        fail("Cannot set %s: %s", what, strerror(errno));
}

struct Socket openSocket(uint16_t port) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("Cannot open a socket: %s", strerror(errno));
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        fail("Cannot bind port %u: %s", port, strerror(errno));
    set(fd, IPPROTO_UDP, UDP_GRO, 1, "UDP_GRO");
    set(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1, "SO_TIMESTAMPNS");
    set(fd, SOL_SOCKET, SO_RXQ_OVFL, 1, "SO_RXQ_OVFL");
    // As much as this user may have: what does not fit is counted.
    int bytes = BUFFER_BYTES;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) != 0)
        set(fd, SOL_SOCKET, SO_RCVBUF, bytes, "SO_RCVBUF");
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) != 0)
        set(fd, SOL_SOCKET, SO_SNDBUF, bytes, "SO_SNDBUF");
    return (struct Socket){.fd = fd};
}

void connectSocket(const struct Socket *socket, uint16_t port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    if (connect(socket->fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        fail("Cannot connect to port %u: %s", port, strerror(errno));
}

uint16_t portOf(const struct Socket *socket) {
    struct sockaddr_in address;
    socklen_t length = sizeof(address);
    if (getsockname(socket->fd, (struct sockaddr *)&address, &length) != 0)
        fail("Cannot ask for a port: %s", strerror(errno));
    return ntohs(address.sin_port);
}

/* How far the clock of the system's timestamps is ahead of `now`. */
static int64_t clockDifference(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec - (int64_t)now();
}

/* What came beside the bytes. */
struct Extras {
    uint32_t segment;
    uint64_t time;
};

static struct Extras
readExtras(struct Socket *socket, struct msghdr *message, uint64_t time, int64_t difference) {
    struct Extras extras = {.segment = 0, .time = time};
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level == IPPROTO_UDP && part->cmsg_type == UDP_GRO) {
            int size;
            memcpy(&size, CMSG_DATA(part), sizeof(size));
            extras.segment = (uint32_t)size;
        } else if (part->cmsg_level != SOL_SOCKET) {
            continue;
        } else if (part->cmsg_type == SO_TIMESTAMPNS) {
            struct timespec stamp;
            memcpy(&stamp, CMSG_DATA(part), sizeof(stamp));
            int64_t came = (int64_t)stamp.tv_sec * 1000000000 + stamp.tv_nsec - difference;
            if (came > 0 && (uint64_t)came < time) extras.time = (uint64_t)came;
        } else if (part->cmsg_type == SO_RXQ_OVFL) {
            uint32_t missed;
            memcpy(&missed, CMSG_DATA(part), sizeof(missed));
            missedDatagrams += missed - socket->missed;
            socket->missed = missed;
        }
    }
    return extras;
}

void receive(
    struct Socket *socket, void (*take)(void *context, const struct Arrival *arrival), void *context
) {
    static uint8_t buffers[RECEIVED_AT_ONCE][MAX_DATAGRAM];
    static uint8_t controls[RECEIVED_AT_ONCE][CONTROL_BYTES]
        __attribute__((aligned(_Alignof(struct cmsghdr))));
    struct sockaddr_in from[RECEIVED_AT_ONCE];
    struct iovec pieces[RECEIVED_AT_ONCE];
    struct mmsghdr messages[RECEIVED_AT_ONCE];
    for (unsigned i = 0; i < RECEIVED_AT_ONCE; i++) {
        pieces[i] = (struct iovec){buffers[i], MAX_DATAGRAM};
        messages[i].msg_hdr = (struct msghdr){
            .msg_name = &from[i],
            .msg_namelen = sizeof(from[i]),
            .msg_iov = &pieces[i],
            .msg_iovlen = 1,
            .msg_control = controls[i],
            .msg_controllen = CONTROL_BYTES,
        };
    }
    // It fails where a server is gone, which the client is to find out by itself.
    int count = recvmmsg(socket->fd, messages, RECEIVED_AT_ONCE, 0, NULL);
    if (count <= 0) return;
    uint64_t time = now();
    int64_t difference = clockDifference();
    for (int i = 0; i < count; i++) {
        struct Extras extras = readExtras(socket, &messages[i].msg_hdr, time, difference);
        uint32_t length = messages[i].msg_len;
        uint32_t step = extras.segment == 0 ? length : extras.segment;
        uint32_t at = 0;
        do { // an empty datagram is one as well
            uint32_t left = length - at;
            struct Arrival arrival = {
                buffers[i] + at, left < step ? left : step, extras.time, &from[i]
            };
            take(context, &arrival);
            at += step;
        } while (at < length);
    }
}

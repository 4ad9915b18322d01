/*
 * A bad network: relays UDP on loopback between clients and servers, with what real networks do to
 * datagrams. See docs/development.md.
 */
#include "control.h"
#include "options.h"
#include "path.h"
#include "program.h"
#include "transit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { MAX_EVENTS = 64 };

static struct Entrance entrances[MAX_TARGETS];
static int epoll;
static int timer;
static int endSignals;
static uint64_t timerAt = UINT64_MAX;

static void watch(int fd, void *what) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0) return;
    if (fd == STDIN_FILENO) fail("Standard input has to be a pipe or a terminal");
    fail("Cannot wait for a socket: %s", strerror(errno));
}

static void watchClient(struct Client *client) {
    watch(client->socket.fd, client);
}

static void openEntrances(const struct Options *options) {
    printf("{\"ports\":[");
    for (unsigned i = 0; i < options->targetCount; i++) {
        entrances[i].target = options->targets[i];
        entrances[i].socket = openSocket(options->portCount == 0 ? 0 : options->ports[i]);
        watch(entrances[i].socket.fd, &entrances[i]);
        printf("%s%u", i == 0 ? "" : ",", portOf(&entrances[i].socket));
    }
    puts("]}");
    fflush(stdout);
}

/* Ends with the figures on these signals. */
static int openSignals(void) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &signals, SFD_CLOEXEC);
}

static void setTimer(uint64_t time) {
    if (time == timerAt) return;
    timerAt = time;
    // All zero would stop it, as is meant when there is nothing to wait for.
    struct itimerspec when = {0};
    if (time != UINT64_MAX) {
        when.it_value.tv_sec = (time_t)(time / 1000000000);
        when.it_value.tv_nsec = (long)(time % 1000000000);
    }
    if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL) != 0)
        fail("Cannot set a timer: %s", strerror(errno));
}

static void stopTimer(void) {
    uint64_t count;
    if (read(timer, &count, sizeof(count)) > 0) timerAt = UINT64_MAX;
}

static bool isEntrance(const void *what) {
    return (const struct Entrance *)what >= entrances &&
           (const struct Entrance *)what < entrances + MAX_TARGETS;
}

/* Takes what has come; false if it is time to end. */
static bool takeAll(const struct epoll_event *events, int count) {
    for (int i = 0; i < count; i++) {
        void *what = events[i].data.ptr;
        if (what == &endSignals) return false;
        if (what == stdin) {
            if (!obeyInput()) return false;
        } else if (what == &timer) {
            stopTimer();
        } else if (isEntrance(what)) {
            takeFromClients(what);
        } else {
            takeFromServer(what);
        }
    }
    return true;
}

static void run(void) {
    struct epoll_event events[MAX_EVENTS];
    uint64_t nextRound = 0;
    for (;;) {
        int count = epoll_wait(epoll, events, MAX_EVENTS, -1);
        if (!takeAll(events, count)) return;
        uint64_t time = now();
        if (time >= nextRound && firstDue() <= time) {
            handOn(time);
            nextRound = time + ROUND_NS;
        }
        uint64_t due = firstDue();
        setTimer(due > nextRound ? due : nextRound);
    }
}

int main(int count, char **arguments) {
    struct Options options = readOptions(count, arguments);
    raiseFileLimit();
    uint64_t start = now();
    beginDirection(&up, options.seed, 0, start);
    beginDirection(&down, options.seed, 1, start);
    onSocket = watchClient;
    epoll = epoll_create1(EPOLL_CLOEXEC);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    endSignals = openSignals();
    if (epoll < 0 || timer < 0 || endSignals < 0) fail("Cannot wait: %s", strerror(errno));
    watch(timer, &timer);
    watch(endSignals, &endSignals);
    watch(STDIN_FILENO, stdin);
    openEntrances(&options);
    run();
    printFigures();
    return 0;
}

#pragma once

#include "msquic_api.h"

enum { MAX_SERVERS = 64 };

enum Job { JOB_UPLOAD, JOB_DOWNLOAD, JOB_REQUESTS, JOB_MESSAGES, JOB_HANDSHAKES, JOB_SESSIONS };

/* What the program is asked to do. */
struct Options {
    bool server;
    const char *msquic;
    bool oneThread;
    /* Of a server. */
    const char *certificate;
    const char *key;
    /* Of a client. */
    enum Job job;
    const char *jobName;
    const char *token;
    uint16_t ports[MAX_SERVERS];
    unsigned portCount;
    int serverPids[MAX_SERVERS];
    unsigned serverPidCount;
    unsigned connections;
    unsigned inFlight;
    double seconds;
    double warmUp;
    /* Blocks of bulk under way on a stream. */
    unsigned blocks;
    /* Ends connections in the middle of bulk, where waiting for the rest would take long. */
    bool cut;
    struct TransportSettings transport;
};

/* Reads the command line; ends the program, with the usage, if it makes no sense. */
struct Options readOptions(int count, char **arguments);

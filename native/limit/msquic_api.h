/* MsQuic, loaded at run time from the file that the workers use, and driven in one of two ways. */
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#define QUIC_API_ENABLE_PREVIEW_FEATURES 1
#include "program.h"

#include <msquic.h>

#define ALPN "msquicd/1"

/* What connections are set up with; 0 keeps MsQuic's default, but for `sendBuffering`. */
struct TransportSettings {
    uint64_t idleTimeoutMs;
    uint32_t keepAliveMs;
    uint32_t streamWindow;
    uint32_t connectionWindow;
    uint16_t peerStreams;
    bool sendBuffering;
    bool bbr;
};

extern const QUIC_API_TABLE *quic;
extern HQUIC registration;

/*
 * Loads MsQuic and opens the registration. With one thread, MsQuic runs where `drive` is called and
 * nowhere else, as in a worker ("custom execution"); otherwise on its own threads.
 */
void openMsQuic(const char *path, bool oneThread);

/* Opens a configuration; the caller loads the credential. */
HQUIC openConfiguration(const struct TransportSettings *settings);

/* Loads a server's certificate into a configuration. */
void loadCertificate(HQUIC configuration, const char *certificate, const char *key);

/* Has a configuration trust any server. */
void trustAnybody(HQUIC configuration);

/* Lets MsQuic work for at most `ms` milliseconds, or until something has happened. */
void drive(uint32_t ms);

/* Ends the program with a message on standard error if MsQuic refused. */
void check(QUIC_STATUS status, const char *what);

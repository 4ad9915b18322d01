#include "options.h"
#include "frames.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEBIBYTE = 1024 * 1024 };

static const char USAGE[] =
    "Usage: limit server --msquic FILE --certificate FILE --key FILE [--threads one|own] "
    "[SETTINGS]\n"
    "       limit upload|download|requests|messages|handshakes|sessions --msquic FILE --port "
    "PORT[,PORT]\n"
    "             [--token TOKEN] [--connections N] [--in-flight N] [--seconds S] [--warm-up S]\n"
    "             [--pid PID[,PID]] [--threads one|own] [SETTINGS]\n"
    "\n"
    "  --threads one    MsQuic on one thread, as in a worker; own: on its own threads\n"
    "  --in-flight N    requests or messages under way on each connection; of handshakes\n"
    "                   there is one under way for each of --connections\n"
    "  --pid PIDS       the servers, whose processor time is told as well\n"
    "  --blocks N       blocks of 1 MiB under way in uploads and downloads; 4 by default\n"
    "  --cut 1          does not wait at the end for what of an upload is under way\n"
    "  SETTINGS         --congestion cubic|bbr\n"
    "                   --stream-window BYTES --connection-window BYTES --idle-ms MS\n"
    "                   --keep-alive-ms MS --streams N --send-buffering 0|1\n";

_Noreturn static void refuse(const char *what, const char *value) {
    fprintf(stderr, "limit: %s %s\n\n%s", what, value, USAGE);
    exit(2);
}

static double number(const char *name, const char *text) {
    double value;
    if (!readNumber(text, &value)) refuse("no number for", name);
    return value;
}

static unsigned numbers(const char *name, char *text, int *out) {
    unsigned count = 0;
    for (char *part = strtok(text, ","); part != NULL; part = strtok(NULL, ",")) {
        if (count == MAX_SERVERS) refuse("too many for", name);
        out[count++] = (int)number(name, part);
    }
    return count;
}

static void readJob(struct Options *options, const char *name) {
    static const char *const NAMES[] = {
        [JOB_UPLOAD] = "upload",     [JOB_DOWNLOAD] = "download",     [JOB_REQUESTS] = "requests",
        [JOB_MESSAGES] = "messages", [JOB_HANDSHAKES] = "handshakes", [JOB_SESSIONS] = "sessions",
    };
    options->jobName = name;
    if (strcmp(name, "server") == 0) {
        options->server = true;
        return;
    }
    for (unsigned i = 0; i < sizeof(NAMES) / sizeof(*NAMES); i++) {
        if (strcmp(name, NAMES[i]) != 0) continue;
        options->job = (enum Job)i;
        return;
    }
    refuse("does not know", name);
}

/*
 * As those of a worker (worker/settings.ts), whose windows of streams grow to what they begin with here, but
 * for its window per connection, which is 1024 MiB; and those of the client library (client/connect.ts). The congestion control is MsQuic's own default, CUBIC, which
 * is the best on loopback.
 */
static struct TransportSettings defaultSettings(bool server) {
    return (struct TransportSettings){
        .idleTimeoutMs = 30000,
        .keepAliveMs = server ? 0 : 10000,
        .streamWindow = (server ? 4 : 16) * MEBIBYTE,
        .connectionWindow = (server ? 16 : 64) * MEBIBYTE,
        .peerStreams = server ? 256 : 0,
    };
}

static void readOption(struct Options *options, const char *name, char *value) {
    struct TransportSettings *transport = &options->transport;
    int values[MAX_SERVERS];
    if (strcmp(name, "--msquic") == 0)
        options->msquic = value;
    else if (strcmp(name, "--certificate") == 0)
        options->certificate = value;
    else if (strcmp(name, "--key") == 0)
        options->key = value;
    else if (strcmp(name, "--token") == 0)
        options->token = value;
    else if (strcmp(name, "--threads") == 0 && strcmp(value, "one") == 0)
        options->oneThread = true;
    else if (strcmp(name, "--threads") == 0 && strcmp(value, "own") == 0)
        options->oneThread = false;
    else if (strcmp(name, "--connections") == 0)
        options->connections = (unsigned)number(name, value);
    else if (strcmp(name, "--in-flight") == 0)
        options->inFlight = (unsigned)number(name, value);
    else if (strcmp(name, "--seconds") == 0)
        options->seconds = number(name, value);
    else if (strcmp(name, "--warm-up") == 0)
        options->warmUp = number(name, value);
    else if (strcmp(name, "--stream-window") == 0)
        transport->streamWindow = (uint32_t)number(name, value);
    else if (strcmp(name, "--connection-window") == 0)
        transport->connectionWindow = (uint32_t)number(name, value);
    else if (strcmp(name, "--idle-ms") == 0)
        transport->idleTimeoutMs = (uint64_t)number(name, value);
    else if (strcmp(name, "--keep-alive-ms") == 0)
        transport->keepAliveMs = (uint32_t)number(name, value);
    else if (strcmp(name, "--streams") == 0)
        transport->peerStreams = (uint16_t)number(name, value);
    else if (strcmp(name, "--send-buffering") == 0)
        transport->sendBuffering = number(name, value) != 0;
    else if (strcmp(name, "--congestion") == 0 && strcmp(value, "cubic") == 0)
        transport->bbr = false;
    else if (strcmp(name, "--congestion") == 0 && strcmp(value, "bbr") == 0)
        transport->bbr = true;
    else if (strcmp(name, "--blocks") == 0)
        options->blocks = (unsigned)number(name, value);
    else if (strcmp(name, "--cut") == 0)
        options->cut = number(name, value) != 0;
    else if (strcmp(name, "--pid") == 0) {
        options->serverPidCount = numbers(name, value, options->serverPids);
    } else if (strcmp(name, "--port") == 0) {
        options->portCount = numbers(name, value, values);
        for (unsigned i = 0; i < options->portCount; i++) options->ports[i] = (uint16_t)values[i];
    } else
        refuse("does not know", name);
}

struct Options readOptions(int count, char **arguments) {
    struct Options options = {
        .oneThread = true,
        .token = "",
        .connections = 1,
        .inFlight = 1,
        .blocks = DEFAULT_BLOCKS,
        .seconds = 2,
        .warmUp = 0.5,
    };
    if (count < 2) refuse("has", "nothing to do");
    readJob(&options, arguments[1]);
    options.transport = defaultSettings(options.server);
    for (int i = 2; i < count; i += 2) {
        if (i + 1 == count) refuse("no value for", arguments[i]);
        readOption(&options, arguments[i], arguments[i + 1]);
    }
    if (options.msquic == NULL) refuse("needs", "--msquic");
    if (options.server && (options.certificate == NULL || options.key == NULL)) {
        refuse("needs", "--certificate and --key");
    }
    if (!options.server && options.portCount == 0) refuse("needs", "--port");
    if (options.connections == 0 || options.inFlight == 0 || options.blocks == 0) refuse("needs", "at least one of each");
    return options;
}

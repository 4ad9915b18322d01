#include "msquic_api.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { MAX_EVENTS = 64 };

/* The library's only entry point that is needed. */
typedef QUIC_STATUS(QUIC_API *OpenVersion)(uint32_t version, const void **api);

const QUIC_API_TABLE *quic;
HQUIC registration;

static QUIC_EVENTQ eventQueue = -1;
static QUIC_EXECUTION *execution;

void openMsQuic(const char *path, bool oneThread) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) fail("Cannot load libmsquic: %s", dlerror());
    OpenVersion openVersion = (OpenVersion)dlsym(library, "MsQuicOpenVersion");
    if (openVersion == NULL) fail("Cannot use %s: it is no libmsquic", path);
    check(openVersion(QUIC_API_VERSION_2, (const void **)&quic), "MsQuicOpenVersion");
    if (oneThread) {
        eventQueue = epoll_create1(EPOLL_CLOEXEC);
        if (eventQueue < 0) fail("Cannot create an epoll instance: %s", strerror(errno));
        QUIC_EXECUTION_CONFIG config = {.IdealProcessor = 0, .EventQ = &eventQueue};
        check(
            quic->ExecutionCreate(
                QUIC_GLOBAL_EXECUTION_CONFIG_FLAG_NONE, 0, 1, &config, &execution
            ),
            "ExecutionCreate"
        );
    }
    const QUIC_REGISTRATION_CONFIG config = {"limit", QUIC_EXECUTION_PROFILE_LOW_LATENCY};
    check(quic->RegistrationOpen(&config, &registration), "RegistrationOpen");
}

HQUIC openConfiguration(const struct TransportSettings *wanted) {
    QUIC_SETTINGS settings = {0};
    settings.IdleTimeoutMs = wanted->idleTimeoutMs;
    settings.IsSet.IdleTimeoutMs = TRUE;
    settings.SendBufferingEnabled = wanted->sendBuffering;
    settings.IsSet.SendBufferingEnabled = TRUE;
    settings.KeepAliveIntervalMs = wanted->keepAliveMs;
    settings.IsSet.KeepAliveIntervalMs = wanted->keepAliveMs != 0;
    settings.StreamRecvWindowDefault = wanted->streamWindow;
    settings.IsSet.StreamRecvWindowDefault = wanted->streamWindow != 0;
    settings.ConnFlowControlWindow = wanted->connectionWindow;
    settings.IsSet.ConnFlowControlWindow = wanted->connectionWindow != 0;
    settings.PeerBidiStreamCount = wanted->peerStreams;
    settings.IsSet.PeerBidiStreamCount = wanted->peerStreams != 0;
    settings.CongestionControlAlgorithm = wanted->bbr ? QUIC_CONGESTION_CONTROL_ALGORITHM_BBR
                                                      : QUIC_CONGESTION_CONTROL_ALGORITHM_CUBIC;
    settings.IsSet.CongestionControlAlgorithm = TRUE;
    const QUIC_BUFFER alpn = {sizeof(ALPN) - 1, (uint8_t *)ALPN};
    HQUIC configuration;
    check(
        quic->ConfigurationOpen(
            registration, &alpn, 1, &settings, sizeof(settings), NULL, &configuration
        ),
        "ConfigurationOpen"
    );
    return configuration;
}

void loadCertificate(HQUIC configuration, const char *certificate, const char *key) {
    QUIC_CERTIFICATE_FILE files = {.PrivateKeyFile = key, .CertificateFile = certificate};
    QUIC_CREDENTIAL_CONFIG credential = {
        .Type = QUIC_CREDENTIAL_TYPE_CERTIFICATE_FILE,
        .Flags = QUIC_CREDENTIAL_FLAG_NONE,
        .CertificateFile = &files,
    };
    check(quic->ConfigurationLoadCredential(configuration, &credential), "Loading the certificate");
}

void trustAnybody(HQUIC configuration) {
    QUIC_CREDENTIAL_CONFIG credential = {
        .Type = QUIC_CREDENTIAL_TYPE_NONE,
        .Flags = QUIC_CREDENTIAL_FLAG_CLIENT | QUIC_CREDENTIAL_FLAG_NO_CERTIFICATE_VALIDATION,
    };
    check(quic->ConfigurationLoadCredential(configuration, &credential), "Loading the credential");
}

void drive(uint32_t ms) {
    if (execution == NULL) {
        usleep(ms < 1000 ? ms * 1000 : 1000000);
        return;
    }
    uint32_t wait = quic->ExecutionPoll(execution);
    struct epoll_event events[MAX_EVENTS];
    int count = epoll_wait(eventQueue, events, MAX_EVENTS, (int)(wait < ms ? wait : ms));
    for (int i = 0; i < count; i++) {
        QUIC_SQE *sqe = events[i].data.ptr;
        sqe->Completion(&events[i]);
    }
}

void check(QUIC_STATUS status, const char *what) {
    if (QUIC_FAILED(status)) fail("%s failed with status 0x%x", what, (unsigned)status);
}

/*
 * What MsQuic can do on this machine with nothing of JavaScript in it: a server, and a load
 * generator that loads a worker of msquicd and this server alike. See docs/performance.md.
 */
#include "client.h"
#include "server.h"

int main(int count, char **arguments) {
    struct Options options = readOptions(count, arguments);
    // A client has a socket per connection.
    raiseFileLimit();
    openMsQuic(options.msquic, options.oneThread);
    if (options.server) runServer(&options);
    return runClient(&options);
}

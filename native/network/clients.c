#include "clients.h"
#include "program.h"

#include <stdlib.h>
#include <unistd.h>

enum { BUCKETS = 4096 };

struct Client *clients[MAX_CLIENTS];
unsigned clientCount;
void (*onSocket)(struct Client *client);

static struct Client *buckets[BUCKETS];

static struct Client **bucketOf(const struct Entrance *entrance, const struct sockaddr_in *from) {
    uint32_t hash = (uint32_t)from->sin_port * 2654435761u ^ from->sin_addr.s_addr * 40503u ^
                    (uint32_t)entrance->target * 2246822519u;
    return &buckets[(hash ^ hash >> 16) % BUCKETS];
}

static void connectClient(struct Client *client) {
    client->socket = openSocket(0);
    connectSocket(&client->socket, client->entrance->target);
    onSocket(client);
}

static void unlink_(struct Client *client) {
    struct Client **place = bucketOf(client->entrance, &client->address);
    while (*place != client) place = &(*place)->next;
    *place = client->next;
}

/* The one that was silent for longest and has nothing under way, out of its bucket. */
static struct Client *oldestClient(void) {
    struct Client *oldest = NULL;
    for (unsigned i = 0; i < clientCount; i++) {
        struct Client *client = clients[i];
        if (client->underWay > 0) continue;
        if (oldest == NULL || client->lastSeen < oldest->lastSeen) oldest = client;
    }
    if (oldest == NULL) return NULL;
    unlink_(oldest);
    close(oldest->socket.fd);
    return oldest;
}

static struct Client *newClient(void) {
    if (clientCount == MAX_CLIENTS) return oldestClient();
    struct Client *client = calloc(1, sizeof(*client));
    if (client == NULL) fail("Out of memory");
    clients[clientCount++] = client;
    return client;
}

struct Client *clientFor(struct Entrance *entrance, const struct sockaddr_in *address) {
    struct Client **bucket = bucketOf(entrance, address);
    for (struct Client *client = *bucket; client != NULL; client = client->next) {
        if (client->entrance == entrance && client->address.sin_port == address->sin_port &&
            client->address.sin_addr.s_addr == address->sin_addr.s_addr)
            return client;
    }
    struct Client *client = newClient();
    if (client == NULL) return NULL;
    *client = (struct Client){.entrance = entrance, .address = *address, .next = *bucket};
    *bucket = client;
    connectClient(client);
    return client;
}

void rebind(struct Client *client) {
    struct Socket old = client->socket;
    connectClient(client); // before the old one is closed, so that its port is another one
    close(old.fd);
}

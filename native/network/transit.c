#include "transit.h"
#include "program.h"

#include <stdlib.h>

enum {
    /* Most fit into a slot of one size, which is kept for the next. */
    SLOT_BYTES = 2048,
    SLOTS_AT_ONCE = 512,
};

/* 1 Gbit/s for four seconds. */
static const uint64_t MAX_BYTES = (uint64_t)512 * 1024 * 1024;

/* By their due times, then by when they were sent off: a binary heap. */
struct Place {
    uint64_t due;
    uint64_t number;
    struct Datagram *datagram;
};

static struct Place *places;
static uint64_t placeCount;
static uint64_t placeRoom;
static uint64_t lastNumber;

static struct Datagram *freeSlots;
static uint64_t bytesUsed;

static uint64_t bytesFor(uint32_t length) {
    uint64_t bytes = sizeof(struct Datagram) + length;
    return bytes < SLOT_BYTES ? SLOT_BYTES : bytes;
}

/* A free slot has the next one where its client would be. */
static void keepSlot(struct Datagram *slot) {
    slot->client = (struct Client *)freeSlots;
    freeSlots = slot;
}

static void makeSlots(void) {
    uint8_t *memory = malloc((size_t)SLOT_BYTES * SLOTS_AT_ONCE);
    if (memory == NULL) fail("Out of memory");
    for (unsigned i = 0; i < SLOTS_AT_ONCE; i++)
        keepSlot((struct Datagram *)(memory + (size_t)i * SLOT_BYTES));
}

struct Datagram *takeDatagram(uint32_t length) {
    uint64_t bytes = bytesFor(length);
    if (bytesUsed + bytes > MAX_BYTES) return NULL;
    bytesUsed += bytes;
    if (bytes > SLOT_BYTES) {
        struct Datagram *large = malloc(bytes);
        if (large == NULL) fail("Out of memory");
        large->length = length;
        return large;
    }
    if (freeSlots == NULL) makeSlots();
    struct Datagram *slot = freeSlots;
    freeSlots = (struct Datagram *)slot->client;
    slot->length = length;
    return slot;
}

void freeDatagram(struct Datagram *datagram) {
    uint64_t bytes = bytesFor(datagram->length);
    bytesUsed -= bytes;
    if (bytes > SLOT_BYTES)
        free(datagram);
    else
        keepSlot(datagram);
}

static bool isBefore(const struct Place *one, const struct Place *other) {
    return one->due != other->due ? one->due < other->due : one->number < other->number;
}

void sendOff(struct Datagram *datagram) {
    if (placeCount == placeRoom) {
        placeRoom = placeRoom == 0 ? 4096 : 2 * placeRoom;
        places = realloc(places, placeRoom * sizeof(*places));
        if (places == NULL) fail("Out of memory");
    }
    struct Place place = {datagram->due, lastNumber++, datagram};
    uint64_t at = placeCount++;
    for (; at > 0 && isBefore(&place, &places[(at - 1) / 2]); at = (at - 1) / 2)
        places[at] = places[(at - 1) / 2];
    places[at] = place;
}

uint64_t firstDue(void) {
    return placeCount == 0 ? UINT64_MAX : places[0].due;
}

struct Datagram *takeFirst(void) {
    struct Datagram *first = places[0].datagram;
    struct Place last = places[--placeCount];
    uint64_t at = 0;
    for (;;) {
        uint64_t child = 2 * at + 1;
        if (child >= placeCount) break;
        if (child + 1 < placeCount && isBefore(&places[child + 1], &places[child])) child++;
        if (!isBefore(&places[child], &last)) break;
        places[at] = places[child];
        at = child;
    }
    places[at] = last;
    return first;
}

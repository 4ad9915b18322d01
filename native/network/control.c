#include "control.h"
#include "options.h"
#include "path.h"
#include "program.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MAX_LINE = 256 };

static void printSpread(const char *name, const struct Spread *spread) {
    double mean = spread->count == 0 ? 0 : spread->sum / (double)spread->count;
    printf(",\"%s\":{\"mean\":%.3f,\"max\":%.3f}", name, mean / 1e6, (double)spread->max / 1e6);
}

static void printDirection(const char *name, const struct Figures *figures) {
    printf(
        "\"%s\":{\"received\":%lu,\"receivedBytes\":%lu,\"sent\":%lu,\"sentBytes\":%lu,"
        "\"lost\":%lu,\"queueDropped\":%lu,\"tooLarge\":%lu,\"outageDropped\":%lu,\"noRoom\":%lu,"
        "\"unsent\":%lu,\"reordered\":%lu,\"duplicated\":%lu,\"corrupted\":%lu",
        name, figures->received, figures->receivedBytes, figures->sent, figures->sentBytes,
        figures->lost, figures->queueDropped, figures->tooLarge, figures->outageDropped,
        figures->noRoom, figures->unsent, figures->reordered, figures->duplicated,
        figures->corrupted
    );
    printSpread("queueMs", &figures->queued);
    printSpread("lateMs", &figures->late);
    putchar('}');
}

void printFigures(void) {
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    putchar('{');
    printDirection("up", &up.figures);
    putchar(',');
    printDirection("down", &down.figures);
    printf(
        ",\"clients\":%u,\"missed\":%lu,\"processorMs\":%.1f}\n", clientCount, missedDatagrams,
        (double)used.tv_sec * 1e3 + (double)used.tv_nsec / 1e6
    );
}

static void reset(void) {
    up.figures = down.figures = (struct Figures){0};
    missedDatagrams = 0;
}

static const char *setOutage(struct Direction *direction, const char *value) {
    double seconds;
    if (!readNumber(value, &seconds) || seconds > 1e6) return "takes seconds";
    uint64_t time = now();
    if (seconds == 0) endOutage(direction, time);
    if (seconds == 0) return NULL;
    struct Outage outage = {time, time + (uint64_t)(seconds * 1e9)};
    return addOutage(direction, outage) ? NULL : "has too many to come";
}

static const char *set(const char *name, const char *value) {
    if (strcmp(name, "up-outage") == 0) return setOutage(&up, value);
    if (strcmp(name, "down-outage") == 0) return setOutage(&down, value);
    if (strcmp(name, "outage") != 0) return setImpairment(name, value);
    const char *wrong = setOutage(&up, value);
    return wrong != NULL ? wrong : setOutage(&down, value);
}

static void rebindAll(void) {
    for (unsigned i = 0; i < clientCount; i++) rebind(clients[i]);
}

/* Does what a line says, and answers. */
static void obey(char *line) {
    const char *wrong = NULL;
    char *name = strtok(line, " \t\r");
    if (name == NULL) return;
    char *value = strtok(NULL, " \t\r");
    if (strcmp(name, "figures") == 0) {
        printFigures();
        return;
    }
    if (strcmp(name, "rebind") == 0)
        rebindAll();
    else if (strcmp(name, "reset") == 0)
        reset();
    else
        wrong = value == NULL ? "is not known, or has no value" : set(name, value);
    if (wrong == NULL)
        puts("{\"done\":true}");
    else
        printf("{\"error\":\"That %s; see --help\"}\n", wrong);
}

bool obeyInput(void) {
    static char line[MAX_LINE];
    static size_t filled;
    ssize_t count = read(STDIN_FILENO, line + filled, sizeof(line) - filled);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    if (count == 0) return false;
    filled += (size_t)count;
    char *end;
    while ((end = memchr(line, '\n', filled)) != NULL) {
        *end = '\0';
        obey(line);
        size_t used = (size_t)(end + 1 - line);
        memmove(line, end + 1, filled - used);
        filled -= used;
    }
    if (filled == sizeof(line)) fail("Cannot read a line of more than %d bytes", MAX_LINE - 1);
    fflush(stdout);
    return true;
}

#include "options.h"
#include "path.h"
#include "program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char USAGE[] =
    "Usage: network --target PORT[,PORT] [--port PORT[,PORT]] [--seed N] [--outage AT,SECONDS]\n"
    "               [IMPAIRMENTS]\n"
    "\n"
    "Relays UDP on 127.0.0.1 from ports of its own to those of servers, as a bad network does.\n"
    "First it prints the ports to send to, in the order of the targets: {\"ports\":[...]}\n"
    "\n"
    "  --target PORTS      the servers'\n"
    "  --port PORTS        the relay's own, as many; any free ones by default\n"
    "  --seed N            what is lost and so on is the same for the same seed; 1 by default\n"
    "  --outage AT,S       nothing passes from AT seconds after the start for S seconds; may be\n"
    "                      said up to 32 times\n"
    "\n"
    "Impairments are those of both directions; --up-... (to the servers) and --down-... are those\n"
    "of one. Times are in milliseconds, shares in percent, both also with decimals.\n"
    "\n"
    "  --delay MS          how long each datagram takes: half of a round trip\n"
    "  --jitter MS         by how much the delay grows and shrinks again\n"
    "  --loss %            lost at random\n"
    "  --burst BEGIN,END[,LOSS]  bursts of loss (Gilbert-Elliott): how likely each datagram begins\n"
    "                      one, and ends it, and what is lost in it (100)\n"
    "  --rate BITS         per second, IP and UDP headers included; with k, M or G\n"
    "  --queue MS          at most so much waits for that, the rest is dropped; 100 by default\n"
    "  --reorder %         those that come later than others that were sent after them\n"
    "  --reorder-by MS     how much later; 3 by default\n"
    "  --duplicate %       come twice\n"
    "  --corrupt %         have a wrong bit\n"
    "  --mtu BYTES         larger IP packets (28 bytes more than the datagram) are dropped\n"
    "\n"
    "While it runs, it takes lines from its standard input, and answers each with one of JSON:\n"
    "\n"
    "  loss 10             any impairment, by its name; up-rate 30M\n"
    "  outage S            nothing passes for S seconds from now; 0 ends it. up-outage, down-outage\n"
    "  rebind              gives each client another address towards the server, as a NAT does\n"
    "  figures             what became of the datagrams; it is printed at the end as well\n"
    "  reset               counts anew\n"
    "\n"
    "It ends with its standard input, or by a signal.\n";

_Noreturn static void refuse(const char *name, const char *what) {
    fprintf(stderr, "network: %s: %s\n\n%s", name, what, USAGE);
    exit(2);
}

/* Numbers between commas; returns how many there are, or 0. */
static unsigned readNumbers(const char *text, double *values, unsigned max) {
    char copy[1024];
    if (strlen(text) >= sizeof(copy)) return 0;
    strcpy(copy, text);
    unsigned count = 0;
    for (char *part = strtok(copy, ","); part != NULL; part = strtok(NULL, ",")) {
        if (count == max || !readNumber(part, &values[count++])) return 0;
    }
    return count;
}

static const char *setTime(uint64_t *time, const char *value) {
    double ms;
    if (!readNumber(value, &ms) || ms > 1e6) return "takes milliseconds up to 1000000";
    *time = (uint64_t)(ms * 1e6);
    return NULL;
}

static const char *setShare(double *share, const char *value) {
    double percent;
    if (!readNumber(value, &percent) || percent > 100) return "takes a share in percent";
    *share = percent / 100;
    return NULL;
}

static const char *setRate(double *rate, const char *value) {
    char *end;
    double number = strtod(value, &end);
    double factor = *end == 'k' ? 1e3 : *end == 'M' ? 1e6 : *end == 'G' ? 1e9 : 1;
    if (factor != 1) end++;
    if (end == value || *end != '\0' || !(number >= 0 && number < 1e12))
        return "takes bits per second, also with k, M or G, or 0 for no limit";
    *rate = number * factor;
    return NULL;
}

static const char *setMtu(uint32_t *mtu, const char *value) {
    double bytes;
    if (!readNumber(value, &bytes) || bytes > 65535) return "takes bytes up to 65535";
    *mtu = (uint32_t)bytes;
    return NULL;
}

static const char *setBurst(struct Impairments *does, const char *value) {
    double values[3] = {0, 0, 100};
    unsigned count = readNumbers(value, values, 3);
    if (count < 2 || values[0] > 100 || values[1] > 100 || values[2] > 100)
        return "takes two or three shares in percent: begin, end and loss";
    does->burstBegin = values[0] / 100;
    does->burstEnd = values[1] / 100;
    does->burstLoss = values[2] / 100;
    return NULL;
}

static const char *setOne(struct Impairments *does, const char *name, const char *value) {
    if (strcmp(name, "delay") == 0) return setTime(&does->delay, value);
    if (strcmp(name, "jitter") == 0) return setTime(&does->jitter, value);
    if (strcmp(name, "loss") == 0) return setShare(&does->loss, value);
    if (strcmp(name, "burst") == 0) return setBurst(does, value);
    if (strcmp(name, "rate") == 0) return setRate(&does->rate, value);
    if (strcmp(name, "queue") == 0) return setTime(&does->queue, value);
    if (strcmp(name, "reorder") == 0) return setShare(&does->reorder, value);
    if (strcmp(name, "reorder-by") == 0) return setTime(&does->reorderBy, value);
    if (strcmp(name, "duplicate") == 0) return setShare(&does->duplicate, value);
    if (strcmp(name, "corrupt") == 0) return setShare(&does->corrupt, value);
    if (strcmp(name, "mtu") == 0) return setMtu(&does->mtu, value);
    return "is not known";
}

const char *setImpairment(const char *name, const char *value) {
    if (strncmp(name, "up-", 3) == 0) return setOne(&up.does, name + 3, value);
    if (strncmp(name, "down-", 5) == 0) return setOne(&down.does, name + 5, value);
    const char *wrong = setOne(&up.does, name, value);
    return wrong != NULL ? wrong : setOne(&down.does, name, value);
}

static unsigned readPorts(const char *name, const char *value, uint16_t *ports) {
    double values[MAX_TARGETS];
    unsigned count = readNumbers(value, values, MAX_TARGETS);
    if (count == 0) refuse(name, "takes one port, or several between commas");
    for (unsigned i = 0; i < count; i++) {
        if (values[i] < 1 || values[i] > 65535) refuse(name, "takes ports from 1 to 65535");
        ports[i] = (uint16_t)values[i];
    }
    return count;
}

static void readOutage(const char *value) {
    double seconds[2];
    if (readNumbers(value, seconds, 2) != 2 || seconds[0] > 1e6 || seconds[1] > 1e6)
        refuse("--outage", "takes when it begins, and how long it is, in seconds");
    uint64_t from = (uint64_t)(seconds[0] * 1e9);
    struct Outage outage = {from, from + (uint64_t)(seconds[1] * 1e9)};
    if (!addOutage(&up, outage) || !addOutage(&down, outage))
        refuse("--outage", "is said too often");
}

static void readOption(struct Options *options, const char *name, const char *value) {
    double number;
    if (strcmp(name, "--target") == 0)
        options->targetCount = readPorts(name, value, options->targets);
    else if (strcmp(name, "--port") == 0)
        options->portCount = readPorts(name, value, options->ports);
    else if (strcmp(name, "--outage") == 0)
        readOutage(value);
    else if (strcmp(name, "--seed") == 0) {
        if (!readNumber(value, &number)) refuse(name, "takes a whole number");
        options->seed = (uint64_t)number;
    } else {
        const char *wrong =
            strncmp(name, "--", 2) == 0 ? setImpairment(name + 2, value) : "is not known";
        if (wrong != NULL) refuse(name, wrong);
    }
}

struct Options readOptions(int count, char **arguments) {
    struct Options options = {.seed = 1};
    up.does.queue = down.does.queue = 100000000;
    up.does.reorderBy = down.does.reorderBy = 3000000;
    for (int i = 1; i < count; i += 2) {
        if (strcmp(arguments[i], "--help") == 0) {
            fputs(USAGE, stdout);
            exit(0);
        }
        if (i + 1 == count) refuse(arguments[i], "has no value, or is not known");
        readOption(&options, arguments[i], arguments[i + 1]);
    }
    if (options.targetCount == 0) refuse("--target", "is needed");
    if (options.portCount != 0 && options.portCount != options.targetCount)
        refuse("--port", "takes as many ports as --target");
    return options;
}

#include "processor_time.h"
#include "msquic_api.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* See proc_pid_stat(5). */
static double timeOf(int pid) {
    char path[64], text[1024];
    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL) fail("There is no process %d", pid);
    size_t length = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[length] = '\0';
    // What precedes is the program's name, in which there may be anything.
    const char *rest = strrchr(text, ')');
    unsigned long user, system;
    const char *const FIELDS = ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu";
    if (rest == NULL || sscanf(rest, FIELDS, &user, &system) != 2) fail("Cannot read %s", path);
    return (double)(user + system) * 1000 / (double)sysconf(_SC_CLK_TCK);
}

static double milliseconds(struct timeval time) {
    return (double)time.tv_sec * 1000 + (double)time.tv_usec / 1000;
}

struct ProcessorTime processorTime(const int *pids, unsigned count) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    struct ProcessorTime time = {milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime), 0};
    for (unsigned i = 0; i < count; i++) time.othersMs += timeOf(pids[i]);
    return time;
}

#pragma once

#include "options.h"

/* Does a job, and tells on standard output how it went. Returns the exit code. */
int runClient(const struct Options *options);

#pragma once

#include "options.h"

/* Serves until standard input ends. Tells its port on standard output: `{"port":N}`. */
_Noreturn void runServer(const struct Options *options);

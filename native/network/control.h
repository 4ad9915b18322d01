/* What is said to the relay while it runs, and what it says: a line each. */
#pragma once

#include <stdbool.h>

/* Reads standard input and does what it says; false at its end. */
bool obeyInput(void);

/* Prints the figures of both directions. */
void printFigures(void);

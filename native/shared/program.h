/* What the native programs have in common. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Nanoseconds of a clock that only goes forward. */
uint64_t now(void);

/* Ends the program with a message on standard error, which begins with the program's name. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Lets the program open as many files, sockets among them, as the system allows it. */
void raiseFileLimit(void);

/* Reads a number from 0 up that is all of a text; false if it is none. */
bool readNumber(const char *text, double *value);

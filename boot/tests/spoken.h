/* In place of the first init's console: what it says is kept, and where it stops the test goes on. */
#ifndef PINWHEEL_SPOKEN_H
#define PINWHEEL_SPOKEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../init/init.h"

static char spoken[4096];
static jmp_buf stopped;

static void keep(const char *format, va_list values)
{
	size_t used = strlen(spoken);
	vsnprintf(spoken + used, sizeof(spoken) - used, format, values);
	used = strlen(spoken);
	snprintf(spoken + used, sizeof(spoken) - used, "\n");
}

#define KEEP(format) \
	do { \
		va_list values; \
		va_start(values, format); \
		keep(format, values); \
		va_end(values); \
	} while (0)

void say(const char *format, ...)
{
	KEEP(format);
}

void warn(const char *format, ...)
{
	KEEP(format);
}

void stop(const char *format, ...)
{
	KEEP(format);
	longjmp(stopped, 1);
}

#endif

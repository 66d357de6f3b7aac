#include <fcntl.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "init.h"

/* Through the kernel's log the line reaches every console, and later the journal. */
static void print(const char *level, const char *format, va_list values)
{
	char line[1024];
	int start = snprintf(line, sizeof(line), "%spinwheel-init: ", level);
	int length = vsnprintf(line + start, sizeof(line) - (size_t)start - 1, format, values);
	if (length < 0)
		return;
	size_t bytes = strlen(line);
	line[bytes++] = '\n';

	int log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	ssize_t written = log < 0 ? -1 : write(log, line, bytes);
	if (written < 0) /* no /dev yet: the kernel opened the console for us */
		written = write(STDERR_FILENO, line + strlen(level), bytes - strlen(level));
	if (log >= 0)
		close(log);
}

void say(const char *format, ...)
{
	va_list values;
	va_start(values, format);
	print("<5>", format, values);
	va_end(values);
}

void warn(const char *format, ...)
{
	va_list values;
	va_start(values, format);
	print("<2>", format, values);
	va_end(values);
}

void stop(const char *format, ...)
{
	va_list values;
	va_start(values, format);
	print("<2>", format, values); /* shown whatever "quiet" hides */
	va_end(values);
	say("this set cannot be started; rebooting in %d seconds", SECONDS_BEFORE_REBOOT);
	sleep(SECONDS_BEFORE_REBOOT);
	reboot(LINUX_REBOOT_CMD_RESTART);
	_exit(1); /* the kernel panics, and reboots by panic= */
}

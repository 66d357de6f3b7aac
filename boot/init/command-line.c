#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "init.h"
#include "kernel-words.h"

static const char *command_line(void)
{
	static char line[8192];
	int file = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t bytes = file < 0 ? -1 : read(file, line, sizeof(line) - 1);
	if (bytes <= 0)
		stop("/proc/cmdline cannot be read: %s", strerror(errno));
	close(file);
	line[strcspn(line, "\n")] = 0;
	return line;
}

char *command_line_value(const char *name)
{
	const char *value;
	size_t bytes;
	unsigned count = find_kernel_words(command_line(), name, &value, &bytes);
	if (count == 0)
		stop("the kernel command line has no %s=, which the set's cmdline file must give", name);
	/* One of them is not the set's own; there is no telling which. */
	if (count > 1)
		stop("the kernel command line has %s= %u times; it must come from the set's cmdline file alone", name,
		     count);
	return strndup(value, bytes);
}

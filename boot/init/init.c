#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "init.h"

/* How many words in front of it came from boot settings; for the host, not for systemd. */
#define WORDS_MARKER "pinwheel.init-words="

static void mount_kernel_file_system(const char *type, const char *at, unsigned long flags, const char *options)
{
	mkdir(at, 0755);
	if (mount(type, at, type, flags, options) != 0 && errno != EBUSY)
		stop("%s cannot be mounted on %s: %s", type, at, strerror(errno));
}

static char **without_marker(char **arguments)
{
	char **to = arguments;
	for (char **from = arguments; *from; from++)
		if (strncmp(*from, WORDS_MARKER, strlen(WORDS_MARKER)) != 0)
			*to++ = *from;
	*to = NULL;
	return arguments;
}

int main(int count, char **arguments)
{
	char node[32];
	(void)count;
	if (getpid() != 1) {
		fprintf(stderr, "this is the first program of a starting host; it does nothing elsewhere\n");
		return 1;
	}
	mount_kernel_file_system("devtmpfs", "/dev", MS_NOSUID, "mode=0755");
	mount_kernel_file_system("proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	mount_kernel_file_system("sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);

	watch_devices();
	load_modules("/modules.list");

	create_verity_device(command_line_value("dm-mod.create"), node);
	enter_new_root(node, without_marker(arguments));
}

#include <errno.h>
#include <fcntl.h>
#include <linux/module.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "init.h"

static bool ends_in(const char *text, const char *end)
{
	size_t bytes = strlen(text), end_bytes = strlen(end);
	return bytes >= end_bytes && strcmp(text + bytes - end_bytes, end) == 0;
}

/*
 * A module that does not load is printed and passed over: many are for hardware that this
 * machine lacks. If it was needed, waiting for the root device fails and says so.
 */
static void load_module(const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0) {
		say("module %s cannot be opened: %s", path, strerror(errno));
		return;
	}
	int flags = ends_in(path, ".ko") ? 0 : MODULE_INIT_COMPRESSED_FILE;
	if (syscall(SYS_finit_module, file, "", flags) != 0 && errno != EEXIST)
		say("module %s was not loaded: %s", path, strerror(errno));
	close(file);
}

void load_modules(const char *list)
{
	char line[512];
	FILE *file = fopen(list, "re");
	if (!file)
		stop("the list of modules %s cannot be opened: %s", list, strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = 0;
		if (line[0] && line[0] != '#')
			load_module(line);
	}
	fclose(file);
}

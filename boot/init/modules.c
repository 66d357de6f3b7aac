#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/module.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "init.h"

#define LONGEST_LINE 2048
#define MOST_LINES 4096
#define BUSES "/sys/bus"

/*
 * The list has two kinds of lines: a path is loaded always, and `PATTERN PATH...` is loaded,
 * in its order, when a device's modalias matches the pattern. Loading the drivers of all disk
 * controllers there are costs seconds, of the few that are here a fraction of one.
 */
static char *lines[MOST_LINES];
static int line_count;

/*
 * A module that does not load is printed and passed over. If it was needed, waiting for the
 * root device fails and says so.
 */
static void load_module(const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0) {
		say("module %s cannot be opened: %s", path, strerror(errno));
		return;
	}
	if (syscall(SYS_finit_module, file, "", 0) != 0 && errno != EEXIST)
		say("module %s was not loaded: %s", path, strerror(errno));
	close(file);
}

void load_modules(const char *list)
{
	char line[LONGEST_LINE];
	FILE *file = fopen(list, "re");
	if (!file)
		stop("the list of modules %s cannot be opened: %s", list, strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = 0;
		if (line[0] == '/')
			load_module(line);
		else if (line[0] && line_count < MOST_LINES)
			lines[line_count++] = strdup(line);
	}
	fclose(file);
	load_modules_for_devices();
}

/* Loads what the line names if its pattern matches; the line is then done with. */
static bool load_line(int index, const char *modalias)
{
	char *line = lines[index];
	char *paths = line ? strchr(line, ' ') : NULL;
	if (!paths)
		return false;
	*paths = 0;
	if (fnmatch(line, modalias, 0) != 0) {
		*paths = ' ';
		return false;
	}
	for (char *path = strtok(paths + 1, " "); path; path = strtok(NULL, " "))
		load_module(path);
	free(line);
	lines[index] = NULL;
	return true;
}

static bool load_for_modalias(const char *modalias)
{
	bool loaded = false;
	size_t bus = strcspn(modalias, ":");
	for (int i = 0; i < line_count; i++)
		/* Nearly all lines are of other buses; fnmatch is not asked about those. */
		if (lines[i] && (strncmp(lines[i], modalias, bus) == 0 || lines[i][strcspn(lines[i], ":*")] == '*'))
			loaded |= load_line(i, modalias);
	return loaded;
}

static bool load_for_bus(const char *bus)
{
	char path[1024], modalias[512];
	bool loaded = false;
	snprintf(path, sizeof(path), BUSES "/%s/devices", bus);
	DIR *devices = opendir(path);
	if (!devices)
		return false;
	for (struct dirent *device; (device = readdir(devices));) {
		snprintf(path, sizeof(path), BUSES "/%s/devices/%s/modalias", bus, device->d_name);
		FILE *file = device->d_name[0] == '.' ? NULL : fopen(path, "re");
		if (!file)
			continue;
		if (fgets(modalias, sizeof(modalias), file)) {
			modalias[strcspn(modalias, "\n")] = 0;
			loaded |= load_for_modalias(modalias);
		}
		fclose(file);
	}
	closedir(devices);
	return loaded;
}

void load_modules_for_devices(void)
{
	bool loaded = true;
	/* A driver can bring a bus with more devices on it: a virtio disk is on one that its PCI driver makes. */
	while (loaded) {
		loaded = false;
		DIR *buses = opendir(BUSES);
		if (!buses)
			return;
		for (struct dirent *bus; (bus = readdir(buses));)
			if (bus->d_name[0] != '.')
				loaded |= load_for_bus(bus->d_name);
		closedir(buses);
	}
}

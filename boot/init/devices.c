#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

#define BLOCK_DEVICES "/sys/class/block"

static int announcements = -1;

void watch_devices(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	announcements = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	if (announcements >= 0 && bind(announcements, (struct sockaddr *)&address, sizeof(address)) == 0)
		return;
	say("the kernel's device announcements cannot be heard: %s; looking once a second instead", strerror(errno));
}

/* Returns at the next announcement, or after a second: one may have been lost. */
static void wait_for_news(void)
{
	char message[8192];
	struct pollfd heard = { .fd = announcements, .events = POLLIN };
	poll(&heard, 1, 1000);
	while (announcements >= 0 && recv(announcements, message, sizeof(message), 0) > 0)
		;
}

/* Value of NAME= in a device's uevent file. */
static bool uevent_value(const char *device, const char *name, char *value, size_t capacity)
{
	char path[PATH_MAX], line[256];
	size_t name_bytes = strlen(name);
	bool found = false;
	snprintf(path, sizeof(path), BLOCK_DEVICES "/%s/uevent", device);
	FILE *file = fopen(path, "re");
	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = 0;
		found = strncmp(line, name, name_bytes) == 0 && line[name_bytes] == '=';
		if (found)
			snprintf(value, capacity, "%s", line + name_bytes + 1);
	}
	fclose(file);
	return found;
}

/* The disk a partition belongs to: in sysfs the directory around the partition's own. */
static bool disk_of(const char *device, char disk[PATH_MAX])
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), BLOCK_DEVICES "/%s", device);
	if (!realpath(path, disk))
		return false;
	char *last = strrchr(disk, '/');
	if (last)
		*last = 0;
	return last != NULL;
}

typedef bool partition_test(const char *device, const void *wanted);

static bool find_device(partition_test *test, const void *wanted, char device[NAME_MAX + 1])
{
	DIR *devices = opendir(BLOCK_DEVICES);
	struct dirent *entry;
	bool found = false;
	while (devices && !found && (entry = readdir(devices)))
		if (entry->d_name[0] != '.' && (found = test(entry->d_name, wanted)))
			snprintf(device, NAME_MAX + 1, "%s", entry->d_name);
	if (devices)
		closedir(devices);
	return found;
}

static bool has_guid(const char *device, const void *wanted)
{
	char guid[64];
	return uevent_value(device, "PARTUUID", guid, sizeof(guid)) && strcasecmp(guid, wanted) == 0;
}

struct place {
	char disk[PATH_MAX];
	long number;
};

static bool is_at_place(const char *device, const void *wanted)
{
	const struct place *place = wanted;
	char disk[PATH_MAX], number[16];
	return uevent_value(device, "PARTN", number, sizeof(number)) && atol(number) == place->number &&
	       disk_of(device, disk) && strcmp(disk, place->disk) == 0;
}

static bool find_partition(const char *guid, long offset, char device[NAME_MAX + 1])
{
	static struct place place;
	char number[16];
	if (!find_device(has_guid, guid, device))
		return false;
	if (offset == 0)
		return true;
	if (!uevent_value(device, "PARTN", number, sizeof(number)) || !disk_of(device, place.disk))
		return false;
	place.number = atol(number) + offset;
	return find_device(is_at_place, &place, device);
}

static void parse_reference(const char *reference, char guid[64], long *offset)
{
	*offset = 0;
	guid[0] = 0;
	if (sscanf(reference, "PARTUUID=%63[0-9a-fA-F-]/PARTNROFF=%ld", guid, offset) < 1 || strlen(guid) != 36)
		stop("expected PARTUUID=GUID or PARTUUID=GUID/PARTNROFF=N in dm-mod.create=, found %s", reference);
}

void wait_for_partition(const char *reference, char number[24])
{
	char guid[64], device[NAME_MAX + 1], major[16], minor[16];
	long offset;
	time_t start = time(NULL), told = start;

	parse_reference(reference, guid, &offset);
	while (!find_partition(guid, offset, device)) {
		time_t now = time(NULL);
		if (now - start >= SECONDS_FOR_DEVICES)
			stop("no disk with the partition %s appeared within %d seconds", reference, SECONDS_FOR_DEVICES);
		if (now - told >= 5) {
			say("waiting for the partition %s", reference);
			told = now;
		}
		wait_for_news();
	}
	if (!uevent_value(device, "MAJOR", major, sizeof(major)) || !uevent_value(device, "MINOR", minor, sizeof(minor)))
		stop("the kernel does not say the device number of %s", device);
	snprintf(number, 24, "%.10s:%.10s", major, minor);
}

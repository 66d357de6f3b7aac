#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../selector/partition-table.h"
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

static uint64_t sysfs_number(const char *device, const char *name)
{
	char path[PATH_MAX];
	uint64_t number = 0;
	snprintf(path, sizeof(path), BLOCK_DEVICES "/%s/%s", device, name);
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%" SCNu64, &number) != 1)
		number = 0;
	fclose(file);
	return number;
}

static bool read_device(void *context, uint64_t offset, void *to, size_t bytes)
{
	return pread(*(int *)context, to, bytes, (off_t)offset) == (ssize_t)bytes;
}

/* The disk that holds the partitions of the root; its private and data partitions are ours. */
static char root_disk[NAME_MAX + 1];

/* Reads the table of a whole disk. */
static bool read_table(const char *device, struct partition_table *table)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "/dev/%s", device);
	struct disk disk = { .sector_bytes = (uint32_t)sysfs_number(device, "queue/logical_block_size"),
	                     .read = read_device };
	if (disk.sector_bytes == 0) /* a partition: only whole disks have a queue */
		return false;
	disk.sectors = sysfs_number(device, "size") * 512 / disk.sector_bytes;
	int file = disk.sectors == 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return false;
	disk.context = &file;
	bool good = read_partition_table(&disk, table);
	close(file);
	return good;
}

/*
 * Number of the partition with this GUID on a whole disk, or 0. Debian's kernel does not
 * show the GUIDs in sysfs (later ones do), so the table is read here as the selector read it.
 */
static long number_on_disk(const char *device, const char *guid)
{
	static struct partition_table table;
	char found[37];
	if (!read_table(device, &table))
		return 0;
	for (uint32_t i = 0; i < table.entry_count; i++) {
		guid_text(partition_at(&table, i).guid, found);
		if (strcasecmp(found, guid) == 0)
			return (long)i + 1;
	}
	return 0;
}

/* The partition of this number on this disk: in sysfs the disk's directory holds its partitions'. */
static bool is_partition_of(const char *device, const char *disk, long number)
{
	char path[PATH_MAX], text[16];
	snprintf(path, sizeof(path), BLOCK_DEVICES "/%s/%s", disk, device);
	return access(path, F_OK) == 0 && uevent_value(device, "PARTN", text, sizeof(text)) && atol(text) == number;
}

#define FOR_EACH_BLOCK_DEVICE(entry, devices) \
	for (struct dirent *entry; (entry = readdir(devices));) \
		if (entry->d_name[0] != '.')

static bool find_partition(const char *guid, long offset, char device[NAME_MAX + 1])
{
	char disk[NAME_MAX + 1] = "";
	long number = 0;
	bool found = false;
	DIR *devices = opendir(BLOCK_DEVICES);
	if (!devices)
		return false;
	FOR_EACH_BLOCK_DEVICE(entry, devices)
		if (number == 0 && (number = number_on_disk(entry->d_name, guid)) > 0)
			snprintf(disk, sizeof(disk), "%s", entry->d_name);
	rewinddir(devices);
	FOR_EACH_BLOCK_DEVICE(entry, devices)
		if (number > 0 && !found && (found = is_partition_of(entry->d_name, disk, number + offset)))
			snprintf(device, NAME_MAX + 1, "%s", entry->d_name);
	closedir(devices);
	if (found)
		snprintf(root_disk, sizeof(root_disk), "%s", disk);
	return found;
}

/* Name of the partition of this type on a disk. */
static bool type_on_disk(const uint8_t type[16], const char *disk, char device[NAME_MAX + 1])
{
	static struct partition_table table;
	int index = read_table(disk, &table) ? first_of_type(&table, type) : -1;
	bool found = false;
	DIR *devices = index < 0 ? NULL : opendir(BLOCK_DEVICES);
	if (!devices)
		return false;
	FOR_EACH_BLOCK_DEVICE(entry, devices)
		if (!found && (found = is_partition_of(entry->d_name, disk, index + 1)))
			snprintf(device, NAME_MAX + 1, "%s", entry->d_name);
	closedir(devices);
	return found;
}

bool find_partition_of_type(const uint8_t type[16], char device[NAME_MAX + 1])
{
	bool found = type_on_disk(type, root_disk, device);
	DIR *disks = found ? NULL : opendir(BLOCK_DEVICES);
	if (!disks)
		return found;
	FOR_EACH_BLOCK_DEVICE(entry, disks)
		if (!found && strcmp(entry->d_name, root_disk) != 0)
			found = type_on_disk(type, entry->d_name, device);
	closedir(disks);
	return found;
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
		load_modules_for_devices();
	}
	if (!uevent_value(device, "MAJOR", major, sizeof(major)) || !uevent_value(device, "MINOR", minor, sizeof(minor)))
		stop("the kernel does not say the device number of %s", device);
	snprintf(number, 24, "%.10s:%.10s", major, minor);
}

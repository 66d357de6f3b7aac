#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../selector/partition-table.h"
#include "disks.h"
#include "init.h"

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

struct patience {
	bool begun;
	time_t start, told;
};

/* Waits for news of devices and says every few seconds for what; false when there was time enough. */
static bool wait_on(struct patience *patience, const char *what)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!patience->begun)
		*patience = (struct patience){ .begun = true, .start = now.tv_sec, .told = now.tv_sec };
	if (now.tv_sec - patience->start >= SECONDS_FOR_DEVICES)
		return false;
	if (now.tv_sec - patience->told >= 5) {
		say("waiting for %s", what);
		patience->told = now.tv_sec;
	}
	wait_for_news();
	load_modules_for_devices();
	return true;
}

/* The disk that holds the partitions of the root, and by which of them it was found. Its other partitions are ours. */
static char root_disk[NAME_MAX + 1], root_guid[64];

/* The number of the partition, and 0 while no disk has it. */
static long find_on_one_disk(const char *guid, char disk[NAME_MAX + 1])
{
	static struct disk_names disks;
	long number;
	find_disks_with_guid(guid, &disks, &number);
	/*
	 * Nothing tells which of the two the selector started from: a copy has the same content.
	 * With the wrong one the host would run and keep its settings beside its own disk.
	 */
	if (disks.count > 1)
		stop("the partition %s is on the disk %s and on the disk %s: one is a copy of the other, and which of them "
		     "this host is on cannot be told; detach the copy", guid, disks.name[0], disks.name[1]);
	if (disks.count == 0)
		return 0;
	snprintf(disk, NAME_MAX + 1, "%s", disks.name[0]);
	return number;
}

static bool find_partition(const char *guid, long offset, char device[NAME_MAX + 1])
{
	long number = find_on_one_disk(guid, root_disk);
	snprintf(root_guid, sizeof(root_guid), "%s", guid);
	return number > 0 && name_of_partition(root_disk, number + offset, device);
}

bool find_partition_of_root_disk(const uint8_t type[16], char device[NAME_MAX + 1])
{
	char disk[NAME_MAX + 1];
	find_on_one_disk(root_guid, disk); /* the other of the two disks may have been slower to appear */
	long number = number_of_type(root_disk, type);
	return number > 0 && name_of_partition(root_disk, number, device);
}

bool wait_for_data_partition(const uint8_t type[16], const char *name, char device[NAME_MAX + 1])
{
	static struct disk_names disks;
	struct patience patience = { 0 };
	/* What the root's own disk has is ours, also when it cannot be used: never another host's in its place. */
	if (number_of_type(root_disk, type) > 0)
		return find_partition_of_root_disk(type, device);
	for (;;) {
		find_disks_with_type(type, &disks);
		if (disks.count > 0 && name_of_partition(disks.name[0], number_of_type(disks.name[0], type), device))
			break;
		if (!patience.begun)
			say("no disk has a partition %s yet; waiting up to %d seconds for one", name, SECONDS_FOR_DEVICES);
		if (!wait_on(&patience, name))
			return false;
	}
	if (disks.count > 1)
		say("%u disks have a partition %s; taking that of %s, the first by name, and not that of %s", disks.count,
		    name, disks.name[0], disks.name[1]);
	return true;
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
	char guid[64], what[320], device[NAME_MAX + 1], major[16], minor[16];
	struct patience patience = { 0 };
	long offset;

	parse_reference(reference, guid, &offset);
	snprintf(what, sizeof(what), "the partition %s", reference);
	while (!find_partition(guid, offset, device))
		if (!wait_on(&patience, what))
			stop("no disk with the partition %s appeared within %d seconds", reference, SECONDS_FOR_DEVICES);
	if (!uevent_value(device, "MAJOR", major, sizeof(major)) || !uevent_value(device, "MINOR", minor, sizeof(minor)))
		stop("the kernel does not say the device number of %s", device);
	snprintf(number, 24, "%.10s:%.10s", major, minor);
}

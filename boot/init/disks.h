/*
 * What disks there are and which partitions they hold, read from sysfs and the disks' own
 * tables. Looks only; waiting and choosing what to do is left to others.
 *
 * Debian's kernel does not show the GUIDs of partitions in sysfs (later ones do), so the
 * tables are read here as the selector reads them.
 */
#ifndef PINWHEEL_DISKS_H
#define PINWHEEL_DISKS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOST_DISKS 256

/* Kernel names of whole disks in the order of their names: vda, vdb, vdaa. */
struct disk_names {
	unsigned count;
	char name[MOST_DISKS][NAME_MAX + 1];
};

/* The tree where sysfs and devices are: "" but in tests. */
extern const char *disk_tree;

/*
 * The disks with a partition of this unique GUID, and its number on the first of them. A disk
 * that is reached by two ways, and so has two names, is named once.
 */
void find_disks_with_guid(const char *guid, struct disk_names *disks, long *number);
void find_disks_with_type(const uint8_t type[16], struct disk_names *disks);

/* Number of the first partition of a type on this disk, or 0. */
long number_of_type(const char *disk, const uint8_t type[16]);
/* Kernel name of the partition of this number; false when the kernel does not have it. */
bool name_of_partition(const char *disk, long number, char name[NAME_MAX + 1]);
/* Value of NAME= in a device's uevent file. */
bool uevent_value(const char *device, const char *name, char *value, size_t capacity);

#endif

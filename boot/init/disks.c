#include "disks.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "../selector/partition-table.h"

const char *disk_tree = "";

/* A device's file in sysfs, or NULL. */
static FILE *open_about(const char *device, const char *name)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/sys/class/block/%s/%s", disk_tree, device, name);
	return fopen(path, "re");
}

bool uevent_value(const char *device, const char *name, char *value, size_t capacity)
{
	char line[256];
	size_t name_bytes = strlen(name);
	bool found = false;
	FILE *file = open_about(device, "uevent");
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
	uint64_t number = 0;
	FILE *file = open_about(device, name);
	if (!file)
		return 0;
	if (fscanf(file, "%" SCNu64, &number) != 1)
		number = 0;
	fclose(file);
	return number;
}

/* What the disk itself says it is, the same whichever way leads to it. */
static bool read_identity(const char *device, char identity[256])
{
	FILE *file = open_about(device, "wwid");
	if (!file)
		file = open_about(device, "device/wwid");
	if (!file)
		return false;
	bool found = fgets(identity, 256, file) && identity[0] && identity[0] != '\n';
	fclose(file);
	return found;
}

static bool is_same_disk(const char *a, const char *b)
{
	char of_a[256], of_b[256];
	return read_identity(a, of_a) && read_identity(b, of_b) && strcmp(of_a, of_b) == 0;
}

static bool read_device(void *context, uint64_t offset, void *to, size_t bytes)
{
	return pread(*(int *)context, to, bytes, (off_t)offset) == (ssize_t)bytes;
}

static bool read_table(const char *device, struct partition_table *table)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/dev/%s", disk_tree, device);
	struct disk disk = { .sector_bytes = (uint32_t)sysfs_number(device, "queue/logical_block_size"),
	                     .read = read_device };
	if (disk.sector_bytes == 0)
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

static int by_name(const void *a, const void *b)
{
	size_t length_a = strlen(a), length_b = strlen(b);
	return length_a == length_b ? strcmp(a, b) : length_a < length_b ? -1 : 1;
}

static void list_disks(struct disk_names *disks)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/sys/class/block", disk_tree);
	DIR *directory = opendir(path);
	disks->count = 0;
	if (!directory)
		return;
	for (struct dirent *entry; (entry = readdir(directory));) {
		/* Only whole disks have a queue. */
		snprintf(path, sizeof(path), "%s/sys/class/block/%s/queue", disk_tree, entry->d_name);
		if (entry->d_name[0] != '.' && disks->count < MOST_DISKS && access(path, F_OK) == 0)
			snprintf(disks->name[disks->count++], NAME_MAX + 1, "%s", entry->d_name);
	}
	closedir(directory);
	qsort(disks->name, disks->count, sizeof(*disks->name), by_name);
}

static long number_of_guid(const struct partition_table *table, const char *guid)
{
	char found[37];
	for (uint32_t i = 0; i < table->entry_count; i++) {
		guid_text(partition_at(table, i).guid, found);
		if (strcasecmp(found, guid) == 0)
			return (long)i + 1;
	}
	return 0;
}

static void add_disk(struct disk_names *disks, const char *name)
{
	for (unsigned i = 0; i < disks->count; i++)
		if (is_same_disk(disks->name[i], name))
			return;
	snprintf(disks->name[disks->count++], NAME_MAX + 1, "%s", name);
}

void find_disks_with_guid(const char *guid, struct disk_names *disks, long *number)
{
	static struct disk_names all;
	static struct partition_table table;
	disks->count = 0;
	list_disks(&all);
	for (unsigned i = 0; i < all.count; i++) {
		long found = read_table(all.name[i], &table) ? number_of_guid(&table, guid) : 0;
		if (found > 0 && disks->count == 0)
			*number = found;
		if (found > 0)
			add_disk(disks, all.name[i]);
	}
}

long number_of_type(const char *disk, const uint8_t type[16])
{
	static struct partition_table table;
	return read_table(disk, &table) ? first_of_type(&table, type) + 1 : 0;
}

void find_disks_with_type(const uint8_t type[16], struct disk_names *disks)
{
	static struct disk_names all;
	disks->count = 0;
	list_disks(&all);
	for (unsigned i = 0; i < all.count; i++)
		if (number_of_type(all.name[i], type) > 0)
			add_disk(disks, all.name[i]);
}

bool name_of_partition(const char *disk, long number, char name[NAME_MAX + 1])
{
	/* In sysfs the disk's directory holds its partitions'. */
	char path[PATH_MAX], text[16];
	bool found = false;
	snprintf(path, sizeof(path), "%s/sys/class/block/%s", disk_tree, disk);
	DIR *directory = opendir(path);
	if (!directory)
		return false;
	for (struct dirent *entry; !found && (entry = readdir(directory));) {
		found = entry->d_name[0] != '.' && uevent_value(entry->d_name, "PARTN", text, sizeof(text)) &&
		        atol(text) == number;
		if (found)
			snprintf(name, NAME_MAX + 1, "%s", entry->d_name);
	}
	closedir(directory);
	return found;
}

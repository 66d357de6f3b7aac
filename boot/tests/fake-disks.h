/* Disks as sysfs and /dev show them, in a directory of their own. */
#ifndef PINWHEEL_FAKE_DISKS_H
#define PINWHEEL_FAKE_DISKS_H

#include <sys/stat.h>
#include <unistd.h>

#include "../init/disks.h"
#include "sample-table.h"

#define SAMPLE_SECTORS 4096
/* The unique GUID of the sample table's boot partition A, number 3. */
#define GUID_A "42424242-4242-4242-4242-424242424242"

static char tree[] = "/tmp/boot-test-XXXXXX";

static inline void write_file(const char *path, const void *content, size_t bytes)
{
	char whole[600];
	snprintf(whole, sizeof(whole), "%s/%s", tree, path);
	for (char *slash = strchr(whole + strlen(tree) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		mkdir(whole, 0700);
		*slash = '/';
	}
	FILE *file = fopen(whole, "w");
	if (!file || fwrite(content, 1, bytes, file) != bytes || fclose(file) != 0)
		FAIL("cannot write %s", whole);
}

static inline void write_text(const char *directory, const char *name, const char *text)
{
	char path[512];
	snprintf(path, sizeof(path), "sys/class/block/%s/%s", directory, name);
	write_file(path, text, strlen(text));
}

/*
 * A disk of this name with the sample table, as sysfs shows it.
 *
 * @param wwid  what the disk says it is, or NULL
 * @param last  type of partition 12
 */
static inline void add_disk(const char *name, const char *wwid, const uint8_t last[16])
{
	static uint8_t bytes[SAMPLE_SECTORS * 512];
	static struct partition_table table;
	struct memory_disk memory = { .bytes = bytes, .length = sizeof(bytes), .fail_write_at = SIZE_MAX };
	struct disk disk = disk_in(&memory, 512);
	char path[256], number[64];

	sample_table(&table, SAMPLE_SECTORS, 0, 0);
	memcpy(table.entries + 11 * 128, last, 16);
	write_partition_table(&disk, &table);
	snprintf(path, sizeof(path), "dev/%s", name);
	write_file(path, bytes, sizeof(bytes));
	write_text(name, "size", "4096\n");
	write_text(name, "queue/logical_block_size", "512\n");
	if (wwid)
		write_text(name, "device/wwid", wwid);
	/* Partitions stand inside their disk and beside it. */
	for (int i = 1; i <= 12; i++) {
		snprintf(number, sizeof(number), "PARTN=%d\n", i);
		snprintf(path, sizeof(path), "%s/%s%d", name, name, i);
		write_text(path, "partition", number + 6);
		snprintf(path, sizeof(path), "%s%d", name, i);
		snprintf(number, sizeof(number), "MAJOR=254\nMINOR=%d\nPARTN=%d\n", i, i);
		write_text(path, "uevent", number);
	}
}

static inline void remove_tree(void)
{
	char command[128];
	snprintf(command, sizeof(command), "rm -rf %s", tree);
	CHECK(system(command) == 0);
}

/* An empty tree. */
static inline void start_anew(void)
{
	remove_tree();
	CHECK(mkdir(tree, 0700) == 0);
}

static inline void make_tree(void)
{
	if (!mkdtemp(tree)) {
		printf("not ok there is a place for files in /tmp\n");
		exit(1);
	}
}

#endif

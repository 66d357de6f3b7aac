#include <errno.h>
#include <sys/mount.h>

#include "fake-disks.h"
#include "spoken.h"

static char mounted[8192];
static bool data_is_damaged;

/* Notes what is mounted where. */
static int note_mount(const char *source, const char *at, const char *type, unsigned long flags, const void *options)
{
	(void)options;
	if (data_is_damaged && source && strcmp(source, "/dev/fake-data") == 0) {
		errno = EUCLEAN;
		return -1;
	}
	size_t used = strlen(mounted);
	if (type && !(flags & MS_BIND))
		snprintf(mounted + used, sizeof(mounted) - used, "%s on %s\n", source, at + strlen(tree));
	else if (source && (flags & MS_BIND))
		snprintf(mounted + used, sizeof(mounted) - used, "%s on %s\n", source + strlen(tree), at + strlen(tree));
	return 0;
}

#define mount note_mount
#include "../init/mounts.c"

static bool has_data;

int fill_etc(const char *root, const char **failed)
{
	(void)root, (void)failed;
	return 0;
}

bool wait_for_data_partition(const uint8_t type[16], const char *name, char device[NAME_MAX + 1])
{
	(void)name;
	CHECK(type[0] == 0x74);
	strcpy(device, "fake-data");
	return has_data;
}

bool find_partition_of_root_disk(const uint8_t type[16], char device[NAME_MAX + 1])
{
	CHECK(same_bytes(type, PRIVATE_TYPE, 16));
	strcpy(device, "fake-private");
	return true;
}

static void mount_all(bool has, bool damaged)
{
	start_anew();
	write_file("run/is-there", "", 0);
	mounted[0] = spoken[0] = 0;
	has_data = has;
	data_is_damaged = damaged;
	mount_new_root(tree);
}

/* What the host's programs are told, or NULL. */
static const char *noted(void)
{
	static char text[512];
	char path[256];
	snprintf(path, sizeof(path), "%s/run/pinwheel/data-not-mounted", tree);
	FILE *file = fopen(path, "r");
	if (!file)
		return NULL;
	text[fread(text, 1, sizeof(text) - 1, file)] = 0;
	fclose(file);
	return text;
}

static void check_mounted(const char *local)
{
	char line[128];
	snprintf(line, sizeof(line), "%s on /local\n/local/var on /var\n", local);
	if (!strstr(mounted, line))
		FAIL("not mounted: %s", line);
	CHECK(strstr(mounted, "/dev/fake-private on /var/lib/bottlerocket\n"));
	const char *run = strstr(mounted, "tmpfs on /run\n"), *at_local = strstr(mounted, " on /local\n");
	CHECK(run && at_local && run < at_local);
}

static void test_mounts(void)
{
	TEST("the data and private partitions are mounted");
	mount_all(true, false);
	check_mounted("/dev/fake-data");
	CHECK_TEXT(noted(), NULL);

	TEST("without a data partition memory stands in for it, the settings are there, and the host is told");
	mount_all(false, false);
	check_mounted("tmpfs");
	CHECK_TEXT(noted(), "no disk has a partition BOTTLEROCKET-DATA that the kernel can use\n");
	CHECK(strstr(spoken, "/local, /var, /opt and /mnt are in memory until the next boot\n"));

	TEST("the same when it is damaged beyond repair");
	mount_all(true, true);
	check_mounted("tmpfs");
	CHECK_TEXT(noted(), "BOTTLEROCKET-DATA (/dev/fake-data) cannot be mounted: Structure needs cleaning\n");
	CHECK(strstr(spoken, "checking the file system on /dev/fake-data\n"));
}

int main(void)
{
	make_tree();
	test_mounts();
	remove_tree();
	return finish();
}

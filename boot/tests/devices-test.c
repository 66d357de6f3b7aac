#include <poll.h>
#include <time.h>

#include "fake-disks.h"
#include "spoken.h"

static time_t seconds;

/* A second goes by with every wait for news. */
static int wait_a_second(struct pollfd *files, nfds_t count, int milliseconds)
{
	(void)files, (void)count;
	seconds += milliseconds / 1000;
	return 0;
}

static int tell_time(clockid_t clock, struct timespec *now)
{
	(void)clock;
	*now = (struct timespec){ .tv_sec = seconds };
	return 0;
}

#define poll wait_a_second
#define clock_gettime tell_time
#include "../init/devices.c"

#define GUID_A "42424242-4242-4242-4242-424242424242" /* of partition 3 */

static const uint8_t DATA[16] = { 0xda, 0x7a }, NOTHING[16] = { 0x01 };

/* The disk that appears, and when. */
static struct {
	const char *name;
	time_t at;
} late;

void load_modules_for_devices(void)
{
	if (late.name && seconds >= late.at) {
		add_disk(late.name, NULL, DATA);
		late.name = NULL;
	}
}

static void begin(const char *root)
{
	start_anew();
	spoken[0] = 0;
	seconds = 0;
	late.name = NULL;
	root_guid[0] = 0;
	snprintf(root_disk, sizeof(root_disk), "%s", root);
}

static void test_root(void)
{
	char number[24] = "";

	TEST("the root's partitions are those behind the boot partition of its set");
	begin("");
	add_disk("vdb", NULL, DATA);
	if (!setjmp(stopped))
		wait_for_partition("PARTUUID=" GUID_A "/PARTNROFF=2", number);
	CHECK_TEXT(number, "254:5");
	CHECK_TEXT(root_disk, "vdb");
	CHECK_TEXT(spoken, "");

	TEST("a second disk with the root's partitions stops the start and both are named");
	add_disk("vda", NULL, DATA);
	if (!setjmp(stopped)) {
		wait_for_partition("PARTUUID=" GUID_A "/PARTNROFF=1", number);
		FAIL("it went on");
	}
	CHECK_TEXT(spoken, "the partition " GUID_A " is on the disk vda and on the disk vdb: one is a copy of the other, "
	                   "and which of them this host is on cannot be told; detach the copy\n");

	TEST("a root that does not appear within a minute stops the start");
	begin("");
	if (!setjmp(stopped)) {
		wait_for_partition("PARTUUID=" GUID_A, number);
		FAIL("it went on");
	}
	CHECK(seconds == 60 && strstr(spoken, "\nno disk with the partition PARTUUID=" GUID_A " appeared within 60 seconds\n"));
}

static void test_data(void)
{
	char device[NAME_MAX + 1] = "";

	TEST("the data partition of the root's disk is taken, whatever other disks have");
	begin("vdb");
	add_disk("vda", NULL, DATA);
	add_disk("vdb", NULL, DATA);
	CHECK(wait_for_data_partition(DATA, "D", device));
	CHECK_TEXT(device, "vdb12");
	CHECK_TEXT(spoken, "");

	TEST("a data partition on a disk of its own is waited for");
	begin("vdb");
	add_disk("vdb", NULL, NOTHING);
	late.name = "vda";
	late.at = 7;
	CHECK(wait_for_data_partition(DATA, "D", device));
	CHECK_TEXT(device, "vda12");
	CHECK(seconds == 7);
	CHECK_TEXT(spoken, "no disk has a partition D yet; waiting up to 60 seconds for one\nwaiting for D\n");

	TEST("without any the start goes on after a minute");
	begin("vdb");
	add_disk("vdb", NULL, NOTHING);
	CHECK(!wait_for_data_partition(DATA, "D", device));
	CHECK(seconds == 60);

	TEST("of several disks the first by name is taken, which is said");
	begin("vdb");
	add_disk("vdb", NULL, NOTHING);
	add_disk("vdd", NULL, DATA);
	add_disk("vdc", NULL, DATA);
	CHECK(wait_for_data_partition(DATA, "D", device));
	CHECK_TEXT(device, "vdc12");
	CHECK_TEXT(spoken, "2 disks have a partition D; taking that of vdc, the first by name, and not that of vdd\n");
}

static void test_private(void)
{
	char device[NAME_MAX + 1] = "", number[24];
	TEST("the private partition is taken from the root's disk or not at all");
	begin("vdb");
	add_disk("vda", NULL, PRIVATE_TYPE);
	add_disk("vdb", NULL, NOTHING);
	CHECK(!find_partition_of_root_disk(PRIVATE_TYPE, device));
	add_disk("vdb", NULL, PRIVATE_TYPE);
	CHECK(find_partition_of_root_disk(PRIVATE_TYPE, device));
	CHECK_TEXT(device, "vdb12");

	TEST("a copy of the root's disk that appears later stops the start too");
	begin("");
	add_disk("vdb", NULL, PRIVATE_TYPE);
	wait_for_partition("PARTUUID=" GUID_A "/PARTNROFF=1", number);
	add_disk("vda", NULL, PRIVATE_TYPE);
	if (!setjmp(stopped)) {
		find_partition_of_root_disk(PRIVATE_TYPE, device);
		FAIL("it went on");
	}
	CHECK(strstr(spoken, "is on the disk vda and on the disk vdb"));
}

int main(void)
{
	make_tree();
	disk_tree = tree;
	test_root();
	test_data();
	test_private();
	remove_tree();
	return finish();
}

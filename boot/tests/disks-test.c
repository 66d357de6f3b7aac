#include "fake-disks.h"

static const char *found_by_guid(void)
{
	static char text[256];
	static struct disk_names disks;
	long number = 0;
	find_disks_with_guid(GUID_A, &disks, &number);
	text[0] = 0;
	for (unsigned i = 0; i < disks.count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s ", disks.name[i]);
	if (disks.count > 0 && number != SAMPLE_BOOT_A + 1)
		FAIL("the partition has the number %ld", number);
	return text;
}

static void test_disks(void)
{
	char name[NAME_MAX + 1] = "";

	TEST("a partition is found by its GUID, and its neighbours by their numbers");
	CHECK_TEXT(found_by_guid(), "");
	add_disk("vdb", NULL, PRIVATE_TYPE);
	CHECK_TEXT(found_by_guid(), "vdb ");
	CHECK(name_of_partition("vdb", 4, name));
	CHECK_TEXT(name, "vdb4");
	CHECK(!name_of_partition("vdb", 13, name));

	TEST("a copy of the disk is found too, so that it is not taken for the disk itself");
	add_disk("vda", NULL, PRIVATE_TYPE);
	add_disk("vdaa", NULL, PRIVATE_TYPE);
	CHECK_TEXT(found_by_guid(), "vda vdb vdaa ");

	TEST("one disk reached by two ways is one disk; copies that say what they are stay two");
	start_anew();
	add_disk("sda", "naa.1\n", PRIVATE_TYPE);
	add_disk("sdb", "naa.1\n", PRIVATE_TYPE);
	CHECK_TEXT(found_by_guid(), "sda ");
	add_disk("sdb", "naa.2\n", PRIVATE_TYPE);
	CHECK_TEXT(found_by_guid(), "sda sdb ");
	add_disk("sdb", "\n", PRIVATE_TYPE);
	CHECK_TEXT(found_by_guid(), "sda sdb ");
}

static void test_types(void)
{
	static struct disk_names disks;
	TEST("partitions are found by type, on every disk that has one");
	start_anew();
	add_disk("vdb", NULL, PRIVATE_TYPE);
	add_disk("vda", NULL, PRIVATE_TYPE);
	CHECK(number_of_type("vda", PRIVATE_TYPE) == 12);
	CHECK(number_of_type("vdc", PRIVATE_TYPE) == 0);
	find_disks_with_type(PRIVATE_TYPE, &disks);
	CHECK(disks.count == 2);
	CHECK_TEXT(disks.name[0], "vda");
	CHECK_TEXT(disks.name[1], "vdb");
	static const uint8_t other[16] = { 1 };
	find_disks_with_type(other, &disks);
	CHECK(disks.count == 0);

	TEST("a disk without a table, or without a device, has no partitions");
	write_file("dev/vda", "", 0);
	write_text("vdc", "size", "4096\n");
	write_text("vdc", "queue/logical_block_size", "512\n");
	find_disks_with_type(PRIVATE_TYPE, &disks);
	CHECK(disks.count == 1);
	CHECK_TEXT(disks.name[0], "vdb");
}

int main(void)
{
	make_tree();
	disk_tree = tree;
	test_disks();
	test_types();
	remove_tree();
	return finish();
}

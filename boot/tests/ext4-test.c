#include "../selector/ext4.h"
#include "check.h"

/*
 * Reads the file system image given as argument (made by mkfs.ext4 in the test that runs this),
 * then the same with damage at random places. Without an argument only hostile bytes are read.
 */
#define NAME "bootconfig.data"
#define MOST_BYTES (64u * 1024)

static uint8_t content[MOST_BYTES];

static const char *read_from(struct memory_disk *memory, size_t start, size_t *bytes)
{
	struct disk disk = disk_in(memory, 512);
	*bytes = sizeof(content);
	return read_ext4_file(&disk, start, memory->length - start, NAME, content, bytes);
}

static void test_hostile_bytes(void)
{
	static uint8_t bytes[64 * 1024];
	struct memory_disk memory = { .bytes = bytes, .length = sizeof(bytes), .fail_write_at = SIZE_MAX };
	size_t length;
	TEST("a disk of zeros");
	CHECK_TEXT(read_from(&memory, 0, &length), "there is no ext4 file system");
	TEST("a partition shorter than a superblock");
	memory.length = 1500;
	CHECK_TEXT(read_from(&memory, 0, &length), "the file system cannot be read");
	memory.length = sizeof(bytes);

	TEST("random file systems are refused without an access outside the disk");
	random_state = 11;
	for (int i = 0; i < 3000; i++) {
		for (size_t at = 0; at < sizeof(bytes); at += 8)
			store64(bytes + at, random_number() % 3 ? random_number() % 64 : random_number());
		bytes[1024 + 0x38] = 0x53;
		bytes[1024 + 0x39] = 0xef;
		store32(bytes + 1024 + 0x60, random_number() % 2 ? 0x2c6 : 0x42);
		store32(bytes + 1024 + 0x18, (uint32_t)(random_number() % 4));
		store32(bytes + 1024 + 0x04, (uint32_t)(random_number() % 64));
		store32(bytes + 1024 + 0x150, 0);
		store32(bytes + 1024 + 0x58, 256);
		store32(bytes + 1024 + 0xfc, 64 << 16);
		read_from(&memory, 0, &length);
	}
	CHECK(true);
}

/* Turns random bits of the parts that describe the file system; its data blocks are mostly empty. */
static void test_damage(struct memory_disk *memory, const uint8_t *original)
{
	size_t used = memory->length < 1 << 20 ? memory->length : 1 << 20;
	TEST("a damaged file system is read or refused, and never read outside of it");
	random_state = 5;
	for (int i = 0; i < 5000; i++) {
		size_t at[8], length, flips = random_number() % 8 + 1;
		for (size_t n = 0; n < flips; n++) {
			at[n] = random_number() % 2 ? 1024 + random_number() % 1024 : random_number() % used;
			memory->bytes[at[n]] ^= (uint8_t)(1 << random_number() % 8);
		}
		read_from(memory, 0, &length);
		for (size_t n = 0; n < flips; n++)
			memory->bytes[at[n]] = original[at[n]];
	}
	CHECK(memcmp(memory->bytes, original, memory->length) == 0);
}

int main(int count, char **arguments)
{
	test_hostile_bytes();
	if (count == 3) { /* IMAGE EXPECTED */
		static uint8_t image[8 << 20], original[8 << 20];
		uint8_t expected[MOST_BYTES];
		struct memory_disk memory = { .bytes = image, .fail_write_at = SIZE_MAX };
		size_t length;
		FILE *file = fopen(arguments[1], "rb");
		memory.length = file ? fread(image, 1, sizeof(image), file) : 0;
		if (file)
			fclose(file);
		memcpy(original, image, sizeof(image));
		file = fopen(arguments[2], "rb");
		size_t expected_length = file ? fread(expected, 1, sizeof(expected), file) : 0;
		if (file)
			fclose(file);
		TEST("the file on a file system made by mkfs.ext4");
		CHECK_TEXT(read_from(&memory, 0, &length), NULL);
		CHECK(expected_length > 0 && length == expected_length && memcmp(content, expected, length) == 0);
		test_damage(&memory, original);
	}
	return finish();
}

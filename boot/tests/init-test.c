#include "../init/ext4-state.h"
#include "../init/kernel-words.h"
#include "check.h"

/* The value found first, or NULL. */
static const char *first_value(const char *line, unsigned expected_count)
{
	static char found[256];
	const char *value = NULL;
	size_t bytes = 0;
	unsigned count = find_kernel_words(line, "dm-mod.create", &value, &bytes);
	if (count != expected_count)
		FAIL("found %u words, expected %u, in: %s", count, expected_count, line);
	if (count == 0)
		return NULL;
	snprintf(found, sizeof(found), "%.*s", (int)bytes, value);
	return found;
}

static void test_kernel_words(void)
{
	TEST("what the root is stands in one word, with or without quotes");
	CHECK_TEXT(first_value("quiet dm-mod.create=\"root,,,ro,0 8 verity\" panic=10 -- x", 1), "root,,,ro,0 8 verity");
	CHECK_TEXT(first_value("dm-mod.create=a", 1), "a");
	CHECK_TEXT(first_value("x dm-mod.create=", 1), "");
	CHECK_TEXT(first_value("\"dm-mod.create=a b\" c", 1), "a b");
	TEST("words inside quotes, longer names and words for init are others");
	CHECK_TEXT(first_value("x=\"a dm-mod.create=b\" dm-mod.created=c dm-mod.create -- dm-mod.create=d", 0), NULL);
	TEST("a second one is counted, in either spelling, whichever comes first");
	CHECK_TEXT(first_value("dm-mod.create=\"a b\" ro dm-mod.create=c", 2), "a b");
	CHECK_TEXT(first_value("dm_mod.create=a ro dm-mod.create=\"b\"", 2), "a");
}

static void test_ext4_state(void)
{
	uint8_t superblock[EXT4_SUPERBLOCK_BYTES] = { 0 };
	TEST("a file system is checked when the kernel found errors in it, not after a mere power cut");
	superblock[0x38] = 0x53;
	superblock[0x39] = 0xef;
	CHECK(!ext4_has_error_flag(superblock)); /* mounted when the power went */
	superblock[0x3a] = 1;                    /* unmounted */
	CHECK(!ext4_has_error_flag(superblock));
	superblock[0x3a] = 3;
	CHECK(ext4_has_error_flag(superblock));
	superblock[0x3a] = 2;
	CHECK(ext4_has_error_flag(superblock));
	superblock[0x39] = 0; /* no ext4 at all */
	CHECK(!ext4_has_error_flag(superblock));
}

int main(void)
{
	test_ext4_state();
	test_kernel_words();
	return finish();
}

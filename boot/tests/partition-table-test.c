#include "sample-table.h"

#define SECTORS 4096

static uint8_t bytes[SECTORS * 512], untouched[SECTORS * 512];
static struct memory_disk memory = { .bytes = bytes, .length = sizeof(bytes), .fail_write_at = SIZE_MAX };
static struct partition_table table;

static struct disk fresh_disk(void)
{
	struct disk disk = disk_in(&memory, 512);
	memset(bytes, 0, sizeof(bytes));
	sample_table(&table, SECTORS, attributes_of("1/0/1"), attributes_of("2/1/0"));
	struct write_result result = write_partition_table(&disk, &table);
	CHECK(result.backup_written && result.primary_written);
	memcpy(untouched, bytes, sizeof(bytes));
	return disk;
}

static void repairs(const char *what, size_t first, size_t length, enum copy_state primary, enum copy_state backup)
{
	TEST(what);
	struct disk disk = fresh_disk();
	for (size_t i = 0; i < length; i++)
		bytes[first + i] ^= 0x10;
	CHECK(read_partition_table(&disk, &table));
	CHECK(table.primary == primary);
	CHECK(table.backup == backup);
	write_partition_table(&disk, &table);
	CHECK(memcmp(bytes, untouched, sizeof(bytes)) == 0);
	CHECK(read_partition_table(&disk, &table) && table.primary == COPY_GOOD && table.backup == COPY_GOOD);
}

static void test_repair(void)
{
	const size_t end = sizeof(bytes);
	repairs("an undamaged table is good, and written back the same", 0, 0, COPY_GOOD, COPY_GOOD);
	repairs("a table is repaired after damage to the primary's signature", 512, 1, COPY_NO_SIGNATURE, COPY_GOOD);
	repairs("a table is repaired after damage to the primary's header", 512 + 60, 1, COPY_BAD_HEADER, COPY_GOOD);
	repairs("a table is repaired after damage to the primary's entries", 1024 + 300, 1, COPY_BAD_ENTRIES, COPY_GOOD);
	repairs("a table is repaired after damage to both parts of the primary", 512, 33 * 512, COPY_NO_SIGNATURE, COPY_GOOD);
	repairs("a table is repaired after damage to the backup's header", end - 512 + 24, 1, COPY_GOOD, COPY_BAD_HEADER);
	repairs("a table is repaired after damage to the backup's entries", end - 33 * 512, 1, COPY_GOOD, COPY_BAD_ENTRIES);
	repairs("a table is repaired after damage to both parts of the backup", end - 33 * 512, 33 * 512, COPY_GOOD, COPY_NO_SIGNATURE);
}

/* The disk after a power cut: of the writes since the last flush each may have arrived, or its first half, or nothing. */
static void cut_power(const struct write_log *log, unsigned steps, unsigned arrived, const uint8_t *before)
{
	memcpy(bytes, before, sizeof(bytes));
	unsigned flushed = steps;
	while (flushed > 0 && log->step[flushed - 1].length > 0)
		flushed--;
	for (unsigned i = 0; i < steps; i++) {
		size_t length = log->step[i].length;
		if (i >= flushed) {
			length = arrived % 3 == 0 ? 0 : arrived % 3 == 1 ? length / 2 : length;
			arrived /= 3;
		}
		memcpy(bytes + log->step[i].offset, log->step[i].bytes, length);
	}
}

static void survives_cuts(const char *what, size_t damage_at)
{
	static struct write_log log;
	static uint8_t before[sizeof(bytes)];
	unsigned cuts = 0;
	TEST(what);
	struct disk disk = fresh_disk();
	uint64_t old = attributes_of("2/1/0"), new = attributes_of("2/0/0");
	if (damage_at)
		bytes[damage_at] ^= 0x10;
	memcpy(before, bytes, sizeof(bytes));
	CHECK(read_partition_table(&disk, &table));
	set_attributes(&table, SAMPLE_BOOT_B, new);
	log.count = 0;
	memory.log = &log;
	struct write_result result = write_partition_table(&disk, &table);
	memory.log = NULL;
	CHECK(result.primary_written && result.backup_written && result.flushed);
	CHECK(log.count == 6 && log.step[2].length == 0 && log.step[5].length == 0);

	for (unsigned steps = 0; steps <= log.count; steps++)
		for (unsigned arrived = 0; arrived < 9; arrived++, cuts++) {
			cut_power(&log, steps, arrived, before);
			if (!read_partition_table(&disk, &table)) {
				FAIL("after %u steps (%u) neither copy is good", steps, arrived);
				continue;
			}
			uint64_t found = partition_at(&table, SAMPLE_BOOT_B).attributes;
			if (found != old && found != new)
				FAIL("after %u steps (%u) the content is neither old nor new", steps, arrived);
		}
	CHECK(cuts == 63 && partition_at(&table, SAMPLE_BOOT_B).attributes == new);
}

static void test_cuts(void)
{
	const size_t end = sizeof(bytes);
	survives_cuts("a cut at any moment leaves a good copy", 0);
	survives_cuts("a cut while a table with a damaged primary header is written leaves a good copy", 512 + 60);
	survives_cuts("a cut while a table with damaged primary entries is written leaves a good copy", 1024 + 300);
	survives_cuts("a cut while a table with a damaged backup header is written leaves a good copy", end - 512 + 24);
	survives_cuts("a cut while a table with damaged backup entries is written leaves a good copy", end - 33 * 512);
}

static void test_differing_copies(void)
{
	TEST("of two good copies that differ the primary counts");
	struct disk disk = fresh_disk();
	memory.fail_write_at = 512;
	set_attributes(&table, SAMPLE_BOOT_B, attributes_of("2/0/0"));
	struct write_result result = write_partition_table(&disk, &table);
	memory.fail_write_at = SIZE_MAX;
	CHECK(result.backup_written && !result.primary_written);
	/* The primary's entries are new and its header is old: it counts as damaged, and the backup has the new content. */
	CHECK(read_partition_table(&disk, &table) && table.primary == COPY_BAD_ENTRIES && table.backup == COPY_GOOD);
	CHECK(partition_at(&table, SAMPLE_BOOT_B).attributes == attributes_of("2/0/0"));

	memcpy(bytes + 512, untouched + 512, 33 * 512);
	CHECK(read_partition_table(&disk, &table) && table.primary == COPY_GOOD && table.backup == COPY_DIFFERS);
	CHECK(partition_at(&table, SAMPLE_BOOT_B).attributes == attributes_of("2/1/0"));
}

static void test_grown_disk(void)
{
	static uint8_t more[2 * sizeof(bytes)];
	struct memory_disk grown = { .bytes = more, .length = sizeof(more), .fail_write_at = SIZE_MAX };
	TEST("of a disk that has grown the backup is found where it was");
	fresh_disk();
	memcpy(more, bytes, sizeof(bytes));
	struct disk disk = disk_in(&grown, 512);
	CHECK(read_partition_table(&disk, &table) && table.backup == COPY_GOOD && table.backup_header_lba == SECTORS - 1);
}

static void test_impossible(void)
{
	TEST("an empty disk, a tiny disk and odd sectors have no table");
	memset(bytes, 0, sizeof(bytes));
	struct disk disk = disk_in(&memory, 512);
	CHECK(!read_partition_table(&disk, &table));
	disk.sectors = 3;
	CHECK(!read_partition_table(&disk, &table));
	disk = fresh_disk();
	disk.sector_bytes = 256;
	CHECK(!read_partition_table(&disk, &table));
	disk.sector_bytes = 8192;
	CHECK(!read_partition_table(&disk, &table));
}

static void make_header_checksum_right(size_t at)
{
	uint32_t length = load32(bytes + at + 12);
	store32(bytes + at + 16, 0);
	if (length <= 512)
		store32(bytes + at + 16, crc32_of(bytes + at, length));
}

/* With right checksums, so that the values themselves are judged. The disk in memory aborts when read outside. */
static void test_hostile_headers(void)
{
	static const uint64_t values[] = { 0, 1, 2, 33, 34, 127, 128, 129, 255, 4095, 4096, 1 << 20, UINT32_MAX,
		                           INT64_MAX, UINT64_MAX, UINT64_MAX - 33 };
	TEST("hostile headers are judged without an access outside the disk");
	struct tried none = { .count = 0 };
	random_state = 42;
	for (int i = 0; i < 3000; i++) {
		struct disk disk = disk_in(&memory, 512);
		memcpy(bytes, untouched, sizeof(bytes));
		size_t header = random_number() % 4 ? 512 : sizeof(bytes) - 512;
		if (header == 512)
			memset(bytes + sizeof(bytes) - 512, 0, 512);
		for (unsigned changes = random_number() % 4 + 1; changes > 0; changes--) {
			size_t at = 8 + random_number() % 84;
			uint64_t value = random_number() % 2 ? values[random_number() % 16] : random_number();
			memcpy(bytes + header + at, &value, at % 8 == 0 && at <= 84 ? 8 : 4);
		}
		make_header_checksum_right(header);
		if (read_partition_table(&disk, &table)) {
			choose_boot_partition(&table, &none, true);
			first_of_type(&table, PRIVATE_TYPE);
			write_partition_table(&disk, &table);
		}
	}
	CHECK(true);
}

static void test_random_disks(void)
{
	TEST("random bytes behind a signature are judged without an access outside the disk");
	random_state = 7;
	for (int i = 0; i < 300; i++) {
		struct disk disk = disk_in(&memory, random_number() % 2 ? 512 : 4096);
		for (size_t at = 0; at < 34 * 512; at += 8)
			store64(bytes + at, random_number());
		memcpy(bytes + disk.sector_bytes, "EFI PART", 8);
		read_partition_table(&disk, &table);
	}
	CHECK(true);
}

static void test_guid_text(void)
{
	char text[37];
	TEST("a GUID's text");
	guid_text(BOOT_TYPE, text);
	CHECK_TEXT(text, "6b636168-7420-6568-2070-6c616e657421");
	guid_text(PRIVATE_TYPE, text);
	CHECK_TEXT(text, "440408bb-eb0b-4328-a6e5-a29038fad706");
}

int main(void)
{
	test_repair();
	test_cuts();
	test_differing_copies();
	test_grown_disk();
	test_impossible();
	fresh_disk();
	test_hostile_headers();
	test_random_disks();
	test_guid_text();
	return finish();
}

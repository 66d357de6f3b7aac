#include "partition-table.h"

#define HEADER_BYTES 92
#define ENTRY_BYTES_MIN 128
#define PRIMARY_HEADER_LBA 1
#define PRIMARY_ENTRIES_LBA 2

static const uint8_t SIGNATURE[8] = { 'E', 'F', 'I', ' ', 'P', 'A', 'R', 'T' };
static const uint8_t REVISION[4] = { 0, 0, 1, 0 };

/* Offsets inside the header. */
enum {
	AT_REVISION = 8, AT_HEADER_BYTES = 12, AT_HEADER_CRC = 16, AT_THIS_LBA = 24, AT_OTHER_LBA = 32,
	AT_FIRST_USABLE = 40, AT_LAST_USABLE = 48, AT_DISK_GUID = 56, AT_ENTRIES_LBA = 72,
	AT_ENTRY_COUNT = 80, AT_ENTRY_BYTES = 84, AT_ENTRIES_CRC = 88,
};

/* Type GUIDs of specification "os-image" 1.2, in the byte order of the disk. */
const uint8_t BOOT_TYPE[16] = {
	0x68, 0x61, 0x63, 0x6b, 0x20, 0x74, 0x68, 0x65, 0x20, 0x70, 0x6c, 0x61, 0x6e, 0x65, 0x74, 0x21
};
const uint8_t PRIVATE_TYPE[16] = {
	0xbb, 0x08, 0x04, 0x44, 0x0b, 0xeb, 0x28, 0x43, 0xa6, 0xe5, 0xa2, 0x90, 0x38, 0xfa, 0xd7, 0x06
};

const char *copy_state_text(enum copy_state state)
{
	switch (state) {
	case COPY_GOOD: return "good";
	case COPY_UNREADABLE: return "unreadable";
	case COPY_NO_SIGNATURE: return "no GPT signature";
	case COPY_BAD_HEADER: return "header damaged";
	case COPY_BAD_GEOMETRY: return "sizes or places impossible on this disk";
	case COPY_BAD_ENTRIES: return "entries damaged";
	case COPY_DIFFERS: return "differs from the primary";
	}
	return "unknown";
}

uint32_t crc32_of(const void *bytes, size_t length)
{
	uint32_t crc = 0xffffffff;
	for (size_t i = 0; i < length; i++) {
		crc ^= ((const uint8_t *)bytes)[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static uint64_t array_sectors(const struct disk *disk, uint32_t entry_array_bytes)
{
	return (entry_array_bytes + disk->sector_bytes - 1) / disk->sector_bytes;
}

/* Where the entries of a copy must lie: between its header and the usable space. */
static bool entries_in_place(const struct disk *disk, const struct partition_table *table, uint64_t header_lba,
                             uint64_t entries_lba)
{
	uint64_t count = array_sectors(disk, table->entry_array_bytes);
	if (entries_lba >= disk->sectors || count > disk->sectors - entries_lba)
		return false;
	if (header_lba == PRIMARY_HEADER_LBA)
		return entries_lba > header_lba && entries_lba + count <= table->first_usable_lba;
	return entries_lba > table->last_usable_lba && entries_lba + count <= header_lba;
}

static bool geometry_possible(const struct disk *disk, const struct partition_table *table, uint64_t header_lba)
{
	if (table->entry_bytes != ENTRY_BYTES_MIN && table->entry_bytes != 2 * ENTRY_BYTES_MIN &&
	    table->entry_bytes != 4 * ENTRY_BYTES_MIN)
		return false;
	if (table->entry_count == 0 || table->entry_count > MAX_ENTRY_ARRAY_BYTES / table->entry_bytes)
		return false;
	if (table->first_usable_lba > table->last_usable_lba || table->last_usable_lba >= disk->sectors)
		return false;
	return header_lba == PRIMARY_HEADER_LBA || header_lba > table->last_usable_lba;
}

/* Reads the copy whose header is at `header_lba`. `other_lba` is where it says the other header is. */
static enum copy_state read_copy(const struct disk *disk, uint64_t header_lba, struct partition_table *table,
                                 uint64_t *other_lba)
{
	uint8_t header[MAX_SECTOR_BYTES];
	if (header_lba == 0 || header_lba >= disk->sectors)
		return COPY_UNREADABLE;
	if (!disk->read(disk->context, header_lba * disk->sector_bytes, header, disk->sector_bytes))
		return COPY_UNREADABLE;
	if (!same_bytes(header, SIGNATURE, sizeof(SIGNATURE)))
		return COPY_NO_SIGNATURE;

	uint32_t header_bytes = load32(header + AT_HEADER_BYTES);
	uint32_t header_crc = load32(header + AT_HEADER_CRC);
	if (header_bytes < HEADER_BYTES || header_bytes > disk->sector_bytes)
		return COPY_BAD_HEADER;
	store32(header + AT_HEADER_CRC, 0);
	if (crc32_of(header, header_bytes) != header_crc)
		return COPY_BAD_HEADER;
	if (!same_bytes(header + AT_REVISION, REVISION, sizeof(REVISION)) || load64(header + AT_THIS_LBA) != header_lba)
		return COPY_BAD_HEADER;

	table->entry_count = load32(header + AT_ENTRY_COUNT);
	table->entry_bytes = load32(header + AT_ENTRY_BYTES);
	table->first_usable_lba = load64(header + AT_FIRST_USABLE);
	table->last_usable_lba = load64(header + AT_LAST_USABLE);
	copy_bytes(table->disk_guid, header + AT_DISK_GUID, sizeof(table->disk_guid));
	if (!geometry_possible(disk, table, header_lba))
		return COPY_BAD_GEOMETRY;
	table->entry_array_bytes = table->entry_count * table->entry_bytes;
	uint64_t entries_lba = load64(header + AT_ENTRIES_LBA);
	if (!entries_in_place(disk, table, header_lba, entries_lba))
		return COPY_BAD_GEOMETRY;

	if (!disk->read(disk->context, entries_lba * disk->sector_bytes, table->entries, table->entry_array_bytes))
		return COPY_UNREADABLE;
	if (crc32_of(table->entries, table->entry_array_bytes) != load32(header + AT_ENTRIES_CRC))
		return COPY_BAD_ENTRIES;
	*other_lba = load64(header + AT_OTHER_LBA);
	return COPY_GOOD;
}

static bool same_content(const struct partition_table *a, const struct partition_table *b)
{
	return a->entry_count == b->entry_count && a->entry_bytes == b->entry_bytes &&
	       a->first_usable_lba == b->first_usable_lba && a->last_usable_lba == b->last_usable_lba &&
	       same_bytes(a->disk_guid, b->disk_guid, sizeof(a->disk_guid)) &&
	       same_bytes(a->entries, b->entries, a->entry_array_bytes);
}

bool read_partition_table(const struct disk *disk, struct partition_table *table)
{
	static struct partition_table backup; /* too big for the firmware's stack */
	uint64_t other_lba = 0;

	table->primary = table->backup = COPY_UNREADABLE;
	if (disk->sector_bytes < 512 || disk->sector_bytes > MAX_SECTOR_BYTES || disk->sectors < 4 ||
	    disk->sectors > UINT64_MAX / disk->sector_bytes)
		return false;

	/*
	 * On a disk that has grown the backup is still where it was; the primary knows where.
	 * Without the primary only the end of the disk can be tried.
	 */
	table->backup_header_lba = disk->sectors - 1;
	table->primary = read_copy(disk, PRIMARY_HEADER_LBA, table, &other_lba);
	if (table->primary == COPY_GOOD && other_lba > table->last_usable_lba && other_lba < disk->sectors)
		table->backup_header_lba = other_lba;

	enum copy_state state = read_copy(disk, table->backup_header_lba, &backup, &other_lba);
	if (table->primary == COPY_GOOD) {
		table->backup = state == COPY_GOOD && !same_content(table, &backup) ? COPY_DIFFERS : state;
		return true;
	}
	if (state != COPY_GOOD) {
		table->backup = state;
		return false;
	}
	backup.primary = table->primary;
	backup.backup = COPY_GOOD;
	backup.backup_header_lba = table->backup_header_lba;
	copy_bytes(table, &backup, sizeof(*table));
	return true;
}

static bool write_copy(const struct disk *disk, const struct partition_table *table, uint64_t header_lba,
                       uint64_t other_lba, uint64_t entries_lba)
{
	uint8_t header[MAX_SECTOR_BYTES];
	if (!entries_in_place(disk, table, header_lba, entries_lba))
		return false;
	zero_bytes(header, sizeof(header));
	copy_bytes(header, SIGNATURE, sizeof(SIGNATURE));
	copy_bytes(header + AT_REVISION, REVISION, sizeof(REVISION));
	store32(header + AT_HEADER_BYTES, HEADER_BYTES);
	store64(header + AT_THIS_LBA, header_lba);
	store64(header + AT_OTHER_LBA, other_lba);
	store64(header + AT_FIRST_USABLE, table->first_usable_lba);
	store64(header + AT_LAST_USABLE, table->last_usable_lba);
	copy_bytes(header + AT_DISK_GUID, table->disk_guid, sizeof(table->disk_guid));
	store64(header + AT_ENTRIES_LBA, entries_lba);
	store32(header + AT_ENTRY_COUNT, table->entry_count);
	store32(header + AT_ENTRY_BYTES, table->entry_bytes);
	store32(header + AT_ENTRIES_CRC, crc32_of(table->entries, table->entry_array_bytes));
	store32(header + AT_HEADER_CRC, crc32_of(header, HEADER_BYTES));
	return disk->write(disk->context, entries_lba * disk->sector_bytes, table->entries, table->entry_array_bytes) &&
	       disk->write(disk->context, header_lba * disk->sector_bytes, header, disk->sector_bytes);
}

struct write_result write_partition_table(const struct disk *disk, const struct partition_table *table)
{
	struct write_result result = { .flushed = true };
	uint64_t count = array_sectors(disk, table->entry_array_bytes);
	bool primary_first = table->primary != COPY_GOOD;
	for (int step = 0; step < 2; step++) {
		if ((step == 0) == primary_first)
			result.primary_written = write_copy(disk, table, PRIMARY_HEADER_LBA, table->backup_header_lba,
			                                    PRIMARY_ENTRIES_LBA);
		else
			result.backup_written = write_copy(disk, table, table->backup_header_lba, PRIMARY_HEADER_LBA,
			                                   table->backup_header_lba - count);
		result.flushed &= disk->flush(disk->context);
	}
	return result;
}

static const uint8_t *entry_at(const struct partition_table *table, uint32_t index)
{
	return table->entries + (size_t)index * table->entry_bytes;
}

struct partition partition_at(const struct partition_table *table, uint32_t index)
{
	const uint8_t *entry = entry_at(table, index);
	struct partition partition = {
		.first_lba = load64(entry + 32), .last_lba = load64(entry + 40), .attributes = load64(entry + 48)
	};
	copy_bytes(partition.type, entry, 16);
	copy_bytes(partition.guid, entry + 16, 16);
	return partition;
}

void set_attributes(struct partition_table *table, uint32_t index, uint64_t attributes)
{
	store64((uint8_t *)entry_at(table, index) + 48, attributes);
}

int first_of_type(const struct partition_table *table, const uint8_t type[16])
{
	for (uint32_t i = 0; i < table->entry_count; i++)
		if (same_bytes(entry_at(table, i), type, 16))
			return (int)i;
	return -1;
}

void guid_text(const uint8_t guid[16], char text[37])
{
	/* The first three groups are little-endian numbers, the last two are in written order. */
	static const int order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
	int at = 0;
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[at++] = '-';
		text[at++] = "0123456789abcdef"[guid[order[i]] >> 4];
		text[at++] = "0123456789abcdef"[guid[order[i]] & 15];
	}
	text[at] = 0;
}

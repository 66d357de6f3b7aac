/*
 * The GPT: both copies read and judged, the bad one repaired from the good one, written back.
 *
 * Nothing in a table is believed before its checksums and its sizes were checked: a disk
 * may carry anything. Source: UEFI specification 5.3; specification "os-image" 1.2, 1.3.
 */
#ifndef PINWHEEL_PARTITION_TABLE_H
#define PINWHEEL_PARTITION_TABLE_H

#include "disk.h"

#define MAX_SECTOR_BYTES 4096
#define MAX_ENTRY_ARRAY_BYTES (128 * 1024) /* 1024 entries of 128 bytes; tools write 128 */

enum copy_state {
	COPY_GOOD,
	COPY_UNREADABLE,    /* the device failed, or the place is outside the disk */
	COPY_NO_SIGNATURE,
	COPY_BAD_HEADER,    /* wrong checksum, revision, size or place */
	COPY_BAD_GEOMETRY,  /* sizes or places that cannot be true on this disk */
	COPY_BAD_ENTRIES,   /* the entries do not match their checksum */
	COPY_DIFFERS,       /* good in itself, but not the same as the primary */
};

const char *copy_state_text(enum copy_state state);

struct partition_table {
	enum copy_state primary, backup;
	uint32_t entry_count, entry_bytes, entry_array_bytes;
	uint64_t first_usable_lba, last_usable_lba;
	uint64_t backup_header_lba;
	uint8_t disk_guid[16];
	uint8_t entries[MAX_ENTRY_ARRAY_BYTES];
};

/*
 * Reads both copies. True when at least one is good; `primary` and `backup` then tell
 * which needs repair, and the content is that of the primary if it is good.
 */
bool read_partition_table(const struct disk *disk, struct partition_table *table);

struct write_result {
	bool backup_written, primary_written;
	bool flushed; /* the disk confirmed everything */
};

/*
 * Writes both copies from the content, each on the medium before the next is begun: when
 * power fails in between, the other one is whole. A copy that was damaged when the table was
 * read goes first, because the other is then the only one there is; of two good ones the
 * backup does. A copy that has no place on this disk, or whose device fails, is left out and
 * reported; the other one is still written.
 */
struct write_result write_partition_table(const struct disk *disk, const struct partition_table *table);

struct partition {
	uint8_t type[16], guid[16]; /* in disk order */
	uint64_t first_lba, last_lba;
	uint64_t attributes;
};

struct partition partition_at(const struct partition_table *table, uint32_t index);
void set_attributes(struct partition_table *table, uint32_t index, uint64_t attributes);

/* Index of the first partition of a type in table order, or -1. */
int first_of_type(const struct partition_table *table, const uint8_t type[16]);

extern const uint8_t BOOT_TYPE[16];
extern const uint8_t PRIVATE_TYPE[16];

/* The usual text of a GUID: 36 lower-case characters and a NUL. */
void guid_text(const uint8_t guid[16], char text[37]);

uint32_t crc32_of(const void *bytes, size_t length);

#endif

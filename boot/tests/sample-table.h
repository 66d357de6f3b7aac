/* A small disk with the partitions that matter, made by the code under test's own writer. */
#ifndef PINWHEEL_SAMPLE_TABLE_H
#define PINWHEEL_SAMPLE_TABLE_H

#include "../selector/choice.h"
#include "check.h"

#define SAMPLE_BOOT_A 2 /* indexes of the boot partitions */
#define SAMPLE_BOOT_B 7

static inline void sample_table(struct partition_table *table, uint64_t sectors, uint64_t a, uint64_t b)
{
	memset(table, 0, sizeof(*table));
	table->primary = table->backup = COPY_GOOD;
	table->entry_count = 128;
	table->entry_bytes = 128;
	table->entry_array_bytes = 128 * 128;
	table->first_usable_lba = 34;
	table->last_usable_lba = sectors - 34;
	table->backup_header_lba = sectors - 1;
	memset(table->disk_guid, 7, 16);
	for (uint32_t i = 0; i < 12; i++) {
		uint8_t *entry = table->entries + i * 128;
		memset(entry, (int)(0xa0 + i), 16);
		memset(entry + 16, (int)(0x40 + i), 16);
		store64(entry + 32, 100 + i);
		store64(entry + 40, 100 + i);
	}
	memcpy(table->entries + SAMPLE_BOOT_A * 128, BOOT_TYPE, 16);
	memcpy(table->entries + SAMPLE_BOOT_B * 128, BOOT_TYPE, 16);
	memcpy(table->entries + 11 * 128, PRIVATE_TYPE, 16);
	set_attributes(table, SAMPLE_BOOT_A, a);
	set_attributes(table, SAMPLE_BOOT_B, b);
}

/* Attributes from "priority/tries left/successful" or "priority/tries left/successful/starts". */
static inline uint64_t attributes_of(const char *text)
{
	unsigned priority = 0, tries = 0, successful = 0, starts = 0;
	sscanf(text, "%u/%u/%u/%u", &priority, &tries, &successful, &starts);
	return with_boot_flags(0, (struct boot_flags){ .priority = priority, .tries_left = tries,
	                                               .successful = successful != 0, .starts = starts });
}

#endif

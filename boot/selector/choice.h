/*
 * Which set starts. Decides only; writing the table and starting are done elsewhere.
 *
 * Terms: priority, tries left and successful are the boot flags of specification
 * "os-image" 1.3. A set is bootable when its priority is above 0 and it has tries left or
 * was successful. The start counter (bits 57-59, ours) counts how often in a row a
 * successful set was started without being marked good since: a set that worked once but
 * no longer comes up, say with a damaged root, has no tries that could run out. Its last
 * start before it gives way is without boot settings: those are the same for every set, so
 * with wrong ones no set would come up.
 */
#ifndef PINWHEEL_CHOICE_H
#define PINWHEEL_CHOICE_H

#include "partition-table.h"

#define STARTS_BEFORE_FALLING_BACK 3

struct boot_flags {
	unsigned priority, tries_left, starts;
	bool successful;
};

struct boot_flags read_boot_flags(uint64_t attributes);
/* Bits 0-47 and 60-63 stay as they are in `attributes`. */
uint64_t with_boot_flags(uint64_t attributes, struct boot_flags flags);
bool is_bootable(struct boot_flags flags);

/* Partitions that could not be started since power-on, by index. */
struct tried {
	uint32_t index[16];
	unsigned count;
};

struct choice {
	int index;              /* of the chosen boot partition, or -1: no set can be started */
	bool table_changed;     /* the new flags are in the table and must be written before starting */
	bool try_used;          /* a try of the chosen set was used up */
	bool start_counted;     /* the start of the chosen set was counted */
	bool without_settings;  /* the boot settings may be why it did not come up: not with them this time */
	bool counters_cleared;  /* every successful set had used up its starts: all count from 0 again */
	int passed_over;        /* index of the set that would have been chosen but for its starts, or -1 */
};

/* @param settings  whether there are boot settings */
struct choice choose_boot_partition(struct partition_table *table, const struct tried *tried, bool settings);

#endif

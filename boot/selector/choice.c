#include "choice.h"

struct boot_flags read_boot_flags(uint64_t attributes)
{
	return (struct boot_flags){
		.priority = attributes >> 48 & 15,
		.tries_left = attributes >> 52 & 15,
		.successful = attributes >> 56 & 1,
		.starts = attributes >> 57 & 7,
	};
}

uint64_t with_boot_flags(uint64_t attributes, struct boot_flags flags)
{
	uint64_t bits = (uint64_t)flags.priority | (uint64_t)flags.tries_left << 4 | (uint64_t)flags.successful << 8 |
	                (uint64_t)flags.starts << 9;
	return (attributes & ~((uint64_t)0xfff << 48)) | bits << 48;
}

bool is_bootable(struct boot_flags flags)
{
	return flags.priority > 0 && (flags.tries_left > 0 || flags.successful);
}

static bool used_up(struct boot_flags flags)
{
	return flags.successful && flags.starts >= STARTS_BEFORE_FALLING_BACK;
}

static bool was_tried(const struct tried *tried, uint32_t index)
{
	for (unsigned i = 0; i < tried->count; i++)
		if (tried->index[i] == index)
			return true;
	return false;
}

struct candidates {
	int best;         /* by the rule of the specification, or -1 */
	int best_fresh;   /* the same among the successful ones that have not used up their starts, or -1 */
	unsigned proven;  /* how many are successful */
};

static bool is_candidate(const struct partition_table *table, const struct tried *tried, uint32_t index,
                         struct boot_flags *flags)
{
	struct partition partition = partition_at(table, index);
	*flags = read_boot_flags(partition.attributes);
	return same_bytes(partition.type, BOOT_TYPE, 16) && is_bootable(*flags) && !was_tried(tried, index);
}

/* Strictly greater wins, in table order: so a tie goes to the lower number. */
static struct candidates find_candidates(const struct partition_table *table, const struct tried *tried)
{
	struct candidates found = { .best = -1, .best_fresh = -1 };
	unsigned best = 0, best_fresh = 0;
	struct boot_flags flags;
	for (uint32_t i = 0; i < table->entry_count; i++) {
		if (!is_candidate(table, tried, i, &flags))
			continue;
		found.proven += flags.successful;
		if (flags.priority > best) {
			best = flags.priority;
			found.best = (int)i;
		}
		if (flags.successful && !used_up(flags) && flags.priority > best_fresh) {
			best_fresh = flags.priority;
			found.best_fresh = (int)i;
		}
	}
	return found;
}

static void clear_counters(struct partition_table *table, const struct tried *tried)
{
	struct boot_flags flags;
	for (uint32_t i = 0; i < table->entry_count; i++) {
		if (!is_candidate(table, tried, i, &flags) || !flags.successful)
			continue;
		flags.starts = 0;
		set_attributes(table, i, with_boot_flags(partition_at(table, i).attributes, flags));
	}
}

struct choice choose_boot_partition(struct partition_table *table, const struct tried *tried, bool settings)
{
	struct choice choice = { .index = -1, .passed_over = -1 };
	struct candidates found = find_candidates(table, tried);
	if (found.best < 0)
		return choice;

	choice.index = found.best;
	/* With nothing to fall back to, counting would only cost a write at every boot. */
	bool counting = found.proven > 1 || settings;
	if (used_up(read_boot_flags(partition_at(table, (uint32_t)found.best).attributes)) && counting) {
		/* Only for a set that has worked once as well: what made this one fail may lie outside it. */
		if (found.best_fresh >= 0) {
			choice.passed_over = found.best;
			choice.index = found.best_fresh;
		} else {
			/* Nothing better is left than to give each of them its starts again, in turn. */
			clear_counters(table, tried);
			choice.counters_cleared = choice.table_changed = true;
		}
	}

	uint64_t attributes = partition_at(table, (uint32_t)choice.index).attributes;
	struct boot_flags flags = read_boot_flags(attributes);
	if (flags.tries_left > 0) {
		flags.tries_left--;
		choice.try_used = choice.table_changed = true;
	}
	if (flags.successful && counting) {
		flags.starts++;
		choice.start_counted = choice.table_changed = true;
		choice.without_settings = settings && used_up(flags);
	}
	set_attributes(table, (uint32_t)choice.index, with_boot_flags(attributes, flags));
	return choice;
}

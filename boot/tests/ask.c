/*
 * Answers questions about the selector's decisions, one a line, so that the tests of the
 * host's code can compare: the same rules exist there in another language.
 *
 *   choose SETTINGS ATTRIBUTES...   1 with boot settings, else 0; decimal attributes of boot partitions -> index,
 *                                   1 if the settings are withheld, and the attributes after it
 *   words HEX              the text of boot settings -> "refused: WHY", or both counts and both lists
 *   table                  a disk on the rest of the input follows: HEX of it -> states of both copies
 */
#include "../selector/boot-words.h"
#include "sample-table.h"

static char input[1 << 22];
static uint8_t decoded[1 << 21];
static struct partition_table table;

static size_t decode(const char *hex)
{
	size_t length = 0;
	unsigned byte;
	while (sscanf(hex + 2 * length, "%2x", &byte) == 1)
		decoded[length++] = (uint8_t)byte;
	return length;
}

static void choose(char *numbers)
{
	struct tried none = { .count = 0 };
	uint32_t count = 0;
	sample_table(&table, 4096, 0, 0);
	memset(table.entries, 0, sizeof(table.entries));
	bool settings = strtok(numbers, " \n")[0] == '1';
	for (char *number; (number = strtok(NULL, " \n"));) {
		memcpy(table.entries + count * 128, BOOT_TYPE, 16);
		set_attributes(&table, count++, strtoull(number, NULL, 10));
	}
	struct choice choice = choose_boot_partition(&table, &none, settings);
	printf("%d %d", choice.index, choice.without_settings);
	for (uint32_t i = 0; i < count; i++)
		printf(" %llu", (unsigned long long)partition_at(&table, i).attributes);
	printf("\n");
}

static void words(const char *hex)
{
	static struct boot_words found;
	unsigned line;
	const char *problem = read_boot_words((char *)decoded, decode(hex), &found, &line);
	if (problem)
		printf("refused: line %u: %s\n", line, problem);
	else
		printf("%u %u|%s|%s|%s|%s\n", found.kernel_count, found.init_count, found.kernel, found.init, found.left_out,
		       found.reserved);
}

static void judge(const char *hex)
{
	struct memory_disk memory = { .bytes = decoded, .length = decode(hex), .fail_write_at = SIZE_MAX };
	struct disk disk = disk_in(&memory, 512);
	read_partition_table(&disk, &table);
	printf("%s|%s\n", copy_state_text(table.primary), copy_state_text(table.backup));
}

int main(void)
{
	while (fgets(input, sizeof(input), stdin)) {
		if (strncmp(input, "choose ", 7) == 0)
			choose(input + 7);
		else if (strncmp(input, "words ", 6) == 0)
			words(input + 6);
		else if (strncmp(input, "table ", 6) == 0)
			judge(input + 6);
	}
	return 0;
}

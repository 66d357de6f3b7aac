/*
 * The boot selector: picks a set by the flags in the partition table and starts its kernel.
 *
 * Every decision is printed. Whatever of a set cannot be started is passed over for the
 * other set; when nothing is left the machine waits 30 s, so that the message can be read,
 * and reboots. Source: specification "os-image" 1.3, 1.6, "updates" 3.
 */
#include "../choice.h"
#include "../command-line.h"
#include "../ext4.h"
#include "firmware.h"

#define MOST_KERNEL_BYTES (512u << 20)
#define MOST_INITRD_BYTES (512u << 20)
#define MOST_COMMAND_LINE_FILE_BYTES 4096
#define SECONDS_BEFORE_REBOOT 30

static struct partition_table table;
static struct boot_disk disk;

/* Set A is the first partition of the boot type in table order, set B the second. */
static const char *set_name(uint32_t index)
{
	static const char *names[] = { "set A", "set B", "a further set" };
	unsigned before = 0;
	for (uint32_t i = 0; i < index; i++)
		before += same_bytes(partition_at(&table, i).type, BOOT_TYPE, 16);
	return names[before < 2 ? before : 2];
}

static bool write_table(void)
{
	struct write_result result = write_partition_table(&disk.bytes, &table);
	if (!result.backup_written)
		say("  the backup copy could not be written");
	if (!result.primary_written)
		say("  the primary copy could not be written");
	if (!result.flushed)
		say("  the disk did not confirm the write");
	return result.primary_written && result.flushed;
}

static bool open_table(void)
{
	bool readable = read_partition_table(&disk.bytes, &table);
	if (table.primary == COPY_GOOD && table.backup == COPY_GOOD) {
		say("Partition table: both copies are good");
		return true;
	}
	say("Partition table: primary copy: %s; backup copy: %s", copy_state_text(table.primary),
	    copy_state_text(table.backup));
	if (!readable) {
		say("  neither copy can be used; nothing was written");
		return false;
	}
	say("  repairing the %s copy from the %s one", table.primary == COPY_GOOD ? "backup" : "primary",
	    table.primary == COPY_GOOD ? "primary" : "backup");
	if (write_table())
		say("  both copies are good again");
	return true;
}

static void say_flags(void)
{
	for (uint32_t i = 0; i < table.entry_count; i++) {
		struct partition partition = partition_at(&table, i);
		if (!same_bytes(partition.type, BOOT_TYPE, 16))
			continue;
		struct boot_flags flags = read_boot_flags(partition.attributes);
		say("  %s (partition %u): priority %u, tries left %u, %s, starts since marked good %u", set_name(i),
		    (uint64_t)i + 1, (uint64_t)flags.priority, (uint64_t)flags.tries_left,
		    flags.successful ? "successful" : "not successful", (uint64_t)flags.starts);
	}
}

/* The words of the boot settings, or NULL when there are none or they cannot be used. */
static const struct boot_words *read_boot_settings(void)
{
	static struct boot_words words;
	static uint8_t file[MAX_BOOT_CONFIG_BYTES + 64];
	size_t file_bytes = sizeof(file), text_bytes;
	const char *text, *problem;
	unsigned line = 0;

	int index = first_of_type(&table, PRIVATE_TYPE);
	if (index < 0) {
		say("Boot settings: none: there is no private partition");
		return NULL;
	}
	struct partition partition = partition_at(&table, (uint32_t)index);
	if (partition.first_lba > partition.last_lba || partition.last_lba >= disk.bytes.sectors) {
		say("Boot settings: ignored: the private partition is not inside the disk");
		return NULL;
	}
	problem = read_ext4_file(&disk.bytes, partition.first_lba * disk.bytes.sector_bytes,
	                         (partition.last_lba - partition.first_lba + 1) * disk.bytes.sector_bytes,
	                         "bootconfig.data", file, &file_bytes);
	if (!problem)
		problem = find_boot_config_text(file, file_bytes, &text, &text_bytes);
	if (!problem)
		problem = read_boot_words(text, text_bytes, &words, &line);
	if (problem && line)
		say("Boot settings: ignored: bootconfig.data, line %u: %s", (uint64_t)line, problem);
	else if (problem)
		say("Boot settings: ignored: bootconfig.data of partition %u: %s", (uint64_t)index + 1, problem);
	if (problem)
		return NULL;
	if (words.left_out[0])
		say("Boot settings: cannot travel on a command line: %s", words.left_out);
	if (words.reserved[0])
		say("Boot settings: skipped, because they would decide what is started: %s", words.reserved);
	if (words.kernel_count || words.init_count)
		say("Boot settings: %u words for the kernel, %u for init", (uint64_t)words.kernel_count,
		    (uint64_t)words.init_count);
	return &words;
}

static const char *command_line_of(const struct file *own, uint32_t index, const struct boot_words *words)
{
	static char line[MAX_COMMAND_LINE_BYTES];
	char guid[37];
	guid_text(partition_at(&table, index).guid, guid);
	const char *problem = make_command_line((const char *)own->bytes, own->length, guid, words, line);
	if (problem && words) {
		say("  boot settings ignored: with them the command line cannot be used: %s", problem);
		problem = make_command_line((const char *)own->bytes, own->length, guid, NULL, line);
	}
	if (!problem)
		return line;
	say("  cannot be started: the command line: %s", problem);
	return NULL;
}

static bool read_part(EFI_HANDLE file_system, const CHAR16 *name, const char *shown, UINTN most, struct file *file)
{
	EFI_STATUS status = read_file(file_system, name, most, file);
	if (EFI_ERROR(status))
		say("  cannot be started: the file %s: %s", shown, status_text(status));
	return !EFI_ERROR(status);
}

/* Returns only when the set could not be started. */
static void start_set(EFI_HANDLE image, uint32_t index, const struct boot_words *words)
{
	struct file kernel = { 0 }, initrd = { 0 }, own = { 0 };
	const char *line, *step;
	EFI_HANDLE file_system = find_file_system(&disk, partition_at(&table, index).guid);

	if (!file_system) {
		say("  cannot be started: the firmware finds no file system on partition %u", (uint64_t)index + 1);
		return;
	}
	if (read_part(file_system, u"\\cmdline", "cmdline", MOST_COMMAND_LINE_FILE_BYTES, &own) &&
	    (line = command_line_of(&own, index, words)) &&
	    read_part(file_system, u"\\vmlinuz", "vmlinuz", MOST_KERNEL_BYTES, &kernel) &&
	    read_part(file_system, u"\\initrd", "initrd", MOST_INITRD_BYTES, &initrd)) {
		say("  command line: %s", line);
		EFI_STATUS status = start_kernel(image, file_system, &kernel, &initrd, line, &step);
		say("  cannot be started: %s: %s", step, status_text(status));
	}
	free_file(&kernel);
	free_file(&initrd);
	free_file(&own);
}

static void say_choice(const struct choice *choice)
{
	uint32_t index = (uint32_t)choice->index;
	if (choice->counters_cleared)
		say("Every good set was started %u times without being marked good; counting from 0 again",
		    (uint64_t)STARTS_BEFORE_FALLING_BACK);
	if (choice->passed_over >= 0)
		say("Passing over %s: started %u times in a row without being marked good, and %s was good before",
		    set_name((uint32_t)choice->passed_over),
		    (uint64_t)read_boot_flags(partition_at(&table, (uint32_t)choice->passed_over).attributes).starts,
		    set_name(index));
	struct boot_flags flags = read_boot_flags(partition_at(&table, index).attributes);
	say("Starting %s (partition %u)", set_name(index), (uint64_t)index + 1);
	if (choice->try_used)
		say("  this uses one of its tries; %u left", (uint64_t)flags.tries_left);
	if (choice->start_counted)
		say("  start %u of %u since it was last marked good", (uint64_t)flags.starts,
		    (uint64_t)STARTS_BEFORE_FALLING_BACK);
	if (choice->without_settings)
		say("  this time without boot settings: with them it was not marked good");
}

static void start_some_set(EFI_HANDLE image)
{
	static const struct boot_words withheld = { .withheld = true };
	struct tried tried = { .count = 0 };
	const char *problem = open_boot_disk(image, &disk);
	if (problem) {
		say("The disk cannot be used: %s", problem);
		return;
	}
	if (!open_table())
		return;
	say_flags();
	const struct boot_words *words = read_boot_settings();
	bool settings = words && (words->kernel_count > 0 || words->init_count > 0);

	while (tried.count < sizeof(tried.index) / sizeof(tried.index[0])) {
		struct choice choice = choose_boot_partition(&table, &tried, settings);
		if (choice.index < 0) {
			say(tried.count ? "No other set can be started" : "No set is marked bootable");
			return;
		}
		say_choice(&choice);
		bool written = !choice.table_changed || write_table();
		/* A try that cannot be used up would be a set that is tried for ever. */
		if (written || !choice.try_used)
			start_set(image, (uint32_t)choice.index, choice.without_settings ? &withheld : words);
		else
			say("  not started: its try could not be taken from it");
		tried.index[tried.count++] = (uint32_t)choice.index;
	}
}

/* The name gnu-efi's start code calls. */
EFI_STATUS _entry(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

EFI_STATUS _entry(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	firmware = system;
	say("Pinwheel boot selector");
	start_some_set(image);
	say("Boot failed. Rebooting in %u seconds", (uint64_t)SECONDS_BEFORE_REBOOT);
	wait_seconds(SECONDS_BEFORE_REBOOT);
	firmware->RuntimeServices->ResetSystem(EfiResetCold, EFI_SUCCESS, 0, NULL);
	return EFI_ABORTED;
}

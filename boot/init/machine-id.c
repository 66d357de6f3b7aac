#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init.h"

#define DIGITS 32
#define PRODUCT "/sys/class/dmi/id/product_uuid"
#define KEPT "/var/lib/bottlerocket/machine-id"

/* What makers of boards write instead of an identity of their own. */
static const char *const PLACEHOLDERS[] = {
	"00000000000000000000000000000000", "ffffffffffffffffffffffffffffffff", "03000200040005000006000700080009",
	"00020003000400050006000700080009", "12345678123456781234567890abcdef", "fefefefefefefefefefefefefefefefe",
};

/* Reads 32 hexadecimal digits, dashes between them passed over, as lower case. */
static bool read_id(const char *path, char id[DIGITS + 1])
{
	size_t digits = 0;
	int character;
	FILE *file = fopen(path, "re");
	if (!file)
		return false;
	while (digits < DIGITS && (character = fgetc(file)) != EOF && (isxdigit(character) || character == '-'))
		if (character != '-')
			id[digits++] = (char)tolower(character);
	fclose(file);
	id[digits] = 0;
	return digits == DIGITS;
}

static bool is_placeholder(const char *id)
{
	for (size_t i = 0; i < sizeof(PLACEHOLDERS) / sizeof(*PLACEHOLDERS); i++)
		if (strcmp(id, PLACEHOLDERS[i]) == 0)
			return true;
	return false;
}

static bool draw_id(char id[DIGITS + 1])
{
	unsigned char bytes[16];
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return false;
	bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40); /* a random UUID, RFC 9562 version 4 */
	bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(id + 2 * i, 3, "%02x", bytes[i]);
	return true;
}

/* Writes the whole file under another name first, so that a power cut leaves none or all of it. */
static bool write_id(const char *path, const char *id)
{
	char unfinished[PATH_MAX], line[DIGITS + 2];
	snprintf(unfinished, sizeof(unfinished), "%s.new", path);
	snprintf(line, sizeof(line), "%s\n", id);
	unlink(unfinished);
	int file = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (file < 0)
		return false;
	bool good = write(file, line, DIGITS + 1) == DIGITS + 1 && fchmod(file, 0444) == 0 && fsync(file) == 0;
	close(file);
	if (good && rename(unfinished, path) == 0)
		return true;
	unlink(unfinished);
	return false;
}

/*
 * The machine's own UUID where the firmware has one, so that it is the same over reinstalls
 * and different in copies of a disk; else one drawn once and kept on the private partition.
 */
void write_machine_id(const char *root)
{
	char id[DIGITS + 1], kept[PATH_MAX], etc[PATH_MAX];
	snprintf(kept, sizeof(kept), "%s" KEPT, root);
	snprintf(etc, sizeof(etc), "%s/etc/machine-id", root);
	if (!read_id(PRODUCT, id) || is_placeholder(id)) {
		if (!read_id(kept, id)) {
			if (!draw_id(id))
				return; /* systemd draws one for this boot */
			if (!write_id(kept, id))
				say("the machine's identity cannot be kept in %s: %s", KEPT, strerror(errno));
		}
	}
	if (!write_id(etc, id))
		say("the machine's identity cannot be written to /etc/machine-id: %s", strerror(errno));
}

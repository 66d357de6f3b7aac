#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "init.h"

#define MOST_TABLE_BYTES 2048

struct request {
	struct dm_ioctl header;
	struct dm_target_spec target;
	char parameters[MOST_TABLE_BYTES];
};

/* What a dm-mod.create= value says: `NAME,UUID,MINOR,FLAGS,START SECTORS TARGET PARAMETERS`. */
struct description {
	char name[64], uuid[64], flags[16], target[DM_MAX_TYPE_NAME];
	long minor; /* -1: any */
	uint64_t start, sectors;
	char parameters[MOST_TABLE_BYTES];
};

static const char *take_field(const char *from, char *to, size_t capacity, const char *description)
{
	size_t bytes = strcspn(from, ",");
	if (from[bytes] != ',' || bytes >= capacity)
		stop("dm-mod.create= is not NAME,UUID,MINOR,FLAGS,TABLE: %s", description);
	memcpy(to, from, bytes);
	to[bytes] = 0;
	return from + bytes + 1;
}

static void parse_description(const char *text, struct description *description)
{
	char minor[16];
	int table_at = 0;
	const char *rest = take_field(text, description->name, sizeof(description->name), text);
	rest = take_field(rest, description->uuid, sizeof(description->uuid), text);
	rest = take_field(rest, minor, sizeof(minor), text);
	rest = take_field(rest, description->flags, sizeof(description->flags), text);
	description->minor = minor[0] ? atol(minor) : -1;
	if (description->name[0] == 0 || strpbrk(rest, ",;"))
		stop("dm-mod.create= must describe one device with one target: %s", text);
	if (sscanf(rest, "%" SCNu64 " %" SCNu64 " %15s %n", &description->start, &description->sectors,
	           description->target, &table_at) != 3 || table_at == 0)
		stop("the table in dm-mod.create= is not START SECTORS TARGET PARAMETERS: %s", rest);
	/* The host relies on the root being verified: anything else here is a wrong command line. */
	if (strcmp(description->target, "verity") != 0 || strcmp(description->flags, "ro") != 0)
		stop("the root must be a read-only verity device, found target %s with flags '%s'", description->target,
		     description->flags);
	snprintf(description->parameters, sizeof(description->parameters), "%s", rest + table_at);
}

/* Copies the parameters with every PARTUUID=... replaced by its device number, waiting for each. */
static void resolve_partitions(const char *parameters, char *to, size_t capacity)
{
	char word[256], number[24];
	size_t used = 0;
	int bytes = 0;
	for (const char *rest = parameters; sscanf(rest, "%255s%n", word, &bytes) == 1; rest += bytes) {
		const char *resolved = word;
		if (strncmp(word, "PARTUUID=", 9) == 0) {
			wait_for_partition(word, number);
			resolved = number;
		}
		int length = snprintf(to + used, capacity - used, "%s%s", used ? " " : "", resolved);
		used += (size_t)length;
		if (used >= capacity)
			stop("the table in dm-mod.create= is longer than %zu characters", capacity - 1);
	}
}

static void prepare(struct request *request, const struct description *description, uint32_t flags)
{
	memset(request, 0, sizeof(*request));
	request->header.version[0] = DM_VERSION_MAJOR;
	request->header.data_size = sizeof(*request);
	request->header.data_start = offsetof(struct request, target);
	request->header.flags = flags;
	snprintf(request->header.name, sizeof(request->header.name), "%s", description->name);
}

static void ask_kernel(int control, unsigned long command, struct request *request, const char *action)
{
	if (ioctl(control, command, request) != 0)
		stop("%s the verity device '%s': %s", action, request->header.name, strerror(errno));
}

void create_verity_device(const char *text, char node[32])
{
	static struct description description;
	static struct request request;
	char parameters[MOST_TABLE_BYTES];

	parse_description(text, &description);
	resolve_partitions(description.parameters, parameters, sizeof(parameters));
	int control = open("/dev/" DM_DIR "/" DM_CONTROL_NODE, O_RDWR | O_CLOEXEC);
	if (control < 0)
		stop("the device mapper cannot be opened: %s (is dm-mod in modules.list?)", strerror(errno));

	prepare(&request, &description, DM_READONLY_FLAG | (description.minor >= 0 ? DM_PERSISTENT_DEV_FLAG : 0));
	snprintf(request.header.uuid, sizeof(request.header.uuid), "%s", description.uuid);
	if (description.minor >= 0)
		request.header.dev = (uint64_t)makedev(0, (unsigned)description.minor);
	ask_kernel(control, DM_DEV_CREATE, &request, "creating");

	prepare(&request, &description, DM_READONLY_FLAG);
	request.header.target_count = 1;
	request.target.sector_start = description.start;
	request.target.length = description.sectors;
	snprintf(request.target.target_type, sizeof(request.target.target_type), "%s", description.target);
	snprintf(request.parameters, sizeof(request.parameters), "%s", parameters);
	ask_kernel(control, DM_TABLE_LOAD, &request, "loading the table of");

	prepare(&request, &description, 0);
	ask_kernel(control, DM_DEV_SUSPEND, &request, "activating"); /* without the suspend flag: resume */
	snprintf(node, 32, "/dev/dm-%u", minor(request.header.dev));
	close(control);
	say("root is %s, %" PRIu64 " sectors verified by %s", node, description.sectors, parameters);
}

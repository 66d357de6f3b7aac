#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../selector/partition-table.h"
#include "etc.h"
#include "ext4-state.h"
#include "init.h"

/* BOTTLEROCKET-DATA, 626f7474-6c65-6474-6861-726d61726b73, in disk order. */
static const uint8_t DATA_TYPE[16] = {
	0x74, 0x74, 0x6f, 0x62, 0x65, 0x6c, 0x74, 0x64, 0x68, 0x61, 0x72, 0x6d, 0x61, 0x72, 0x6b, 0x73,
};

#define HARDENED (MS_NOSUID | MS_NODEV | MS_NOEXEC)

/* Specification "os-image" 2.2. */
static const struct {
	const char *type, *at, *options;
	unsigned long flags;
	mode_t mode; /* the mount point is made when it is not there */
} VOLATILE[] = {
	{ "tmpfs", "/run", "mode=0755", HARDENED | MS_STRICTATIME, 0755 },
	{ "tmpfs", "/tmp", "mode=1777,size=50%,nr_inodes=1m", HARDENED | MS_STRICTATIME, 0755 },
	{ "tmpfs", "/dev/shm", "mode=1777", HARDENED | MS_STRICTATIME, 0755 },
	{ "tmpfs", "/etc/cni", "mode=0755", HARDENED | MS_NOATIME, 0755 },
	{ "tmpfs", "/etc/host-containers", "mode=0750", HARDENED | MS_NOATIME, 0750 },
	{ "tmpfs", "/etc/containerd", "mode=0750", HARDENED | MS_NOATIME, 0750 },
	{ "tmpfs", "/root/.aws", "mode=0700", HARDENED | MS_NOATIME, 0700 },
	{ "mqueue", "/dev/mqueue", NULL, HARDENED, 0755 },
	{ "hugetlbfs", "/dev/hugepages", "pagesize=2M", MS_NOSUID | MS_NODEV, 0755 },
	{ "debugfs", "/sys/kernel/debug", NULL, HARDENED, 0755 },
};

static void path_of(char path[PATH_MAX], const char *root, const char *at)
{
	snprintf(path, PATH_MAX, "%s%s", root, at);
}

/* Mounts or says why not; what depends on it then fails with its own message. */
static bool mount_or_say(const char *source, const char *at, const char *type, unsigned long flags, const char *options)
{
	if (mount(source, at, type, flags, options) == 0)
		return true;
	say("%s cannot be mounted on %s: %s", source, at, strerror(errno));
	return false;
}

static void mount_volatile(const char *root)
{
	char at[PATH_MAX];
	for (size_t i = 0; i < sizeof(VOLATILE) / sizeof(*VOLATILE); i++) {
		path_of(at, root, VOLATILE[i].at);
		mkdir(at, VOLATILE[i].mode);
		mount_or_say(VOLATILE[i].type, at, VOLATILE[i].type, VOLATILE[i].flags, VOLATILE[i].options);
	}
}

/* The verified root's own file system checker; the journal alone was not enough. */
static bool repair(const char *root, const char *node)
{
	int status = -1;
	say("checking the file system on %s", node);
	pid_t child = fork();
	if (child == 0) {
		if (chroot(root) == 0 && chdir("/") == 0)
			execl("/usr/sbin/e2fsck", "e2fsck", "-p", node, (char *)NULL);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return false;
	/* 1: damage was found and repaired */
	return WIFEXITED(status) && WEXITSTATUS(status) <= 1;
}

/* The kernel found mistakes in it while it was mounted, and wrote that down. */
static bool has_known_errors(const char *node)
{
	uint8_t superblock[EXT4_SUPERBLOCK_BYTES];
	int file = open(node, O_RDONLY | O_CLOEXEC);
	bool known = file >= 0 &&
	             pread(file, superblock, sizeof(superblock), EXT4_SUPERBLOCK_AT) == (ssize_t)sizeof(superblock) &&
	             ext4_has_error_flag(superblock);
	if (file >= 0)
		close(file);
	return known;
}

/*
 * Mounts a partition. It is checked first where errors in it are known, since it would be
 * written on with them for ever, and when it cannot be mounted; else not: that costs seconds.
 */
static bool mount_partition(const char *root, const char *device, const char *name, const char *at,
                            unsigned long flags)
{
	char node[NAME_MAX + 8], path[PATH_MAX];
	snprintf(node, sizeof(node), "/dev/%s", device);
	path_of(path, root, at);
	bool checked = has_known_errors(node);
	if (checked) {
		warn("%s (%s) was left with errors", name, node);
		if (!repair(root, node))
			warn("%s (%s) could not be repaired, and is used as it is", name, node);
	}
	if (mount(node, path, "ext4", flags, NULL) == 0)
		return true;
	int error = errno;
	say("%s (%s) cannot be mounted on %s: %s", name, node, at, strerror(error));
	if (!checked && repair(root, node)) {
		if (mount(node, path, "ext4", flags, NULL) == 0)
			return true;
		error = errno;
	}
	errno = error;
	return false;
}

/* A directory of the data partition is seen under its usual name, and no more under /local. */
static void bind_view(const char *root, const char *name)
{
	char from[PATH_MAX], to[PATH_MAX], empty[PATH_MAX];
	snprintf(from, sizeof(from), "%s/local/%s", root, name);
	snprintf(to, sizeof(to), "%s/%s", root, name);
	path_of(empty, root, "/srv");
	mkdir(from, 0755);
	if (!mount_or_say(from, to, NULL, MS_BIND | MS_REC, NULL))
		return;
	mount(NULL, to, NULL, MS_SHARED | MS_REC, NULL);
	if (mount_or_say(empty, from, NULL, MS_BIND, NULL) &&
	    mount(NULL, from, NULL, MS_BIND | MS_REMOUNT | HARDENED, NULL) == 0)
		mount(NULL, from, NULL, MS_PRIVATE, NULL);
}

/* Tells the host's programs, which report it. */
static void note_missing_data(const char *root, const char *why)
{
	char path[PATH_MAX];
	path_of(path, root, "/run/pinwheel");
	mkdir(path, 0755);
	path_of(path, root, "/run/pinwheel/data-not-mounted");
	FILE *file = fopen(path, "we");
	if (file)
		fprintf(file, "%s\n", why);
	if (!file || fclose(file) != 0)
		say("/run/pinwheel/data-not-mounted cannot be written: %s", strerror(errno));
}

/* Without the data partition the host still has its settings and answers: memory stands in for it. */
static void mount_data(const char *root)
{
	static const char name[] = "BOTTLEROCKET-DATA";
	const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOATIME;
	char device[NAME_MAX + 1], path[PATH_MAX], why[NAME_MAX + 256];

	if (wait_for_data_partition(DATA_TYPE, name, device)) {
		if (mount_partition(root, device, name, "/local", flags))
			return;
		snprintf(why, sizeof(why), "%s (/dev/%s) cannot be mounted: %s", name, device, strerror(errno));
	} else {
		snprintf(why, sizeof(why), "no disk has a partition %s that the kernel can use", name);
	}
	warn("%s; /local, /var, /opt and /mnt are in memory until the next boot", why);
	note_missing_data(root, why);
	path_of(path, root, "/local");
	mount_or_say("tmpfs", path, "tmpfs", flags, "mode=0755");
}

static void mount_private(const char *root)
{
	static const char name[] = "BOTTLEROCKET-PRIVATE", at[] = "/var/lib/bottlerocket";
	char device[NAME_MAX + 1], path[PATH_MAX];
	path_of(path, root, "/var/lib");
	mkdir(path, 0755);
	path_of(path, root, at);
	mkdir(path, 0755);
	if (!find_partition_of_root_disk(PRIVATE_TYPE, device))
		warn("the disk of the root has no partition %s", name);
	else if (!mount_partition(root, device, name, at, HARDENED | MS_NOATIME))
		warn("%s (/dev/%s) cannot be mounted: %s", name, device, strerror(errno));
}

void mount_new_root(const char *root)
{
	const char *failed;

	if (fill_etc(root, &failed) != 0)
		stop("/etc cannot be filled from the factory tree, at %s: %s", failed, strerror(errno));
	mount_volatile(root); /* /run first: what is missing is noted there */
	mount_data(root);
	bind_view(root, "var");
	bind_view(root, "opt");
	bind_view(root, "mnt");
	mount_private(root);
}

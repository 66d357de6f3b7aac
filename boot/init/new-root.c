#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init.h"

#define NEW_ROOT "/new-root"
#define NEXT_INIT "/sbin/init"

/* Frees the memory of the initrd. Never leaves its own file system: the new root is mounted inside. */
static void delete_tree(int directory, dev_t file_system)
{
	DIR *entries = fdopendir(directory);
	struct dirent *entry;
	while (entries && (entry = readdir(entries))) {
		struct stat found;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    fstatat(directory, entry->d_name, &found, AT_SYMLINK_NOFOLLOW) != 0 || found.st_dev != file_system)
			continue;
		if (S_ISDIR(found.st_mode)) {
			int inner = openat(directory, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			if (inner >= 0)
				delete_tree(inner, file_system);
			unlinkat(directory, entry->d_name, AT_REMOVEDIR);
		} else {
			unlinkat(directory, entry->d_name, 0);
		}
	}
	if (entries)
		closedir(entries);
}

static void move_to(const char *from, const char *to)
{
	if (mount(from, to, NULL, MS_MOVE, NULL) != 0)
		stop("%s cannot be moved to %s: %s", from, to, strerror(errno));
	/* Until the old root is left, the old name leads to the new place. (The kernel has put a console into /dev.) */
	char old[64];
	snprintf(old, sizeof(old), "%s.old", from);
	if (strcmp(from, ".") != 0 && (rename(from, old) != 0 || symlink(to, from) != 0))
		stop("%s cannot lead to %s: %s", from, to, strerror(errno));
}

void enter_new_root(const char *node, char **arguments)
{
	struct stat initrd;

	mkdir(NEW_ROOT, 0755);
	if (mount(node, NEW_ROOT, "erofs", MS_RDONLY, NULL) != 0)
		stop("the root %s cannot be mounted as EROFS: %s", node, strerror(errno));
	int old_root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (old_root < 0 || fstat(old_root, &initrd) != 0)
		stop("the initrd's root cannot be opened: %s", strerror(errno));

	move_to("/dev", NEW_ROOT "/dev");
	move_to("/proc", NEW_ROOT "/proc");
	move_to("/sys", NEW_ROOT "/sys");
	mount_new_root(NEW_ROOT);
	write_machine_id(NEW_ROOT);
	if (chdir(NEW_ROOT) != 0)
		stop("the new root cannot be entered: %s", strerror(errno));
	delete_tree(old_root, initrd.st_dev);
	move_to(".", "/");
	if (chroot(".") != 0 || chdir("/") != 0)
		stop("the new root cannot be entered: %s", strerror(errno));

	arguments[0] = NEXT_INIT;
	execv(NEXT_INIT, arguments);
	stop("%s of the root cannot be started: %s", NEXT_INIT, strerror(errno));
}

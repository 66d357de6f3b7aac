#include "etc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static char failed_path[512];

static int failure(const char *path)
{
	int error = errno;
	snprintf(failed_path, sizeof failed_path, "%s", path);
	errno = error;
	return -1;
}

static int copy_file(const char *from, const char *to, const struct stat *about)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return failure(from);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0) {
		close(in);
		return failure(to);
	}
	off_t left = about->st_size;
	int result = 0;
	while (left > 0) {
		ssize_t sent = sendfile(out, in, NULL, (size_t)left);
		if (sent <= 0) {
			if (sent == 0)
				errno = EIO;
			result = failure(from);
			break;
		}
		left -= sent;
	}
	if (result == 0 && fchmod(out, about->st_mode & 07777) != 0)
		result = failure(to);
	close(in);
	if (close(out) != 0 && result == 0)
		result = failure(to);
	return result;
}

static int copy_link(const char *from, const char *to)
{
	char target[512];
	ssize_t length = readlink(from, target, sizeof target - 1);
	if (length < 0)
		return failure(from);
	target[length] = '\0';
	return symlink(target, to) == 0 ? 0 : failure(to);
}

static int copy_directory(const char *from, const char *to)
{
	DIR *directory = opendir(from);
	if (directory == NULL)
		return failure(from);
	int result = 0;
	struct dirent *entry;
	while (result == 0 && (entry = readdir(directory)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		char source[512], copy[512];
		struct stat about;
		if (snprintf(source, sizeof source, "%s/%s", from, entry->d_name) >= (int)sizeof source ||
		    snprintf(copy, sizeof copy, "%s/%s", to, entry->d_name) >= (int)sizeof copy) {
			errno = ENAMETOOLONG;
			result = failure(from);
		} else if (lstat(source, &about) != 0) {
			result = failure(source);
		} else if (S_ISDIR(about.st_mode)) {
			/* The mode is given again because mkdir takes the umask away from it. */
			if (mkdir(copy, 0700) != 0 || chmod(copy, about.st_mode & 07777) != 0)
				result = failure(copy);
			else
				result = copy_directory(source, copy);
		} else if (S_ISLNK(about.st_mode)) {
			result = copy_link(source, copy);
		} else {
			result = copy_file(source, copy, &about);
		}
	}
	closedir(directory);
	return result;
}

int fill_etc(const char *root, const char **failed)
{
	char etc[256], factory[256];
	snprintf(etc, sizeof etc, "%s/etc", root);
	snprintf(factory, sizeof factory, "%s/usr/share/factory/etc", root);
	*failed = failed_path;
	if (mount("tmpfs", etc, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME, "mode=0755") != 0)
		return failure(etc);
	return copy_directory(factory, etc);
}

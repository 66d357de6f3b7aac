#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "init.h"

const char *command_line(void)
{
	static char line[8192];
	if (line[0])
		return line;
	int file = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t bytes = file < 0 ? -1 : read(file, line, sizeof(line) - 1);
	if (bytes <= 0)
		stop("/proc/cmdline cannot be read: %s", strerror(errno));
	close(file);
	line[strcspn(line, "\n")] = 0;
	return line;
}

/* Bytes of the word that starts here: up to a blank outside double quotes, as the kernel splits. */
static size_t word_bytes(const char *word)
{
	bool quoted = false;
	size_t i = 0;
	for (; word[i] && (quoted || word[i] != ' '); i++)
		if (word[i] == '"')
			quoted = !quoted;
	return i;
}

char *command_line_value(const char *name)
{
	size_t name_bytes = strlen(name);
	for (const char *word = command_line(); *word;) {
		size_t bytes = word_bytes(word);
		if (bytes == 2 && memcmp(word, "--", 2) == 0)
			return NULL;
		if (bytes > name_bytes && memcmp(word, name, name_bytes) == 0 && word[name_bytes] == '=') {
			const char *value = word + name_bytes + 1;
			size_t length = bytes - name_bytes - 1;
			if (length >= 2 && value[0] == '"' && value[length - 1] == '"')
				return strndup(value + 1, length - 2);
			return strndup(value, length);
		}
		word += bytes;
		word += strspn(word, " ");
	}
	return NULL;
}

#include "kernel-words.h"

#include <stdbool.h>
#include <string.h>

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

static bool has_name(const char *word, size_t bytes, const char *name)
{
	size_t i = 0;
	for (; name[i]; i++)
		if (i == bytes || (word[i] == '_' ? '-' : word[i]) != (name[i] == '_' ? '-' : name[i]))
			return false;
	return i < bytes && word[i] == '=';
}

unsigned find_kernel_words(const char *line, const char *name, const char **value, size_t *value_bytes)
{
	unsigned count = 0;
	for (const char *word = line + strspn(line, " "); *word;) {
		/* The kernel takes quotes around the whole word, name included, away too. */
		size_t whole = word_bytes(word), skipped = *word == '"';
		const char *start = word + skipped;
		size_t bytes = whole - skipped;
		if (whole == 2 && memcmp(word, "--", 2) == 0)
			break;
		if (has_name(start, bytes, name) && count++ == 0) {
			*value = start + strlen(name) + 1;
			*value_bytes = bytes - strlen(name) - 1;
			if (*value_bytes > 0 && **value == '"') {
				++*value;
				--*value_bytes;
			}
			if (*value_bytes > 0 && (*value)[*value_bytes - 1] == '"')
				--*value_bytes;
		}
		word += whole;
		word += strspn(word, " ");
	}
	return count;
}

#include "command-line.h"

static const char BOOT_MARK[] = "@BOOT@";

static void append_with_guid(struct text *line, const char *own, size_t bytes, const char *boot_guid)
{
	const size_t mark = sizeof(BOOT_MARK) - 1;
	for (size_t i = 0; i < bytes;) {
		if (bytes - i >= mark && same_bytes(own + i, BOOT_MARK, mark)) {
			append(line, boot_guid);
			i += mark;
		} else {
			append_bytes(line, own + i++, 1);
		}
	}
}

static void append_words(struct text *line, const char *words, const char *marker, unsigned count)
{
	append(line, words);
	append(line, marker);
	append_number(line, count);
}

/* Index of the word `--` outside quotes, or `bytes`. */
static size_t find_dashes(const char *own, size_t bytes)
{
	bool quoted = false;
	for (size_t i = 0; i < bytes; i++) {
		if (own[i] == '"')
			quoted = !quoted;
		bool word_starts = i == 0 || own[i - 1] == ' ';
		bool word_ends = i + 2 == bytes || (i + 2 < bytes && own[i + 2] == ' ');
		if (!quoted && word_starts && word_ends && own[i] == '-' && own[i + 1] == '-')
			return i;
	}
	return bytes;
}

const char *make_command_line(const char *own, size_t own_bytes, const char *boot_guid,
                              const struct boot_words *words, char buffer[MAX_COMMAND_LINE_BYTES])
{
	struct text line = empty_text(buffer, MAX_COMMAND_LINE_BYTES);

	while (own_bytes > 0 && (own[own_bytes - 1] == '\n' || own[own_bytes - 1] == ' '))
		own_bytes--;
	for (size_t i = 0; i < own_bytes; i++)
		if (own[i] < ' ' || own[i] > '~')
			return "it is not one line of printable text";

	size_t dashes = find_dashes(own, own_bytes);
	if (words && words->kernel_count > 0) {
		append_words(&line, words->kernel, " pinwheel.kernel-words=", words->kernel_count);
		append(&line, " ");
	}
	if (words && words->withheld)
		append(&line, "pinwheel.boot-settings=withheld ");
	append_with_guid(&line, own, dashes, boot_guid);
	if (words && words->init_count > 0) {
		append(&line, dashes < own_bytes || dashes == 0 ? "-- " : " -- ");
		append_words(&line, words->init, " pinwheel.init-words=", words->init_count);
		dashes += dashes < own_bytes ? 2 : 0;
	}
	append_with_guid(&line, own + dashes, own_bytes - dashes, boot_guid);
	return line.full ? "it is longer than the kernel reads" : NULL;
}

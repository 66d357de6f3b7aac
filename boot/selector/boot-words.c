#include "boot-words.h"

#include "reserved-names.h"

#define MAX_KEY_BYTES 256
#define MAX_DEPTH 16 /* as the kernel */
#define MAX_VALUES 512

static const char END_MARK[12] = { '#', 'B', 'O', 'O', 'T', 'C', 'O', 'N', 'F', 'I', 'G', '\n' };

/* One value of a key. A key of several values has several of these, one after the other. */
struct value {
	uint32_t key_at, key_bytes;     /* in the key store */
	uint32_t value_at, value_bytes; /* in the text */
	bool has_value;
};

struct reader {
	const char *text;
	size_t bytes, at;
	char prefix[MAX_KEY_BYTES]; /* the keys of the open blocks, each followed by a dot */
	size_t prefix_bytes, block_start[MAX_DEPTH];
	unsigned depth;
	char keys[MAX_BOOT_CONFIG_BYTES];
	uint32_t keys_bytes;
	struct value values[MAX_VALUES];
	unsigned count;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static bool is_key_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool at_end(const struct reader *reader)
{
	return reader->at >= reader->bytes;
}

static char next(const struct reader *reader)
{
	return at_end(reader) ? '\n' : reader->text[reader->at];
}

static void skip_comment(struct reader *reader)
{
	if (next(reader) == '#')
		while (!at_end(reader) && next(reader) != '\n')
			reader->at++;
}

static void skip_blanks(struct reader *reader)
{
	while (!at_end(reader) && is_blank(next(reader)))
		reader->at++;
}

static void skip_blanks_lines_and_comments(struct reader *reader)
{
	for (;;) {
		skip_blanks(reader);
		skip_comment(reader);
		if (at_end(reader) || next(reader) != '\n')
			return;
		reader->at++;
	}
}

/* Reads `word.word` into the key store, behind the keys of the open blocks. */
static const char *read_key(struct reader *reader, uint32_t *key_at, uint32_t *key_bytes)
{
	size_t start = reader->at;
	bool dot_before = true;
	while (!at_end(reader) && (is_key_character(next(reader)) || next(reader) == '.')) {
		if (next(reader) == '.' && dot_before)
			return "a key has an empty word";
		dot_before = next(reader) == '.';
		reader->at++;
	}
	size_t length = reader->at - start;
	if (length == 0)
		return "expected a key of letters, digits, '-', '_' and '.'";
	if (dot_before)
		return "a key has an empty word";
	if (reader->prefix_bytes + length >= MAX_KEY_BYTES)
		return "a key is longer than 255 characters";
	if (reader->keys_bytes + reader->prefix_bytes + length > sizeof(reader->keys))
		return "more keys than can be held";
	*key_at = reader->keys_bytes;
	*key_bytes = (uint32_t)(reader->prefix_bytes + length);
	copy_bytes(reader->keys + *key_at, reader->prefix, reader->prefix_bytes);
	copy_bytes(reader->keys + *key_at + reader->prefix_bytes, reader->text + start, length);
	reader->keys_bytes += *key_bytes;
	return NULL;
}

static bool same_key(const struct reader *reader, const struct value *value, uint32_t key_at, uint32_t key_bytes)
{
	return value->key_bytes == key_bytes && same_bytes(reader->keys + value->key_at, reader->keys + key_at, key_bytes);
}

/* Puts a value behind the last one of its key, so that `+=` keeps the values of a key together. */
static const char *add_value(struct reader *reader, struct value value)
{
	if (reader->count == MAX_VALUES)
		return "more than 512 values";
	unsigned at = reader->count;
	for (unsigned i = reader->count; i > 0; i--)
		if (same_key(reader, &reader->values[i - 1], value.key_at, value.key_bytes)) {
			at = i;
			break;
		}
	for (unsigned i = reader->count; i > at; i--)
		reader->values[i] = reader->values[i - 1];
	reader->values[at] = value;
	reader->count++;
	return NULL;
}

static bool is_known(const struct reader *reader, uint32_t key_at, uint32_t key_bytes)
{
	for (unsigned i = 0; i < reader->count; i++)
		if (same_key(reader, &reader->values[i], key_at, key_bytes))
			return true;
	return false;
}

static void forget(struct reader *reader, uint32_t key_at, uint32_t key_bytes)
{
	unsigned kept = 0;
	for (unsigned i = 0; i < reader->count; i++)
		if (!same_key(reader, &reader->values[i], key_at, key_bytes))
			reader->values[kept++] = reader->values[i];
	reader->count = kept;
}

static const char *read_quoted(struct reader *reader, struct value *value)
{
	char quote = next(reader);
	value->value_at = (uint32_t)++reader->at;
	while (!at_end(reader) && next(reader) != quote)
		reader->at++;
	if (at_end(reader))
		return "a quote is not closed";
	value->value_bytes = (uint32_t)reader->at - value->value_at;
	reader->at++;
	return NULL;
}

static const char *read_bare(struct reader *reader, struct value *value)
{
	value->value_at = (uint32_t)reader->at;
	for (; !at_end(reader); reader->at++) {
		char c = next(reader);
		if (c == ',' || c == ';' || c == '\n' || c == '#' || c == '}')
			break;
		if (c == '"' || c == '\'')
			return "a quote inside an unquoted value";
	}
	size_t end = reader->at;
	while (end > value->value_at && is_blank(reader->text[end - 1]))
		end--;
	value->value_bytes = (uint32_t)end - value->value_at;
	return NULL;
}

static const char *read_values(struct reader *reader, uint32_t key_at, uint32_t key_bytes)
{
	const char *problem;
	for (;;) {
		struct value value = { .key_at = key_at, .key_bytes = key_bytes, .has_value = true };
		skip_blanks(reader);
		bool quoted = next(reader) == '"' || next(reader) == '\'';
		problem = quoted ? read_quoted(reader, &value) : read_bare(reader, &value);
		if (problem || (problem = add_value(reader, value)))
			return problem;
		skip_blanks(reader);
		if (next(reader) != ',')
			return NULL;
		reader->at++;
		skip_blanks_lines_and_comments(reader); /* a list goes on in the next line after a comma */
	}
}

static const char *open_block(struct reader *reader, uint32_t key_at, uint32_t key_bytes)
{
	if (reader->depth == MAX_DEPTH)
		return "blocks nested deeper than 16";
	if (key_bytes + 1 >= MAX_KEY_BYTES)
		return "a key is longer than 255 characters";
	reader->block_start[reader->depth++] = reader->prefix_bytes;
	copy_bytes(reader->prefix, reader->keys + key_at, key_bytes);
	reader->prefix[key_bytes] = '.';
	reader->prefix_bytes = key_bytes + 1;
	return NULL;
}

static const char *end_statement(struct reader *reader)
{
	skip_blanks(reader);
	skip_comment(reader);
	if (next(reader) == '}')
		return NULL;
	if (next(reader) != '\n' && next(reader) != ';')
		return "expected the end of the line";
	if (!at_end(reader))
		reader->at++;
	return NULL;
}

/* One of: `}`, `key {`, `key = values`, `key += values`, `key := values`, `key`. */
static const char *read_statement(struct reader *reader)
{
	uint32_t key_at, key_bytes;
	const char *problem;

	if (next(reader) == ';') {
		reader->at++;
		return NULL;
	}
	if (next(reader) == '}') {
		if (reader->depth == 0)
			return "a '}' too many";
		reader->prefix_bytes = reader->block_start[--reader->depth];
		reader->at++;
		return NULL;
	}
	if ((problem = read_key(reader, &key_at, &key_bytes)))
		return problem;
	skip_blanks(reader);
	if (next(reader) == '{') {
		reader->at++;
		return open_block(reader, key_at, key_bytes);
	}

	char operator = next(reader);
	if (operator == '+' || operator == ':') {
		reader->at++;
		if (next(reader) != '=')
			return "expected '=' after '+' or ':'";
	}
	bool known = is_known(reader, key_at, key_bytes);
	if (operator == ':')
		forget(reader, key_at, key_bytes);
	else if (operator == '=' && known)
		return "a key is set twice; '+=' adds to it, ':=' replaces it";
	if (next(reader) == '=') {
		reader->at++;
		problem = read_values(reader, key_at, key_bytes);
	} else if (!known) {
		problem = add_value(reader, (struct value){ .key_at = key_at, .key_bytes = key_bytes });
	}
	return problem ? problem : end_statement(reader);
}

/* A command line word ends at a blank outside double quotes, and knows no way to write a double quote. */
static bool can_travel(const struct reader *reader, const struct value *value, uint32_t key_at, uint32_t key_bytes)
{
	if (!value->has_value)
		return !(key_bytes == 2 && same_bytes(reader->keys + key_at, "--", 2)); /* would end the kernel's words */
	for (uint32_t i = 0; i < value->value_bytes; i++) {
		char c = reader->text[value->value_at + i];
		if (c == '"' || c < ' ' || c > '~')
			return false;
	}
	return true;
}

static void append_key(struct text *keys, const struct reader *reader, const struct value *value)
{
	if (keys->length > 0)
		append(keys, " ");
	append_bytes(keys, reader->keys + value->key_at, value->key_bytes);
}

static void append_word(struct text *words, const struct reader *reader, const struct value *value, uint32_t key_at,
                        uint32_t key_bytes)
{
	if (words->length > 0)
		append(words, " ");
	append_bytes(words, reader->keys + key_at, key_bytes);
	if (!value->has_value)
		return;
	append(words, "=\"");
	append_bytes(words, reader->text + value->value_at, value->value_bytes);
	append(words, "\"");
}

static const char *collect_words(const struct reader *reader, struct boot_words *words)
{
	static const struct { const char *text; uint32_t bytes; } roots[2] = { { "kernel.", 7 }, { "init.", 5 } };
	struct text out[2] = { empty_text(words->kernel, sizeof(words->kernel)),
	                       empty_text(words->init, sizeof(words->init)) };
	struct text left_out = empty_text(words->left_out, sizeof(words->left_out));
	struct text reserved = empty_text(words->reserved, sizeof(words->reserved));
	unsigned counts[2] = { 0, 0 };

	for (unsigned i = 0; i < reader->count; i++) {
		const struct value *value = &reader->values[i];
		const char *key = reader->keys + value->key_at;
		for (int root = 0; root < 2; root++) {
			uint32_t skip = roots[root].bytes;
			if (value->key_bytes <= skip || !same_bytes(key, roots[root].text, skip))
				continue;
			if (is_reserved_name(key + skip, value->key_bytes - skip)) {
				/* The values of a key stand together. */
				if (i == 0 || !same_key(reader, value - 1, value->key_at, value->key_bytes))
					append_key(&reserved, reader, value);
			} else if (can_travel(reader, value, value->key_at + skip, value->key_bytes - skip)) {
				append_word(&out[root], reader, value, value->key_at + skip, value->key_bytes - skip);
				counts[root]++;
			} else {
				append_key(&left_out, reader, value);
			}
		}
	}
	words->kernel_count = counts[0];
	words->init_count = counts[1];
	return out[0].full || out[1].full ? "more than a kernel command line can hold" : NULL;
}

const char *read_boot_words(const char *text, size_t text_bytes, struct boot_words *words, unsigned *line)
{
	static struct reader reader; /* too big for the firmware's stack */
	const char *problem = NULL;

	zero_bytes(words, sizeof(*words));
	zero_bytes(&reader, sizeof(reader));
	*line = 1;
	if (text_bytes > MAX_BOOT_CONFIG_BYTES)
		return "longer than 32 KiB";
	reader.text = text;
	reader.bytes = text_bytes;
	for (skip_blanks_lines_and_comments(&reader); !problem && !at_end(&reader);
	     skip_blanks_lines_and_comments(&reader))
		if ((problem = read_statement(&reader)))
			break;
	if (!problem && reader.depth > 0)
		problem = "a block is not closed";
	if (!problem)
		problem = collect_words(&reader, words);
	if (problem)
		zero_bytes(words, sizeof(*words));
	for (size_t i = 0; i < reader.at && i < text_bytes; i++)
		*line += text[i] == '\n';
	return problem;
}

const char *find_boot_config_text(const uint8_t *file, size_t file_bytes, const char **text, size_t *text_bytes)
{
	const size_t trailer = 8 + sizeof(END_MARK);
	if (file_bytes < trailer || !same_bytes(file + file_bytes - sizeof(END_MARK), END_MARK, sizeof(END_MARK)))
		return "it does not end in #BOOTCONFIG";
	size_t size = load32(file + file_bytes - trailer);
	if (size > file_bytes - trailer)
		return "it is shorter than the size it states";
	if (size > MAX_BOOT_CONFIG_BYTES)
		return "its text is longer than 32 KiB";
	const uint8_t *start = file + file_bytes - trailer - size;
	uint32_t sum = 0;
	for (size_t i = 0; i < size; i++)
		sum += start[i];
	if (sum != load32(file + file_bytes - trailer + 4))
		return "its checksum is wrong";
	while (size > 0 && start[size - 1] == 0)
		size--;
	*text = (const char *)start;
	*text_bytes = size;
	return NULL;
}

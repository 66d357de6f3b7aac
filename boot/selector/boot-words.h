/*
 * Boot settings: the content of bootconfig.data becomes kernel command line words.
 *
 * The kernel's own reader of this file is not built into Debian's kernel. The syntax read
 * here is the kernel's ("Boot Configuration"): keys, blocks, lists, quotes, comments.
 * Source: specification "os-image" 1.8; the shared examples in testdata/boot-words.json.
 */
#ifndef PINWHEEL_BOOT_WORDS_H
#define PINWHEEL_BOOT_WORDS_H

#include "bytes.h"

#define MAX_BOOT_CONFIG_BYTES (32 * 1024) /* what the kernel would accept */
#define MAX_WORDS_BYTES 2048              /* an x86 command line holds no more */

struct boot_words {
	char kernel[MAX_WORDS_BYTES], init[MAX_WORDS_BYTES]; /* separated by single spaces */
	unsigned kernel_count, init_count;
	char left_out[256]; /* keys whose values cannot travel on a command line, or empty */
	bool withheld;      /* there are boot settings, which this start is without: says so, and has no words */
	char reserved[256]; /* keys that would decide what is started, or empty; no words either */
};

/* Finds the text inside the file: its size, checksum and end mark must be right. NULL, or what is wrong. */
const char *find_boot_config_text(const uint8_t *file, size_t file_bytes, const char **text, size_t *text_bytes);

/* Reads the whole text or nothing. NULL, or what is wrong with it; `line` then counts from 1. */
const char *read_boot_words(const char *text, size_t text_bytes, struct boot_words *words, unsigned *line);

#endif

/*
 * Bytes and bounded text for the deciding part of the selector.
 *
 * That part is compiled twice: without a C library for the firmware, and for
 * the workstation where the tests run it. So it uses nothing but what is here.
 */
#ifndef PINWHEEL_BYTES_H
#define PINWHEEL_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint16_t load16(const uint8_t *from)
{
	return (uint16_t)(from[0] | from[1] << 8);
}

static inline uint32_t load32(const uint8_t *from)
{
	return (uint32_t)load16(from) | (uint32_t)load16(from + 2) << 16;
}

static inline uint64_t load64(const uint8_t *from)
{
	return (uint64_t)load32(from) | (uint64_t)load32(from + 4) << 32;
}

static inline void store32(uint8_t *to, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> (8 * i));
}

static inline void store64(uint8_t *to, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		to[i] = (uint8_t)(value >> (8 * i));
}

static inline void copy_bytes(void *to, const void *from, size_t length)
{
	for (size_t i = 0; i < length; i++)
		((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
}

static inline void zero_bytes(void *to, size_t length)
{
	for (size_t i = 0; i < length; i++)
		((volatile uint8_t *)to)[i] = 0;
}

static inline bool same_bytes(const void *a, const void *b, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (((const uint8_t *)a)[i] != ((const uint8_t *)b)[i])
			return false;
	return true;
}

static inline size_t text_length(const char *text)
{
	size_t length = 0;
	while (text[length])
		length++;
	return length;
}

/* Text that grows in a buffer of fixed size. Once something did not fit, `full` stays set. */
struct text {
	char *bytes; /* always ends in NUL */
	size_t length;
	size_t capacity; /* the NUL included */
	bool full;
};

static inline struct text empty_text(char *buffer, size_t capacity)
{
	buffer[0] = 0;
	return (struct text){ .bytes = buffer, .capacity = capacity };
}

static inline void append_bytes(struct text *text, const char *bytes, size_t length)
{
	if (text->full || length >= text->capacity - text->length) {
		text->full = true;
		return;
	}
	copy_bytes(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = 0;
}

static inline void append(struct text *text, const char *more)
{
	append_bytes(text, more, text_length(more));
}

static inline void append_number(struct text *text, uint64_t number)
{
	char digits[20];
	size_t start = sizeof(digits);
	do {
		digits[--start] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	append_bytes(text, digits + start, sizeof(digits) - start);
}

#endif

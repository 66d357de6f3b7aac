/* What the unit tests share: checks that name their place, a disk in memory, repeatable random numbers. */
#ifndef PINWHEEL_CHECK_H
#define PINWHEEL_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../selector/disk.h"

static const char *current_test = "";
static unsigned passed, failed;

#define TEST(name) (current_test = (name))
#define CHECK(condition)                                                                              \
	do {                                                                                          \
		if (condition) {                                                                      \
			passed++;                                                                     \
		} else {                                                                              \
			failed++;                                                                     \
			printf("%s:%d: %s: not true: %s\n", __FILE__, __LINE__, current_test, #condition); \
		}                                                                                     \
	} while (0)
#define CHECK_TEXT(found, expected)                                                                   \
	do {                                                                                          \
		const char *found_ = (found), *expected_ = (expected);                                \
		if (found_ && expected_ ? strcmp(found_, expected_) == 0 : found_ == expected_) {     \
			passed++;                                                                     \
		} else {                                                                              \
			failed++;                                                                     \
			printf("%s:%d: %s: found \"%s\", expected \"%s\"\n", __FILE__, __LINE__, current_test, \
			       found_ ? found_ : "(null)", expected_ ? expected_ : "(null)");         \
		}                                                                                     \
	} while (0)

static inline int finish(const char *name)
{
	printf("%s: %u checks passed, %u failed\n", name, passed, failed);
	return failed ? 1 : 0;
}

/* xorshift: the same numbers at every run. */
static uint64_t random_state;
static inline uint64_t random_number(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

struct memory_disk {
	uint8_t *bytes;
	size_t length;
	size_t fail_write_at; /* writes to this offset fail; SIZE_MAX: none do */
};

/* Outside the disk is a mistake of the caller, whatever the disk carries. */
static inline void must_be_inside(const struct memory_disk *memory, uint64_t offset, size_t bytes)
{
	if (offset > memory->length || bytes > memory->length - offset) {
		printf("%s: access outside the disk: %zu bytes at %llu\n", current_test, bytes, (unsigned long long)offset);
		abort();
	}
}

static inline bool memory_read(void *context, uint64_t offset, void *to, size_t bytes)
{
	struct memory_disk *memory = context;
	must_be_inside(memory, offset, bytes);
	memcpy(to, memory->bytes + offset, bytes);
	return true;
}

static inline bool memory_write(void *context, uint64_t offset, const void *from, size_t bytes)
{
	struct memory_disk *memory = context;
	must_be_inside(memory, offset, bytes);
	if (offset == memory->fail_write_at)
		return false;
	memcpy(memory->bytes + offset, from, bytes);
	return true;
}

static inline struct disk disk_in(struct memory_disk *memory, uint32_t sector_bytes)
{
	return (struct disk){ .context = memory, .sector_bytes = sector_bytes, .sectors = memory->length / sector_bytes,
	                      .read = memory_read, .write = memory_write };
}

#endif

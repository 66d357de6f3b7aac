/* What the unit tests share: checks that name their place, a disk in memory, repeatable random numbers. */
#ifndef PINWHEEL_CHECK_H
#define PINWHEEL_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../selector/disk.h"

/* The running test, its failed checks so far, and how many tests failed. */
static const char *current_test = "";
static unsigned failed_checks, failed_tests;

static inline void end_test(void)
{
	if (current_test[0])
		printf("%s %s\n", failed_checks ? "not ok" : "ok", current_test);
	failed_tests += failed_checks > 0;
	failed_checks = 0;
	current_test = "";
}

/* Begins the test of this name and ends the one before. */
#define TEST(name) (end_test(), (void)(current_test = (name)))
#define FAIL(...) (failed_checks++, printf("# %s:%d: ", __FILE__, __LINE__), printf(__VA_ARGS__), putchar('\n'))
#define CHECK(condition) ((condition) ? (void)0 : (void)FAIL("not true: %s", #condition))
#define CHECK_TEXT(found, expected) check_text((found), (expected), __FILE__, __LINE__)

static inline void check_text(const char *found, const char *expected, const char *file, int line)
{
	if (found && expected ? strcmp(found, expected) == 0 : found == expected)
		return;
	failed_checks++;
	printf("# %s:%d: found \"%s\", expected \"%s\"\n", file, line, found ? found : "(null)",
	       expected ? expected : "(null)");
}

/* Ends the last test. The exit code of the program. */
static inline int finish(void)
{
	end_test();
	return failed_tests ? 1 : 0;
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
	struct write_log *log; /* where there is one, writes and flushes are noted in it */
};

/* What was written and flushed, in order. A flush has no bytes. */
struct write_log {
	struct {
		size_t offset, length;
		uint8_t bytes[40 * 512];
	} step[16];
	unsigned count;
};

static inline void note(struct memory_disk *memory, size_t offset, const void *bytes, size_t length)
{
	if (!memory->log)
		return;
	if (memory->log->count == 16 || length > sizeof(memory->log->step[0].bytes)) {
		printf("not ok %s: more written than the log holds\n", current_test);
		abort();
	}
	memory->log->step[memory->log->count].offset = offset;
	memory->log->step[memory->log->count].length = length;
	if (length > 0)
		memcpy(memory->log->step[memory->log->count].bytes, bytes, length);
	memory->log->count++;
}

/* Outside the disk is a mistake of the caller, whatever the disk carries. */
static inline void must_be_inside(const struct memory_disk *memory, uint64_t offset, size_t bytes)
{
	if (offset > memory->length || bytes > memory->length - offset) {
		printf("not ok %s: access outside the disk: %zu bytes at %llu\n", current_test, bytes,
		       (unsigned long long)offset);
		fflush(stdout);
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
	note(memory, offset, from, bytes);
	return true;
}

static inline bool memory_flush(void *context)
{
	note(context, 0, NULL, 0);
	return true;
}

static inline struct disk disk_in(struct memory_disk *memory, uint32_t sector_bytes)
{
	return (struct disk){ .context = memory, .sector_bytes = sector_bytes, .sectors = memory->length / sector_bytes,
	                      .read = memory_read, .write = memory_write, .flush = memory_flush };
}

#endif

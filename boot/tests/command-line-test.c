#include "../selector/command-line.h"
#include "check.h"

#define GUID "01234567-89ab-4cde-8f01-23456789abcd"

static char line[MAX_COMMAND_LINE_BYTES];

static const char *make(const char *own, const struct boot_words *words)
{
	return make_command_line(own, strlen(own), GUID, words, line);
}

static struct boot_words words_of(const char *kernel, unsigned kernels, const char *init, unsigned inits)
{
	struct boot_words words = { .kernel_count = kernels, .init_count = inits };
	strcpy(words.kernel, kernel);
	strcpy(words.init, init);
	return words;
}

static void test_words(void)
{
	struct boot_words none = words_of("", 0, "", 0), both = words_of("a=\"1\" b", 2, "c=\"x y\"", 1);

	TEST("without boot settings only the partition is filled in");
	CHECK_TEXT(make("ro x=@BOOT@/1 y=@BOOT@ -- z\n", NULL), NULL);
	CHECK_TEXT(line, "ro x=" GUID "/1 y=" GUID " -- z");
	CHECK_TEXT(make("ro -- z", &none), NULL);
	CHECK_TEXT(line, "ro -- z");

	TEST("kernel words come first, init words behind the dashes, each with its count");
	CHECK_TEXT(make("ro x=\"a -- b\" -- z=1\n", &both), NULL);
	CHECK_TEXT(line, "a=\"1\" b pinwheel.kernel-words=2 ro x=\"a -- b\" -- c=\"x y\" pinwheel.init-words=1 z=1");
	CHECK_TEXT(make("ro --", &both), NULL);
	CHECK_TEXT(line, "a=\"1\" b pinwheel.kernel-words=2 ro -- c=\"x y\" pinwheel.init-words=1");

	TEST("withheld boot settings are told from none");
	struct boot_words withheld = { .withheld = true };
	CHECK_TEXT(make("ro -- z", &withheld), NULL);
	CHECK_TEXT(line, "pinwheel.boot-settings=withheld ro -- z");

	TEST("a command line without dashes gets them when there are init words");
	CHECK_TEXT(make("ro", &both), NULL);
	CHECK_TEXT(line, "a=\"1\" b pinwheel.kernel-words=2 ro -- c=\"x y\" pinwheel.init-words=1");
}

static void test_refused(void)
{
	static char own[4096];
	TEST("too long is refused: the kernel would cut off the end");
	memset(own, 'a', 2047);
	CHECK_TEXT(make(own, NULL), NULL);
	own[2047] = 'a';
	CHECK_TEXT(make(own, NULL), "it is longer than the kernel reads");
	TEST("two lines, or bytes that are no text, are refused");
	CHECK_TEXT(make("ro\nrw", NULL), "it is not one line of printable text");
	CHECK_TEXT(make("ro \xff", NULL), "it is not one line of printable text");
}

static void test_file(void)
{
	static const uint8_t image_file[] = "kernel {}\ninit {}\n\0\0\x14\0\0\0\x79\x06\0\0#BOOTCONFIG\n";
	uint8_t file[40];
	const char *text;
	size_t bytes;

	TEST("the file of a new image (os-image Check 9)");
	CHECK(sizeof(image_file) - 1 == 40);
	memcpy(file, image_file, 40);
	CHECK_TEXT(find_boot_config_text(file, 40, &text, &bytes), NULL);
	CHECK(bytes == 18 && memcmp(text, image_file, 18) == 0);
	TEST("a damaged file is refused");
	file[3] ^= 1;
	CHECK_TEXT(find_boot_config_text(file, 40, &text, &bytes), "its checksum is wrong");
	CHECK_TEXT(find_boot_config_text(file, 39, &text, &bytes), "it does not end in #BOOTCONFIG");
	CHECK_TEXT(find_boot_config_text(file, 0, &text, &bytes), "it does not end in #BOOTCONFIG");
	file[20] = 0x15;
	CHECK_TEXT(find_boot_config_text(file, 40, &text, &bytes), "it is shorter than the size it states");
	memset(file + 20, 0xff, 4);
	CHECK_TEXT(find_boot_config_text(file, 40, &text, &bytes), "it is shorter than the size it states");
}

static const char *read_words(const char *text)
{
	static struct boot_words words;
	unsigned text_line;
	return read_boot_words(text, strlen(text), &words, &text_line);
}

static void test_limits(void)
{
	static char text[MAX_BOOT_CONFIG_BYTES + 2];
	static struct boot_words words;
	unsigned text_line;

	TEST("what a command line cannot hold is refused, not cut");
	memset(text, 'a', MAX_BOOT_CONFIG_BYTES);
	memcpy(text, "kernel.x = \"", 12);
	strcpy(text + 3000, "\"\n");
	CHECK_TEXT(read_words(text), "more than a kernel command line can hold");
	TEST("values added, replaced and set twice");
	const char *added = "kernel.a = 1\nkernel.b = 2\nkernel.a += 3\nkernel.b := 4\n";
	CHECK_TEXT(read_boot_words(added, strlen(added), &words, &text_line), NULL);
	CHECK_TEXT(words.kernel, "a=\"1\" a=\"3\" b=\"4\"");
	CHECK_TEXT(read_words("kernel.a = 1\nkernel.a = 2\n"), "a key is set twice; '+=' adds to it, ':=' replaces it");
	TEST("the line of a mistake");
	CHECK(read_boot_words("kernel.a = 1\n\nkernel.b..c\n", 27, &words, &text_line) != NULL && text_line == 3);
	CHECK(words.kernel_count == 0 && words.kernel[0] == 0);
	TEST("blocks nested too deep");
	CHECK_TEXT(read_words("a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{"), "blocks nested deeper than 16");
}

/* Pieces of the syntax in random order reach deeper than random bytes do. */
static void test_random_texts(void)
{
	static const char *pieces[] = { "kernel", "init", ".", "a", "=", "+=", ":=", "{", "}", "\"", "'", ",", ";", "\n",
		                        "#", " ", "--", "x y", "\\", "\x80" };
	static char text[400], own[400];
	static struct boot_words words;
	unsigned text_line;
	TEST("random texts are read or refused");
	random_state = 3;
	for (int i = 0; i < 30000; i++) {
		size_t length = 0;
		for (unsigned n = random_number() % 40; n > 0; n--) {
			const char *piece = pieces[random_number() % 20];
			memcpy(text + length, piece, strlen(piece));
			length += strlen(piece);
		}
		/* In memory of exactly its length, so that the sanitizer sees a byte too many. */
		char *exact = malloc(length ? length : 1);
		memcpy(exact, text, length);
		if (!read_boot_words(exact, length, &words, &text_line)) {
			memcpy(own, "ro -- @BOOT@", 13);
			make(own, &words);
		}
		make_command_line(exact, length, GUID, NULL, line);
		free(exact);
	}
	CHECK(true);
}

int main(void)
{
	test_words();
	test_refused();
	test_file();
	test_limits();
	test_random_texts();
	return finish();
}

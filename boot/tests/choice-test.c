#include "sample-table.h"

static struct partition_table table;

/* Which set starts, and the flags of both as they are written before that (os-image Check 12, updates Check 8). */
static const struct {
	const char *situation, *a, *b;
	int chosen;
	const char *a_after, *b_after;
} rows[] = {
	{ "a fresh disk starts the first set", "1/0/1", "0/0/0", SAMPLE_BOOT_A, "1/0/1", "0/0/0" },
	{ "an activated update is tried, which uses its try", "1/0/1", "2/1/0", SAMPLE_BOOT_B, "1/0/1", "2/0/0" },
	{ "a try that did not succeed falls back", "1/0/1", "2/0/0", SAMPLE_BOOT_A, "1/0/1", "2/0/0" },
	{ "a try is used up even when successful", "1/3/1", "0/0/0", SAMPLE_BOOT_A, "1/2/1", "0/0/0" },
	{ "priority 0 is never started, even if good", "0/0/1", "0/1/0", -1, "0/0/1", "0/1/0" },
	{ "a tie goes to the first set", "1/0/1", "1/0/1", SAMPLE_BOOT_A, "1/0/1/1", "1/0/1" },
	{ "a good set with three starts gives way", "2/0/1/3", "1/0/1", SAMPLE_BOOT_B, "2/0/1/3", "1/0/1/1" },
	{ "it does not give way to an untried set", "2/0/1/3", "1/1/0", SAMPLE_BOOT_A, "2/0/1/3", "1/1/0" },
	{ "with an untried set beside it its starts are not counted", "2/0/1", "1/1/0", SAMPLE_BOOT_A, "2/0/1", "1/1/0" },
	{ "the only bootable set never gives way", "2/0/1/3", "1/0/0", SAMPLE_BOOT_A, "2/0/1/3", "1/0/0" },
	{ "when both have used up their starts they count anew", "2/0/1/3", "1/0/1/3", SAMPLE_BOOT_A, "2/0/1/1", "1/0/1" },
};

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tried none = { .count = 0 };
		TEST(rows[i].situation);
		sample_table(&table, 4096, attributes_of(rows[i].a), attributes_of(rows[i].b));
		struct choice choice = choose_boot_partition(&table, &none, false);
		CHECK(choice.index == rows[i].chosen);
		CHECK(partition_at(&table, SAMPLE_BOOT_A).attributes == attributes_of(rows[i].a_after));
		CHECK(partition_at(&table, SAMPLE_BOOT_B).attributes == attributes_of(rows[i].b_after));
		bool changed = strcmp(rows[i].a, rows[i].a_after) != 0 || strcmp(rows[i].b, rows[i].b_after) != 0;
		CHECK(choice.table_changed == changed);
	}
}

static void test_settings(void)
{
	struct tried none = { .count = 0 };

	TEST("a good set that is not marked good again is started a third time without boot settings, then with them again");
	sample_table(&table, 4096, attributes_of("1/0/1"), attributes_of("0/0/0"));
	for (int i = 0; i < 7; i++) {
		struct choice choice = choose_boot_partition(&table, &none, true);
		CHECK(choice.index == SAMPLE_BOOT_A && choice.start_counted && choice.table_changed);
		CHECK(choice.without_settings == (i % 3 == 2));
	}

	TEST("this comes before it gives way to the other good set");
	sample_table(&table, 4096, attributes_of("2/0/1/2"), attributes_of("1/0/1"));
	struct choice choice = choose_boot_partition(&table, &none, true);
	CHECK(choice.index == SAMPLE_BOOT_A && choice.without_settings);
	choice = choose_boot_partition(&table, &none, true);
	CHECK(choice.index == SAMPLE_BOOT_B && !choice.without_settings && choice.passed_over == SAMPLE_BOOT_A);

	TEST("without boot settings nothing is withheld, and the only good set is not counted");
	sample_table(&table, 4096, attributes_of("2/0/1/2"), attributes_of("1/0/1"));
	CHECK(!choose_boot_partition(&table, &none, false).without_settings);
	sample_table(&table, 4096, attributes_of("1/0/1"), attributes_of("0/0/0"));
	CHECK(!choose_boot_partition(&table, &none, false).table_changed);
}

static void test_tried(void)
{
	struct tried tried = { .index = { SAMPLE_BOOT_B }, .count = 1 };

	TEST("a set that could not be started is passed over for the other");
	sample_table(&table, 4096, attributes_of("1/0/1"), attributes_of("2/1/0"));
	CHECK(choose_boot_partition(&table, &tried, false).index == SAMPLE_BOOT_A);
	CHECK(partition_at(&table, SAMPLE_BOOT_B).attributes == attributes_of("2/1/0"));

	TEST("when every set was tried none is chosen");
	tried.index[tried.count++] = SAMPLE_BOOT_A;
	CHECK(choose_boot_partition(&table, &tried, false).index == -1);
}

static void test_bits(void)
{
	TEST("flags are set each in their own bits (updates Check 1)");
	struct boot_flags flags = read_boot_flags(0x5555555555555555);
	CHECK(flags.priority == 5 && flags.tries_left == 5 && flags.successful && flags.starts == 2);
	flags.priority = 0;
	CHECK(with_boot_flags(0x5555555555555555, flags) == 0x5550555555555555);
	flags.tries_left = 0;
	CHECK(with_boot_flags(0x5555555555555555, flags) == 0x5500555555555555);
	flags.successful = false;
	CHECK(with_boot_flags(0x5555555555555555, flags) == 0x5400555555555555);
}

static void test_random_flags(void)
{
	TEST("whatever the bits, a bootable set is chosen if there is one, and only flags change");
	random_state = 1;
	for (int i = 0; i < 20000; i++) {
		struct tried none = { .count = 0 };
		uint64_t a = random_number(), b = random_number();
		sample_table(&table, 4096, a, b);
		struct choice choice = choose_boot_partition(&table, &none, false);
		bool any = is_bootable(read_boot_flags(a)) || is_bootable(read_boot_flags(b));
		uint64_t kept = ~((uint64_t)0xfff << 48);
		if ((choice.index >= 0) != any || ((partition_at(&table, SAMPLE_BOOT_A).attributes ^ a) & kept) ||
		    ((partition_at(&table, SAMPLE_BOOT_B).attributes ^ b) & kept) ||
		    (any && !is_bootable(read_boot_flags(choice.index == SAMPLE_BOOT_A ? a : b)))) {
			printf("a=%llx b=%llx\n", (unsigned long long)a, (unsigned long long)b);
			CHECK(false);
			return;
		}
	}
	CHECK(true);
}

int main(void)
{
	test_rows();
	test_settings();
	test_tried();
	test_bits();
	test_random_flags();
	return finish();
}

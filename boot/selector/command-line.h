/* The kernel command line of a set: its own words, the chosen partition, the boot settings. */
#ifndef PINWHEEL_COMMAND_LINE_H
#define PINWHEEL_COMMAND_LINE_H

#include "boot-words.h"

#define MAX_COMMAND_LINE_BYTES 2048 /* COMMAND_LINE_SIZE of x86, the NUL included */

/*
 * Makes the command line from the content of the set's `cmdline` file.
 *
 * Every `@BOOT@` becomes `boot_guid`. Kernel words come first, then how many they are, so
 * that the host can read them back; init words come right behind the `--`, with their count.
 * With `words` NULL no boot settings are added. Withheld ones are told to the host, which must
 * not take them for none.
 *
 * @return NULL, or why there is no command line. Too long is refused: the kernel would cut
 *         off its end, which holds the verity table.
 */
const char *make_command_line(const char *own, size_t own_bytes, const char *boot_guid,
                              const struct boot_words *words, char line[MAX_COMMAND_LINE_BYTES]);

#endif

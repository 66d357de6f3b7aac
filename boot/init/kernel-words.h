/* The words of a kernel command line, split as the kernel splits them. Decides only. */
#ifndef PINWHEEL_KERNEL_WORDS_H
#define PINWHEEL_KERNEL_WORDS_H

#include <stddef.h>

/*
 * Finds the words NAME=VALUE in front of `--`. To the kernel `_` and `-` in a name are the same.
 *
 * @param value, bytes  the value of the first one, without the quotes around it
 * @return how many there are; what may be said only once is for the caller to judge
 */
unsigned find_kernel_words(const char *line, const char *name, const char **value, size_t *bytes);

#endif

/* The kernel parameters that boot settings may not give. Compared with the host's list by testdata/boot-words.json. */
#ifndef PINWHEEL_RESERVED_NAMES_H
#define PINWHEEL_RESERVED_NAMES_H

#include "bytes.h"

bool is_reserved_name(const char *name, size_t bytes);

#endif

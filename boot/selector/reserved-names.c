#include "reserved-names.h"

/*
 * What decides which root and which first program are started: for the set's own command
 * line alone. Boot settings stand in front of it and are read at the start of either set, so
 * with one of these a single wrong setting would leave the verified root, or no set at all.
 * (Parameters of which the kernel takes the last, panic= for one, the set's own words win.)
 */
static const char *const RESERVED[] = {
	"dm-mod.create", "root", "rootflags", "rootfstype", /* the root */
	"init", "rdinit", "initrd", "noinitrd",             /* the first program */
};

/* As the kernel compares names: `_` is `-`. */
bool is_reserved_name(const char *name, size_t bytes)
{
	for (size_t i = 0; i < sizeof(RESERVED) / sizeof(*RESERVED); i++) {
		size_t at = 0;
		while (at < bytes && RESERVED[i][at] && (name[at] == '_' ? '-' : name[at]) == RESERVED[i][at])
			at++;
		if (at == bytes && !RESERVED[i][at])
			return true;
	}
	return false;
}

#include "ext4-state.h"

#include "../selector/bytes.h"

/* Linux, "ext4 Data Structures", The Super Block. */
enum { AT_MAGIC = 0x38, AT_STATE = 0x3a, MAGIC = 0xef53, ERRORS_FOUND = 2 };

bool ext4_has_error_flag(const uint8_t superblock[EXT4_SUPERBLOCK_BYTES])
{
	return load16(superblock + AT_MAGIC) == MAGIC && (load16(superblock + AT_STATE) & ERRORS_FOUND) != 0;
}

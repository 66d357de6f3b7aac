/*
 * Reads one small file from the root directory of an ext4 file system.
 *
 * Read only, and only what the boot settings need: extents, 64-bit block numbers, plain and
 * indexed directories. A journal that was not replayed is not looked at: after a power cut
 * the file may be the one before the last change, which its own checksum still proves whole.
 */
#ifndef PINWHEEL_EXT4_H
#define PINWHEEL_EXT4_H

#include "disk.h"

/*
 * @param start, bytes  where the file system lies on the disk
 * @param file_bytes    in: room at `to`; out: size of the file
 * @return NULL, or why the file could not be read; never reads outside the file system
 */
const char *read_ext4_file(const struct disk *disk, uint64_t start, uint64_t bytes, const char *name, uint8_t *to,
                           size_t *file_bytes);

#endif

/* What the superblock of an ext4 file system says about its state. Decides only. */
#ifndef PINWHEEL_EXT4_STATE_H
#define PINWHEEL_EXT4_STATE_H

#include <stdbool.h>
#include <stdint.h>

#define EXT4_SUPERBLOCK_AT 1024
#define EXT4_SUPERBLOCK_BYTES 1024

/* The kernel met errors since the last check. A power cut alone sets nothing: the journal is for that. */
bool ext4_has_error_flag(const uint8_t superblock[EXT4_SUPERBLOCK_BYTES]);

#endif

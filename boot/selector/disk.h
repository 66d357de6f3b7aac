/* The disk as the deciding part sees it: bytes at offsets. Firmware or a test stands behind it. */
#ifndef PINWHEEL_DISK_H
#define PINWHEEL_DISK_H

#include "bytes.h"

struct disk {
	void *context;
	uint32_t sector_bytes;
	uint64_t sectors;
	/* Each is given only offsets inside the disk, and returns false when the device fails. */
	bool (*read)(void *context, uint64_t offset, void *to, size_t bytes);
	bool (*write)(void *context, uint64_t offset, const void *from, size_t bytes);
	/* Waits until everything written is on the medium. */
	bool (*flush)(void *context);
};

#endif

/*
 * The selector's side towards the UEFI firmware. Decides nothing about sets.
 *
 * gnu-efi gives types and start code only; none of its library is used. Its start code
 * calls _entry with the C convention of the system, while everything marked EFIAPI has
 * the firmware's (GNU_EFI_USE_MS_ABI in the Makefile).
 */
#ifndef PINWHEEL_FIRMWARE_H
#define PINWHEEL_FIRMWARE_H

#include <efi.h>

#include "../disk.h"

extern EFI_SYSTEM_TABLE *firmware;

/* Prints one line on the firmware's console (and what mirrors it). Knows %s and %u (uint64_t). */
void say(const char *format, ...);
const char *status_text(EFI_STATUS status);
void wait_seconds(unsigned seconds);

/* The disk the selector was loaded from. */
struct boot_disk {
	struct disk bytes;
	EFI_HANDLE handle;
	EFI_DEVICE_PATH *path;
	UINTN path_bytes; /* the end node not included */
	EFI_BLOCK_IO *blocks;
	EFI_DISK_IO *io;
};

/* NULL, or why the disk could not be opened. */
const char *open_boot_disk(EFI_HANDLE image, struct boot_disk *disk);

/* The handle of the file system on the partition with this GUID on this disk, or NULL. */
EFI_HANDLE find_file_system(const struct boot_disk *disk, const uint8_t guid[16]);

struct file {
	uint8_t *bytes; /* free with free_file */
	UINTN length;
};

EFI_STATUS read_file(EFI_HANDLE file_system, const CHAR16 *name, UINTN most_bytes, struct file *file);
void free_file(struct file *file);

/*
 * Starts a Linux kernel. Returns only when that did not work, with everything put back;
 * `step` then names what failed.
 */
EFI_STATUS start_kernel(EFI_HANDLE image, EFI_HANDLE file_system, const struct file *kernel,
                        const struct file *initrd, const char *command_line, const char **step);

#endif

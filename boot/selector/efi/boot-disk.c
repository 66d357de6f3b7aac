#include "firmware.h"

static EFI_GUID LOADED_IMAGE = EFI_LOADED_IMAGE_PROTOCOL_GUID;
static EFI_GUID DEVICE_PATH = EFI_DEVICE_PATH_PROTOCOL_GUID;
static EFI_GUID BLOCK_IO = EFI_BLOCK_IO_PROTOCOL_GUID;
static EFI_GUID DISK_IO = EFI_DISK_IO_PROTOCOL_GUID;
static EFI_GUID FILE_SYSTEM = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;

static bool read_disk(void *context, uint64_t offset, void *to, size_t bytes)
{
	struct boot_disk *disk = context;
	return !EFI_ERROR(disk->io->ReadDisk(disk->io, disk->blocks->Media->MediaId, offset, bytes, to));
}

static bool write_disk(void *context, uint64_t offset, const void *from, size_t bytes)
{
	struct boot_disk *disk = context;
	return !EFI_ERROR(disk->io->WriteDisk(disk->io, disk->blocks->Media->MediaId, offset, bytes, (void *)from));
}

static bool flush_disk(void *context)
{
	struct boot_disk *disk = context;
	return !EFI_ERROR(disk->blocks->FlushBlocks(disk->blocks));
}

static bool is_partition_node(const EFI_DEVICE_PATH *node)
{
	return DevicePathType(node) == MEDIA_DEVICE_PATH && DevicePathSubType(node) == MEDIA_HARDDRIVE_DP;
}

/* Bytes of a device path in front of its last partition node; 0 when it has none. */
static UINTN bytes_before_partition(EFI_DEVICE_PATH *path)
{
	UINTN found = 0;
	for (EFI_DEVICE_PATH *node = path; !IsDevicePathEnd(node); node = NextDevicePathNode(node)) {
		if ((UINTN)DevicePathNodeLength(node) < sizeof(EFI_DEVICE_PATH))
			return 0;
		if (is_partition_node(node))
			found = (UINTN)((UINT8 *)node - (UINT8 *)path);
	}
	return found;
}

const char *open_boot_disk(EFI_HANDLE image, struct boot_disk *disk)
{
	EFI_BOOT_SERVICES *services = firmware->BootServices;
	EFI_LOADED_IMAGE *loaded;
	EFI_DEVICE_PATH *path, *rest;

	if (EFI_ERROR(services->HandleProtocol(image, &LOADED_IMAGE, (void **)&loaded)) ||
	    EFI_ERROR(services->HandleProtocol(loaded->DeviceHandle, &DEVICE_PATH, (void **)&path)))
		return "the firmware does not say where the selector was loaded from";
	disk->path_bytes = bytes_before_partition(path);
	if (disk->path_bytes == 0)
		return "the selector was not loaded from a partition of a disk";
	if (EFI_ERROR(services->AllocatePool(EfiLoaderData, disk->path_bytes + sizeof(EFI_DEVICE_PATH),
	                                     (void **)&disk->path)))
		return "out of memory";
	copy_bytes(disk->path, path, disk->path_bytes);
	rest = (EFI_DEVICE_PATH *)((UINT8 *)disk->path + disk->path_bytes);
	SetDevicePathEndNode(rest);

	rest = disk->path;
	if (EFI_ERROR(services->LocateDevicePath(&BLOCK_IO, &rest, &disk->handle)) || !IsDevicePathEnd(rest) ||
	    EFI_ERROR(services->HandleProtocol(disk->handle, &BLOCK_IO, (void **)&disk->blocks)) ||
	    EFI_ERROR(services->HandleProtocol(disk->handle, &DISK_IO, (void **)&disk->io)))
		return "the firmware gives no access to the whole disk";
	disk->bytes = (struct disk){
		.context = disk,
		.sector_bytes = disk->blocks->Media->BlockSize,
		.sectors = disk->blocks->Media->LastBlock + 1,
		.read = read_disk,
		.write = write_disk,
		.flush = flush_disk,
	};
	return NULL;
}

static bool is_partition_of(const struct boot_disk *disk, EFI_DEVICE_PATH *path, const uint8_t guid[16])
{
	if (bytes_before_partition(path) != disk->path_bytes || !same_bytes(path, disk->path, disk->path_bytes))
		return false;
	HARDDRIVE_DEVICE_PATH *partition = (HARDDRIVE_DEVICE_PATH *)((UINT8 *)path + disk->path_bytes);
	return partition->SignatureType == SIGNATURE_TYPE_GUID && same_bytes(partition->Signature, guid, 16);
}

static EFI_HANDLE look_for_file_system(const struct boot_disk *disk, const uint8_t guid[16])
{
	EFI_BOOT_SERVICES *services = firmware->BootServices;
	EFI_HANDLE *handles, found = NULL;
	EFI_DEVICE_PATH *path;
	UINTN count;

	if (EFI_ERROR(services->LocateHandleBuffer(ByProtocol, &FILE_SYSTEM, NULL, &count, &handles)))
		return NULL;
	for (UINTN i = 0; i < count && !found; i++)
		if (!EFI_ERROR(services->HandleProtocol(handles[i], &DEVICE_PATH, (void **)&path)) &&
		    is_partition_of(disk, path, guid))
			found = handles[i];
	services->FreePool(handles);
	return found;
}

EFI_HANDLE find_file_system(const struct boot_disk *disk, const uint8_t guid[16])
{
	EFI_HANDLE found = look_for_file_system(disk, guid);
	if (found)
		return found;
	/* A firmware in a hurry connects only the partition it boots from. */
	firmware->BootServices->ConnectController(disk->handle, NULL, NULL, TRUE);
	return look_for_file_system(disk, guid);
}

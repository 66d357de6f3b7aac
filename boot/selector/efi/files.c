#include "firmware.h"

static EFI_GUID FILE_SYSTEM = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
static EFI_GUID FILE_INFO = EFI_FILE_INFO_ID;

static EFI_STATUS read_open_file(EFI_FILE_HANDLE open, UINTN most_bytes, struct file *file)
{
	EFI_BOOT_SERVICES *services = firmware->BootServices;
	_Alignas(8) UINT8 info[sizeof(EFI_FILE_INFO) + 2 * 256]; /* the name is at its end */
	UINTN bytes = sizeof(info);
	EFI_STATUS status = open->GetInfo(open, &FILE_INFO, &bytes, info);
	if (EFI_ERROR(status))
		return status;
	UINT64 length = ((EFI_FILE_INFO *)info)->FileSize;
	if (length > most_bytes)
		return EFI_BUFFER_TOO_SMALL;
	status = services->AllocatePool(EfiLoaderData, length + 1, (void **)&file->bytes);
	if (EFI_ERROR(status))
		return status;
	while (file->length < length) {
		bytes = length - file->length;
		status = open->Read(open, &bytes, file->bytes + file->length);
		if (!EFI_ERROR(status) && bytes == 0)
			status = EFI_VOLUME_CORRUPTED; /* the file ends before its stated size */
		if (EFI_ERROR(status)) {
			free_file(file);
			return status;
		}
		file->length += bytes;
	}
	return EFI_SUCCESS;
}

EFI_STATUS read_file(EFI_HANDLE file_system, const CHAR16 *name, UINTN most_bytes, struct file *file)
{
	EFI_FILE_IO_INTERFACE *volume;
	EFI_FILE_HANDLE root, open;

	zero_bytes(file, sizeof(*file));
	EFI_STATUS status = firmware->BootServices->HandleProtocol(file_system, &FILE_SYSTEM, (void **)&volume);
	if (EFI_ERROR(status))
		return status;
	status = volume->OpenVolume(volume, &root);
	if (EFI_ERROR(status))
		return status;
	status = root->Open(root, &open, (CHAR16 *)name, EFI_FILE_MODE_READ, 0);
	if (!EFI_ERROR(status)) {
		status = read_open_file(open, most_bytes, file);
		open->Close(open);
	}
	root->Close(root);
	return status;
}

void free_file(struct file *file)
{
	if (file->bytes)
		firmware->BootServices->FreePool(file->bytes);
	zero_bytes(file, sizeof(*file));
}

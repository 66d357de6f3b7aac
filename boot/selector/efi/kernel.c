#include "firmware.h"

static EFI_GUID LOADED_IMAGE = EFI_LOADED_IMAGE_PROTOCOL_GUID;
static EFI_GUID DEVICE_PATH = EFI_DEVICE_PATH_PROTOCOL_GUID;
static EFI_GUID LOAD_FILE2 = { 0x4006c0c1, 0xfcb3, 0x403e, { 0x99, 0x6d, 0x4a, 0x6c, 0x87, 0x24, 0xe0, 0x6d } };

/* The path under which the kernel asks for its initrd (Linux, "The EFI Boot Stub"). */
static struct {
	VENDOR_DEVICE_PATH vendor;
	EFI_DEVICE_PATH end;
} __attribute__((packed)) initrd_path = {
	.vendor = {
		.Header = { MEDIA_DEVICE_PATH, MEDIA_VENDOR_DP, { sizeof(VENDOR_DEVICE_PATH), 0 } },
		.Guid = { 0x5568e427, 0x68fc, 0x4f3d, { 0xac, 0x74, 0xca, 0x55, 0x52, 0x31, 0xcc, 0x68 } },
	},
	.end = { END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, { sizeof(EFI_DEVICE_PATH), 0 } },
};

struct load_file2 {
	EFI_STATUS(EFIAPI *load)(struct load_file2 *self, EFI_DEVICE_PATH *path, BOOLEAN boot_policy, UINTN *bytes,
	                         void *to);
};

static const struct file *offered_initrd;

static EFI_STATUS EFIAPI load_initrd(struct load_file2 *self, EFI_DEVICE_PATH *path, BOOLEAN boot_policy,
                                     UINTN *bytes, void *to)
{
	if (!self || !path || !bytes || boot_policy)
		return EFI_INVALID_PARAMETER;
	if (!to || *bytes < offered_initrd->length) {
		*bytes = offered_initrd->length;
		return EFI_BUFFER_TOO_SMALL;
	}
	*bytes = offered_initrd->length;
	copy_bytes(to, offered_initrd->bytes, offered_initrd->length);
	return EFI_SUCCESS;
}

static struct load_file2 initrd_loader = { .load = load_initrd };

/* Path of the kernel file, so that the firmware judges it by where it comes from. */
static EFI_DEVICE_PATH *kernel_path(EFI_HANDLE file_system)
{
	static const CHAR16 name[] = u"\\vmlinuz";
	EFI_BOOT_SERVICES *services = firmware->BootServices;
	EFI_DEVICE_PATH *base, *node;
	UINT8 *path;
	UINTN bytes = 0, name_node_bytes = sizeof(EFI_DEVICE_PATH) + sizeof(name);

	if (EFI_ERROR(services->HandleProtocol(file_system, &DEVICE_PATH, (void **)&base)))
		return NULL;
	for (node = base; !IsDevicePathEnd(node); node = NextDevicePathNode(node))
		bytes += DevicePathNodeLength(node);
	if (EFI_ERROR(services->AllocatePool(EfiLoaderData, bytes + name_node_bytes + sizeof(EFI_DEVICE_PATH),
	                                     (void **)&path)))
		return NULL;
	copy_bytes(path, base, bytes);
	node = (EFI_DEVICE_PATH *)(path + bytes);
	node->Type = MEDIA_DEVICE_PATH;
	node->SubType = MEDIA_FILEPATH_DP;
	SetDevicePathNodeLength(node, name_node_bytes);
	copy_bytes(node + 1, name, sizeof(name));
	node = NextDevicePathNode(node);
	SetDevicePathEndNode(node);
	return (EFI_DEVICE_PATH *)path;
}

/* As UTF-16, NUL included. */
static CHAR16 *widen(const char *text, UINT32 *bytes)
{
	UINTN length = text_length(text) + 1;
	CHAR16 *wide;
	*bytes = (UINT32)(length * sizeof(CHAR16));
	if (EFI_ERROR(firmware->BootServices->AllocatePool(EfiLoaderData, *bytes, (void **)&wide)))
		return NULL;
	for (UINTN i = 0; i < length; i++)
		wide[i] = (CHAR16)text[i];
	return wide;
}

static EFI_STATUS start_loaded(EFI_HANDLE kernel, const char *command_line, const char **step)
{
	EFI_BOOT_SERVICES *services = firmware->BootServices;
	EFI_LOADED_IMAGE *loaded;
	EFI_HANDLE initrd = NULL;

	*step = "passing the kernel its command line";
	EFI_STATUS status = services->HandleProtocol(kernel, &LOADED_IMAGE, (void **)&loaded);
	if (EFI_ERROR(status))
		return status;
	loaded->LoadOptions = widen(command_line, &loaded->LoadOptionsSize);
	if (!loaded->LoadOptions)
		return EFI_OUT_OF_RESOURCES;

	*step = "offering the kernel its initrd";
	status = services->InstallMultipleProtocolInterfaces(&initrd, &DEVICE_PATH, &initrd_path, &LOAD_FILE2,
	                                                     &initrd_loader, NULL);
	if (EFI_ERROR(status))
		return status;
	*step = "starting the kernel";
	status = services->StartImage(kernel, NULL, NULL);
	services->UninstallMultipleProtocolInterfaces(initrd, &DEVICE_PATH, &initrd_path, &LOAD_FILE2, &initrd_loader,
	                                              NULL);
	return status;
}

EFI_STATUS start_kernel(EFI_HANDLE image, EFI_HANDLE file_system, const struct file *kernel,
                        const struct file *initrd, const char *command_line, const char **step)
{
	EFI_BOOT_SERVICES *services = firmware->BootServices;
	EFI_HANDLE loaded = NULL;

	offered_initrd = initrd;
	*step = "loading vmlinuz";
	EFI_STATUS status = services->LoadImage(FALSE, image, kernel_path(file_system), kernel->bytes, kernel->length,
	                                        &loaded);
	if (!EFI_ERROR(status))
		status = start_loaded(loaded, command_line, step);
	if (loaded)
		services->UnloadImage(loaded);
	return status;
}

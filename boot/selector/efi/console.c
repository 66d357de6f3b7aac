#include <stdarg.h>

#include "firmware.h"

EFI_SYSTEM_TABLE *firmware;

static void put(char c)
{
	CHAR16 text[3] = { (CHAR16)c, 0, 0 };
	if (c == '\n') {
		text[0] = '\r';
		text[1] = '\n';
	}
	if (firmware->ConOut)
		firmware->ConOut->OutputString(firmware->ConOut, text);
}

static void put_text(const char *text)
{
	while (*text)
		put(*text++);
}

void say(const char *format, ...)
{
	char digits[21];
	va_list values;
	va_start(values, format);
	for (; *format; format++) {
		if (format[0] == '%' && format[1] == 's') {
			put_text(va_arg(values, const char *));
			format++;
		} else if (format[0] == '%' && format[1] == 'u') {
			struct text number = empty_text(digits, sizeof(digits));
			append_number(&number, va_arg(values, uint64_t));
			put_text(digits);
			format++;
		} else {
			put(*format);
		}
	}
	va_end(values);
	put('\n');
}

const char *status_text(EFI_STATUS status)
{
	switch (status) {
	case EFI_SUCCESS: return "it came back without an error";
	case EFI_LOAD_ERROR: return "it is not a program this firmware can load";
	case EFI_INVALID_PARAMETER: return "invalid parameter";
	case EFI_UNSUPPORTED: return "not supported (no program for this machine, or unknown contents)";
	case EFI_BAD_BUFFER_SIZE: return "bad size";
	case EFI_BUFFER_TOO_SMALL: return "larger than allowed";
	case EFI_DEVICE_ERROR: return "the device failed";
	case EFI_WRITE_PROTECTED: return "the disk is write protected";
	case EFI_OUT_OF_RESOURCES: return "out of memory";
	case EFI_VOLUME_CORRUPTED: return "the file system is damaged";
	case EFI_NO_MEDIA: return "no medium";
	case EFI_MEDIA_CHANGED: return "the medium was changed";
	case EFI_NOT_FOUND: return "not found";
	case EFI_ACCESS_DENIED: return "access denied";
	case EFI_SECURITY_VIOLATION: return "refused by secure boot";
	case EFI_ABORTED: return "aborted";
	case EFI_CRC_ERROR: return "wrong checksum";
	}
	return "another error of the firmware";
}

void wait_seconds(unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++)
		firmware->BootServices->Stall(1000 * 1000);
}

/* The compiler may call these by itself. */
void *memcpy(void *to, const void *from, UINTN bytes);
void *memset(void *to, int value, UINTN bytes);

void *memcpy(void *to, const void *from, UINTN bytes)
{
	copy_bytes(to, from, bytes);
	return to;
}

void *memset(void *to, int value, UINTN bytes)
{
	for (UINTN i = 0; i < bytes; i++)
		((volatile uint8_t *)to)[i] = (uint8_t)value;
	return to;
}

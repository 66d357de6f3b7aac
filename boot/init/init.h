/*
 * The first init: from the kernel to systemd on the verified root.
 *
 * Static, started as /init of the initrd. It never waits for ever: what cannot be done is
 * printed with what, where and why, and the machine reboots, so that the boot selector can
 * pick the other set.
 */
#ifndef PINWHEEL_INIT_H
#define PINWHEEL_INIT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <limits.h>
#include <sys/types.h>

#define SECONDS_BEFORE_REBOOT 10
#define SECONDS_FOR_DEVICES 60

/* Print one line on the console (through the kernel's log). */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same, shown on the console whatever "quiet" hides. */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Prints the line, waits until it can have been read, and reboots. */
void stop(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* Value of the one word NAME=VALUE of the kernel command line; stops when there is none or a second. Caller frees. */
char *command_line_value(const char *name);

/* Loads the modules of a list: paths at once, `PATTERN PATH...` lines for the devices that are there. */
void load_modules(const char *list);
/* Loads modules for devices that have appeared since. */
void load_modules_for_devices(void);

/* Opens the kernel's announcements of devices; before modules are loaded, so that none is missed. */
void watch_devices(void);
/* Waits for the partition of `PARTUUID=GUID[/PARTNROFF=N]`; its device number as "MAJOR:MINOR". */
void wait_for_partition(const char *reference, char number[24]);

/* Kernel name of the partition of a type on the disk the root is on, never of one attached from another host. */
bool find_partition_of_root_disk(const uint8_t type[16], char device[NAME_MAX + 1]);
/*
 * The same for the data partition: that of the root's disk where it has one, else of the first
 * other disk, for which it waits (specification "os-image" 1.1, the split plan).
 */
bool wait_for_data_partition(const uint8_t type[16], const char *name, char device[NAME_MAX + 1]);

/*
 * Mounts what must be there before systemd starts or costs less here than as units: /etc
 * filled, the volatile directories, the data and private partitions and the views of them.
 */
void mount_new_root(const char *root);

/* Writes the machine's identity into its /etc (specification "os-image" 2.5). */
void write_machine_id(const char *root);

/* Creates the device-mapper device that a dm-mod.create= value describes, and waits for its node. */
void create_verity_device(const char *description, char node[32]);

/* Mounts the node as the new root, moves there, and starts systemd. */
void enter_new_root(const char *node, char **arguments) __attribute__((noreturn));

#endif

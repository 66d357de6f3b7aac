/* /etc starts empty at every boot and is filled from the image's factory tree before systemd starts, because PID 1,
 * udev and the journal read it (specification "os-image" 2.2, 2.3). */
#ifndef PINWHEEL_INIT_ETC_H
#define PINWHEEL_INIT_ETC_H

/* Mounts a tmpfs on ROOT/etc and copies ROOT/usr/share/factory/etc into it: directories, files and links with their
 * modes. Returns 0, or -1 with errno set and the path that failed in *failed (static storage). */
int fill_etc(const char *root, const char **failed);

#endif

# Runs a command inside the build environment, in the private mount namespace that `unshare` has just made.
# Usage: sh enter.sh ROOT WORKDIR [BIND...] -- COMMAND...     BIND is rw:PATH or ro:PATH, seen under the same path.
#
# The root is a fresh tmpfs with the environment's /usr and /etc bound read-only, so a command cannot change the
# cached environment, and any path of the machine can be bound. Everything disappears with the last process.
set -eu
root=$1 work=$2
shift 2
new=$root/mnt
mount -t tmpfs -o mode=0755 pinwheel-sdk "$new"
mkdir -p "$new/usr" "$new/etc" "$new/dev" "$new/proc" "$new/sys" "$new/tmp" "$new/run" "$new/root" "$new/var/tmp"
chmod 1777 "$new/tmp" "$new/var/tmp"
for link in bin sbin lib lib64; do ln -s "usr/$link" "$new/$link"; done
for part in usr etc; do
  mount --bind "$root/$part" "$new/$part"
  mount -o remount,bind,ro "$new/$part"
done
mount --rbind /dev "$new/dev"
mount --rbind /sys "$new/sys"
mount --rbind /proc "$new/proc"
if [ -e "$new/etc/resolv.conf" ] && [ -e /etc/resolv.conf ]; then mount --bind /etc/resolv.conf "$new/etc/resolv.conf"; fi
while [ "$1" != -- ]; do
  mode=${1%%:*} path=${1#*:}
  if [ -d "$path" ]; then mkdir -p "$new$path"; else mkdir -p "$new${path%/*}"; : >"$new$path"; fi
  mount --rbind "$path" "$new$path"
  if [ "$mode" = ro ]; then mount -o remount,bind,ro "$new$path"; fi
  shift
done
shift
exec chroot "$new" /usr/bin/env --chdir="$work" -- "$@"

# Runs pinwheel-host in a root that holds nothing but it, its libraries, /proc, /dev and one script it must not run:
# what a container with an empty image has. Usage, inside the build environment: sh alone.sh DIRECTORY ENVIRONMENT ARGUMENT...
set -eu
made=$1 environment=$2
shift 2
new=$(mktemp -d)
mount -t tmpfs tmpfs "$new"
mkdir -p "$new/proc" "$new/dev" "$new/tmp" "$new/usr/bin" "$new/usr/lib"
cp -r "$made/lib/pinwheel" "$new/usr/lib/pinwheel"
: >"$new/usr/bin/pinwheel-host"
mount --bind "$made/bin/pinwheel-host" "$new/usr/bin/pinwheel-host"
mount --rbind /proc "$new/proc"
mount --rbind /dev "$new/dev"
printf 'console.log("foreign code ran")\n' >"$new/tmp/foreign.js"
# The exit code is the program's own business here: only what it prints is judged.
env -i "$environment" /usr/sbin/chroot "$new" /usr/bin/pinwheel-host "$@" 2>&1 || true

# Runs a script with bash in a fresh copy of a root, as the only process tree of a container with a network of its own.
# Usage, inside the build environment: sh container.sh ROOT STORAGE SCRIPT
# ROOT is not changed: what is written goes to memory and is gone with the script, as with the host's snapshots.
set -eu
root=$1 storage=$2 script=$3
ip link set lo up
place=/run/container
mkdir "$place"
mount -t tmpfs tmpfs "$place"
new=$place/root
mkdir "$new" "$place/upper" "$place/work"
mount -t overlay overlay -o "lowerdir=$root,upperdir=$place/upper,workdir=$place/work" "$new"
mkdir -p "$new/.bottlerocket/host-containers/current"
mount --bind "$storage" "$new/.bottlerocket/host-containers/current"
mount -t proc proc "$new/proc"
mount --rbind /dev "$new/dev"
mount -t tmpfs tmpfs "$new/run"
# The first process stays outside, in another mount namespace: it stands for the host's. Whoever enters that namespace
# sees the machine's root and there, as on a host, the processes of this one.
nsenter --mount=/proc/self/ns/mnt mount -t proc proc /proc
unshare --mount chroot "$new" /bin/bash -c "$script"
exit $?

# Installs Debian packages into a new root and writes it as one tar file; runs inside the build environment.
# Usage: sh packages.sh OUT SUITE MIRROR PACKAGES(,) ACCOUNTS REMOVE      MIRROR may be empty: mmdebstrap's default.
# ACCOUNTS are commands run in the root, REMOVE names of files below it (shell patterns). SOURCE_DATE_EPOCH must be set.
# Makes OUT/packages.tar, and OUT/packages.txt with a line `NAME VERSION` a package.
set -eu
out=$1 suite=$2 mirror=$3 packages=$4
export ACCOUNTS="$5" REMOVE="$6" LIST="$out/packages.txt"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# Unlike the root of a host this one is installed, not only unpacked: inside a container people expect a whole Debian.
# The machine's own name and resolver, which installing needed, are left out with the other files that would tell
# one build from the next. Device nodes come from the container's own /dev.
# shellcheck disable=SC2016  # the hooks are run by mmdebstrap, which gives them the root as $1
mmdebstrap --mode=root --variant=essential --skip=output/dev --keyring="$keyring" \
  --aptopt='Acquire::Languages "none"' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-include=/usr/share/doc/*/copyright' --dpkgopt='path-exclude=/usr/share/vim/*/doc/*' \
  --include="$packages" \
  --customize-hook='chroot "$1" sh -euc "$ACCOUNTS"' \
  --customize-hook='dpkg-query --admindir="$1/var/lib/dpkg" --show --showformat="\${Package} \${Version}\n" | sort >"$LIST"' \
  --customize-hook='cd "$1" && rm -rf etc/hostname etc/resolv.conf $REMOVE' \
  --format=tar "$suite" "$out/packages.tar" ${mirror:+"$mirror"}

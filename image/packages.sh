# Extracts Debian packages, with everything they depend on, into OUT; runs inside the build environment.
# Usage: sh packages.sh OUT SUITE MIRROR PACKAGES(,)      MIRROR may be empty: then mmdebstrap's own default serves.
# Makes OUT/root (the files), OUT/lists/NAME (the files of each package) and OUT/control/NAME (its description).
set -eu
out=$1 suite=$2 mirror=$3 packages=$4
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# No maintainer script runs: the packages are unpacked, nothing more. Their archives are kept for the lists below.
mmdebstrap --mode=root --variant=extract --skip=cleanup/apt --keyring="$keyring" \
  --aptopt='Acquire::Languages "none"' --include="$packages" "$suite" "$out/root" ${mirror:+"$mirror"}
mkdir "$out/lists" "$out/control"
for archive in "$out"/root/var/cache/apt/archives/*.deb; do
  name=$(dpkg-deb --field "$archive" Package)
  dpkg-deb --fsys-tarfile "$archive" | tar --list --file=- | sed 's,^\./,,; /\/$/d; /^$/d' | sort >"$out/lists/$name"
  dpkg-deb --field "$archive" Package Version Architecture Source Homepage Description >"$out/control/$name"
done
rm -rf "$out/root/var/cache/apt" "$out/root/var/lib/apt"
for modules in "$out"/root/usr/lib/modules/*; do
  [ -d "$modules" ] || continue
  version=${modules##*/}
  find "$modules" -name '*.ko.xz' -exec xz --decompress --threads=2 {} +
  depmod --basedir "$out/root/usr" --filesyms "$out/root/boot/System.map-$version" "$version" 2>/dev/null ||
    depmod --basedir "$out/root" "$version"
done

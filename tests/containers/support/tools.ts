/** Debian 13's containerd and runc, with what they need, and the source of containerd's protocol. Made once. */
import { join } from "node:path";
import { cacheDirectory, cached, ensureSdk, hashOf, progressLines, takeLock } from "../../../sdk/index.ts";

const PACKAGES = ["containerd", "runc", "busybox-static", "coreutils", "mount", "util-linux"];
const PROTOCOL_PACKAGE = "golang-github-containerd-containerd-dev";

/** Where the source is in the root: it is unpacked alone, as everything that it would be compiled with is a gigabyte. */
export const PROTOCOL_SOURCES = "usr/share/containerd-source/usr/share/gocode/src";

const FETCH_PROTOCOL = `set -e
mkdir -p "$1/usr/share/containerd-source"
cd "$1/usr/share/containerd-source"
APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get download ${PROTOCOL_PACKAGE}
for file in *.deb; do dpkg-deb -x "$file" .; done
rm *.deb`;

// Whoever waits longer makes it once more, which only costs time.
const LONGEST_MS = 5 * 60_000;

/** @returns the root, never to be changed */
export async function containerTools(): Promise<string> {
  const progress = progressLines();
  const sdk = await ensureSdk(progress);
  const key = hashOf(sdk.hash, PACKAGES.join(), FETCH_PROTOCOL);
  const mirror = process.env.PINWHEEL_MIRROR;
  // Files of tests that run at the same time need the same: one makes it, and the others find it.
  const lock = await takeLock(join(cacheDirectory(), "container-tools.lock"), LONGEST_MS);
  try {
    const directory = await cached("container-tools", key, (unfinished) =>
      progress.step("container tools", async () => {
        const root = join(unfinished, "root");
        const include = `--include=${PACKAGES.join()}`;
        const hook = `--extract-hook=${FETCH_PROTOCOL}`;
        const source = mirror === undefined ? [] : [mirror];
        await sdk.run(["mmdebstrap", "--variant=extract", include, hook, "trixie", root, ...source], {
          writable: [unfinished],
        });
      }),
    );
    return join(directory, "root");
  } finally {
    lock?.release();
  }
}

/** What a built image holds, looked at with other people's tools where there are some; built twice. */
import { beforeAll, describe, expect, it } from "bun:test";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, open, readdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Glob } from "bun";
import { type BuiltImage, buildImage } from "../../image/build.ts";
import { buildHostExecutable } from "../../image/host-executable.ts";
import { planDisks } from "../../image/layout.ts";
import { readTrustedRoot } from "../../publish/trusted-root.ts";
import { ensureSdk, type Sdk, silentProgress } from "../../sdk/index.ts";

const TOP = join(import.meta.dirname, "../..");
const MIB = 2 ** 20;
let sdk: Sdk;
let image: BuiltImage;
let out: string;

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), "pinwheel-image-"));
  process.on("exit", () => Bun.spawnSync(["rm", "-rf", out]));
  sdk = await ensureSdk(silentProgress);
  // Where the tests of machines look for it: its disk and its compressed parts are then written once.
  image = await buildImage("metal-dev", { progress: silentProgress });
}, 600_000);

const inSdk = (...command: string[]) => sdk.run(command, { writable: [out], readable: [image.directory] });
const partition = (name: string) => {
  const found = planDisks("unified", 2, 1).os.partitions.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no partition ${name}`);
  return found;
};

/** Copies the beginning of a partition out of the disk; `bytes` is a multiple of 4096. */
async function extract(name: string, bytes: number, to: string): Promise<void> {
  const skip = (partition(name).startMiB * MIB) / 4096;
  const copied = [`if=${image.disk}`, `of=${to}`, "bs=4096", `skip=${skip}`, `count=${bytes / 4096}`];
  await inSdk("dd", ...copied, "conv=sparse", "status=none");
}

describe("the disk image of metal-dev", () => {
  it("Checks 1 to 4: other tools read the partition table as planned", async () => {
    const listed = JSON.parse(await inSdk("sfdisk", "--json", image.disk)).partitiontable;
    expect(listed.firstlba).toBe(2048);
    const expected = planDisks("unified", 2, 1).os.partitions.map((planned) => ({
      name: planned.name,
      type: planned.type.toUpperCase(),
      start: planned.startMiB * 2048,
      size: planned.sizeMiB * 2048,
      attrs: planned.attributes === 0n ? undefined : "GUID:48,56",
    }));
    const found = listed.partitions.map((each: Record<string, unknown>) => ({
      name: each.name,
      type: each.type,
      start: each.start,
      size: each.size,
      attrs: each.attrs,
    }));
    expect(found).toEqual(expected);
    expect((await stat(image.disk)).size).toBe(3 * 1024 * MIB);
  });

  it("Check 3: cgpt sees set A bootable and good, set B not", async () => {
    const flags = (number: number) =>
      Promise.all(
        ["-P", "-T", "-S"].map(async (flag) =>
          (await inSdk("cgpt", "show", "-i", `${number}`, flag, image.disk)).trim(),
        ),
      );
    expect(await flags(3)).toEqual(["1", "0", "1"]);
    expect(await flags(8)).toEqual(["0", "0", "0"]);
  });

  it("Check 6: the root's hash is the one on the command line, and one flipped byte changes it", async () => {
    const boot = join(out, "boot.fat");
    await extract("BOTTLEROCKET-BOOT-A", partition("BOTTLEROCKET-BOOT-A").sizeMiB * MIB, boot);
    const commandLine = await inSdk("mtype", "-i", boot, "::/cmdline");
    const table = /root,,,ro,0 (\d+) verity .* 4096 4096 (\d+) 1 sha256 ([0-9a-f]{64}) ([0-9a-f]{64}) /.exec(
      commandLine,
    );
    const [, sectors, blocks, rootHash = ""] = table ?? [];
    expect(Number(sectors)).toBe(8 * Number(blocks));
    expect(rootHash).toBe(image.rootHash);
    const root = join(out, "root");
    const hash = join(out, "hash");
    await extract("BOTTLEROCKET-ROOT-A", Number(blocks) * 4096, root);
    await extract("BOTTLEROCKET-HASH-A", partition("BOTTLEROCKET-HASH-A").sizeMiB * MIB, hash);
    await inSdk("veritysetup", "verify", root, hash, rootHash);
    const file = await open(root, "r+");
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, 1_000_000);
    await file.write(Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, 1_000_000);
    await file.close();
    await expect(inSdk("veritysetup", "verify", root, hash, rootHash)).rejects.toThrow();
  }, 120_000);

  it("Checks 7 and 37: all outputs are there with three links each, and hold what the partitions hold", async () => {
    const names = await readdir(image.directory);
    const full = `pinwheel-metal-dev-x86_64-${image.version}-${image.buildId}`;
    const short = "pinwheel-metal-dev-x86_64";
    for (const suffix of [
      ".img.lz4",
      "-boot.ext4.lz4",
      "-root.ext4.lz4",
      "-root.verity.lz4",
      "-migrations.tar",
    ]) {
      expect(names).toContain(`${full}${suffix}`);
      for (const prefix of [short, `${short}-${image.version}`, `${short}-v${image.version}`]) {
        expect(await readlink(join(image.directory, `${prefix}${suffix}`))).toBe(`${full}${suffix}`);
      }
    }
    expect(await readlink(join(image.directory, "../latest"))).toBe(`${image.version}-${image.buildId}`);
    const parts: [suffix: string, name: string][] = [
      ["-boot.ext4", "BOTTLEROCKET-BOOT-A"],
      ["-root.ext4", "BOTTLEROCKET-ROOT-A"],
      ["-root.verity", "BOTTLEROCKET-HASH-A"],
    ];
    for (const [suffix, name] of parts) {
      // 1.9: the verity output reaches to the end of its partition; the file systems are as big as they are.
      const part = join(out, "part");
      await inSdk("lz4", "-d", "-f", "-q", join(image.directory, `${full}${suffix}.lz4`), part);
      if (suffix === "-root.verity") expect((await stat(part)).size).toBe(partition(name).sizeMiB * MIB);
      const copy = join(out, "copy");
      await extract(name, (await stat(part)).size, copy);
      expect(await sha256(copy)).toBe(await sha256(part));
    }
  }, 120_000);

  it("leaves a disk image that nothing may write to: machines get a copy", async () => {
    expect((await stat(image.disk)).mode & 0o777).toBe(0o444);
  });

  it("Checks 19, 33, 34: rules, os-release and inventory of the root hold", async () => {
    const root = join(out, "erofs");
    const tree = join(out, "tree");
    await rm(tree, { recursive: true, force: true });
    await extract("BOTTLEROCKET-ROOT-A", partition("BOTTLEROCKET-ROOT-A").sizeMiB * MIB, root);
    await inSdk("fsck.erofs", `--extract=${tree}`, root);
    const release = await readFile(join(tree, "usr/lib/os-release"), "utf8");
    for (const line of ["NAME=Pinwheel", "ID=pinwheel", "ID_LIKE=bottlerocket", "VARIANT_ID=metal-dev"]) {
      expect(release.split("\n")).toContain(line);
    }
    expect(release).toContain(`VERSION_ID=${image.version}\n`);
    expect(release).toContain(`BUILD_ID=${image.buildId}\n`);
    const inventory = JSON.parse(
      await readFile(join(tree, "usr/share/bottlerocket/application-inventory.json"), "utf8"),
    );
    const packages: string[] = inventory.Content.map((entry: { Name: string }) => entry.Name);
    expect(packages).toEqual([...packages].sort());
    expect(packages).toContain("systemd");
    expect(packages.filter((name) => name.startsWith("bottlerocket-"))).toEqual([]);
    for (const name of ["bash", "login"])
      expect((await stat(join(tree, "usr/bin", name))).isFile()).toBe(true);
    expect(await readlink(join(tree, "usr/bin/sh"))).toBe("bash");
    for (const name of ["iptables", "ip6tables", "iptables-save", "ip6tables-restore"])
      expect(await readlink(join(tree, "usr/sbin", name))).toBe("xtables-legacy-multi");
    // What comes from the build environment and from the npm registry is listed as well.
    for (const name of ["bun", "liquidjs", "libc6-of-pinwheel-host", "gnu-efi-of-boot-selector"])
      expect(packages).toContain(name);
    await checkModes(tree);
    await checkLicences(tree, packages);
    const rule = join(tree, "usr/lib/udev/rules.d/80-ephemeral-storage.rules");
    await inSdk("udevadm", "verify", "--resolve-names=never", rule);
    // Checked with the modes above: 0644. The key that signs is on the publisher's machine alone.
    expect(await readdir(join(tree, "usr/share/updog"))).toEqual(["root.json"]);
    const trusted = await readFile(join(tree, "usr/share/updog/root.json"));
    expect(trusted).toEqual(Buffer.from((await readTrustedRoot(TOP)).bytes));
    const programs = await readdir(join(tree, "usr/bin"));
    for (const absent of ["perl", "python3", "dpkg", "apt", "su", "ssh", "sshd"])
      expect(programs).not.toContain(absent);
  }, 120_000);

  it("has units that systemd itself can put into an order for the boot", async () => {
    const tree = join(out, "tree");
    await mkdir(join(tree, "etc"), { recursive: true });
    const verify = ["systemd-analyze", "verify", "--man=no", "--generators=no", `--root=${tree}`];
    // It prints what it finds, ordering cycles among it, and may exit with 0 all the same.
    const found = await inSdk("sh", "-c", 'exec "$@" 2>&1', "sh", ...verify, "multi-user.target");
    expect(found).toBe("");
  }, 60_000);

  it("has the same bytes when built again", async () => {
    const again = await mkdtemp(join(tmpdir(), "pinwheel-again-"));
    const cache = process.env.XDG_CACHE_HOME;
    try {
      const first = await sha256(image.disk);
      // Only the environment, the packages and the root role are kept: everything made from them is made anew.
      process.env.XDG_CACHE_HOME = join(again, "cache");
      const kept = cache ?? join(process.env.HOME ?? "/root", ".cache");
      Bun.spawnSync(["mkdir", "-p", join(again, "cache/pinwheel")]);
      for (const name of ["sdk", "packages", "update-repository"]) {
        Bun.spawnSync(["ln", "-s", join(kept, "pinwheel", name), join(again, "cache/pinwheel", name)]);
      }
      const second = await buildImage("metal-dev", {
        out: join(again, "out"),
        buildId: image.buildId,
        progress: silentProgress,
      });
      expect(await sha256(second.disk)).toBe(first);
    } finally {
      if (cache === undefined) delete process.env.XDG_CACHE_HOME;
      else process.env.XDG_CACHE_HOME = cache;
      await rm(again, { recursive: true, force: true });
    }
  }, 600_000);
});

describe("an image build that cannot be", () => {
  it("an executable that would hold the path of this clone is refused: other clones would make other bytes", async () => {
    const sources = await mkdtemp(join(tmpdir(), "pinwheel-sources-"));
    await writeFile(join(sources, "main.ts"), `console.log(${JSON.stringify(TOP)});`);
    const built = buildHostExecutable(silentProgress, sources);
    await expect(built).rejects.toThrow(`pinwheel-host holds the path of this clone, ${TOP}`);
    await rm(sources, { recursive: true });
  });

  it("Check 38: another architecture is refused by its name", async () => {
    await expect(buildImage("metal-dev", { arch: "riscv64", progress: silentProgress })).rejects.toThrow(
      "The architecture is riscv64; accepted: x86_64",
    );
  });
});

/** Programs for all to run, files for all to read, nothing for others to write, no set-user-ID; two exceptions. */
async function checkModes(tree: string): Promise<void> {
  const odd: string[] = [];
  for (const entry of await readdir(tree, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const mode = ((await stat(path)).mode & 0o7777).toString(8);
    if (entry.isDirectory() ? mode !== "755" : !["644", "755"].includes(mode))
      odd.push(`${mode} ${path.slice(tree.length)}`);
  }
  expect(odd.sort()).toEqual(["444 /usr/share/factory/etc/machine-id", "600 /usr/share/factory/etc/shadow"]);
}

/** Check 35, for everything that the inventory lists: two lines at least, and Debian's texts beside them. */
async function checkLicences(tree: string, parts: readonly string[]): Promise<void> {
  const directory = join(tree, "usr/share/licenses");
  // The name of a part can have a slash, as packages with a scope have.
  const attributions = await Array.fromAsync(new Glob("**/attribution.txt").scan(directory));
  expect(attributions.map(dirname).sort()).toEqual([...parts].sort());
  for (const part of parts) {
    const text = await readFile(join(directory, part, "attribution.txt"), "utf8");
    expect(text).toMatch(/^\S+ - \S+\nSPDX-License-Identifier: .+\n$/);
  }
  expect((await readFile(join(directory, "systemd/copyright"), "utf8")).length).toBeGreaterThan(1000);
  expect((await stat(join(tree, "usr/share/common-licenses/GPL-2"))).size).toBeGreaterThan(10_000);
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest("hex");
}

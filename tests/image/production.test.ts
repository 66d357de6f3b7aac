/**
 * What can be run on a production host, looked for in the image of metal-base that was built: every executable is one
 * that the variant names, none is a shell, an interpreter or a package manager, and nobody can log in.
 */
import { beforeAll, describe, expect, it } from "bun:test";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { programs } from "../../host/programs/index.ts";
import { readVariantSources } from "../../host/settings/variant-sources.ts";
import { buildImage } from "../../image/build.ts";
import { type Executable, executablesIn, unnamedExecutables } from "../../image/executables.ts";
import { planDisks } from "../../image/layout.ts";
import { type PackageLists, readPackageLists } from "../../image/package-lists.ts";
import { type ExtractedPackage, extractPackages } from "../../image/packages.ts";
import { namedExecutables } from "../../image/tree.ts";
import { ensureSdk, type Sdk, silentProgress } from "../../sdk/index.ts";

const VARIANT = "metal-base";
const VARIANTS = join(import.meta.dirname, "../../variants");
let sdk: Sdk;
let tree: string;
let executables: readonly Executable[];
let named: ReadonlySet<string>;
let lists: PackageLists;
let packages: readonly ExtractedPackage[];

beforeAll(async () => {
  const out = await mkdtemp(join(tmpdir(), "pinwheel-production-"));
  process.on("exit", () => Bun.spawnSync(["rm", "-rf", out]));
  sdk = await ensureSdk(silentProgress);
  const image = await buildImage(VARIANT, { progress: silentProgress });
  tree = join(out, "tree");
  await extractRoot(image.disk, out);
  executables = await executablesIn(tree);
  const { definition } = await readVariantSources(VARIANTS, VARIANT);
  lists = await readPackageLists(join(VARIANTS, "shared/packages"), definition.packages);
  ({ packages } = await extractPackages(sdk, [...lists.keys()], silentProgress));
  const sets = definition.units;
  named = await namedExecutables({ lists, sets, programs: [...programs.keys()], variants: VARIANTS });
}, 600_000);

async function extractRoot(disk: string, out: string): Promise<void> {
  const root = planDisks("unified", 2, 1).os.partitions.find(({ name }) => name === "BOTTLEROCKET-ROOT-A");
  if (root === undefined) throw new Error("the plan has no root");
  const file = join(out, "root.erofs");
  const copied = [`if=${disk}`, `of=${file}`, "bs=1M", `skip=${root.startMiB}`, `count=${root.sizeMiB}`];
  await sdk.run(["dd", ...copied, "conv=sparse", "status=none"], { writable: [out], readable: [disk] });
  await sdk.run(["fsck.erofs", `--extract=${tree}`, file], { writable: [out] });
  await rm(file);
}

const paths = () => executables.map(({ path }) => path);
const unnamed = async () => unnamedExecutables(await executablesIn(tree), named, lists, packages);

describe("every executable in the image of metal-base", () => {
  it("is named by the variant, with its whole path", async () => {
    for (const path of [
      "usr/bin/apiclient",
      "usr/bin/containerd",
      "usr/sbin/runc",
      "usr/lib/systemd/systemd",
    ])
      expect(paths()).toContain(path);
    expect(executables.length).toBeGreaterThan(200);
    expect(await unnamed()).toEqual([]);
  });

  it("and one that is not is found, wherever it hides, and said with where it comes from", async () => {
    const hidden = join(tree, "usr/libexec/hidden");
    await mkdir(hidden, { recursive: true });
    await copyFile(join(sdk.root, "usr/bin/perl"), join(hidden, "data.bin"));
    await Bun.write(join(hidden, "notes.txt"), "#!/usr/bin/env containerd\n");
    try {
      expect(await unnamed()).toEqual([
        "usr/libexec/hidden/data.bin (a program): from no package; the build itself put it there",
        "usr/libexec/hidden/notes.txt (a script): from no package; the build itself put it there",
      ]);
    } finally {
      await rm(hidden, { recursive: true });
    }
  });

  it("is the whole of a program: no script, so no interpreter is missed", () => {
    expect(executables.filter(({ kind }) => kind === "script")).toEqual([]);
  });
});

/** What such a program says of itself somewhere in its file, whatever its name is; and one that does, to compare. */
const marks: [what: string, mark: string, example: string][] = [
  ["shell", "OLDPWD", "usr/bin/dash"],
  ["Perl", "PERL5LIB", "usr/bin/perl"],
  ["package manager", "DPKG_ROOT", "usr/bin/dpkg"],
  ["package manager", "/var/lib/dpkg", "usr/bin/dpkg-query"],
];
const holds = async (file: string, mark: string) => (await readFile(file)).includes(mark);

describe("os-image Check 19: the image of metal-base has", () => {
  const names =
    "sh bash dash ash zsh ksh busybox login su sudo sulogin agetty getty sshd ssh python python3 perl ruby lua node bun " +
    "rpm dpkg apt apt-get gcc ld as make vi nano awk gawk mawk tclsh";

  it("no shell, login, SSH, interpreter or package manager by name", () => {
    const present = paths().map((path) => basename(path));
    expect(names.split(" ").filter((name) => present.includes(name))).toEqual([]);
  });

  for (const [what, mark, example] of marks) {
    it(`no ${what} under another name: nothing holds ${mark}`, async () => {
      expect(await holds(join(sdk.root, example), mark)).toBe(true);
      const found: string[] = [];
      // The host's own runtime knows such words; that it runs no code but its own is proven where it is built.
      for (const { path, kind } of executables)
        if (kind === "program" && path !== "usr/bin/pinwheel-host" && (await holds(join(tree, path), mark)))
          found.push(path);
      expect(found).toEqual([]);
    });
  }
});

describe("nobody can log in on metal-base", () => {
  const etc = () => join(tree, "usr/share/factory/etc");
  const rows = async (file: string) =>
    (await readFile(join(etc(), file), "utf8"))
      .trim()
      .split("\n")
      .map((line) => line.split(":"));

  it("with a password: every account is locked", async () => {
    expect((await rows("shadow")).filter(([, password = ""]) => !/^[!*]+$/.test(password))).toEqual([]);
    expect((await rows("passwd")).filter((fields) => fields[6] !== "/usr/sbin/nologin")).toEqual([]);
  });

  it("on a console: no unit gives one a prompt or a shell, and no generator could make such a unit", async () => {
    const systemd = join(tree, "usr/lib/systemd");
    const units = await readdir(join(systemd, "system"), { recursive: true });
    const doors = /getty@|rescue\.|emergency\.|debug-shell|sulogin|console-shell|container-getty/;
    expect(units.filter((name) => doors.test(name))).toEqual([]);
    expect((await readdir(systemd)).filter((name) => /-generators$|sulogin/.test(name))).toEqual([]);
  });
});

describe("the units of metal-base", () => {
  it("start programs that are there, and none of them a shell", async () => {
    const directory = join(tree, "usr/lib/systemd/system");
    const names = (await readdir(directory, { recursive: true })).filter((name) => name.endsWith(".service"));
    const missing: string[] = [];
    let count = 0;
    for (const name of names) {
      const lines = (await readFile(join(directory, name), "utf8")).split("\n");
      for (const line of lines) {
        const [, program = ""] = /^Exec\w+=[-@:+!|]*(\S+)/.exec(line) ?? [];
        if (program === "") continue;
        count += 1;
        const places = program.startsWith("/") ? [program] : [`/usr/bin/${program}`, `/usr/sbin/${program}`];
        const there = places.map((place) => place.replace(/^\/(s?bin)\//, "/usr/$1/").slice(1));
        if (!there.some((path) => paths().includes(path))) missing.push(`${name}: ${line}`);
      }
    }
    expect(count).toBeGreaterThan(40);
    expect(missing).toEqual([]);
  });

  it("can be put into an order for the boot by systemd itself", async () => {
    await mkdir(join(tree, "etc"), { recursive: true });
    const verify = ["systemd-analyze", "verify", "--man=no", "--generators=no", `--root=${tree}`];
    const words = ["sh", "-c", 'exec "$@" 2>&1', "sh", ...verify, "multi-user.target"];
    expect(await sdk.run(words, { writable: [tree] })).toBe("");
  }, 60_000);
});

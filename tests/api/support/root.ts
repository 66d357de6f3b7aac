/**
 * A temporary root in which the real executable runs as on a host: sealed, with its own loader, in a chroot of a
 * private mount namespace. Programs that it starts (the applier, shutdown, systemd-notify) are shell scripts there.
 */
import { chmod, copyFile, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exampleVariantText } from "../../../host/api/testing.ts";
import { buildModel, loadVariant } from "../../../host/settings/index.ts";
import { prepareStore } from "../../../host/store/index.ts";
import { buildHostExecutable } from "../../../image/host-executable.ts";
import { ensureSdk, progressLines } from "../../../sdk/index.ts";

export const RELEASE = `NAME=Pinwheel
ID=pinwheel
PRETTY_NAME="Pinwheel OS 1.11.1"
VARIANT_ID=example
VERSION_ID=1.11.1
BUILD_ID=0123abcd
`;

const TEMPLATES = join(import.meta.dirname, "../../../variants/shared/templates");
const PROGRAMS = ["apiserver", "apiclient", "storewolf"];

/** How a program ended, and what it printed. */
export interface Ended {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  /** Working directory inside the root. */
  readonly cwd?: string;
  /** See `command`. */
  readonly mounts?: string;
}

export class TestRoot {
  private readonly cleanUps: (() => Promise<unknown>)[] = [];

  private constructor(readonly path: string) {}

  /**
   * Makes a root with a fresh store.
   *
   * @param variant  the text of variant.json; that of the example variant if none is given
   */
  static async make(variant: string = exampleVariantText): Promise<TestRoot> {
    const progress = progressLines();
    const { directory } = await buildHostExecutable(progress);
    const sdk = await ensureSdk(progress);
    // Short: a socket's path has at most 107 bytes.
    const root = new TestRoot(await mkdtemp(join(tmpdir(), "pw-")));
    await root.fill(directory, sdk.root, variant);
    return root;
  }

  /** A path inside the root, as the machine sees it. */
  at(...parts: readonly string[]): string {
    return join(this.path, ...parts);
  }

  /** Makes a shell script that the programs can start under this path. */
  async script(path: string, text: string): Promise<void> {
    await writeFile(this.at(path), `#!/bin/sh\n${text}\n`);
    await chmod(this.at(path), 0o755);
  }

  /** Puts the real applier in place of the script, and the templates of the source tree where it finds them. */
  async useRealApplier(): Promise<void> {
    await rm(this.at("usr/bin/thar-be-settings"));
    await symlink("pinwheel-host", this.at("usr/bin/thar-be-settings"));
    await cp(TEMPLATES, this.at("usr/share/templates"), { recursive: true });
  }

  /** The text of a file inside the root, `""` if there is none. */
  async text(path: string): Promise<string> {
    return readFile(this.at(path), "utf8").catch(() => "");
  }

  /**
   * The argument list that runs a program inside; the process id is then that of the program itself.
   *
   * @param mounts  shell commands that prepare more inside the private namespace; `$R` is the root
   */
  command(command: readonly string[], cwd = "/", mounts = ":"): string[] {
    const enter = `set -e; R=$1; shift
      mount --rbind /proc "$R/proc"; mount --rbind /dev "$R/dev"; ${mounts}
      exec chroot "$R" /bin/sh -c 'cd "$0" && exec "$@"' "${cwd}" "$@"`;
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", enter, "sh", this.path, ...command];
  }

  /** Runs a program inside to its end. */
  async run(command: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const child = Bun.spawn(this.command(command, options.cwd, options.mounts), {
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...options.env },
      stdin: options.stdin === undefined ? "ignore" : Buffer.from(options.stdin),
      stdout: "pipe",
      stderr: "pipe",
    });
    const [stdout, stderr] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    return { exitCode: child.exitCode, signal: child.signalCode as string | null, stdout, stderr };
  }

  /** Makes a `ctr` that runs commands in this root instead of in a container. */
  async runsCommandsHere(): Promise<void> {
    await this.script("usr/bin/ctr", CTR);
  }

  /** The text of the committed document. */
  live(): Promise<string> {
    return this.text("/var/lib/bottlerocket/datastore/current/live.json");
  }

  /** Has something done before the root is removed: a test that failed leaves its server running. */
  atEnd(cleanUp: () => Promise<unknown>): void {
    this.cleanUps.push(cleanUp);
  }

  async remove(): Promise<void> {
    for (const cleanUp of this.cleanUps) await cleanUp();
    await rm(this.path, { recursive: true, force: true });
  }

  private async fill(executable: string, sdk: string, variant: string): Promise<void> {
    for (const directory of [
      "usr/bin",
      "usr/lib/pinwheel",
      "sbin",
      "bin",
      "lib64",
      "lib",
      "proc",
      "dev",
      "run",
      "tmp",
    ]) {
      await mkdir(this.at(directory), { recursive: true });
    }
    await copyFile(join(executable, "bin/pinwheel-host"), this.at("usr/bin/pinwheel-host"));
    for (const name of PROGRAMS) await symlink("pinwheel-host", this.at("usr/bin", name));
    const glob = new Bun.Glob("*").scan(join(executable, "lib/pinwheel"));
    for await (const name of glob) {
      await copyFile(join(executable, "lib/pinwheel", name), this.at("usr/lib/pinwheel", name));
      await chmod(this.at("usr/lib/pinwheel", name), 0o755);
    }
    // The shell of the build environment runs on the same loader and C library.
    for (const name of ["dash", "cat", "env", "head", "sleep", "stat", "stty"])
      await copyFile(join(sdk, "usr/bin", name), this.at("bin", name));
    await symlink("dash", this.at("bin/sh"));
    await symlink("/usr/lib/pinwheel/ld-linux-x86-64.so.2", this.at("lib64/ld-linux-x86-64.so.2"));
    await symlink("/usr/lib/pinwheel", this.at("lib/x86_64-linux-gnu"));
    for (const name of ["libselinux.so.1", "libpcre2-8.so.0"]) {
      await copyFile(join(sdk, "usr/lib/x86_64-linux-gnu", name), this.at("usr/lib/pinwheel", name));
    }

    await writeFile(this.at("usr/lib/os-release"), RELEASE);
    await writeFile(this.at("usr/lib/pinwheel/variant.json"), variant);
    await this.script("usr/bin/thar-be-settings", APPLIER);
    await this.script("sbin/shutdown", 'printf "%s\\n" "$*" >/run/shutdown.arguments');
    const model = buildModel(loadVariant(variant));
    await prepareStore(this.at("var/lib/bottlerocket/datastore"), "1.11.1", model);
  }
}

// Records how it was called; ends with the exit code in /run/applier.exit if there is one.
const APPLIER = `printf '%s\\n' "$*" >/run/applier.arguments
cat >/run/applier.stdin
exit "$(cat /run/applier.exit 2>/dev/null || echo 0)"`;

// Keeps how it was called. Opening its terminal makes it the controlling one, as a container's first process has it.
const CTR = `printf '%s\\n' "$*" >>/run/ctr.arguments
[ "$4" = exec ] || exit 0
shift 6
[ "$1" != --tty ] || { shift; exec </proc/self/fd/0; }
[ "$1" != nowhere ] || { echo 'ctr: container "nowhere" not found' >&2; exit 1; }
shift
exec "$@"`;

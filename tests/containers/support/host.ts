/**
 * A host without a kernel of its own: the sealed executable, Debian's containerd and runc, and the directories that an
 * image has, as the root of a private mount namespace. Host containers run in it as on a host, on this machine's kernel.
 */
import {
  chmod,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseRunRecord, type RunRecord, runRecordFile } from "../../../host/containers/run-record.ts";
import { buildHostExecutable } from "../../../image/host-executable.ts";
import { progressLines } from "../../../sdk/index.ts";
import { containerTools } from "./tools.ts";

const TOP = join(import.meta.dirname, "../../..");
const SOCKET = "run/host-containerd/containerd.sock";
const PROGRAMS = ["host-ctr", "apiclient"];

/** Mounts what a host has, and becomes the root. $1: the directory, $2: the tools. */
const ENTER = `set -e
mount -t tmpfs tmpfs "$1/t"
mkdir "$1/t/upper" "$1/t/work"
mount -t overlay -o "lowerdir=$1/own:$2,upperdir=$1/t/upper,workdir=$1/t/work" overlay "$1/root"
cd "$1/root"
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
for each in run tmp local mnt var/lib/host-containerd; do mount -t tmpfs tmpfs "$each"; done
mount --bind mnt mnt && mount --make-shared mnt
mount --make-shared run
mkdir -p run/pinwheel/container-run run/api
ln -s api/api.sock run/pinwheel/container-run/api.sock
ln -s api/api.sock run/api.sock
pivot_root . old
umount -l /old
mount --make-private /
exec /usr/bin/containerd --config /etc/host-containerd/config.toml`;

// As on a host: without the compiler of the runtime.
const ENVIRONMENT = { PATH: "/usr/sbin:/usr/bin", BUN_JSC_useJIT: "0" };

export interface CtrOptions {
  readonly env?: Readonly<Record<string, string>>;
}

/** A program that runs, and what it has printed so far. */
export interface Running {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Waits until this stands in what it has printed to stdout. */
  untilPrinted(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Asks it to end, and waits until it has. @returns its exit code */
  stop(): Promise<number | null>;
  readonly ended: Promise<{
    readonly exitCode: number | null;
    readonly seconds: number;
    /** Processor time, its own and the kernel's for it. */
    readonly cpuS: number;
  }>;
}

export class ContainerHost {
  private containerd: Bun.Subprocess | undefined;

  private constructor(
    private readonly directory: string,
    readonly tools: string,
  ) {}

  static async start(): Promise<ContainerHost> {
    const tools = await containerTools();
    const { directory: executable } = await buildHostExecutable(progressLines());
    const host = new ContainerHost(await mkdtemp(join(tmpdir(), "pwc-")), tools);
    await host.fill(executable);
    await host.startContainerd();
    return host;
  }

  /** A path of the host as this machine sees it. */
  at(path: string): string {
    return join(`/proc/${this.containerdPid}/root`, path);
  }

  /** Has a registry asked for what is on `registry.test`, and its own endpoint not to be reached. */
  async useRegistry(address: string, more = ""): Promise<void> {
    await mkdir(this.at("/etc/host-containers"), { recursive: true });
    const mirrors = `[mirrors."registry.test"]\nendpoints = ["http://${address}"]\n`;
    await writeFile(this.at("/etc/host-containers/host-ctr.toml"), mirrors + more);
  }

  /** The storage of a container, as host-containers makes it. */
  async makeStorage(name: string, kind = "host-containers"): Promise<string> {
    const path = this.at(`/local/${kind}/${name}`);
    await mkdir(path, { recursive: true });
    return path;
  }

  /** What the last run of a container has left. @param state  the directory of the runtime's state */
  async runRecord(id: string, state = "/run/host-containerd"): Promise<RunRecord | undefined> {
    const file = Bun.file(this.at(runRecordFile(state, id)));
    return (await file.exists()) ? parseRunRecord(await file.text()) : undefined;
  }

  start(words: readonly string[], { env = {} }: CtrOptions = {}): Running {
    const beginMs = performance.now();
    const child = Bun.spawn(["nsenter", `--mount=/proc/${this.containerdPid}/ns/mnt`, ...words], {
      env: { ...ENVIRONMENT, ...env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    const ended = Promise.all([child.exited, stdout.all, stderr.all]).then(() => ({
      exitCode: child.exitCode,
      seconds: (performance.now() - beginMs) / 1000,
      cpuS: Number(child.resourceUsage()?.cpuTime.total ?? 0) / 1e6,
    }));
    return {
      pid: child.pid,
      stdout: () => stdout.text,
      stderr: () => stderr.text,
      untilPrinted: (text) =>
        untilTrue(`${JSON.stringify(text)} is printed`, async () => stdout.text.includes(text)),
      kill: (signal) => child.kill(signal),
      async stop() {
        child.kill("SIGTERM");
        return (await ended).exitCode;
      },
      ended,
    };
  }

  /** Starts `host-ctr run` with storage for the container. */
  async runContainer(
    name: string,
    source: string,
    flags: readonly string[] = [],
    options?: CtrOptions,
  ): Promise<Running> {
    await this.makeStorage(
      name,
      flags.includes("--container-type=bootstrap") ? "bootstrap-containers" : undefined,
    );
    const config = "--registry-config=/etc/host-containers/host-ctr.toml";
    return this.start(
      ["host-ctr", "run", `--container-id=${name}`, `--source=${source}`, config, ...flags],
      options,
    );
  }

  /** Runs a program to its end. */
  async run(words: readonly string[], options?: CtrOptions) {
    const running = this.start(words, options);
    return { ...(await running.ended), stdout: running.stdout(), stderr: running.stderr() };
  }

  /** The lines that containerd's own client prints about its contents. */
  async ctr(...words: readonly string[]): Promise<readonly string[]> {
    const { exitCode, stdout, stderr } = await this.run([
      "ctr",
      "-a",
      `/${SOCKET}`,
      "-n",
      "default",
      ...words,
    ]);
    if (exitCode !== 0) throw new Error(`ctr ${words.join(" ")}: ${stderr}`);
    return stdout.split("\n").filter(Boolean);
  }

  /** Ends containerd as it is restarted on a host: the containers run on. @param whileGone  done before the next begins */
  async restartContainerd(whileGone: () => Promise<void> = async () => undefined): Promise<void> {
    const pid = this.containerdPid;
    // The namespace lives on in a process of its own while there is no containerd in it.
    const keeper = this.start(["sleep", "60"]);
    await untilTrue(
      "the keeper is inside",
      async () => (await readlink(`/proc/${keeper.pid}/ns/mnt`)) === (await readlink(`/proc/${pid}/ns/mnt`)),
    );
    this.containerd?.kill("SIGTERM");
    await this.containerd?.exited;
    await whileGone();
    this.containerd = Bun.spawn(
      [
        "nsenter",
        `--mount=/proc/${keeper.pid}/ns/mnt`,
        "containerd",
        "--config",
        "/etc/host-containerd/config.toml",
      ],
      { env: ENVIRONMENT, stdin: "ignore", stdout: "ignore", stderr: "ignore" },
    );
    await this.untilServing();
    keeper.kill("SIGKILL");
    await keeper.ended;
  }

  async remove(): Promise<void> {
    for (const id of await this.ctr("containers", "ls", "-q").catch(() => [])) {
      await this.run(["host-ctr", "clean-up", "--container-id", id]);
    }
    const namespace = await readlink(`/proc/${this.containerdPid}/ns/mnt`);
    for (const name of await readdir("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      // A process may end while it is looked at; then there is nothing to do about it.
      if ((await readlink(`/proc/${name}/ns/mnt`).catch(() => "")) === namespace)
        process.kill(Number(name), "SIGKILL");
    }
    await this.containerd?.exited;
    await rm(this.directory, { recursive: true, force: true });
  }

  get containerdPid(): number {
    if (this.containerd === undefined) throw new Error("containerd was not started");
    return this.containerd.pid;
  }

  private async startContainerd(): Promise<void> {
    this.containerd = Bun.spawn(
      ["unshare", "--mount", "--propagation", "private", "sh", "-c", ENTER, "sh", this.directory, this.tools],
      {
        env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
        stdin: "ignore",
        stdout: Bun.file(join(this.directory, "containerd.log")),
        stderr: Bun.file(join(this.directory, "containerd.log")),
      },
    );
    await this.untilServing();
  }

  private async untilServing(): Promise<void> {
    await untilTrue("containerd serves", async () => {
      if (this.containerd?.exitCode !== null) {
        throw new Error(
          `containerd ended: ${await readFile(join(this.directory, "containerd.log"), "utf8")}`,
        );
      }
      return this.ctr("version").then(
        () => true,
        () => false,
      );
    });
  }

  private async fill(executable: string): Promise<void> {
    const own = join(this.directory, "own");
    const directories = [
      ...["t", "root", "own/proc", "own/sys", "own/run", "own/mnt", "own/local", "own/old", "own/usr/bin"],
      ...["own/usr/lib/pinwheel", "own/var/log/support", "own/var/lib/host-containerd", "own/var/lib/docker"],
      ...["own/usr/share/bottlerocket", "own/etc"],
    ];
    for (const name of directories) await mkdir(join(this.directory, name), { recursive: true });
    for (const name of ["bin", "sbin", "lib", "lib64"]) await symlink(`usr/${name}`, join(own, name));
    await copyFile(join(executable, "bin/pinwheel-host"), join(own, "usr/bin/pinwheel-host"));
    await cp(join(executable, "lib/pinwheel"), join(own, "usr/lib/pinwheel"), { recursive: true });
    await chmod(join(own, "usr/lib/pinwheel/ld-linux-x86-64.so.2"), 0o755);
    for (const name of PROGRAMS) await symlink("pinwheel-host", join(own, "usr/bin", name));
    await writeFile(join(own, "etc/hosts"), "127.0.0.1 localhost\n");
    await writeFile(join(own, "etc/passwd"), "root:x:0:0::/root:/sbin/nologin\n");
    await writeFile(join(own, "etc/resolv.conf"), "");
    await writeFile(join(own, "etc/os-release"), "ID=pinwheel\n");
    await writeFile(join(own, "usr/share/bottlerocket/application-inventory.json"), "{}");
    const factory = join(TOP, "variants/shared/files/host-containers/usr/share/factory/etc");
    await cp(factory, join(own, "etc"), { recursive: true });
  }
}

function collect(stream: ReadableStream<Uint8Array>): { text: string; readonly all: Promise<void> } {
  const decoder = new TextDecoder();
  const collected = { text: "", all: Promise.resolve() };
  collected.all = (async () => {
    for await (const chunk of stream) collected.text += decoder.decode(chunk, { stream: true });
  })();
  return collected;
}

/** Waits until something is so; `what` is for the message. */
export async function untilTrue(
  what: string,
  isSo: () => Promise<boolean>,
  timeoutMs = 60_000,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!(await isSo())) {
    if (performance.now() > deadlineMs) throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
    await Bun.sleep(50);
  }
}

/** For the tests of this room only: a host in a directory, with programs that only leave what they were asked. */
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { log } from "../linux/log.ts";
import type { ContainersHost } from "./set-up.ts";

export class ExampleHost implements ContainersHost {
  /** The commands that were run, each with spaces between its words. */
  readonly commands: string[] = [];
  /** Exit codes of commands that fail. */
  readonly exitCodes = new Map<string, number>();
  /** What commands print. */
  readonly outputs = new Map<string, string>();
  readonly log = log("test", "off");

  private constructor(readonly root: string) {}

  static async make(): Promise<ExampleHost> {
    return new ExampleHost(await mkdtemp(join(tmpdir(), "pinwheel-containers-")));
  }

  readonly run = async (words: readonly string[]) => {
    const command = words.join(" ");
    this.commands.push(command);
    const exitCode = this.exitCodes.get(command) ?? 0;
    return {
      exitCode,
      timedOut: false,
      stdout: this.outputs.get(command) ?? "",
      stderr: exitCode === 0 ? "" : "it was refused\n",
    };
  };

  /** The image has these units, or templates of units. */
  async install(...units: readonly string[]): Promise<void> {
    for (const unit of units) await this.put(`usr/lib/systemd/system/${unit}`, "");
  }

  /** This is the default target. */
  async bootInto(target: string): Promise<void> {
    await this.install(target);
    await rm(join(this.root, "etc/systemd/system/default.target"), { force: true });
    await this.link("etc/systemd/system/default.target", join(this.root, "usr/lib/systemd/system", target));
  }

  /** The runtime of the containers is running. */
  async startRuntime(): Promise<void> {
    const group = "sys/fs/cgroup/system.slice/host-containerd.service";
    await this.put(`${group}/cgroup.events`, "populated 1\nfrozen 0\n");
  }

  /** A unit was enabled earlier. */
  async enable(unit: string, target: string, pull: "wants" | "requires"): Promise<void> {
    await this.link(`etc/systemd/system/${target}.${pull}/${unit}`, "/usr/lib/systemd/system/template");
  }

  /** The content of a file, `undefined` if there is none. */
  async text(path: string): Promise<string | undefined> {
    return readFile(join(this.root, path), "utf8").catch(() => undefined);
  }

  /** Permission bits in octal. */
  async mode(path: string): Promise<string> {
    return ((await stat(join(this.root, path))).mode & 0o7777).toString(8);
  }

  async put(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.root, path)), { recursive: true });
    await writeFile(join(this.root, path), text);
  }

  remove(): Promise<void> {
    return rm(this.root, { recursive: true });
  }

  private async link(path: string, target: string): Promise<void> {
    await mkdir(dirname(join(this.root, path)), { recursive: true });
    await symlink(target, join(this.root, path));
  }
}

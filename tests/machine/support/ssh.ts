/** OpenSSH's client, with a key and known hosts of its own. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureSdk, progressLines, type Sdk } from "../../../sdk/index.ts";

export interface SshEnd {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class SshClient {
  private constructor(
    private readonly tools: Sdk,
    private readonly directory: string,
    /** As in authorized_keys. */
    readonly publicKey: string,
  ) {}

  /** A client with a new key. */
  static async make(): Promise<SshClient> {
    const tools = await ensureSdk(progressLines());
    const directory = await mkdtemp(join(tmpdir(), "pinwheel-ssh-"));
    const key = join(directory, "key");
    await tools.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "kim@desk", "-f", key], {
      writable: [directory],
    });
    return new SshClient(tools, directory, (await readFile(`${key}.pub`, "utf8")).trim());
  }

  /**
   * Runs a command behind a port of this machine. The host's key is remembered the first time, whatever the port, and
   * another one is refused after that.
   */
  async run(port: number, user: string, command: string, stdin = ""): Promise<SshEnd> {
    const { directory } = this;
    const options = {
      StrictHostKeyChecking: "accept-new",
      UserKnownHostsFile: join(directory, "known_hosts"),
      HostKeyAlias: "host",
      BatchMode: "yes",
      ConnectTimeout: 30,
      LogLevel: "ERROR",
    };
    const flags = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
    const words = ["ssh", "-F", "none", "-i", join(directory, "key"), "-p", `${port}`, ...flags];
    const wrapped = this.tools.wrap([...words, `${user}@127.0.0.1`, command], { writable: [directory] });
    const child = Bun.spawn([...wrapped.command], {
      env: wrapped.env,
      stdin: Buffer.from(stdin),
      stdout: "pipe",
      stderr: "pipe",
    });
    const [stdout, stderr, exitCode] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    return { exitCode, stdout, stderr };
  }

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }
}

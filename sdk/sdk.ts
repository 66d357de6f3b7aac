/** Running commands inside the build environment. */
import { join } from "node:path";
import { fail } from "./failures.ts";

export interface RunOptions {
  /** Paths of this machine that the command may read and write, seen under the same names. */
  readonly writable?: readonly string[];
  /** Paths of this machine that the command may only read, seen under the same names. */
  readonly readable?: readonly string[];
  /** Where the command starts; `/` when absent. */
  readonly workdir?: string;
  /** Added to the few variables that every command gets. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
}

export interface Sdk {
  /** The finished root; never to be changed. */
  readonly root: string;
  /** The recipe's hash: part of the key of everything made with its tools. */
  readonly hash: string;
  /**
   * Runs a command inside and returns what it printed.
   *
   * @throws sdk/command-failed with the end of its output when it exits with another code than 0
   */
  run(command: readonly string[], options?: RunOptions): Promise<string>;
  /** The same command as an argument list and environment for whoever starts the process himself (virtual machines). */
  wrap(
    command: readonly string[],
    options?: RunOptions,
  ): { command: readonly string[]; env: Readonly<Record<string, string>> };
}

/** An environment made already: commands run in it by a private mount namespace and chroot. */
export function openSdk(root: string, hash: string): Sdk {
  const wrap: Sdk["wrap"] = (command, options = {}) => ({
    command: [
      ...enterNamespace(),
      "sh",
      join(import.meta.dirname, "enter.sh"),
      root,
      options.workdir ?? "/",
      ...(options.readable ?? []).map((path) => `ro:${path}`),
      ...(options.writable ?? []).map((path) => `rw:${path}`),
      "--",
      ...command,
    ],
    env: { ...environment(), ...options.env },
  });
  return {
    root,
    hash,
    wrap,
    async run(command, options = {}) {
      const wrapped = wrap(command, options);
      const child = Bun.spawn([...wrapped.command], {
        env: wrapped.env,
        stdin: options.stdin === undefined ? "ignore" : Buffer.from(options.stdin),
        stdout: "pipe",
        stderr: "pipe",
      });
      const [stdout, stderr, exitCode] = await Promise.all([
        new Response(child.stdout).text(),
        new Response(child.stderr).text(),
        child.exited,
      ]);
      if (exitCode !== 0) {
        const ended = child.signalCode === null ? `exited with ${exitCode}` : `ended by ${child.signalCode}`;
        const output = `${stdout}${stderr}`.trimEnd().split("\n").slice(-30).join("\n");
        throw fail("sdk/command-failed", { command: command.join(" "), ended, output });
      }
      return stdout;
    },
  };
}

/** What makes a private mount namespace: plain for root, with a user namespace around it for others. */
export function enterNamespace(): readonly string[] {
  const plain = ["unshare", "--mount", "--propagation", "private"];
  return process.getuid?.() === 0 ? plain : [...plain, "--user", "--map-root-user", "--map-auto"];
}

/** Few and fixed, so that a build does not depend on the caller's; proxies pass through for the mirror's sake. */
function environment(): Record<string, string> {
  const env: Record<string, string> = {
    PATH: "/usr/sbin:/usr/bin",
    HOME: "/root",
    LC_ALL: "C.UTF-8",
    TZ: "UTC",
    TMPDIR: "/tmp",
  };
  for (const name of ["http_proxy", "https_proxy", "no_proxy"]) {
    const value = process.env[name] ?? process.env[name.toUpperCase()];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

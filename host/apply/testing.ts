/** For the tests of this room only: a host with an API that has a service and a file for each setting. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { log } from "../linux/log.ts";
import type { ApplyHost } from "./apply.ts";

/** A host whose setting `settings.NAME` affects the service NAME with the file etc/NAME, made from the template NAME. */
export class ExampleHost {
  /** Commands that were run, with the changed keys they were told. */
  readonly ran: string[] = [];
  /** Commands that are to fail. */
  readonly failing = new Set<string>();
  /** Permission bits of files that not everybody may read. */
  readonly modes = new Map<string, number>();
  private readonly templates = new Set<string>();
  settings: object = { motd: "hello" };
  /** What the API answers instead of what it should. */
  broken: (() => { status: number; body: string }) | undefined;

  private constructor(readonly directory: string) {}

  /** With two services: the file of `good` can be rendered, that of `bad` cannot. */
  static async make(): Promise<ExampleHost> {
    const host = new ExampleHost(await mkdtemp(join(tmpdir(), "pinwheel-apply-")));
    await host.template("good", "{{ settings.motd }}");
    await host.template("bad", "{{ settings.nope }}");
    return host;
  }

  template(name: string, text: string): Promise<void> {
    this.templates.add(name);
    return writeFile(join(this.directory, name), text);
  }

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true });
  }

  get host(): ApplyHost {
    return {
      call: async (_, uri) => this.broken?.() ?? { status: 200, body: JSON.stringify(this.answer(uri)) },
      runtimeDirectory: this.directory,
      runCommand: async (command, env) => {
        this.ran.push(`${command}|${env.CHANGED_SETTINGS ?? "all"}`);
        if (this.failing.has(command)) throw new Error("exit code 5");
      },
      daemonReload: async () => {},
      resolves: async () => false,
      cpuCount: async () => 2,
      fileRules: async () =>
        new Map([...this.templates].map((name) => [name, { format: "text", mode: this.modes.get(name) }])),
      log: log("test", "off"),
    };
  }

  private answer(uri: string): unknown {
    const { pathname, searchParams } = new URL(uri, "http://x");
    const names = (searchParams.get("names") ?? "good,bad").split(",");
    const entries = (of: (name: string) => unknown) =>
      Object.fromEntries(names.map((name) => [name, of(name)]));
    switch (pathname) {
      case "/metadata/affected-services":
        return Object.fromEntries(
          (searchParams.get("keys") ?? "").split(",").map((key) => [key, [key.split(".")[1]]]),
        );
      case "/services":
        return entries((name) => ({ "configuration-files": [name], "restart-commands": [`run ${name}`] }));
      case "/configuration-files":
        return entries((name) => ({
          path: join(this.directory, "etc", name),
          "template-path": join(this.directory, name),
        }));
      default:
        return { settings: this.settings };
    }
  }
}

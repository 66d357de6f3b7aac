/** Boot parameters that are removed from the settings, the last one of a group included. */
import { afterAll, describe, expect, it } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateBootConfig, generateBootSettings } from "./boot-config.ts";
import { bootConfigTextOf, encodeBootConfig } from "./boot-config-file.ts";
import { reconcileBoot } from "./boot-config-reconcile.ts";
import { baseLine, commandLine } from "./testing.ts";

const roots: string[] = [];
afterAll(() => roots.forEach((root) => void rmSync(root, { recursive: true })));

const nothing = '\n    kernel = ""\n    init = ""\n';

/** A host that is started again and again; `line` is the command line of the start. */
class Host {
  readonly root = mkdtempSync(join(tmpdir(), "pinwheel-boot-removal-"));

  constructor(line: string) {
    roots.push(this.root);
    mkdirSync(join(this.root, "var/lib/bottlerocket"), { recursive: true });
    mkdirSync(join(this.root, "proc"));
    this.start(line);
  }

  start(line: string): void {
    writeFileSync(join(this.root, "proc/cmdline"), line);
  }

  /** Somebody writes the file without us. */
  provision(text: string): void {
    const file = encodeBootConfig(text);
    if (file.ok) writeFileSync(join(this.root, "var/lib/bottlerocket/bootconfig.data"), file.bytes);
  }

  /** What the next start has after these settings were applied. */
  async next(boot: object | undefined): Promise<string | undefined> {
    await generateBootConfig(this.root, boot);
    return bootConfigTextOf(readFileSync(join(this.root, "var/lib/bottlerocket/bootconfig.data")));
  }
}

const console0 = { kernel: { console: ["tty0"] } };

describe("the last boot parameter of the settings, when it is removed", () => {
  it("is removed from the file of the next start, before it has ever run", async () => {
    const host = new Host(baseLine);
    expect(await host.next(console0)).toBe('kernel.console = "tty0"\n');
    expect(await host.next(undefined)).toBe(nothing);
  });

  it("is removed from it while it runs, and stays removed however often settings are applied", async () => {
    const host = new Host(baseLine);
    await host.next(console0);
    host.start(commandLine(['console="tty0"'], []));
    await host.next(console0);
    expect(await host.next(undefined)).toBe(nothing);
    expect(await host.next(undefined)).toBe(nothing);
    expect(await host.next({ init: { demo: ["x"] } })).toBe('init.demo = "x"\n');
  });

  it("is not generated from the start that still runs with it, nor does it count as wanted", async () => {
    const host = new Host(commandLine(['console="tty0"'], []));
    await host.next(console0);
    expect(await generateBootSettings(host.root)).toEqual({});
    await host.next({ "reboot-to-reconcile": true });
    expect(await reconcileBoot(host.root, { "reboot-to-reconcile": true })).toEqual({ kind: "reboot" });
    host.start(baseLine);
    expect(await reconcileBoot(host.root, { "reboot-to-reconcile": true })).toMatchObject({
      kind: "continue",
    });
  });

  it("takes nothing along that was provisioned in the other group", async () => {
    const host = new Host(commandLine(['console="tty0"'], ['a="1"']));
    await host.next({ kernel: { quiet: [] } });
    expect(await host.next(undefined)).toBe('init.a = "1"\n');
  });

  it("is removed too when it was provisioned and became a setting at the first boot", async () => {
    const host = new Host(commandLine(['console="tty0"'], []));
    host.provision('kernel.console = "tty0"\n');
    const generated = await generateBootSettings(host.root);
    expect(generated).toEqual(console0);
    await host.next(generated);
    expect(await host.next(undefined)).toBe(nothing);
  });

  it("is removed in a start that the boot selector made without the settings", async () => {
    const host = new Host(baseLine);
    await host.next(console0);
    host.start(`pinwheel.boot-settings=withheld ${baseLine}\n`);
    expect(await host.next(undefined)).toBe(nothing);
  });
});

it("a file that somebody has provisioned since is theirs again", async () => {
  const host = new Host(baseLine);
  await host.next(console0);
  await host.next(undefined);
  host.provision('kernel.quiet = "1"\n');
  host.start(commandLine(['quiet="1"'], []));
  expect(await generateBootSettings(host.root)).toEqual({ kernel: { quiet: ["1"] } });
  expect(await host.next({ "reboot-to-reconcile": true })).toBe('kernel.quiet = "1"\n');
});

it("a note that is damaged says nothing: what runs is kept", async () => {
  const host = new Host(commandLine(['console="tty0"'], []));
  await host.next(console0);
  writeFileSync(join(host.root, "var/lib/bottlerocket/bootconfig.owned.json"), "{");
  expect(await host.next(undefined)).toBe('kernel.console = "tty0"\n');
});

import { afterAll, describe, expect, it } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { generateBootConfig, generateBootSettings } from "./boot-config.ts";
import { encodeBootConfig } from "./boot-config-file.ts";
import { reconcileBoot } from "./boot-config-reconcile.ts";
import { reportedText } from "./boot-report.ts";
import type { Remark } from "./remarks.ts";
import { baseLine, commandLine } from "./testing.ts";

const roots: string[] = [];
afterAll(() => roots.forEach((root) => void rmSync(root, { recursive: true })));

/** A host's root directory with these files. */
function hostWith(files: Record<string, string | Uint8Array>): string {
  const root = mkdtempSync(join(tmpdir(), "pinwheel-boot-config-"));
  roots.push(root);
  mkdirSync(join(root, "var/lib/bottlerocket"), { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

function dataOf(root: string): Buffer {
  return readFileSync(join(root, "var/lib/bottlerocket/bootconfig.data"));
}

function textOf(root: string): string {
  const data = dataOf(root);
  return data
    .subarray(0, data.readUInt32LE(data.length - 20))
    .toString("latin1")
    .replaceAll("\0", "");
}
const texts = (remarks: readonly Remark[]) =>
  remarks.map((remark) => (remark.level === "info" ? remark.text : reportedText(remark.problem)));

describe("generate-boot-settings", () => {
  it("takes the parameters from /proc/bootconfig where the kernel has it", async () => {
    const root = hostWith({
      "proc/bootconfig": 'kernel.a = "1"\n',
      "proc/cmdline": commandLine(['b="2"'], []),
    });
    expect(await generateBootSettings(root)).toEqual({ kernel: { a: ["1"] } });
  });

  it("else from the words which the boot selector marked", async () => {
    const root = hostWith({ "proc/cmdline": commandLine(['b="2"', "ro"], ['c=""']) });
    expect(await generateBootSettings(root)).toEqual({ kernel: { b: ["2"], ro: [] }, init: { c: [""] } });
  });

  it("without the names that no setting may have", async () => {
    const root = hostWith({
      "proc/bootconfig": 'kernel.a = "1"\nkernel.root = "/dev/sdb"\ninit.init = "/x"\n',
    });
    expect(await generateBootSettings(root)).toEqual({ kernel: { a: ["1"] } });
  });

  it("platform Check 31: an empty configuration is an empty object", async () => {
    expect(await generateBootSettings(hostWith({ "proc/bootconfig": 'kernel = ""\ninit = ""\n' }))).toEqual(
      {},
    );
  });

  it("os-image Check 11: no boot configuration is no value", async () => {
    expect(await generateBootSettings(hostWith({ "proc/cmdline": `${baseLine}\n` }))).toBeUndefined();
  });

  it("platform Check 31: fails for what it cannot read", async () => {
    const root = hostWith({ "proc/bootconfig": 'other.key = "x"\n' });
    expect(generateBootSettings(root)).rejects.toThrow('/proc/bootconfig: line 1: the key is "other.key"');
  });
});

describe("generate-boot-config", () => {
  const wrote = { level: "info", text: "wrote the boot parameters of the next start" } as const;
  const unchanged = { level: "info", text: "the boot parameters are unchanged" } as const;

  it("os-image Check 10: without settings writes the default text", async () => {
    const root = hostWith({ "proc/cmdline": baseLine });
    expect(await generateBootConfig(root, undefined)).toEqual([wrote]);
    expect(dataOf(root).subarray(-20).toString("hex")).toBe("20000000d506000023424f4f54434f4e4649470a");
    expect(readdirSync(join(root, "var/lib/bottlerocket"))).toEqual(["bootconfig.data"]);
  });

  it("never writes an empty text, which the kernel would refuse", async () => {
    const root = hostWith({ "proc/cmdline": baseLine });
    await generateBootConfig(root, { "reboot-to-reconcile": true, kernel: {} });
    expect(textOf(root)).toBe('\n    kernel = ""\n    init = ""\n');
  });

  it("leaves the file alone when its bytes do not change", async () => {
    const root = hostWith({ "proc/cmdline": baseLine });
    const boot = { kernel: { quiet: ["1"] }, init: { demo: ["a", "b"] } };
    expect(await generateBootConfig(root, boot)).toEqual([wrote]);
    expect(await generateBootConfig(root, boot)).toEqual([unchanged]);
    expect(textOf(root)).toBe('kernel.quiet = "1"\ninit.demo = "a", "b"\n');
  });

  it("keeps provisioned parameters when the settings name none", async () => {
    const root = hostWith({ "proc/cmdline": commandLine(['console="ttyS0"'], []) });
    await generateBootConfig(root, { "reboot-to-reconcile": true });
    expect(textOf(root)).toBe('kernel.console = "ttyS0"\n');
  });

  it("keeps the provisioned parameters of the kernel when the settings name only init's", async () => {
    const root = hostWith({ "proc/cmdline": commandLine(['console="ttyS0"'], ['a="1"']) });
    await generateBootConfig(root, { init: { demo: ["x"] } });
    expect(textOf(root)).toBe('kernel.console = "ttyS0"\ninit.demo = "x"\n');
    const other = hostWith({ "proc/cmdline": commandLine(['console="ttyS0"'], ['a="1"']) });
    await generateBootConfig(other, { kernel: {} });
    expect(textOf(other)).toBe('init.a = "1"\n');
  });

  const data = "var/lib/bottlerocket/bootconfig.data";
  const encoded = (text: string) => {
    const file = encodeBootConfig(text);
    return file.ok ? file.bytes : new Uint8Array();
  };
  const ignored: [situation: string, file: string | Uint8Array][] = [
    ["a line that the boot selector could not read", encoded('kernel.console "ttyS0"\n')],
    ["no trailer", 'kernel.console = "ttyS0"\n'],
  ];
  for (const [situation, file] of ignored) {
    it(`leaves a provisioned file with ${situation} as it is, and warns`, async () => {
      const root = hostWith({ "proc/cmdline": baseLine, [data]: file });
      expect(texts(await generateBootConfig(root, { "reboot-to-reconcile": true }))).toEqual([
        "/var/lib/bottlerocket/bootconfig.data: settings.boot: this start used nothing of it, so it was left as it is; accepted: a file that the boot selector can read; it says on the console what is wrong, and in which line",
      ]);
      expect(dataOf(root)).toEqual(Buffer.from(file));
      expect(await generateBootConfig(root, { kernel: { quiet: [] } })).toEqual([wrote]);
    });
  }

  it("replaces the image's own file, which asks for nothing", async () => {
    const root = hostWith({ "proc/cmdline": baseLine, [data]: encoded("kernel {}\ninit {}\n") });
    expect(await generateBootConfig(root, undefined)).toEqual([wrote]);
  });

  it("refuses parameters that the kernel command line cannot hold, and leaves the file as it was", async () => {
    const fits = 2047 - `a="" pinwheel.kernel-words=1 ${baseLine}`.length;
    const root = hostWith({ "proc/cmdline": `${commandLine(['console="ttyS0"'], [])}` });
    expect(await generateBootConfig(root, { kernel: { a: ["x".repeat(fits)] } })).toEqual([wrote]);
    const before = dataOf(root);
    expect(generateBootConfig(root, { kernel: { a: ["x".repeat(fits + 1)] } })).rejects.toThrow(
      "settings.boot: with these parameters the kernel command line is 2048 bytes long; accepted: 2047 bytes",
    );
    expect(dataOf(root)).toEqual(before);
  });

  it("tells which settings a command line cannot carry", async () => {
    const root = hostWith({ "proc/cmdline": baseLine });
    expect(texts(await generateBootConfig(root, { kernel: { say: ['"hi"'] } }))).toEqual([
      "wrote the boot parameters of the next start",
      "prairiedog generate-boot-config: settings.boot.kernel.say: is left out of the kernel command line: a kernel command line can hold neither double quotes nor unprintable characters in a value",
    ]);
  });
});

describe("a start for which the boot selector withheld the settings", () => {
  const withheld = `pinwheel.boot-settings=withheld ${baseLine}\n`;
  const provisioned = { "proc/cmdline": withheld, "var/lib/bottlerocket/bootconfig.data": "kept" };

  it("tells no boot settings, and does not take the file for theirs", async () => {
    const root = hostWith(provisioned);
    expect(await generateBootSettings(root)).toBeUndefined();
    expect(await generateBootConfig(root, undefined)).toEqual([]);
    expect(dataOf(root).toString()).toBe("kept");
  });

  it("writes the file of the next start when the settings say what is to be in it", async () => {
    const root = hostWith(provisioned);
    expect(texts(await generateBootConfig(root, { kernel: { quiet: [] } }))).toEqual([
      "wrote the boot parameters of the next start",
    ]);
    expect(textOf(root)).toBe("kernel.quiet\n");
  });

  it("keeps in that file what was provisioned and the settings say nothing of", async () => {
    const root = hostWith(provisioned);
    const file = encodeBootConfig('kernel.console = "ttyS0"\ninit.splash\n');
    if (!file.ok) throw new Error(file.problem);
    writeFileSync(join(root, "var/lib/bottlerocket/bootconfig.data"), file.bytes);
    await generateBootConfig(root, { kernel: { quiet: [] } });
    expect(textOf(root)).toBe("kernel.quiet\ninit.splash\n");
  });
});

describe("reboot-if-required", () => {
  const running = { "proc/cmdline": commandLine(['x="1"'], ["splash"]) };
  const wanted = (kernel: object, init: object = { splash: [] }) => ({
    "reboot-to-reconcile": true,
    kernel,
    init,
  });

  it("platform Check 32: reboots when a parameter differs", async () => {
    expect(await reconcileBoot(hostWith(running), wanted({ x: ["2"] }))).toEqual({ kind: "reboot" });
    expect(await reconcileBoot(hostWith(running), wanted({}))).toEqual({ kind: "reboot" });
  });

  it("platform Check 32: does not reboot without reboot-to-reconcile, whatever /proc/bootconfig holds", async () => {
    const off = { ...wanted({ x: ["2"] }), "reboot-to-reconcile": false };
    expect((await reconcileBoot(hostWith({ "proc/bootconfig": "}{" }), off)).kind).toBe("continue");
    expect((await reconcileBoot(hostWith({ "proc/bootconfig": "}{" }), undefined)).kind).toBe("continue");
  });

  it("os-image Check 23: an empty list equals one empty value", async () => {
    const root = hostWith({ "proc/bootconfig": 'kernel.x = "1"\ninit.splash = ""\n' });
    expect((await reconcileBoot(root, wanted({ x: ["1"] }))).kind).toBe("continue");
  });

  it("compares values in list order", async () => {
    const root = hostWith({ "proc/bootconfig": 'kernel.x = "1", "2"\n' });
    expect((await reconcileBoot(root, wanted({ x: ["1", "2"] }, {}))).kind).toBe("continue");
    expect((await reconcileBoot(root, wanted({ x: ["2", "1"] }, {}))).kind).toBe("reboot");
  });

  it("does not reboot out of a start for which the boot selector withheld the settings", async () => {
    const root = hostWith({ "proc/cmdline": `pinwheel.boot-settings=withheld ${baseLine}\n` });
    expect(await reconcileBoot(root, wanted({ x: ["1"] }))).toEqual({
      kind: "continue",
      reason: "this start is without the boot settings: with them the host did not come up twice",
    });
    // A setting of that name is quoted, as all are.
    const named = hostWith({ "proc/cmdline": commandLine(['pinwheel.boot-settings="withheld"'], []) });
    expect(await reconcileBoot(named, wanted({ x: ["1"] }))).toEqual({ kind: "reboot" });
  });

  it("does not wait for a value that a command line cannot carry", async () => {
    expect((await reconcileBoot(hostWith(running), wanted({ x: ["1"], say: ['"'] }))).kind).toBe("continue");
  });

  it("gives up after two reboots in a row, and counts anew once the parameters are in effect", async () => {
    const root = hostWith(running);
    const kinds: string[] = [];
    for (let boot = 0; boot < 3; boot++) kinds.push((await reconcileBoot(root, wanted({ x: ["2"] }))).kind);
    expect(kinds).toEqual(["reboot", "reboot", "give-up"]);
    expect((await reconcileBoot(root, wanted({ x: ["1"] }))).kind).toBe("continue");
    expect((await reconcileBoot(root, wanted({ x: ["2"] }))).kind).toBe("reboot");
  });
});

import { afterAll, describe, expect, it } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import examples from "../../boot/testdata/boot-words.json" with { type: "json" };
import { generateBootConfig, generateBootSettings } from "./boot-config.ts";
import { encodeBootConfig } from "./boot-config-file.ts";
import { reconcileBoot } from "./boot-config-reconcile.ts";
import { type BootParameters, bootConfigText, parseBootConfigText } from "./boot-config-text.ts";
import { bootParametersOfCommandLine, bootWords } from "./boot-config-words.ts";
import { reportedText } from "./boot-report.ts";
import type { Remark } from "./remarks.ts";

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

const baseLine =
  'quiet root=/dev/dm-0 rootwait ro dm-mod.create="root,,,ro,0 8 verity 1" -- systemd.log_color=0';

function commandLine(kernelWords: readonly string[], initWords: readonly string[]): string {
  const [before, after] = baseLine.split(" -- ");
  return [
    ...kernelWords,
    ...(kernelWords.length > 0 ? [`pinwheel.kernel-words=${kernelWords.length}`] : []),
    before,
    "--",
    ...initWords,
    ...(initWords.length > 0 ? [`pinwheel.init-words=${initWords.length}`] : []),
    `${after}\n`,
  ].join(" ");
}

const groups = (kernel: object, init: object): BootParameters => ({
  kernel: new Map(Object.entries(kernel)),
  init: new Map(Object.entries(init)),
});

const texts = (remarks: readonly Remark[]) =>
  remarks.map((remark) => (remark.level === "info" ? remark.text : reportedText(remark.problem)));

describe("the file bootconfig.data", () => {
  for (const { name, text, dataHex } of examples.vectors) {
    if (dataHex === undefined) continue;
    it(`os-image Check 9: ${name}`, () => {
      const encoded = encodeBootConfig(text);
      expect(encoded.ok && Buffer.from(encoded.bytes).toString("hex")).toBe(dataHex);
    });
  }

  it("is written for a text of 32764 bytes and refused for one more", () => {
    expect(encodeBootConfig("x".repeat(32764)).ok).toBe(true);
    expect(encodeBootConfig("x".repeat(32765))).toEqual({
      ok: false,
      problem: "the boot configuration is 32765 bytes long; accepted: less than 32768 bytes",
    });
  });
});

describe("the text of a boot configuration", () => {
  it("os-image Check 10: one line a key, kernel before init, values quoted", () => {
    expect(bootConfigText(groups({ quiet: ["1"] }, { demo: ["a", "b"] }))).toBe(
      'kernel.quiet = "1"\ninit.demo = "a", "b"\n',
    );
    expect(bootConfigText(groups({ say: ['a "b"'] }, {}))).toBe("kernel.say = 'a \"b\"'\n");
  });

  it("platform Check 30: an empty list is a bare key", () => {
    expect(bootConfigText(groups({ console: ["a", "b"] }, { splash: [] }))).toBe(
      'kernel.console = "a", "b"\ninit.splash\n',
    );
  });

  it("sorts its keys, so that the same settings make the same bytes", () => {
    expect(bootConfigText(groups({ b: ["1"], a: ["2"] }, {}))).toBe('kernel.a = "2"\nkernel.b = "1"\n');
  });

  it("without parameters declares both groups, because the kernel refuses an empty text", () => {
    expect(bootConfigText(groups({}, {}))).toBe('\n    kernel = ""\n    init = ""\n');
  });
});

describe("the parser of /proc/bootconfig", () => {
  const read = (text: string) => {
    const parsed = parseBootConfigText(text);
    return parsed.ok
      ? {
          kernel: Object.fromEntries(parsed.parameters.kernel),
          init: Object.fromEntries(parsed.parameters.init),
        }
      : parsed.problems;
  };
  const accepted: [situation: string, text: string, kernel: object][] = [
    ['platform Check 31: kernel = "" and init = "" set nothing', 'kernel = ""\ninit = ""\n', {}],
    ["platform Check 31: a value keeps its equals signs", 'kernel.a = "b=c=d"\n', { a: ["b=c=d"] }],
    ['os-image Check 11: kernel.x = "a=b" is one value', 'kernel.x = "a=b"\n', { x: ["a=b"] }],
    ["a bare key has no values", "kernel.ro\n", { ro: [] }],
    ["nothing after the equals sign is an empty list", "kernel.ro =\n", { ro: [] }],
    [
      "elements may be quoted either way or not at all",
      "kernel.x = \"a'\", 'b\"' , c d\n",
      { x: ["a'", 'b"', "c d"] },
    ],
    [
      "a trailing comma adds no element, a doubled one adds an empty one",
      'kernel.x = "a",,b,\n',
      { x: ["a", "", "b"] },
    ],
    ["the last of two equal keys wins", 'kernel.x = "1"\nkernel.x = "2"\n', { x: ["2"] }],
    [
      "the boot loader's words that newer kernels add are comments",
      'kernel.x = "1"\n# a="2"\n',
      { x: ["1"] },
    ],
    ["an empty text sets nothing", " \n", {}],
  ];
  for (const [situation, text, kernel] of accepted) {
    it(situation, () => expect(read(text)).toEqual({ kernel: kernel as Record<string, string[]>, init: {} }));
  }

  const key = (found: string) =>
    `the key is "${found}"; accepted: kernel.KEY or init.KEY, KEY being words of letters, digits, - and _ joined by dots`;
  const refused: [situation: string, text: string, ...problems: string[]][] = [
    ["platform Check 31: another key", 'other.key = "x"', `line 1: ${key("other.key")}`],
    [
      'platform Check 31: kernel = "x"',
      'kernel = "x"',
      'line 1: "kernel" has a value of its own; accepted: kernel = "", or keys below kernel.',
    ],
    [
      "a bare kernel",
      "kernel",
      'line 1: "kernel" has a value of its own; accepted: kernel = "", or keys below kernel.',
    ],
    [
      'os-image Check 11: kernel = "1" "2"',
      'kernel = "1" "2"',
      'line 1: "kernel": a quoted value is not followed by a comma',
    ],
    ["a key that only begins with the word kernel", 'kernelfoo = "x"', `line 1: ${key("kernelfoo")}`],
    [
      "every mistake is told, with its line",
      'kernel.a = "x\n\ninit.b = é',
      'line 1: "kernel.a": the quotes are unbalanced',
      "line 2: the line is empty; accepted: one assignment a line",
      'line 3: "init.b": the value has a character outside ASCII',
    ],
    [
      "a brace in a value without quotes",
      "kernel.a = b}",
      'line 1: "kernel.a": a value without quotes has the character }',
    ],
  ];
  for (const [situation, text, ...problems] of refused) {
    it(`refuses: ${situation}`, () => expect(read(text)).toEqual(problems));
  }

  it("reads back every text that settings can make", () => {
    fc.assert(
      fc.property(parameters(/^[\x20-\x7e]*$/), (wanted) => {
        expect(parseBootConfigText(bootConfigText(wanted))).toEqual({ ok: true, parameters: wanted });
      }),
    );
  });

  it("never throws, whatever the text", () => {
    fc.assert(
      fc.property(
        hostileText("kernel.a = ", "'\"", "init", ",", "{}", "#"),
        (text) => void parseBootConfigText(text),
      ),
    );
  });
});

describe("kernel command line words", () => {
  for (const { name, text, flat, kernelWords, initWords, kernel, init, ...without } of examples.vectors) {
    const leftOut = [...(without.leftOut ?? []), ...(without.reserved ?? [])];
    it(`${name}: the words are read back`, () => {
      const found = bootParametersOfCommandLine(commandLine(kernelWords, initWords));
      const nothing = kernelWords.length + initWords.length === 0;
      expect(found).toEqual(nothing ? undefined : { parameters: groups(kernel, init) });
    });
    if (!flat && leftOut.length === 0) continue;
    it(`${name}: the words are made`, () => {
      const parsed = parseBootConfigText(text);
      if (!parsed.ok) throw new Error(parsed.problems.join());
      const words = bootWords(parsed.parameters);
      expect({ ...words, leftOut: words.leftOut.map(({ key }) => key) }).toEqual({
        kernelWords,
        initWords,
        leftOut,
      });
    });
  }

  it("are read back for all settings, without what cannot travel", () => {
    fc.assert(
      fc.property(parameters(/^[\x20\x21\x23-\x7e]*$/), (wanted) => {
        const { kernelWords, initWords } = bootWords(wanted);
        const expected = kernelWords.length + initWords.length === 0 ? undefined : { parameters: wanted };
        expect(bootParametersOfCommandLine(commandLine(kernelWords, initWords))).toEqual(expected);
      }),
    );
  });

  it("are an error when the marker counts more words than there are", () => {
    expect(bootParametersOfCommandLine("a pinwheel.kernel-words=2 ro")).toEqual({
      problem: 'found "pinwheel.kernel-words=2" after 1 words; accepted: a number from 0 to 1',
    });
  });

  it("never throw when read, whatever the line", () => {
    const line = hostileText("pinwheel.kernel-words=", "1", " -- ", 'a="', "pinwheel.init-words=1 ");
    fc.assert(fc.property(line, (text) => void bootParametersOfCommandLine(text)));
  });
});

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
    await generateBootConfig(root, { kernel: {} });
    expect(textOf(root)).toBe('init.a = "1"\n');
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

/** Boot parameters as settings can hold them: values of one kind of characters, never with both quotes. */
function parameters(value: RegExp): fc.Arbitrary<BootParameters> {
  const key = fc
    .stringMatching(/^[a-z0-9_]{1,5}(\.[A-Z-]{1,3})?$/)
    .filter((name) => !examples.reservedNames.includes(name));
  const text = fc.stringMatching(value).filter((v) => !(v.includes('"') && v.includes("'")));
  const group = fc
    .uniqueArray(fc.tuple(key, fc.array(text, { maxLength: 3 })), { selector: ([k]) => k, maxLength: 4 })
    .map((entries) => new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1))));
  return fc.record({ kernel: group, init: group });
}

function hostileText(...pieces: string[]): fc.Arbitrary<string> {
  return fc
    .array(fc.oneof(fc.constantFrom(...pieces, "\n", " "), fc.string({ unit: "binary" })))
    .map((p) => p.join(""));
}

/** The boot selector's decisions, compiled for this machine, beside the host's own rules. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { chooseBootPartition, readBootFlags, withBootFlags } from "./partition-sets.ts";
import { readPartitionTable } from "./partition-table.ts";
import { diskOf, memoryDisk, sampleSets, sampleTable, writeTable } from "./sample-table.ts";

const BOOT = join(import.meta.dirname, "../../boot");
/** Kept between runs: make compiles only what has changed. */
const PROGRAMS = join(BOOT, "../build/boot/tests");
const COMPILE_LIMIT_MS = 120_000;

/** A check that cannot run here reports itself as not run. */
const compilerMissing = Bun.which("gcc") === null || Bun.which("make") === null;
const mkfsMissing = compilerMissing || Bun.which("mkfs.ext4") === null;

let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "boot-tests-"));
  if (!compilerMissing) run(["make", "-s", "-C", BOOT, "asked"]);
}, COMPILE_LIMIT_MS);
afterAll(() => rm(scratch, { recursive: true, force: true }));

function run(command: readonly string[], input?: string): string {
  const ended = Bun.spawnSync([...command], {
    stdin: Buffer.from(input ?? ""),
    stdout: "pipe",
    stderr: "pipe",
  });
  const output = ended.stdout.toString() + ended.stderr.toString();
  if (!ended.success) throw new Error(`${command.join(" ")} exits with ${ended.exitCode}:\n${output}`);
  return output;
}

/** Answers of the compiled selector, one a question. */
function ask(questions: readonly string[]): readonly string[] {
  return run([join(PROGRAMS, "ask")], questions.map((question) => `${question}\n`).join(""))
    .trimEnd()
    .split("\n");
}

/** Exit code 1 says that the file system was changed, which is the purpose; some versions say 0. */
function indexDirectories(image: string): void {
  const ended = Bun.spawnSync(["e2fsck", "-fyD", image], { stdout: "pipe", stderr: "pipe" });
  expect(ended.exitCode).toBeLessThanOrEqual(1);
}

const hex = (bytes: Uint8Array | string) => Buffer.from(bytes).toString("hex");

describe.skipIf(compilerMissing)("the boot selector on this machine", () => {
  it("chooses and counts like the host's rules, whatever the attributes", () => {
    const attributes = fc.bigInt(0n, (1n << 64n) - 1n);
    // Few priorities and counts, so that ties and used-up starts are common.
    const likely = fc
      .tuple(fc.nat(3), fc.nat(2), fc.boolean(), fc.nat(4))
      .map(([priority, triesLeft, successful, starts]) =>
        withBootFlags(0n, { priority, triesLeft, successful, starts }),
      );
    const tables = fc.sample(
      fc.array(fc.oneof(attributes, likely, likely, likely), { minLength: 1, maxLength: 4 }),
      { numRuns: 5000, seed: 1 },
    );
    const questions = tables.flatMap((boots) => [false, true].map((settings) => ({ boots, settings })));
    const expected = questions.map(({ boots, settings }) => {
      const choice = chooseBootPartition(boots.map(readBootFlags), settings);
      const after = boots.map((value, i) => {
        const flags = choice?.flags[i];
        return flags === undefined ? value : withBootFlags(value, flags);
      });
      return [choice?.index ?? -1, Number(choice?.withoutSettings ?? false), ...after].join(" ");
    });
    expect(
      ask(questions.map(({ boots, settings }) => `choose ${Number(settings)} ${boots.join(" ")}`)),
    ).toEqual(expected);
  });

  it("judges damaged partition tables like the host", () => {
    const places = fc.oneof(
      fc.integer({ min: 512, max: 34 * 512 - 1 }),
      fc.integer({ min: 31 * 512, max: 64 * 512 - 1 }),
    );
    const damages = fc.sample(
      fc.array(fc.tuple(places, fc.integer({ min: 1, max: 255 })), { maxLength: 3 }),
      {
        numRuns: 60,
        seed: 2,
      },
    );
    const disks = damages.map((damage) => {
      const disk = memoryDisk(80);
      writeTable(
        disk,
        sampleTable(
          disk,
          sampleSets(1n << 48n, 0n).map((p) => ({ ...p, firstLba: 40n, lastLba: 40n })),
        ),
      );
      const content = new Uint8Array(disk.content);
      // Places of the upper half count from the backup's first sector.
      for (const [at, bits] of damage) {
        const place = at < 34 * 512 ? at : content.length - (64 * 512 - at);
        content[place] = (content[place] ?? 0) ^ bits;
      }
      return content;
    });
    const expected = disks.map((content) => {
      const { primary, backup } = readPartitionTable(diskOf(content));
      return `${primary}|${backup}`;
    });
    expect(ask(disks.map((content) => `table ${hex(content)}`))).toEqual(expected);
    expect(new Set(expected).size).toBeGreaterThan(3);
  });

  it("makes the shared examples of boot settings into the same words as the host", async () => {
    const { vectors, refused, reservedNames } = JSON.parse(
      await readFile(join(BOOT, "testdata/boot-words.json"), "utf8"),
    ) as {
      vectors: {
        text: string;
        kernelWords: string[];
        initWords: string[];
        leftOut?: string[];
        reserved?: string[];
      }[];
      refused: { text: string }[];
      reservedNames: string[];
    };
    const expected = vectors.map(({ kernelWords, initWords, leftOut = [], reserved = [] }) => {
      const counts = `${kernelWords.length} ${initWords.length}`;
      return [counts, ...[kernelWords, initWords, leftOut, reserved].map((list) => list.join(" "))].join("|");
    });
    expect(ask(vectors.map(({ text }) => `words ${hex(text)}`))).toEqual(expected);
    for (const answer of ask(refused.map(({ text }) => `words ${hex(text)}`))) {
      expect(answer).toStartWith("refused: line ");
    }
    const reserved = reservedNames.map((name) => `words ${hex(`kernel.${name} = "x"\n`)}`);
    expect(ask(reserved)).toEqual(reservedNames.map((name) => `0 0||||kernel.${name}`));
  });

  for (const blockBytes of [1024, 4096]) {
    it.skipIf(mkfsMissing)(
      `reads boot settings from ext4 with blocks of ${blockBytes} bytes, and survives its damage`,
      async () => {
        const directory = join(scratch, `ext4-${blockBytes}`);
        const image = `${directory}.img`;
        run(["mkdir", directory]);
        // Many files, so that the directory is indexed and the inodes reach beyond the first block.
        for (let i = 0; i < 400; i++)
          await writeFile(join(directory, `a-file-with-a-rather-long-name-${i}`), "");
        await writeFile(join(directory, "bootconfig.data"), "a".repeat(9000));
        await writeFile(image, new Uint8Array(8 << 20));
        run(["mkfs.ext4", "-q", "-F", "-b", String(blockBytes), "-d", directory, image]);
        indexDirectories(image);
        const output = run([join(PROGRAMS, "ext4-test"), image, join(directory, "bootconfig.data")]);
        expect(output.split("\n").filter((line) => line.startsWith("ok ")).length).toBe(5);
      },
    );
  }
});

/** Programs that act on the machine itself, with words that no one of them knows: the real executable. */
import { afterAll, beforeAll, expect, it } from "bun:test";
import { symlink } from "node:fs/promises";
import fc from "fast-check";
import { TestRoot } from "./support/root.ts";

/** The exit codes for wrong words, as the reference has them (specifications "api" 1, "updates", "containers"). */
const programs: readonly [name: string, exitCode: number, first: readonly string[]][] = [
  ["netdog", 1, []],
  ["prairiedog", 1, []],
  ["ghostdog", 1, []],
  ["signpost", 1, []],
  ["bootstrap-containers", 1, []],
  // These do their work when they are given no words, so that the first is always one that they do not know.
  ["certdog", 1, ["frob"]],
  ["host-containers", 2, ["frob"]],
  ["static-pods", 2, ["frob"]],
  ["logdog", 2, ["frob"]],
  ["ecs-settings-applier", 2, ["frob"]],
  ["thar-be-updates", 2, ["frob"]],
];

let root: TestRoot;
beforeAll(async () => {
  root = await TestRoot.make();
  for (const [name] of programs) await symlink("pinwheel-host", root.at("usr/bin", name));
}, 300_000);
afterAll(() => root?.remove());

const word = fc.oneof(
  // Arguments of a program hold no NUL.
  fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.toWellFormed().replaceAll("\0", "")),
  fc.constantFrom(
    "--",
    "-",
    "---",
    "--=",
    "-x",
    "--frob",
    "--frob=1",
    "--log-level=loud",
    "",
    " ",
    "\n",
    "__proto__",
  ),
  fc.constantFrom("a".repeat(50_000), "\u{1f300}", "../../etc/passwd", "$(reboot)", "toString", "--no-color"),
);

for (const [name, exitCode, first] of programs) {
  it(`${name} answers any words that it does not know with its usage on stderr and exit code ${exitCode}`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 4 }), async (args) => {
        const ended = await root.run([`/usr/bin/${name}`, ...first, ...args]);
        expect(ended).toMatchObject({ exitCode, signal: null, stdout: "" });
        expect(ended.stderr).toContain(`Usage: ${name}`);
        expect(ended.stderr).not.toMatch(/^ {4}at /m);
      }),
      { numRuns: 40 },
    );
  }, 60_000);
}

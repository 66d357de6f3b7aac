/** The levels of the tests, in the order they run: from seconds to minutes. */

export interface Level {
  readonly name: string;
  /** What is run: the test files below these directories, or one command that prints a line a test. */
  readonly runs:
    | { readonly kind: "bun"; readonly directories: readonly string[] }
    | { readonly kind: "command"; readonly command: readonly string[] };
  /** Longest time one test may take, in milliseconds. */
  readonly testTimeoutMs: number;
  /** Its virtual machines' consoles are printed when it fails: directories under build/vm that start with this. */
  readonly machines?: string;
}

const MINUTE_MS = 60_000;

export const levels: readonly Level[] = [
  {
    name: "boot",
    // With the compiler of the build environment, which this level makes when it is the first to need it.
    runs: { kind: "command", command: ["bin/pinwheel", "sdk", "run", "make", "-s", "-C", "boot", "test"] },
    testTimeoutMs: 5 * MINUTE_MS,
  },
  {
    name: "unit",
    runs: {
      kind: "bun",
      directories: ["host", "sdk", "image", "containers", "lab", "bench", "tests/structure.test.ts"],
    },
    testTimeoutMs: 5 * MINUTE_MS, // the first one that needs it makes the build environment
  },
  { name: "api", runs: { kind: "bun", directories: ["tests/api"] }, testTimeoutMs: 5 * MINUTE_MS },
  { name: "image", runs: { kind: "bun", directories: ["tests/image"] }, testTimeoutMs: 15 * MINUTE_MS },
  {
    name: "containers",
    runs: { kind: "bun", directories: ["tests/containers"] },
    testTimeoutMs: 5 * MINUTE_MS,
  },
  {
    name: "machine",
    runs: { kind: "bun", directories: ["tests/machine"] },
    testTimeoutMs: 15 * MINUTE_MS,
    machines: "test-",
  },
  {
    name: "fault",
    runs: { kind: "bun", directories: ["tests/fault"] },
    testTimeoutMs: 20 * MINUTE_MS,
    machines: "fault-",
  },
];

/** The levels of the tests, in the order they run: from seconds to minutes. */

export interface Level {
  readonly name: string;
  /**
   * What is run: the test files below these directories, then those that look at what the others have left; or one
   * command that prints a line a test.
   */
  readonly runs:
    | {
        readonly kind: "bun";
        readonly directories: readonly string[];
        readonly afterwards?: readonly string[];
        /** How many files are run at the same time, each in a process of its own; one after the other if not given. */
        readonly atOnce?: number;
      }
    | { readonly kind: "command"; readonly command: readonly string[] };
  /** Longest time one test may take, in milliseconds. */
  readonly testTimeoutMs: number;
  /** It takes too long for every run of all levels. */
  readonly onlyWhenNamed?: true;
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
      directories: [
        "host",
        "sdk",
        "image",
        "containers",
        "lab",
        "publish",
        "docs",
        "bench",
        "tests/settings",
        "tests/fuzz",
        "tests/junit.test.ts",
        "tests/structure.test.ts",
      ],
      atOnce: 2,
    },
    testTimeoutMs: 5 * MINUTE_MS, // the first one that needs it makes the build environment
  },
  {
    name: "docs",
    runs: { kind: "bun", directories: ["tests/docs"] },
    testTimeoutMs: 5 * MINUTE_MS, // the first one makes the root with the browser
  },
  {
    name: "api",
    runs: { kind: "bun", directories: ["tests/api"], afterwards: ["tests/api-described"], atOnce: 2 },
    testTimeoutMs: 5 * MINUTE_MS,
  },
  // Containers for real, with containerd and runc, on this machine's kernel. Some faults take a minute to be sure of; as
  // most of that is waiting, several files share it.
  {
    name: "containers",
    runs: { kind: "bun", directories: ["tests/containers"], atOnce: 3 },
    testTimeoutMs: 10 * MINUTE_MS,
  },
  { name: "image", runs: { kind: "bun", directories: ["tests/image"] }, testTimeoutMs: 15 * MINUTE_MS },
  {
    name: "container-images",
    runs: { kind: "bun", directories: ["tests/container-images"] },
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
  {
    name: "update-faults",
    runs: { kind: "bun", directories: ["tests/update-faults"] },
    testTimeoutMs: 20 * MINUTE_MS,
    machines: "fault-",
    onlyWhenNamed: true,
  },
];

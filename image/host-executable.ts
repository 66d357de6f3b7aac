/**
 * Makes `pinwheel-host`: all host programs and the sealed runtime in one file, with its own loader beside it.
 *
 * Terms: the *sealed runtime* is the pinned runtime without the names that load foreign code (seal.ts) and with
 * interpreter and library path pointing into /usr/lib/pinwheel, so that it runs in containers of any kind.
 */
import { chmod, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { cached, ensureSdk, hashOf, type Progress, type Sdk } from "../sdk/index.ts";
import { fail } from "./failures.ts";
import { sealRuntime } from "./seal.ts";
import { textsBelow } from "./sources.ts";

const TOP = join(import.meta.dirname, "..");
const RUNTIME = "node_modules/@oven/bun-linux-x64-baseline/bin/bun";
const LIBRARIES_AT = "/usr/lib/pinwheel"; // on the host, and in every container that gets apiclient
const LOADER = "ld-linux-x86-64.so.2";
// Everything the runtime needs (readelf -d), taken from the Debian 13 of the build environment.
const LIBRARIES = ["libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2"];

// A program name that no host has: the executable must refuse it by that name, which shows that it started.
const NO_PROGRAM = "no-such-program";

/** Where a finished host executable is: `bin/pinwheel-host` and `lib/pinwheel/*`. */
export interface HostExecutable {
  readonly directory: string;
  /** Hash of everything it was made from. */
  readonly key: string;
}

/**
 * Builds the host executable, or finds the one built from the same sources, lock file and tools.
 *
 * @param sources  a directory with main.ts; the repository's host/ unless a test brings its own
 * @throws host-executable/… when it does not compile, does not run alone, or is not sealed
 */
export async function buildHostExecutable(
  progress: Progress,
  sources: string = join(TOP, "host"),
): Promise<HostExecutable> {
  const sdk = await ensureSdk(progress);
  const key = hashOf(
    sdk.hash,
    await readFile(join(TOP, "package-lock.json")),
    await readFile(import.meta.filename),
    await readFile(join(import.meta.dirname, "seal.ts")),
    ...(await textsBelow(sources)),
  );
  const directory = await cached("host-executable", key, async (unfinished) => {
    const runtime = await sealedRuntime(sdk, progress);
    await progress.step("host executable", async () => {
      await mkdir(join(unfinished, "bin"), { recursive: true });
      await mkdir(join(unfinished, "lib/pinwheel"), { recursive: true });
      await compile(join(sources, "main.ts"), join(unfinished, "bin/pinwheel-host"), runtime);
      await copyLibraries(sdk, join(unfinished, "lib/pinwheel"));
      await checkAlone(sdk, unfinished);
    });
  });
  return { directory, key };
}

async function sealedRuntime(sdk: Sdk, progress: Progress): Promise<string> {
  const stock = await readFile(join(TOP, RUNTIME));
  const key = hashOf(sdk.hash, stock, await readFile(join(import.meta.dirname, "seal.ts")), LIBRARIES_AT);
  const directory = await cached("sealed-runtime", key, (unfinished) =>
    progress.step("sealed runtime", async () => {
      const { sealed, missing } = sealRuntime(stock);
      const [name] = missing;
      if (name !== undefined) throw fail("host-executable/name-not-found", { name, runtime: RUNTIME });
      const file = join(unfinished, "bun");
      await writeFile(file, sealed);
      await chmod(file, 0o755);
      // Two runs in this order: patchelf 0.18 asked for both at once, or the other way round, makes a file that crashes.
      await sdk.run(["patchelf", "--set-rpath", LIBRARIES_AT, file], { writable: [unfinished] });
      await sdk.run(["patchelf", "--set-interpreter", `${LIBRARIES_AT}/${LOADER}`, file], {
        writable: [unfinished],
      });
    }),
  );
  return join(directory, "bun");
}

/** Same-named options must stay together: without the autoload options a file in the working directory is read. */
async function compile(entry: string, output: string, runtime: string): Promise<void> {
  const child = Bun.spawn(
    [
      join(TOP, RUNTIME),
      "build",
      "--compile",
      "--bytecode",
      "--minify",
      // What a package has beside itself is not in the executable; the bundler would write this machine's paths down.
      ...["--define", '__dirname="/"', "--define", '__filename="/"'],
      // Each program's own modules are loaded only when it is started: apiclient starts in 16 ms instead of 24 ms.
      "--format=esm",
      "--splitting",
      "--target=bun-linux-x64-baseline",
      "--no-compile-autoload-dotenv",
      "--no-compile-autoload-bunfig",
      "--no-compile-autoload-tsconfig",
      "--no-compile-autoload-package-json",
      `--compile-executable-path=${runtime}`,
      `--outfile=${output}`,
      relative(TOP, entry),
    ],
    // The working directory and relative names keep this machine's paths out of the executable.
    { cwd: TOP, env: { PATH: "/usr/bin" }, stdin: "ignore", stdout: "pipe", stderr: "pipe" },
  );
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (exitCode !== 0) throw fail("host-executable/not-compiled", { output: `${stdout}${stderr}`.trim() });
  // The cache hands it to builds of other clones, which must get the bytes that they would make themselves.
  const at = (await readFile(output)).indexOf(TOP);
  if (at !== -1) throw fail("host-executable/names-this-machine", { path: TOP, at });
}

async function copyLibraries(sdk: Sdk, directory: string): Promise<void> {
  const from = join(sdk.root, "usr/lib/x86_64-linux-gnu");
  for (const name of [LOADER, ...LIBRARIES]) {
    await copyFile(join(from, name), join(directory, name));
    await chmod(join(directory, name), name === LOADER ? 0o755 : 0o644);
  }
}

/** Runs it in an otherwise empty root: once plainly, then with each way to bring it foreign code. */
async function checkAlone(sdk: Sdk, directory: string): Promise<void> {
  const script = join(import.meta.dirname, "alone.sh");
  const alone = (environment: string, argument: string) =>
    sdk.run(["sh", script, directory, environment, argument], { readable: [directory, script] });
  const plain = await alone("A=1", NO_PROGRAM);
  if (!plain.includes(NO_PROGRAM)) throw fail("host-executable/does-not-run", { output: plain });
  const ways: [environment: string, argument: string][] = [
    ["BUN_BE_BUN=1", "/tmp/foreign.js"],
    ["BUN_OPTIONS=--preload=/tmp/foreign.js", NO_PROGRAM],
    ["BUN_INSPECT_PRELOAD=/tmp/foreign.js", NO_PROGRAM],
  ];
  for (const [environment, argument] of ways) {
    const output = await alone(environment, argument);
    if (output.includes("foreign code ran")) {
      throw fail("host-executable/not-sealed", { how: environment, output });
    }
  }
}

/** Makes the roots of the recipes once, and finds them again. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheDirectory, cached, hashOf } from "./cache.ts";
import { checkMachine, keyringFile } from "./checks.ts";
import { fail } from "./failures.ts";
import type { Progress } from "./progress.ts";
import { parseRecipe, type Recipe } from "./recipe.ts";
import { enterNamespace, openSdk, type Sdk } from "./sdk.ts";

/**
 * The build environment, made now if the cache has none of this recipe (about a minute and 1 GiB).
 *
 * @throws sdk/… naming exactly what is missing, before anything is started
 */
export function ensureSdk(progress: Progress): Promise<Sdk> {
  return ensureRoot("sdk", "recipe.toml", "build environment", progress);
}

/** A root with a browser and shells that tests use: made the same way, apart from the build environment. */
export function ensureTestTools(progress: Progress): Promise<Sdk> {
  return ensureRoot("test-tools", "test-tools.toml", "tools for tests", progress);
}

async function ensureRoot(kind: string, fileName: string, what: string, progress: Progress): Promise<Sdk> {
  const file = join(import.meta.dirname, fileName);
  const text = await readFile(file, "utf8");
  const recipe = parseRecipe(text, file);
  const hash = hashOf(text);
  const root = await cached(kind, hash, async (unfinished) => {
    await progress.step(`${what}: checks`, (note) => checkMachine(cacheDirectory(), recipe.keyring, note));
    await progress.step(`${what}: Debian 13 with the packages of ${fileName}`, () =>
      makeRoot(unfinished, recipe, join(dirname(unfinished), `${hash}.log`)),
    );
  });
  return openSdk(root, hash);
}

async function makeRoot(directory: string, recipe: Recipe, log: string): Promise<void> {
  const mirror = process.env.PINWHEEL_MIRROR;
  const command = [
    "mmdebstrap",
    "--mode=root",
    "--variant=apt",
    // Said here, because what a machine that is not Debian 13 trusts by itself is something else.
    `--keyring=${keyringFile(recipe.keyring)}`,
    '--aptopt=Acquire::Languages "none"',
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
    `--include=${recipe.packages.join(",")}`,
    recipe.suite,
    directory,
    ...(mirror === undefined ? [] : [mirror]),
  ];
  // A user who is not root makes the root inside a user namespace, so that its files have the owners they should.
  const enter = process.getuid?.() === 0 ? [] : enterNamespace();
  const env = { ...process.env, LC_ALL: "C.UTF-8" };
  const child = Bun.spawn([...enter, ...command], { env, stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  const [output, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  await mkdir(dirname(log), { recursive: true });
  await writeFile(log, output);
  if (exitCode !== 0) {
    const lastLines = output.trimEnd().split("\n").slice(-12).join("\n");
    throw fail("sdk/not-made", { log, lastLines });
  }
  await rm(join(directory, "var/cache"), { recursive: true, force: true });
}

/** A checkout of the next release, made from this one: what its developers would have changed, built by its own tool. */
import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const TOP = join(import.meta.dirname, "../../..");

/** What is replaced in a file of the checkout, everywhere in it. */
export interface Edit {
  readonly file: string;
  readonly old: string;
  readonly new: string;
}

export class NextCheckout {
  private constructor(private readonly directory: string) {}

  /**
   * Copies what git knows of this checkout, changed or not, and edits it.
   *
   * @param directory  where it is made; what was there is removed
   * @param added      new files and their text
   * @throws when an edit finds nothing to replace: the test is older than what it changes
   */
  static async make(
    directory: string,
    edits: readonly Edit[],
    added: Readonly<Record<string, string>>,
  ): Promise<NextCheckout> {
    await rm(directory, { recursive: true, force: true });
    const listed = Bun.spawnSync(["git", "-C", TOP, "ls-files", "-z", "-co", "--exclude-standard"]);
    for (const file of listed.stdout.toString().split("\0").filter(Boolean)) {
      await mkdir(dirname(join(directory, file)), { recursive: true });
      // A file that was removed and not yet committed is listed, too.
      await cp(join(TOP, file), join(directory, file), { verbatimSymlinks: true }).catch(ignoreMissing);
    }
    await symlink(join(TOP, "node_modules"), join(directory, "node_modules"));
    for (const edit of edits) {
      const path = join(directory, edit.file);
      const before = await readFile(path, "utf8");
      const after = before.replaceAll(edit.old, edit.new);
      if (after === before) throw new Error(`${edit.file} has nothing like ${edit.old}`);
      await writeFile(path, after);
    }
    for (const [file, text] of Object.entries(added)) {
      await mkdir(dirname(join(directory, file)), { recursive: true });
      await writeFile(join(directory, file), text);
    }
    return new NextCheckout(directory);
  }

  /** Runs its tool. @throws with all it said when it fails */
  async run(...words: readonly string[]): Promise<void> {
    await runTool(this.directory, words);
  }
}

/** Runs the tool of a checkout. @throws with all it said when it fails */
export async function runTool(top: string, words: readonly string[]): Promise<void> {
  const child = Bun.spawn([process.execPath, join(top, "bin/pinwheel.ts"), ...words], {
    cwd: top,
    stdout: "ignore",
    stderr: "pipe",
  });
  const [said, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  if (exitCode !== 0) throw new Error(`pinwheel ${words.join(" ")}: exit code ${exitCode}\n${said}`);
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

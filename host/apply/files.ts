/** Configuration files on the disk: templates read, contents compared, changed files replaced whole. */

import { mkdir, stat, unlink } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Failure } from "../linux/failure.ts";
import { readTextIfExists, writeWhole } from "../linux/files.ts";
import type { FileFormat } from "../settings/index.ts";
import { failure } from "./failures.ts";
import type { ConfigurationFile, RenderedFile, UnrenderedFile } from "./plan.ts";
import { type Facts, type Model, parseTemplate, type Template } from "./template.ts";

/** How files are written, by their names: how values are escaped, and the permission bits if not everybody may read. */
export type FileRules = ReadonlyMap<
  string,
  { readonly format: FileFormat; readonly mode: number | undefined }
>;

/** Each file's template. All are read before anything is rendered: a broken image must not be half applied. */
export async function readTemplates(
  files: readonly ConfigurationFile[],
  rules: FileRules,
): Promise<ReadonlyMap<ConfigurationFile, Template>> {
  const templates = new Map<ConfigurationFile, Template>();
  for (const file of files) {
    const text = await readTemplate(file);
    const format = rules.get(file.name)?.format;
    if (format === undefined) throw failure("apply/format-unknown", { file: file.name });
    templates.set(file, parseTemplate(basename(file.templatePath), format, text));
  }
  return templates;
}

async function readTemplate(file: ConfigurationFile): Promise<string> {
  const facts = { file: file.name, template: file.templatePath };
  const text = await readTextIfExists(file.templatePath).catch((cause: unknown) => {
    throw failure("apply/template-unreadable", facts, { cause });
  });
  if (text === undefined) throw failure("apply/template-unreadable", facts);
  return text;
}

/** Renders what can be rendered. */
export function renderAll(
  templates: ReadonlyMap<ConfigurationFile, Template>,
  model: Model,
  facts: Facts,
): { readonly rendered: readonly RenderedFile[]; readonly unrendered: readonly UnrenderedFile[] } {
  const rendered: RenderedFile[] = [];
  const unrendered: UnrenderedFile[] = [];
  for (const [{ name, path }, template] of templates) {
    try {
      rendered.push({ name, path, text: template.render(model, facts) });
    } catch (thrown) {
      // Template.render throws nothing else.
      const failure = thrown as Failure;
      const { missing } = failure.facts as { missing?: string };
      unrendered.push({ name, path, failure, missing });
    }
  }
  return { rendered, unrendered };
}

/** How a file on the disk differs from what it should be. */
export interface FileChange {
  readonly kind: "created" | "changed" | "removed";
  /** `undefined` if there is no such file. */
  readonly before: string | undefined;
}

/**
 * Compares a file with the disk.
 *
 * @returns undefined if it is as it should be
 * @throws  the error of the system if it cannot be read
 */
export async function changeOf({ path, text }: RenderedFile): Promise<FileChange | undefined> {
  const before = await readTextIfExists(path);
  if (before === text) return undefined;
  return { kind: text === undefined ? "removed" : before === undefined ? "created" : "changed", before };
}

/** What became of files that were to be replaced or removed. */
export interface DiskResult {
  readonly writtenPaths: ReadonlySet<string>;
  readonly removedPaths: ReadonlySet<string>;
  /** What could not be written or removed, with a failure for each. */
  readonly unwrittenPaths: ReadonlySet<string>;
  readonly failures: readonly Failure[];
}

/**
 * Replaces the files whose content differs, and removes those that should be gone. Without a mode of its own a new
 * file gets 0644, and an old one keeps what it has.
 */
export async function writeChanged(files: readonly RenderedFile[], rules: FileRules): Promise<DiskResult> {
  const writtenPaths = new Set<string>();
  const removedPaths = new Set<string>();
  const unwrittenPaths = new Set<string>();
  const failures: Failure[] = [];
  for (const file of files) {
    const { name, path, text } = file;
    try {
      if ((await changeOf(file)) === undefined) continue;
      if (text === undefined) {
        await unlink(path);
        removedPaths.add(path);
        continue;
      }
      await mkdir(dirname(path), { recursive: true });
      // Not durable: /etc is made anew at every boot.
      await writeWhole(path, text, { mode: rules.get(name)?.mode ?? (await modeOf(path)), durable: false });
      writtenPaths.add(path);
    } catch (cause) {
      unwrittenPaths.add(path);
      failures.push(failure("apply/not-written", { path }, { cause }));
    }
  }
  return { writtenPaths, removedPaths, unwrittenPaths, failures };
}

/** Permission bits of a file; those of a file that anybody may read if there is none. */
export async function modeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? 0o644 : found.mode & 0o7777;
}

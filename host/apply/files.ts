/** Configuration files on the disk: templates read, contents compared, changed files replaced whole. */

import { mkdir, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Failure } from "../linux/failure.ts";
import { readTextIfExists, writeWhole } from "../linux/files.ts";
import type { FileFormat } from "../settings/index.ts";
import { failure } from "./failures.ts";
import type { ConfigurationFile, RenderedFile } from "./plan.ts";
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

/** Renders what can be rendered; the rest are failures. */
export function renderAll(
  templates: ReadonlyMap<ConfigurationFile, Template>,
  model: Model,
  facts: Facts,
): { readonly rendered: readonly RenderedFile[]; readonly failures: readonly Failure[] } {
  const rendered: RenderedFile[] = [];
  const failures: Failure[] = [];
  for (const [{ name, path }, template] of templates) {
    try {
      rendered.push({ name, path, text: template.render(model, facts) });
    } catch (thrown) {
      // Template.render throws nothing else.
      failures.push(thrown as Failure);
    }
  }
  return { rendered, failures };
}

/**
 * Replaces the files whose content differs. Without a mode of its own a new file gets 0644, and an old one keeps
 * what it has.
 *
 * @returns the paths that were written, and those that could not be with a failure for each
 */
export async function writeChanged(
  files: readonly RenderedFile[],
  rules: FileRules,
): Promise<{
  readonly writtenPaths: ReadonlySet<string>;
  readonly unwrittenPaths: ReadonlySet<string>;
  readonly failures: readonly Failure[];
}> {
  const writtenPaths = new Set<string>();
  const unwrittenPaths = new Set<string>();
  const failures: Failure[] = [];
  for (const { name, path, text } of files) {
    try {
      if ((await readTextIfExists(path)) === text) continue;
      await mkdir(dirname(path), { recursive: true });
      // Not durable: /etc is made anew at every boot.
      await writeWhole(path, text, { mode: rules.get(name)?.mode ?? (await modeOf(path)), durable: false });
      writtenPaths.add(path);
    } catch (cause) {
      unwrittenPaths.add(path);
      failures.push(failure("apply/not-written", { path }, { cause }));
    }
  }
  return { writtenPaths, unwrittenPaths, failures };
}

async function modeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? 0o644 : found.mode & 0o7777;
}

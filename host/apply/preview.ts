/** What applying changed settings would do to the files and services of this host. Does none of it. */

import { Failure } from "../linux/failure.ts";
import type { AppliedFailure, Preview } from "../settings/index.ts";
import { readApplied } from "./applied.ts";
import type { ApplyHost } from "./apply.ts";
import { failure } from "./failures.ts";
import { changeOf, type FileRules, modeOf } from "./files.ts";
import * as plan from "./plan.ts";
import { type Rendering, renderRequest } from "./render.ts";
import { recordedFailure } from "./runs.ts";
import type { Model } from "./template.ts";
import { unifiedDiff } from "./unified-diff.ts";

type PreviewHost = Pick<ApplyHost, "call" | "resolves" | "cpuCount" | "fileRules" | "runtimeDirectory">;

/**
 * Renders the files that applying would, and compares them with the disk.
 *
 * @param model  what the API's `GET /` would answer after the change
 * @throws  what is no Failure, such as a server that is gone
 */
export async function previewKeys(
  host: PreviewHost,
  keys: readonly string[],
  model: Model,
): Promise<Preview> {
  try {
    const rules = await host.fileRules();
    const rendering = await renderRequest(host, { kind: "keys", keys }, rules, async () => model);
    if (rendering.unrendered.length === 0) return await compare(host, rendering, rules);
    return nothing(rendering.unrendered.map((file) => file.failure));
  } catch (thrown) {
    if (thrown instanceof Failure) return nothing([thrown]);
    throw thrown;
  }
}

function nothing(failures: readonly Failure[]): Preview {
  return { files: [], services: [], problems: failures.map(recordedFailure) };
}

async function compare(host: PreviewHost, rendering: Rendering, rules: FileRules): Promise<Preview> {
  const problems: AppliedFailure[] = [];
  const files: Preview["files"][number][] = [];
  for (const file of rendering.files) {
    const { name, path, text } = file;
    try {
      const change = await changeOf(file);
      if (change === undefined) continue;
      const isPublic = [rules.get(name)?.mode ?? 0o644, await modeOf(path)].every(
        (mode) => (mode & 0o004) !== 0,
      );
      const diff = isPublic ? unifiedDiff(path, change.before, text) : null;
      files.push({ name, path, change: change.kind, diff });
    } catch (cause) {
      problems.push(recordedFailure(failure("apply/not-compared", { path }, { cause })));
    }
  }
  const restarts = plan.neededRestarts(
    rendering.services,
    rendering.keys,
    rendering.files,
    new Set(files.map(({ path }) => path)),
    await readApplied(host.runtimeDirectory),
  );
  const services = restarts
    .filter((restart) => !plan.runsNothing(restart))
    .map(({ service }) => ({ name: service.name, "restart-commands": service.restartCommands }));
  return { files, services, problems };
}

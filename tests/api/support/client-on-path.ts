/** A program `apiclient` that any shell of this machine can start: the real one in its temporary root. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestRoot } from "./root.ts";
import { RunningServer } from "./server.ts";

export interface ClientOnPath {
  readonly root: TestRoot;
  /** A directory to put into PATH. */
  readonly programs: string;
  remove(): Promise<void>;
}

/** Makes it, with a server that has two kernel parameters set. */
export async function makeClientOnPath(): Promise<ClientOnPath> {
  const root = await TestRoot.make();
  const server = await RunningServer.start(root);
  await server.ask("POST", "/tx/commit?tx=bottlerocket-launch");
  const settings = { kernel: { sysctl: { "vm.swappiness": "10", "vm.max_map_count": "1" } } };
  await server.ask("PATCH", "/settings?tx=names", JSON.stringify(settings));
  await server.ask("POST", "/tx/commit?tx=names");

  const programs = await mkdtemp(join(tmpdir(), "pinwheel-programs-"));
  const quoted = root.command(["/usr/bin/apiclient"]).map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  await writeFile(join(programs, "apiclient"), `#!/bin/sh\nexec ${quoted.join(" ")} "$@"\n`, { mode: 0o755 });
  return {
    root,
    programs,
    async remove() {
      await root.remove();
      await rm(programs, { recursive: true });
    },
  };
}
